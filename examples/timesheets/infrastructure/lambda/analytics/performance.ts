import type { APIGatewayProxyEvent } from "aws-lambda";
import { caller } from "../shared/http";
import { respond } from "../shared/response";
import { query } from "../shared/warehouse";

// eslint-disable-next-line @typescript-eslint/no-require-imports
const AWS = require("aws-sdk");

const cloudwatch = new AWS.CloudWatch({ region: "us-east-1" });

export const handler = async (event: APIGatewayProxyEvent) => {
  const { project = "", from = "2025-01-01" } = event.queryStringParameters ?? {};
  const hours = await query(
    `SELECT day, sum(minutes) / 60 AS hours FROM entries
      WHERE team = '${caller(event).team}' AND project_id = '${project}' AND day >= '${from}'
      GROUP BY day ORDER BY day`,
  );
  await cloudwatch
    .putMetricData({
      Namespace: "Timesheets",
      MetricData: [{ MetricName: "PerformanceReports", Value: 1, Dimensions: [{ Name: "Project", Value: project }] }],
    })
    .promise();
  return respond(event, 200, { project, hours });
};
