import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { APIGatewayProxyEvent } from "aws-lambda";
import { answer, caller, fields } from "../shared/http";
import { query } from "../shared/warehouse";

const lambda = new LambdaClient({
  maxAttempts: 1,
  requestHandler: new NodeHttpHandler({ connectionTimeout: 1000, requestTimeout: 290_000 }),
});

export const handler = async (event: APIGatewayProxyEvent) => {
  const { month, project } = fields(event);
  if (typeof month !== "string" || !/^\d{4}-\d\d$/.test(month) || typeof project !== "string") {
    return answer(event, 400, { message: "month (YYYY-MM) and project are needed." });
  }
  const rows = await query(
    `SELECT user_id, day, minutes FROM entries
      WHERE team = :team AND project_id = :project AND day >= :first AND day < :first + interval '1 month'
      ORDER BY day`,
    { team: caller(event).team, project, first: `${month}-01` },
  );
  const rendered = await lambda.send(
    new InvokeCommand({
      FunctionName: process.env.RENDER_FUNCTION,
      InvocationType: "RequestResponse",
      Payload: JSON.stringify({ title: `${project} ${month}`, team: caller(event).team, rows }),
    }),
  );
  if (rendered.FunctionError) {
    return answer(event, 502, { message: "The report could not be made." });
  }
  return answer(event, 201, JSON.parse(Buffer.from(rendered.Payload!).toString()));
};
