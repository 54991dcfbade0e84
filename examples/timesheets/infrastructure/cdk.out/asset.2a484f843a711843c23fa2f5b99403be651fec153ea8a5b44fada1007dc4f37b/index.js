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

// lambda/jobs/aggregate.ts
var aggregate_exports = {};
__export(aggregate_exports, {
  handler: () => handler
});
module.exports = __toCommonJS(aggregate_exports);
var import_client_s32 = require("@aws-sdk/client-s3");
var import_lib_dynamodb2 = require("@aws-sdk/lib-dynamodb");
var import_promises = require("node:timers/promises");

// lambda/shared/dynamodb-client.ts
var import_node_https = require("node:https");
var import_client_dynamodb = require("@aws-sdk/client-dynamodb");
var import_lib_dynamodb = require("@aws-sdk/lib-dynamodb");
var import_node_http_handler = require("@smithy/node-http-handler");
var requestHandler = new import_node_http_handler.NodeHttpHandler({
  httpsAgent: new import_node_https.Agent({ keepAlive: true, keepAliveMsecs: 1e3, maxSockets: 50 }),
  connectionTimeout: 1e3,
  requestTimeout: 2e3
});
var dynamodb = import_lib_dynamodb.DynamoDBDocumentClient.from(new import_client_dynamodb.DynamoDBClient({ requestHandler, maxAttempts: 3 }), {
  marshallOptions: { removeUndefinedValues: true }
});

// lambda/shared/report-store.ts
var import_client_s3 = require("@aws-sdk/client-s3");
var import_node_http_handler2 = require("@smithy/node-http-handler");
var s3 = new import_client_s3.S3Client({
  maxAttempts: 3,
  requestHandler: new import_node_http_handler2.NodeHttpHandler({ connectionTimeout: 1e3, requestTimeout: 5e3 })
});

// lambda/shared/warehouse.ts
var import_client_rds_data = require("@aws-sdk/client-rds-data");
var import_node_http_handler3 = require("@smithy/node-http-handler");
var client = new import_client_rds_data.RDSDataClient({
  maxAttempts: 2,
  requestHandler: new import_node_http_handler3.NodeHttpHandler({ connectionTimeout: 1e3, requestTimeout: 1e4 })
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

// lambda/jobs/aggregate.ts
var TABLE = process.env.SUMS_TABLE;
async function write(items) {
  let requests = { [TABLE]: items.map((Item) => ({ PutRequest: { Item } })) };
  for (let attempt = 0; attempt < 6; attempt += 1) {
    const result = await dynamodb.send(new import_lib_dynamodb2.BatchWriteCommand({ RequestItems: requests }));
    requests = result.UnprocessedItems;
    if (!requests || Object.keys(requests).length === 0) {
      return;
    }
    await (0, import_promises.setTimeout)(50 * 2 ** attempt);
  }
  throw new Error("the table of the sums does not take the items");
}
async function dropDrafts() {
  const Bucket = process.env.REPORTS_BUCKET;
  for await (const page of (0, import_client_s32.paginateListObjectsV2)({ client: s3 }, { Bucket, Prefix: "drafts/" })) {
    const Objects = (page.Contents ?? []).map(({ Key }) => ({ Key }));
    if (Objects.length > 0) {
      const { Errors } = await s3.send(new import_client_s32.DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
      if (Errors?.length) {
        throw new Error(`${Errors.length} drafts are still there`);
      }
    }
  }
}
var handler = async () => {
  const day = new Date(Date.now() - 24 * 3600 * 1e3).toISOString().slice(0, 10);
  const sums = await query(
    `SELECT project_id AS "projectId", sum(minutes) AS minutes FROM entries WHERE day = :day GROUP BY project_id`,
    { day }
  );
  for (let start = 0; start < sums.length; start += 25) {
    await write(sums.slice(start, start + 25).map((sum) => ({ ...sum, day })));
  }
  await dropDrafts();
  console.info(JSON.stringify({ level: "INFO", message: "summed", day, projects: sums.length }));
};
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  handler
});
