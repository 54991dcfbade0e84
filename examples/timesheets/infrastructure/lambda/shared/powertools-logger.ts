import { Logger } from "@aws-lambda-powertools/logger";

export const logger = new Logger({
  logLevel: process.env.LOG_LEVEL === "DEBUG" ? "DEBUG" : "INFO",
  environment: process.env.STAGE ?? "dev",
  sampleRateValue: 0.1,
});
