#!/usr/bin/env node
import { App } from "aws-cdk-lib";
import { TimesheetsStack } from "../lib/timesheets-stack";
import { WarehouseStack } from "../lib/warehouse-stack";

const app = new App({ analyticsReporting: false });
const stage: string = app.node.tryGetContext("stage") ?? "dev";

const warehouse = new WarehouseStack(app, `Timesheets-Warehouse-${stage}`, { stage });
new TimesheetsStack(app, `Timesheets-${stage}`, { stage, warehouse });
