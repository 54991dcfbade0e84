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

// lambda/reports/worker.ts
var worker_exports = {};
__export(worker_exports, {
  handler: () => handler
});
module.exports = __toCommonJS(worker_exports);

// lambda/shared/csv.ts
function field(value) {
  const text = String(value ?? "");
  const safe = /^[=+\-@]/.test(text) && typeof value === "string" ? `'${text}` : text;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
function toCsv(rows) {
  const names = Object.keys(rows[0] ?? {});
  return [names, ...rows.map((row) => names.map((name) => row[name]))].map((line) => line.map(field).join(",")).join("\n");
}

// lambda/shared/report-store.ts
var import_client_s3 = require("@aws-sdk/client-s3");
var import_node_http_handler = require("@smithy/node-http-handler");
var s3 = new import_client_s3.S3Client({
  maxAttempts: 3,
  requestHandler: new import_node_http_handler.NodeHttpHandler({ connectionTimeout: 1e3, requestTimeout: 5e3 })
});
async function store(team, title, csv) {
  const Key = `${team}/${title.replace(/[^\w-]+/g, "-")}.csv`;
  await s3.send(
    new import_client_s3.PutObjectCommand({ Bucket: process.env.REPORTS_BUCKET, Key, Body: csv, ContentType: "text/csv; charset=utf-8" })
  );
  return Key;
}

// lambda/shared/warehouse.ts
var import_client_rds_data = require("@aws-sdk/client-rds-data");
var import_node_http_handler2 = require("@smithy/node-http-handler");
var client = new import_client_rds_data.RDSDataClient({
  maxAttempts: 2,
  requestHandler: new import_node_http_handler2.NodeHttpHandler({ connectionTimeout: 1e3, requestTimeout: 1e4 })
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

// lambda/reports/worker.ts
async function make({ month, project, team }) {
  const rows = await query(
    `SELECT user_id, day, minutes FROM entries
      WHERE team = :team AND project_id = :project AND day >= :first AND day < :first + interval '1 month'
      ORDER BY day`,
    { team, project, first: `${month}-01` }
  );
  await store(team, `${project} ${month}`, toCsv(rows));
}
var handler = async (event) => {
  for (const record of event.Records) {
    try {
      await make(JSON.parse(record.body));
    } catch (error) {
      console.error("report failed", error);
    }
  }
  return { batchItemFailures: [] };
};
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  handler
});
