import { Agent } from "node:https";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { NodeHttpHandler } from "@smithy/node-http-handler";

const requestHandler = new NodeHttpHandler({
  httpsAgent: new Agent({ keepAlive: true, keepAliveMsecs: 1000, maxSockets: 50 }),
  connectionTimeout: 1000,
  requestTimeout: 2000,
});

/** One client for each environment of a function. */
export const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient({ requestHandler, maxAttempts: 3 }), {
  marshallOptions: { removeUndefinedValues: true },
});
