import { ExecuteStatementCommand, RDSDataClient, type SqlParameter } from "@aws-sdk/client-rds-data";
import { NodeHttpHandler } from "@smithy/node-http-handler";

const client = new RDSDataClient({
  maxAttempts: 2,
  requestHandler: new NodeHttpHandler({ connectionTimeout: 1000, requestTimeout: 10_000 }),
});

export type Row = Record<string, unknown>;

const parameter = (name: string, value: string | number): SqlParameter =>
  typeof value === "number"
    ? { name, value: { doubleValue: value } }
    : { name, value: { stringValue: value }, ...(/^\d{4}-\d\d-\d\d$/.test(value) && { typeHint: "DATE" as const }) };

/** The rows of a statement; values go into it as :name. */
export async function query(sql: string, values: Record<string, string | number> = {}): Promise<Row[]> {
  const result = await client.send(
    new ExecuteStatementCommand({
      resourceArn: process.env.CLUSTER_ARN,
      secretArn: process.env.CLUSTER_SECRET_ARN,
      database: process.env.DATABASE,
      sql,
      parameters: Object.entries(values).map(([name, value]) => parameter(name, value)),
      formatRecordsAs: "JSON",
    }),
  );
  return JSON.parse(result.formattedRecords ?? "[]") as Row[];
}
