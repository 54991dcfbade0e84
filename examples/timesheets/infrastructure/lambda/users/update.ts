import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { APIGatewayProxyEvent } from "aws-lambda";
import { dynamodb } from "../shared/dynamodb-client";
import { caller, fields } from "../shared/http";
import { respond } from "../shared/response";

export const handler = async (event: APIGatewayProxyEvent) => {
  console.log("users/update", JSON.stringify(event));
  const userId = event.pathParameters?.userId;
  const { Item: user } = await dynamodb.send(
    new GetCommand({ TableName: process.env.USERS_TABLE, Key: { userId }, ConsistentRead: true }),
  );
  if (!user || user.team !== caller(event).team) {
    return respond(event, 404, { message: "No such user." });
  }
  const { name, email, hoursPerWeek } = fields(event);
  user.name = name ?? user.name;
  user.email = email ?? user.email;
  user.hoursPerWeek = hoursPerWeek ?? user.hoursPerWeek;
  await dynamodb.send(new PutCommand({ TableName: process.env.USERS_TABLE, Item: user }));
  return respond(event, 200, user);
};
