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

// lambda/reports/queue.ts
var queue_exports = {};
__export(queue_exports, {
  handler: () => handler
});
module.exports = __toCommonJS(queue_exports);
var import_client_sqs = require("@aws-sdk/client-sqs");
var import_node_http_handler = require("@smithy/node-http-handler");

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

// lambda/reports/queue.ts
var sqs = new import_client_sqs.SQSClient({
  maxAttempts: 3,
  requestHandler: new import_node_http_handler.NodeHttpHandler({ connectionTimeout: 1e3, requestTimeout: 2e3 })
});
var handler = async (event) => {
  const { month, project } = fields(event);
  if (typeof month !== "string" || !/^\d{4}-\d\d$/.test(month) || typeof project !== "string") {
    return answer(event, 400, { message: "month (YYYY-MM) and project are needed." });
  }
  await sqs.send(
    new import_client_sqs.SendMessageCommand({
      QueueUrl: process.env.REPORT_QUEUE_URL,
      MessageBody: JSON.stringify({ month, project, team: caller(event).team })
    })
  );
  return answer(event, 202, { queued: true });
};
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  handler
});
