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

// lambda/time-entries/bulk.ts
var bulk_exports = {};
__export(bulk_exports, {
  handler: () => handler
});
module.exports = __toCommonJS(bulk_exports);
var import_node_crypto = require("node:crypto");
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

// lambda/time-entries/bulk.ts
var handler = async (event) => {
  const { team } = caller(event);
  const lines = fields(event).entries ?? [];
  for (const line of lines) {
    const { Item: user } = await dynamodb.send(
      new import_lib_dynamodb2.GetCommand({ TableName: process.env.USERS_TABLE, Key: { userId: line.userId } })
    );
    if (user?.team !== team) {
      return respond(event, 400, { message: `${line.userId} is not in your team.` });
    }
  }
  const batches = [];
  for (let start = 0; start < lines.length; start += 25) {
    batches.push(lines.slice(start, start + 25));
  }
  batches.forEach(async (batch) => {
    await dynamodb.send(
      new import_lib_dynamodb2.BatchWriteCommand({
        RequestItems: {
          [process.env.TIME_ENTRIES_TABLE]: batch.map((line) => ({
            PutRequest: {
              Item: { ...line, team, entryId: `${line.day}#${(0, import_node_crypto.randomUUID)()}`, status: "open", version: 1 }
            }
          }))
        }
      })
    );
  });
  return respond(event, 202, { imported: lines.length });
};
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  handler
});
