import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as actions from "aws-cdk-lib/aws-cloudwatch-actions";
import * as sns from "aws-cdk-lib/aws-sns";
import * as subscriptions from "aws-cdk-lib/aws-sns-subscriptions";
import * as xray from "aws-cdk-lib/aws-xray";
import { Construct } from "constructs";
import { Api } from "./api";
import { Functions } from "./functions";
import { Jobs, ReportQueue } from "./jobs";

const period = Duration.minutes(5);

/** Who is told when, and how much is traced. */
export class Monitoring extends Construct {
  constructor(scope: Construct, id: string, stage: string, api: Api, functions: Functions, jobs: Jobs, reports: ReportQueue) {
    super(scope, id);

    const topic = new sns.Topic(this, "Alarms");
    topic.addSubscription(new subscriptions.EmailSubscription("oncall@example.com"));
    const alarm = (id: string, metric: cloudwatch.Metric, threshold: number, description: string) =>
      new cloudwatch.Alarm(this, id, {
        alarmDescription: description,
        metric,
        threshold,
        evaluationPeriods: 1,
        comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      }).addAlarmAction(new actions.SnsAction(topic));

    alarm("ServerErrors", api.api.metricServerError({ period }), 5, "The API answers with 5xx");
    alarm("DeadLetters", reports.deadLetters.metricApproximateNumberOfMessagesVisible({ period }), 1, "A report failed");
    alarm("WorkerErrors", jobs.worker.metricErrors({ period }), 1, "The worker fails");
    alarm("AggregateErrors", jobs.aggregate.metricErrors({ period }), 1, "The nightly sums fail");
    alarm(
      "ReportsSlow",
      functions.reportsGenerate.metricDuration({ period, statistic: "max" }),
      360_000,
      "A report takes more than six minutes",
    );
    alarm("CacheMisses", api.api.metricCacheMissCount({ period }), 1000, "The cache of the API does not help");

    // one in twenty is enough for the functions, everything else as by default
    new xray.CfnSamplingRule(this, "FunctionSampling", {
      samplingRule: {
        ruleName: `timesheets-functions-${stage}`,
        priority: 100,
        reservoirSize: 1,
        fixedRate: 0.05,
        serviceName: "timesheets-*",
        serviceType: "AWS::Lambda::Function",
        host: "*",
        httpMethod: "*",
        urlPath: "*",
        resourceArn: "*",
        version: 1,
      },
    });
    new xray.CfnSamplingRule(this, "ApiSampling", {
      samplingRule: {
        ruleName: `timesheets-api-${stage}`,
        priority: 200,
        reservoirSize: 5,
        fixedRate: 0.1,
        serviceName: `timesheets-${stage}/${stage}`,
        serviceType: "AWS::ApiGateway::Stage",
        host: "*",
        httpMethod: "*",
        urlPath: "*",
        resourceArn: "*",
        version: 1,
      },
    });
  }
}
