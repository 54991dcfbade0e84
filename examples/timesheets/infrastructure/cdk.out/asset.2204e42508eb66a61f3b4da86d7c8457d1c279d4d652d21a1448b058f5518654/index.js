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

// lambda/time-entries/create.ts
var create_exports = {};
__export(create_exports, {
  handler: () => handler
});
module.exports = __toCommonJS(create_exports);
var import_node_crypto = require("node:crypto");
var import_client_dynamodb = require("@aws-sdk/client-dynamodb");
var import_lib_dynamodb = require("@aws-sdk/lib-dynamodb");

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

// lambda/shared/powertools-logger.ts
var import_logger = require("@aws-lambda-powertools/logger");
var logger = new import_logger.Logger({
  logLevel: process.env.LOG_LEVEL === "DEBUG" ? "DEBUG" : "INFO",
  environment: process.env.STAGE ?? "dev",
  sampleRateValue: 0.1
});

// lambda/shared/powertools-metrics.ts
var import_metrics = require("@aws-lambda-powertools/metrics");
var metrics = new import_metrics.Metrics({ namespace: `Timesheets/${process.env.STAGE ?? "dev"}` });
var Count = import_metrics.MetricUnits.Count;

// lambda/time-entries/create.ts
var handler = async (event, context) => {
  logger.addContext(context);
  const dynamodb = import_lib_dynamodb.DynamoDBDocumentClient.from(new import_client_dynamodb.DynamoDBClient({}));
  const { projectId, clientId, day, minutes } = fields(event);
  if (typeof projectId !== "string" || typeof day !== "string" || typeof minutes !== "number") {
    return answer(event, 400, { message: "projectId, day and minutes are needed." });
  }
  const entry = { ...caller(event), entryId: `${day}#${(0, import_node_crypto.randomUUID)()}`, projectId, clientId, day, minutes };
  await dynamodb.send(
    new import_lib_dynamodb.PutCommand({
      TableName: process.env.TIME_ENTRIES_TABLE,
      Item: { ...entry, status: "open", version: 1 },
      ConditionExpression: "attribute_not_exists(entryId)"
    })
  );
  metrics.addMetric("TimeEntryCreated", Count, 1);
  metrics.publishStoredMetrics();
  return answer(event, 201, entry);
};
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  handler
});
