import { paginateQuery, type QueryCommandInput } from "@aws-sdk/lib-dynamodb";
import type { APIGatewayProxyEvent } from "aws-lambda";
import { dynamodb } from "../shared/dynamodb-client";
import { answer, caller } from "../shared/http";

/** The caller's own entries of a month, or those of a project in the caller's team. */
function wanted(event: APIGatewayProxyEvent, month: string): QueryCommandInput {
  const TableName = process.env.TIME_ENTRIES_TABLE;
  const project = event.queryStringParameters?.project;
  if (project) {
    return {
      TableName,
      IndexName: "by-project",
      KeyConditionExpression: "projectId = :project AND begins_with(#day, :month)",
      FilterExpression: "team = :team",
      ExpressionAttributeNames: { "#day": "day" },
      ExpressionAttributeValues: { ":project": project, ":month": month, ":team": caller(event).team },
    };
  }
  return {
    TableName,
    KeyConditionExpression: "userId = :user AND begins_with(entryId, :month)",
    ExpressionAttributeValues: { ":user": caller(event).userId, ":month": month },
  };
}

export const handler = async (event: APIGatewayProxyEvent) => {
  const month = event.queryStringParameters?.month ?? new Date().toISOString().slice(0, 7);
  const entries = [];
  for await (const page of paginateQuery({ client: dynamodb }, wanted(event, month))) {
    entries.push(...(page.Items ?? []));
  }
  return answer(event, 200, { month, entries });
};
