import { DeleteObjectsCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { BatchWriteCommand, type BatchWriteCommandInput, type BatchWriteCommandOutput } from "@aws-sdk/lib-dynamodb";
import { setTimeout as wait } from "node:timers/promises";
import { dynamodb } from "../shared/dynamodb-client";
import { s3 } from "../shared/report-store";
import { query } from "../shared/warehouse";

const TABLE = process.env.SUMS_TABLE!;
type Requests = BatchWriteCommandInput["RequestItems"];

/** Writes up to 25 items; what DynamoDB did not take is offered again, a little later each time. */
async function write(items: Record<string, unknown>[]): Promise<void> {
  let requests: Requests = { [TABLE]: items.map((Item) => ({ PutRequest: { Item } })) };
  for (let attempt = 0; attempt < 6; attempt += 1) {
    const result: BatchWriteCommandOutput = await dynamodb.send(new BatchWriteCommand({ RequestItems: requests }));
    requests = result.UnprocessedItems;
    if (!requests || Object.keys(requests).length === 0) {
      return;
    }
    await wait(50 * 2 ** attempt);
  }
  throw new Error("the table of the sums does not take the items");
}

async function dropDrafts(): Promise<void> {
  const Bucket = process.env.REPORTS_BUCKET!;
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix: "drafts/" })) {
    const Objects = (page.Contents ?? []).map(({ Key }) => ({ Key }));
    if (Objects.length > 0) {
      const { Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
      if (Errors?.length) {
        throw new Error(`${Errors.length} drafts are still there`);
      }
    }
  }
}

export const handler = async () => {
  const day = new Date(Date.now() - 24 * 3600 * 1000).toISOString().slice(0, 10);
  const sums = await query(
    `SELECT project_id AS "projectId", sum(minutes) AS minutes FROM entries WHERE day = :day GROUP BY project_id`,
    { day },
  );
  for (let start = 0; start < sums.length; start += 25) {
    await write(sums.slice(start, start + 25).map((sum) => ({ ...sum, day })));
  }
  await dropDrafts();
  console.info(JSON.stringify({ level: "INFO", message: "summed", day, projects: sums.length }));
};
