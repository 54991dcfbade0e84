import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { query } from "../shared/warehouse";

const UPSERT = `INSERT INTO entries (user_id, entry_id, team, project_id, day, minutes, status)
  VALUES (:user, :entry, :team, :project, :day, :minutes, :status)
  ON CONFLICT (user_id, entry_id) DO UPDATE SET minutes = excluded.minutes, status = excluded.status`;

export const handler = async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
  for (const record of event.Records) {
    const entry = record.dynamodb?.NewImage;
    if (!entry) {
      continue;
    }
    try {
      await query(UPSERT, {
        user: entry.userId?.S ?? "",
        entry: entry.entryId?.S ?? "",
        team: entry.team?.S ?? "",
        project: entry.projectId?.S ?? "",
        day: entry.day?.S ?? "",
        minutes: Number(entry.minutes?.N ?? 0),
        status: entry.status?.S ?? "open",
      });
    } catch (error) {
      console.error(JSON.stringify({ level: "ERROR", message: String(error), entry: entry.entryId?.S }));
      // the shard goes on from this record
      return { batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber ?? "" }] };
    }
  }
  return { batchItemFailures: [] };
};
