import { randomUUID } from "node:crypto";
import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { APIGatewayProxyEvent, Context } from "aws-lambda";
import { dynamodb } from "../shared/dynamodb-client";
import { answer, caller, fields } from "../shared/http";
import { logger } from "../shared/powertools-logger";
import { Count, metrics } from "../shared/powertools-metrics";
import { tracer } from "../shared/powertools-tracer";

tracer.captureAWSv3Client(dynamodb);

export const handler = async (event: APIGatewayProxyEvent, context: Context) => {
  logger.addContext(context);
  const { name, email } = fields(event);
  if (typeof name !== "string" || typeof email !== "string") {
    return answer(event, 400, { message: "name and email are needed." });
  }
  const user = { userId: randomUUID(), name, email: email.toLowerCase(), team: caller(event).team, active: true };
  try {
    await dynamodb.send(
      new PutCommand({
        TableName: process.env.USERS_TABLE,
        Item: user,
        ConditionExpression: "attribute_not_exists(userId)",
      }),
    );
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) {
      return answer(event, 409, { message: "There is such a user." });
    }
    throw error;
  }
  metrics.addMetric("UserCreated", Count, 1);
  metrics.publishStoredMetrics();
  logger.info("user created", { userId: user.userId });
  return answer(event, 201, user);
};
