import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { toCsv } from "../shared/csv";
import { store } from "../shared/report-store";
import { query } from "../shared/warehouse";

interface Wanted {
  month: string;
  project: string;
  team: string;
}

async function make({ month, project, team }: Wanted): Promise<void> {
  const rows = await query(
    `SELECT user_id, day, minutes FROM entries
      WHERE team = :team AND project_id = :project AND day >= :first AND day < :first + interval '1 month'
      ORDER BY day`,
    { team, project, first: `${month}-01` },
  );
  await store(team, `${project} ${month}`, toCsv(rows));
}

export const handler = async (event: SQSEvent): Promise<SQSBatchResponse> => {
  for (const record of event.Records) {
    try {
      await make(JSON.parse(record.body) as Wanted);
    } catch (error) {
      console.error("report failed", error);
    }
  }
  return { batchItemFailures: [] };
};
