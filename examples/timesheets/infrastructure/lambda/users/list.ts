import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { APIGatewayProxyEvent } from "aws-lambda";
import { dynamodb } from "../shared/dynamodb-client";
import { caller } from "../shared/http";
import { respond } from "../shared/response";

export const handler = async (event: APIGatewayProxyEvent) => {
  const found = await dynamodb.send(
    new ScanCommand({
      TableName: process.env.USERS_TABLE,
      FilterExpression: "team = :team AND active = :yes",
      ExpressionAttributeValues: { ":team": caller(event).team, ":yes": true },
    }),
  );
  return respond(event, 200, { users: found.Items });
};
