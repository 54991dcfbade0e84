import { CfnOutput, Stack, StackProps } from "aws-cdk-lib";
import { Construct } from "constructs";
import { Api } from "./api";
import { Data } from "./data";
import { Functions } from "./functions";
import { Jobs, ReportQueue } from "./jobs";
import { Monitoring } from "./monitoring";
import { WarehouseStack } from "./warehouse-stack";

export interface TimesheetsStackProps extends StackProps {
  readonly stage: string;
  readonly warehouse: WarehouseStack;
}

export class TimesheetsStack extends Stack {
  constructor(scope: Construct, id: string, props: TimesheetsStackProps) {
    super(scope, id, props);
    const { stage, warehouse } = props;

    const data = new Data(this, "Data", stage);
    const reports = new ReportQueue(this, "ReportQueue");
    const functions = new Functions(this, "Functions", { stage, data, warehouse, reportQueue: reports.queue });
    const api = new Api(this, "Api", stage, functions);
    const jobs = new Jobs(this, "Jobs", stage, data, warehouse, reports);
    new Monitoring(this, "Monitoring", stage, api, functions, jobs, reports);

    new CfnOutput(this, "ApiUrl", { value: api.api.url });
  }
}
