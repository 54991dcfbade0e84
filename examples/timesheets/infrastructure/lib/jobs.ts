import { Duration } from "aws-cdk-lib";
import * as events from "aws-cdk-lib/aws-events";
import * as targets from "aws-cdk-lib/aws-events-targets";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as sources from "aws-cdk-lib/aws-lambda-event-sources";
import * as sqs from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { ApiFunction } from "./api-function";
import { Data } from "./data";
import { WarehouseStack } from "./warehouse-stack";

/** The queue of the reports and its dead letters. */
export class ReportQueue extends Construct {
  readonly queue: sqs.Queue;
  readonly deadLetters: sqs.Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.deadLetters = new sqs.Queue(this, "DeadLetters", { retentionPeriod: Duration.days(14), enforceSSL: true });
    this.queue = new sqs.Queue(this, "Queue", {
      visibilityTimeout: Duration.minutes(12),
      enforceSSL: true,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 5 },
    });
  }
}

/** What runs without a caller: queued reports, the nightly sums, and the warehouse's copy of the entries. */
export class Jobs extends Construct {
  readonly worker: lambda.Function;
  readonly aggregate: lambda.Function;

  constructor(scope: Construct, id: string, stage: string, data: Data, warehouse: WarehouseStack, reports: ReportQueue) {
    super(scope, id);
    const database = {
      CLUSTER_ARN: warehouse.cluster.clusterArn,
      CLUSTER_SECRET_ARN: warehouse.cluster.secret!.secretArn,
      DATABASE: warehouse.databaseName,
    };

    this.worker = new ApiFunction(this, "ReportsWorker", {
      name: "reports-worker",
      entry: "reports/worker.ts",
      description: "Makes the reports of the queue",
      stage,
      environment: { ...database, REPORTS_BUCKET: data.reports.bucketName },
    });
    this.worker.addEventSource(new sources.SqsEventSource(reports.queue, { batchSize: 10, reportBatchItemFailures: true }));
    data.reports.grantPut(this.worker);
    warehouse.cluster.grantDataApiAccess(this.worker);

    this.aggregate = new ApiFunction(this, "Aggregate", {
      name: "nightly-aggregate",
      entry: "jobs/aggregate.ts",
      description: "Sums the hours of the day before",
      stage,
      environment: { ...database, SUMS_TABLE: data.sums.tableName, REPORTS_BUCKET: data.reports.bucketName },
    });
    data.sums.grantWriteData(this.aggregate);
    data.reports.grantReadWrite(this.aggregate);
    warehouse.cluster.grantDataApiAccess(this.aggregate);
    new events.Rule(this, "Nightly", {
      schedule: events.Schedule.cron({ hour: "2", minute: "15" }),
      targets: [new targets.LambdaFunction(this.aggregate, { retryAttempts: 2, maxEventAge: Duration.hours(2) })],
    });

    const stream = new ApiFunction(this, "EntriesStream", {
      name: "entries-stream",
      entry: "jobs/stream.ts",
      description: "Copies time entries to the warehouse",
      stage,
      environment: database,
    });
    stream.addEventSource(
      new sources.DynamoEventSource(data.timeEntries, {
        startingPosition: lambda.StartingPosition.TRIM_HORIZON,
        batchSize: 100,
        bisectBatchOnError: true,
        retryAttempts: 5,
        reportBatchItemFailures: true,
        onFailure: new sources.SqsDlq(reports.deadLetters),
      }),
    );
    warehouse.cluster.grantDataApiAccess(stream);
  }
}
