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

// lambda/users/update.ts
var update_exports = {};
__export(update_exports, {
  handler: () => handler
});
module.exports = __toCommonJS(update_exports);
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

// lambda/users/update.ts
var handler = async (event) => {
  console.log("users/update", JSON.stringify(event));
  const userId = event.pathParameters?.userId;
  const { Item: user } = await dynamodb.send(
    new import_lib_dynamodb2.GetCommand({ TableName: process.env.USERS_TABLE, Key: { userId }, ConsistentRead: true })
  );
  if (!user || user.team !== caller(event).team) {
    return respond(event, 404, { message: "No such user." });
  }
  const { name, email, hoursPerWeek } = fields(event);
  user.name = name ?? user.name;
  user.email = email ?? user.email;
  user.hoursPerWeek = hoursPerWeek ?? user.hoursPerWeek;
  await dynamodb.send(new import_lib_dynamodb2.PutCommand({ TableName: process.env.USERS_TABLE, Item: user }));
  return respond(event, 200, user);
};
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  handler
});
