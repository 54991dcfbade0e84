import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { APIGatewayProxyEvent } from "aws-lambda";
import { dynamodb } from "../shared/dynamodb-client";
import { answer, caller, fields } from "../shared/http";

export const handler = async (event: APIGatewayProxyEvent) => {
  const { userId } = fields(event);
  const Key = { userId, entryId: decodeURIComponent(event.pathParameters?.entryId ?? "") };
  const { Item: entry } = await dynamodb.send(new GetCommand({ TableName: process.env.TIME_ENTRIES_TABLE, Key }));
  if (!entry) {
    return answer(event, 404, { message: "No such entry." });
  }
  if (entry.userId === caller(event).userId) {
    return answer(event, 403, { message: "Somebody else approves your hours." });
  }
  try {
    await dynamodb.send(
      new PutCommand({
        TableName: process.env.TIME_ENTRIES_TABLE,
        Item: { ...entry, status: "approved", approvedBy: caller(event).userId, version: entry.version + 1 },
        ConditionExpression: "version = :read",
        ExpressionAttributeValues: { ":read": entry.version },
      }),
    );
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) {
      return answer(event, 409, { message: "The entry has changed. Please look again." });
    }
    throw error;
  }
  return answer(event, 200, { entryId: entry.entryId, status: "approved" });
};
