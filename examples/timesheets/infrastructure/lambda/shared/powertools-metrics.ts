import { Metrics, MetricUnits } from "@aws-lambda-powertools/metrics";

export const metrics = new Metrics({ namespace: `Timesheets/${process.env.STAGE ?? "dev"}` });
export const Count = MetricUnits.Count;
