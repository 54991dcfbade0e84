import { paginateQuery } from "@aws-sdk/lib-dynamodb";
import type { APIGatewayProxyEvent } from "aws-lambda";
import { dynamodb } from "../shared/dynamodb-client";
import { answer, caller } from "../shared/http";

export const handler = async (event: APIGatewayProxyEvent) => {
  const month = event.queryStringParameters?.month ?? new Date().toISOString().slice(0, 7);
  const pages = paginateQuery(
    { client: dynamodb },
    {
      TableName: process.env.TIME_ENTRIES_TABLE,
      KeyConditionExpression: "userId = :user AND begins_with(entryId, :month)",
      ExpressionAttributeValues: { ":user": caller(event).userId, ":month": month },
    },
  );
  const entries = [];
  for await (const page of pages) {
    entries.push(...(page.Items ?? []));
  }
  return answer(event, 200, { month, entries });
};
