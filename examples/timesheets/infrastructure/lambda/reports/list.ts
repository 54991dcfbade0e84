import { HeadObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { APIGatewayProxyEvent } from "aws-lambda";
import { answer, caller } from "../shared/http";
import { s3 } from "../shared/report-store";

export const handler = async (event: APIGatewayProxyEvent) => {
  const listed = await s3.send(
    new ListObjectsV2Command({ Bucket: process.env.REPORTS_BUCKET, Prefix: `${caller(event).team}/` }),
  );
  const reports = [];
  for (const object of listed.Contents ?? []) {
    const head = await s3.send(new HeadObjectCommand({ Bucket: process.env.REPORTS_BUCKET, Key: object.Key }));
    reports.push({ key: object.Key, size: head.ContentLength, made: head.LastModified, type: head.ContentType });
  }
  return answer(event, 200, { reports });
};
