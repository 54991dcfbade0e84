import * as iam from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as secretsmanager from "aws-cdk-lib/aws-secretsmanager";
import * as sqs from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { ApiFunction, ApiFunctionProps } from "./api-function";
import { Data } from "./data";
import { WarehouseStack } from "./warehouse-stack";

export interface FunctionsProps {
  readonly stage: string;
  readonly data: Data;
  readonly warehouse: WarehouseStack;
  readonly reportQueue: sqs.IQueue;
}

/** What answers the API, under one role and with one environment. */
export class Functions extends Construct {
  readonly role: iam.Role;
  readonly jwtSecret: secretsmanager.Secret;
  readonly authorizer: lambda.Function;
  readonly health: lambda.Function;
  readonly refresh: lambda.Function;
  readonly usersCreate: lambda.Function;
  readonly usersList: lambda.Function;
  readonly usersUpdate: lambda.Function;
  readonly entriesCreate: lambda.Function;
  readonly entriesList: lambda.Function;
  readonly entriesBulk: lambda.Function;
  readonly entriesApprove: lambda.Function;
  readonly trackEvent: lambda.Function;
  readonly performance: lambda.Function;
  readonly reportsGenerate: lambda.Function;
  readonly reportsQueue: lambda.Function;
  readonly reportsList: lambda.Function;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const { stage, data, warehouse } = props;

    this.jwtSecret = new secretsmanager.Secret(this, "JwtSecret", {
      description: "Signs the access and refresh tokens",
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
    });

    this.role = new iam.Role(this, "Role", {
      assumedBy: new iam.ServicePrincipal("lambda.amazonaws.com"),
      managedPolicies: [
        iam.ManagedPolicy.fromAwsManagedPolicyName("service-role/AWSLambdaBasicExecutionRole"),
        iam.ManagedPolicy.fromAwsManagedPolicyName("AWSXRayDaemonWriteAccess"),
      ],
    });
    for (const table of [data.users, data.timeEntries, data.events, data.sums]) {
      table.grantFullAccess(this.role);
    }
    this.role.addToPolicy(
      new iam.PolicyStatement({
        actions: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
        resources: [data.reports.arnForObjects("*")],
      }),
    );
    this.role.addToPolicy(new iam.PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: ["*"] }));
    this.role.addToPolicy(
      new iam.PolicyStatement({
        actions: ["sqs:SendMessage"],
        resources: [props.reportQueue.queueArn],
      }),
    );
    warehouse.cluster.grantDataApiAccess(this.role);
    this.jwtSecret.grantRead(this.role);

    const environment = {
      STAGE: stage,
      LOG_LEVEL: stage === "prod" ? "INFO" : "DEBUG",
      USERS_TABLE: data.users.tableName,
      TIME_ENTRIES_TABLE: data.timeEntries.tableName,
      EVENTS_TABLE: data.events.tableName,
      SUMS_TABLE: data.sums.tableName,
      REPORTS_BUCKET: data.reports.bucketName,
      REPORT_QUEUE_URL: props.reportQueue.queueUrl,
      CLUSTER_ARN: warehouse.cluster.clusterArn,
      CLUSTER_SECRET_ARN: warehouse.cluster.secret!.secretArn,
      DATABASE: warehouse.databaseName,
      ALLOWED_ORIGINS: "https://time.example.com,https://time-staging.example.com",
      LEGACY_EXPORT_BUCKET: "timesheets-exports-2023",
    };
    const add = (id: string, name: string, entry: string, description: string, more: Partial<ApiFunctionProps> = {}) =>
      new ApiFunction(this, id, { name, entry, description, stage, environment, role: this.role, ...more });

    this.authorizer = add("CustomAuthorizer", "custom-authorizer", "authorizer/index.ts", "Checks the access token", {
      environment: { STAGE: stage, JWT_SECRET: this.jwtSecret.secretValue.unsafeUnwrap() },
    });
    this.refresh = add("AuthRefresh", "auth-refresh", "auth/refresh.ts", "A new access token", {
      environment: { ...environment, JWT_SECRET_ARN: this.jwtSecret.secretArn },
    });
    this.health = add("HealthCheck", "health-check", "health-check.ts", "Says that the API is up", {
      environment: { STAGE: stage },
    });
    this.usersCreate = add("UsersCreate", "users-create", "users/create.ts", "Adds a user", { powertools: true });
    this.usersList = add("UsersList", "users-list", "users/list.ts", "The users of a team");
    this.usersUpdate = add("UsersUpdate", "users-update", "users/update.ts", "Changes a user");
    this.entriesCreate = add("EntriesCreate", "time-entries-create", "time-entries/create.ts", "Adds a time entry", {
      powertools: true,
    });
    this.entriesList = add("EntriesList", "time-entries-list", "time-entries/list.ts", "A user's time entries");
    this.entriesBulk = add("EntriesBulk", "time-entries-bulk", "time-entries/bulk.ts", "Imports time entries");
    this.entriesApprove = add("EntriesApprove", "time-entries-approve", "time-entries/approve.ts", "Approves an entry");
    this.trackEvent = add("TrackEvent", "analytics-track-event", "analytics/track-event.ts", "Notes what users do", {
      powertools: true,
    });
    this.performance = add("Performance", "analytics-performance", "analytics/performance.ts", "Hours by project", {
      runtime: lambda.Runtime.NODEJS_18_X,
    });
    const render = add("ReportsRender", "reports-render", "reports/render.ts", "Makes a report's file");
    this.reportsGenerate = add("ReportsGenerate", "reports-generate", "reports/generate.ts", "Makes a report", {
      environment: { ...environment, RENDER_FUNCTION: render.functionName },
    });
    this.reportsQueue = add("ReportsQueue", "reports-queue", "reports/queue.ts", "Makes a report later");
    this.reportsList = add("ReportsList", "reports-list", "reports/list.ts", "The finished reports");

    // no cold starts where every request passes
    if (stage === "prod") {
      new lambda.Alias(this, "CustomAuthorizerAlias", {
        aliasName: "live",
        version: this.authorizer.currentVersion,
        provisionedConcurrentExecutions: 10,
      });
    }
  }
}
