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

// lambda/reports/generate.ts
var generate_exports = {};
__export(generate_exports, {
  handler: () => handler
});
module.exports = __toCommonJS(generate_exports);
var import_client_lambda = require("@aws-sdk/client-lambda");
var import_node_http_handler2 = require("@smithy/node-http-handler");

// lambda/shared/http.ts
var ORIGINS = new Set((process.env.ALLOWED_ORIGINS ?? "").split(","));
function answer(event, statusCode, body) {
  const origin = event.headers.origin ?? event.headers.Origin ?? "";
  const allowed = ORIGINS.has(origin) ? { "Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true", Vary: "Origin" } : {};
  return { statusCode, headers: { "Content-Type": "application/json", ...allowed }, body: JSON.stringify(body) };
}
function caller(event) {
  const { principalId, team } = event.requestContext.authorizer;
  return { userId: principalId, team };
}
function fields(event) {
  try {
    const parsed = JSON.parse(event.body ?? "");
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
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

// lambda/reports/generate.ts
var lambda = new import_client_lambda.LambdaClient({
  maxAttempts: 1,
  requestHandler: new import_node_http_handler2.NodeHttpHandler({ connectionTimeout: 1e3, requestTimeout: 29e4 })
});
var handler = async (event) => {
  const { month, project } = fields(event);
  if (typeof month !== "string" || !/^\d{4}-\d\d$/.test(month) || typeof project !== "string") {
    return answer(event, 400, { message: "month (YYYY-MM) and project are needed." });
  }
  const rows = await query(
    `SELECT user_id, day, minutes FROM entries
      WHERE team = :team AND project_id = :project AND day >= :first AND day < :first + interval '1 month'
      ORDER BY day`,
    { team: caller(event).team, project, first: `${month}-01` }
  );
  const rendered = await lambda.send(
    new import_client_lambda.InvokeCommand({
      FunctionName: process.env.RENDER_FUNCTION,
      InvocationType: "RequestResponse",
      Payload: JSON.stringify({ title: `${project} ${month}`, team: caller(event).team, rows })
    })
  );
  if (rendered.FunctionError) {
    return answer(event, 502, { message: "The report could not be made." });
  }
  return answer(event, 201, JSON.parse(Buffer.from(rendered.Payload).toString()));
};
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  handler
});
