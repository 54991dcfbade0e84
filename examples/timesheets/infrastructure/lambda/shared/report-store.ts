import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";

export const s3 = new S3Client({
  maxAttempts: 3,
  requestHandler: new NodeHttpHandler({ connectionTimeout: 1000, requestTimeout: 5000 }),
});

/** Keeps a report and gives its key. */
export async function store(team: string, title: string, csv: string): Promise<string> {
  const Key = `${team}/${title.replace(/[^\w-]+/g, "-")}.csv`;
  await s3.send(
    new PutObjectCommand({ Bucket: process.env.REPORTS_BUCKET, Key, Body: csv, ContentType: "text/csv; charset=utf-8" }),
  );
  return Key;
}
