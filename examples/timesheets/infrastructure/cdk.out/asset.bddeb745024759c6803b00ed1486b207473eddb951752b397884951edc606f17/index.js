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

// lambda/time-entries/list.ts
var list_exports = {};
__export(list_exports, {
  handler: () => handler
});
module.exports = __toCommonJS(list_exports);
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

// lambda/time-entries/list.ts
function wanted(event, month) {
  const TableName = process.env.TIME_ENTRIES_TABLE;
  const project = event.queryStringParameters?.project;
  if (project) {
    return {
      TableName,
      IndexName: "by-project",
      KeyConditionExpression: "projectId = :project AND begins_with(#day, :month)",
      FilterExpression: "team = :team",
      ExpressionAttributeNames: { "#day": "day" },
      ExpressionAttributeValues: { ":project": project, ":month": month, ":team": caller(event).team }
    };
  }
  return {
    TableName,
    KeyConditionExpression: "userId = :user AND begins_with(entryId, :month)",
    ExpressionAttributeValues: { ":user": caller(event).userId, ":month": month }
  };
}
var handler = async (event) => {
  const month = event.queryStringParameters?.month ?? (/* @__PURE__ */ new Date()).toISOString().slice(0, 7);
  const entries = [];
  for await (const page of (0, import_lib_dynamodb2.paginateQuery)({ client: dynamodb }, wanted(event, month))) {
    entries.push(...page.Items ?? []);
  }
  return answer(event, 200, { month, entries });
};
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  handler
});
