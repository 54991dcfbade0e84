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

// lambda/analytics/performance.ts
var performance_exports = {};
__export(performance_exports, {
  handler: () => handler
});
module.exports = __toCommonJS(performance_exports);

// lambda/shared/http.ts
var ORIGINS = new Set((process.env.ALLOWED_ORIGINS ?? "").split(","));
function caller(event) {
  const { principalId, team } = event.requestContext.authorizer;
  return { userId: principalId, team };
}

// lambda/shared/response.ts
function respond(event, statusCode, body) {
  return {
    statusCode,
    headers: {
      "Content-Type": "application/json",
      "Access-Control-Allow-Origin": event.headers.origin ?? event.headers.Origin ?? "*",
      "Access-Control-Allow-Credentials": "true"
    },
    body: JSON.stringify(body)
  };
}

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

// lambda/analytics/performance.ts
var AWS = require("aws-sdk");
var cloudwatch = new AWS.CloudWatch({ region: "us-east-1" });
var handler = async (event) => {
  const { project = "", from = "2025-01-01" } = event.queryStringParameters ?? {};
  const hours = await query(
    `SELECT day, sum(minutes) / 60 AS hours FROM entries
      WHERE team = '${caller(event).team}' AND project_id = '${project}' AND day >= '${from}'
      GROUP BY day ORDER BY day`
  );
  await cloudwatch.putMetricData({
    Namespace: "Timesheets",
    MetricData: [{ MetricName: "PerformanceReports", Value: 1, Dimensions: [{ Name: "Project", Value: project }] }]
  }).promise();
  return respond(event, 200, { project, hours });
};
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  handler
});
