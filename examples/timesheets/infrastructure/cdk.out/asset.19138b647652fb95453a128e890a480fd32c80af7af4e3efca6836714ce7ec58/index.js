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

// lambda/time-entries/approve.ts
var approve_exports = {};
__export(approve_exports, {
  handler: () => handler
});
module.exports = __toCommonJS(approve_exports);
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

// lambda/time-entries/approve.ts
var handler = async (event) => {
  const { userId } = fields(event);
  const Key = { userId, entryId: decodeURIComponent(event.pathParameters?.entryId ?? "") };
  const { Item: entry } = await dynamodb.send(new import_lib_dynamodb2.GetCommand({ TableName: process.env.TIME_ENTRIES_TABLE, Key }));
  if (!entry) {
    return answer(event, 404, { message: "No such entry." });
  }
  if (entry.userId === caller(event).userId) {
    return answer(event, 403, { message: "Somebody else approves your hours." });
  }
  try {
    await dynamodb.send(
      new import_lib_dynamodb2.PutCommand({
        TableName: process.env.TIME_ENTRIES_TABLE,
        Item: { ...entry, status: "approved", approvedBy: caller(event).userId, version: entry.version + 1 },
        ConditionExpression: "version = :read",
        ExpressionAttributeValues: { ":read": entry.version }
      })
    );
  } catch (error) {
    if (error instanceof import_client_dynamodb2.ConditionalCheckFailedException) {
      return answer(event, 409, { message: "The entry has changed. Please look again." });
    }
    throw error;
  }
  return answer(event, 200, { entryId: entry.entryId, status: "approved" });
};
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  handler
});
