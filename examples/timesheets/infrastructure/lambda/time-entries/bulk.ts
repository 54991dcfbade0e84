import { randomUUID } from "node:crypto";
import { BatchWriteCommand, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { APIGatewayProxyEvent } from "aws-lambda";
import { dynamodb } from "../shared/dynamodb-client";
import { caller, fields } from "../shared/http";
import { respond } from "../shared/response";

interface Line {
  userId: string;
  projectId: string;
  day: string;
  minutes: number;
}

export const handler = async (event: APIGatewayProxyEvent) => {
  const { team } = caller(event);
  const lines = (fields(event).entries ?? []) as Line[];
  for (const line of lines) {
    const { Item: user } = await dynamodb.send(
      new GetCommand({ TableName: process.env.USERS_TABLE, Key: { userId: line.userId } }),
    );
    if (user?.team !== team) {
      return respond(event, 400, { message: `${line.userId} is not in your team.` });
    }
  }

  const batches: Line[][] = [];
  for (let start = 0; start < lines.length; start += 25) {
    batches.push(lines.slice(start, start + 25));
  }
  batches.forEach(async (batch) => {
    await dynamodb.send(
      new BatchWriteCommand({
        RequestItems: {
          [process.env.TIME_ENTRIES_TABLE!]: batch.map((line) => ({
            PutRequest: {
              Item: { ...line, team, entryId: `${line.day}#${randomUUID()}`, status: "open", version: 1 },
            },
          })),
        },
      }),
    );
  });
  return respond(event, 202, { imported: lines.length });
};
