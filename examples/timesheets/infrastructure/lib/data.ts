import { Duration, RemovalPolicy } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as s3 from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";

const text = (name: string): dynamodb.Attribute => ({ name, type: dynamodb.AttributeType.STRING });

/** Users, time entries, analytics events, daily sums, and the bucket of the finished reports. */
export class Data extends Construct {
  readonly users: dynamodb.Table;
  readonly timeEntries: dynamodb.Table;
  readonly events: dynamodb.Table;
  readonly sums: dynamodb.Table;
  readonly reports: s3.Bucket;

  constructor(scope: Construct, id: string, stage: string) {
    super(scope, id);

    this.users = new dynamodb.Table(this, "Users", {
      tableName: `timesheets-users-${stage}`,
      partitionKey: text("userId"),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
    });
    this.users.addGlobalSecondaryIndex({ indexName: "by-team", partitionKey: text("team"), sortKey: text("name") });

    this.timeEntries = new dynamodb.Table(this, "TimeEntries", {
      tableName: `timesheets-entries-${stage}`,
      partitionKey: text("userId"),
      sortKey: text("entryId"),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      stream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
      deletionProtection: true,
    });
    this.timeEntries.addGlobalSecondaryIndex({
      indexName: "by-project",
      partitionKey: text("projectId"),
      sortKey: text("day"),
    });
    this.timeEntries.addGlobalSecondaryIndex({
      indexName: "by-client",
      partitionKey: text("clientId"),
      sortKey: text("day"),
    });

    this.events = new dynamodb.Table(this, "Events", {
      tableName: `timesheets-events-${stage}`,
      partitionKey: text("userId"),
      sortKey: text("at"),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: "expiresAt",
      removalPolicy: RemovalPolicy.DESTROY,
    });

    this.sums = new dynamodb.Table(this, "Sums", {
      tableName: `timesheets-sums-${stage}`,
      partitionKey: text("projectId"),
      sortKey: text("day"),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
    });

    this.reports = new s3.Bucket(this, "Reports", {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(400), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    });
  }
}
