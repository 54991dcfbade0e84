import { Duration } from "aws-cdk-lib";
import * as apigateway from "aws-cdk-lib/aws-apigateway";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { Functions } from "./functions";

/** The REST API of the web and desktop applications. */
export class Api extends Construct {
  readonly api: apigateway.RestApi;

  constructor(scope: Construct, id: string, stage: string, functions: Functions) {
    super(scope, id);

    this.api = new apigateway.RestApi(this, "RestApi", {
      restApiName: `timesheets-${stage}`,
      endpointTypes: [apigateway.EndpointType.REGIONAL],
      defaultCorsPreflightOptions: {
        allowOrigins: apigateway.Cors.ALL_ORIGINS,
        allowMethods: apigateway.Cors.ALL_METHODS,
        allowHeaders: ["authorization", "content-type"],
      },
      deployOptions: {
        stageName: stage,
        tracingEnabled: true,
        accessLogDestination: new apigateway.LogGroupLogDestination(
          new logs.LogGroup(this, "AccessLogs", { retention: logs.RetentionDays.THREE_MONTHS }),
        ),
        accessLogFormat: apigateway.AccessLogFormat.jsonWithStandardFields(),
      },
    });

    const members: apigateway.MethodOptions = {
      authorizationType: apigateway.AuthorizationType.CUSTOM,
      authorizer: new apigateway.TokenAuthorizer(this, "Authorizer", {
        handler: functions.authorizer,
        resultsCacheTtl: Duration.minutes(5),
      }),
    };
    const open: apigateway.MethodOptions = { authorizationType: apigateway.AuthorizationType.NONE };
    const route = (path: string, method: string, handler: lambda.IFunction, options = members) =>
      this.api.root.resourceForPath(path).addMethod(method, new apigateway.LambdaIntegration(handler), options);

    route("/health", "GET", functions.health, open);
    // the refresh token is the authorization
    route("/auth/refresh", "POST", functions.refresh, open);

    route("/users", "POST", functions.usersCreate);
    route("/users", "GET", functions.usersList);
    route("/users/{userId}", "PUT", functions.usersUpdate);

    route("/time-entries", "POST", functions.entriesCreate);
    route("/time-entries", "GET", functions.entriesList);
    route("/time-entries/bulk", "POST", functions.entriesBulk);
    route("/time-entries/{entryId}/approve", "POST", functions.entriesApprove);

    // sendBeacon cannot send an Authorization header
    route("/analytics/events", "POST", functions.trackEvent, open);
    route("/analytics/performance", "GET", functions.performance);

    route("/reports", "POST", functions.reportsGenerate);
    route("/reports", "GET", functions.reportsList);
    route("/reports/queue", "POST", functions.reportsQueue);
  }
}
