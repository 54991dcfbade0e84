"use strict";
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

// lambda/jobs/stream.ts
var stream_exports = {};
__export(stream_exports, {
  handler: () => handler
});
module.exports = __toCommonJS(stream_exports);

// lambda/shared/warehouse.ts
var import_client_rds_data = require("@aws-sdk/client-rds-data");
var import_node_http_handler = require("@smithy/node-http-handler");
var client = new import_client_rds_data.RDSDataClient({
  maxAttempts: 2,
  requestHandler: new import_node_http_handler.NodeHttpHandler({ connectionTimeout: 1e3, requestTimeout: 1e4 })
});
var parameter = (name, value) => typeof value === "number" ? { name, value: { doubleValue: value } } : { name, value: { stringValue: value }, .../^\d{4}-\d\d-\d\d$/.test(value) && { typeHint: "DATE" } };
async function query(sql, values = {}) {
  const result = await client.send(
    new import_client_rds_data.ExecuteStatementCommand({
      resourceArn: process.env.CLUSTER_ARN,
      secretArn: process.env.CLUSTER_SECRET_ARN,
      database: process.env.DATABASE,
      sql,
      parameters: Object.entries(values).map(([name, value]) => parameter(name, value)),
      formatRecordsAs: "JSON"
    })
  );
  return JSON.parse(result.formattedRecords ?? "[]");
}

// lambda/jobs/stream.ts
var UPSERT = `INSERT INTO entries (user_id, entry_id, team, project_id, day, minutes, status)
  VALUES (:user, :entry, :team, :project, :day, :minutes, :status)
  ON CONFLICT (user_id, entry_id) DO UPDATE SET minutes = excluded.minutes, status = excluded.status`;
var handler = async (event) => {
  for (const record of event.Records) {
    const entry = record.dynamodb?.NewImage;
    if (!entry) {
      continue;
    }
    try {
      await query(UPSERT, {
        user: entry.userId?.S ?? "",
        entry: entry.entryId?.S ?? "",
        team: entry.team?.S ?? "",
        project: entry.projectId?.S ?? "",
        day: entry.day?.S ?? "",
        minutes: Number(entry.minutes?.N ?? 0),
        status: entry.status?.S ?? "open"
      });
    } catch (error) {
      console.error(JSON.stringify({ level: "ERROR", message: String(error), entry: entry.entryId?.S }));
      return { batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber ?? "" }] };
    }
  }
  return { batchItemFailures: [] };
};
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  handler
});
