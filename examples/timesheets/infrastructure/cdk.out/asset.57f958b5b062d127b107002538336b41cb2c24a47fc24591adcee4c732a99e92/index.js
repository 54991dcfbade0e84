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

// lambda/reports/render.ts
var render_exports = {};
__export(render_exports, {
  handler: () => handler
});
module.exports = __toCommonJS(render_exports);

// lambda/shared/csv.ts
function field(value) {
  const text = String(value ?? "");
  const safe = /^[=+\-@]/.test(text) && typeof value === "string" ? `'${text}` : text;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
function toCsv(rows) {
  const names = Object.keys(rows[0] ?? {});
  return [names, ...rows.map((row) => names.map((name) => row[name]))].map((line) => line.map(field).join(",")).join("\n");
}

// lambda/shared/report-store.ts
var import_client_s3 = require("@aws-sdk/client-s3");
var import_node_http_handler = require("@smithy/node-http-handler");
var s3 = new import_client_s3.S3Client({
  maxAttempts: 3,
  requestHandler: new import_node_http_handler.NodeHttpHandler({ connectionTimeout: 1e3, requestTimeout: 5e3 })
});
async function store(team, title, csv) {
  const Key = `${team}/${title.replace(/[^\w-]+/g, "-")}.csv`;
  await s3.send(
    new import_client_s3.PutObjectCommand({ Bucket: process.env.REPORTS_BUCKET, Key, Body: csv, ContentType: "text/csv; charset=utf-8" })
  );
  return Key;
}

// lambda/reports/render.ts
var handler = async (report) => ({
  key: await store(report.team, report.title, toCsv(report.rows))
});
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  handler
});
