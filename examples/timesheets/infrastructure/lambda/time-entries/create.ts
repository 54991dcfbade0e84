import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { APIGatewayProxyEvent, Context } from "aws-lambda";
import { answer, caller, fields } from "../shared/http";
import { logger } from "../shared/powertools-logger";
import { Count, metrics } from "../shared/powertools-metrics";

export const handler = async (event: APIGatewayProxyEvent, context: Context) => {
  logger.addContext(context);
  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  const { projectId, clientId, day, minutes } = fields(event);
  if (typeof projectId !== "string" || typeof day !== "string" || typeof minutes !== "number") {
    return answer(event, 400, { message: "projectId, day and minutes are needed." });
  }
  const entry = { ...caller(event), entryId: `${day}#${randomUUID()}`, projectId, clientId, day, minutes };
  await dynamodb.send(
    new PutCommand({
      TableName: process.env.TIME_ENTRIES_TABLE,
      Item: { ...entry, status: "open", version: 1 },
      ConditionExpression: "attribute_not_exists(entryId)",
    }),
  );
  metrics.addMetric("TimeEntryCreated", Count, 1);
  metrics.publishStoredMetrics();
  return answer(event, 201, entry);
};
