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

// lambda/reports/list.ts
var list_exports = {};
__export(list_exports, {
  handler: () => handler
});
module.exports = __toCommonJS(list_exports);
var import_client_s32 = require("@aws-sdk/client-s3");

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

// lambda/shared/report-store.ts
var import_client_s3 = require("@aws-sdk/client-s3");
var import_node_http_handler = require("@smithy/node-http-handler");
var s3 = new import_client_s3.S3Client({
  maxAttempts: 3,
  requestHandler: new import_node_http_handler.NodeHttpHandler({ connectionTimeout: 1e3, requestTimeout: 5e3 })
});

// lambda/reports/list.ts
var handler = async (event) => {
  const listed = await s3.send(
    new import_client_s32.ListObjectsV2Command({ Bucket: process.env.REPORTS_BUCKET, Prefix: `${caller(event).team}/` })
  );
  const reports = [];
  for (const object of listed.Contents ?? []) {
    const head = await s3.send(new import_client_s32.HeadObjectCommand({ Bucket: process.env.REPORTS_BUCKET, Key: object.Key }));
    reports.push({ key: object.Key, size: head.ContentLength, made: head.LastModified, type: head.ContentType });
  }
  return answer(event, 200, { reports });
};
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  handler
});
