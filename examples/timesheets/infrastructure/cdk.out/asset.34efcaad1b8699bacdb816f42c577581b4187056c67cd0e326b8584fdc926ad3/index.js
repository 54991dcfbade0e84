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

// lambda/users/create.ts
var create_exports = {};
__export(create_exports, {
  handler: () => handler
});
module.exports = __toCommonJS(create_exports);
var import_node_crypto = require("node:crypto");
var import_client_dynamodb2 = require("@aws-sdk/client-dynamodb");
var import_lib_dynamodb2 = require("@aws-sdk/lib-dynamodb");

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

// lambda/shared/powertools-tracer.ts
var import_tracer = require("@aws-lambda-powertools/tracer");
var tracer = new import_tracer.Tracer();

// lambda/users/create.ts
tracer.captureAWSv3Client(dynamodb);
var handler = async (event, context) => {
  logger.addContext(context);
  const { name, email } = fields(event);
  if (typeof name !== "string" || typeof email !== "string") {
    return answer(event, 400, { message: "name and email are needed." });
  }
  const user = { userId: (0, import_node_crypto.randomUUID)(), name, email: email.toLowerCase(), team: caller(event).team, active: true };
  try {
    await dynamodb.send(
      new import_lib_dynamodb2.PutCommand({
        TableName: process.env.USERS_TABLE,
        Item: user,
        ConditionExpression: "attribute_not_exists(userId)"
      })
    );
  } catch (error) {
    if (error instanceof import_client_dynamodb2.ConditionalCheckFailedException) {
      return answer(event, 409, { message: "There is such a user." });
    }
    throw error;
  }
  metrics.addMetric("UserCreated", Count, 1);
  metrics.publishStoredMetrics();
  logger.info("user created", { userId: user.userId });
  return answer(event, 201, user);
};
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  handler
});
