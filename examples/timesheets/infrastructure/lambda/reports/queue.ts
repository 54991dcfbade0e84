import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { APIGatewayProxyEvent } from "aws-lambda";
import { answer, caller, fields } from "../shared/http";

const sqs = new SQSClient({
  maxAttempts: 3,
  requestHandler: new NodeHttpHandler({ connectionTimeout: 1000, requestTimeout: 2000 }),
});

export const handler = async (event: APIGatewayProxyEvent) => {
  const { month, project } = fields(event);
  if (typeof month !== "string" || !/^\d{4}-\d\d$/.test(month) || typeof project !== "string") {
    return answer(event, 400, { message: "month (YYYY-MM) and project are needed." });
  }
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: process.env.REPORT_QUEUE_URL,
      MessageBody: JSON.stringify({ month, project, team: caller(event).team }),
    }),
  );
  return answer(event, 202, { queued: true });
};
