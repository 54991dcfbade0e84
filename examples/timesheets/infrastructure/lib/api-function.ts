import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as nodejs from "aws-cdk-lib/aws-lambda-nodejs";
import * as logs from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { lambdaConfig } from "./lambda-configs";

export interface ApiFunctionProps {
  /** Name below the stage, and the key of its configuration. */
  readonly name: string;
  /** File below lambda/. */
  readonly entry: string;
  readonly description: string;
  readonly stage: string;
  readonly environment: Record<string, string>;
  readonly role?: iam.IRole;
  readonly runtime?: lambda.Runtime;
  /** Powertools from the layer, and X-Ray's SDK with it. */
  readonly powertools?: boolean;
}

/** A function as all of ours are: bundled, traced, with a log group that ends. */
export class ApiFunction extends nodejs.NodejsFunction {
  constructor(scope: Construct, id: string, props: ApiFunctionProps) {
    const config = lambdaConfig(props.name);
    const functionName = `timesheets-${props.name}-${props.stage}`;
    super(scope, id, {
      functionName,
      description: props.description,
      entry: `lambda/${props.entry}`,
      role: props.role,
      runtime: props.runtime ?? lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: config.memory,
      timeout: Duration.seconds(config.timeout),
      tracing: lambda.Tracing.ACTIVE,
      environment: {
        ...props.environment,
        ...(props.powertools && { POWERTOOLS_SERVICE_NAME: "timesheets-api" }),
      },
      layers: props.powertools ? [powertoolsLayer(scope)] : [],
      logGroup: new logs.LogGroup(scope, `${id}Logs`, {
        logGroupName: `/aws/lambda/${functionName}`,
        retention: logs.RetentionDays.ONE_MONTH,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      bundling: {
        target: "node24",
        externalModules: ["@aws-sdk/*", "@smithy/*", "aws-sdk", "@aws-lambda-powertools/*"],
      },
    });
    if (props.powertools) {
      // enables the X-Ray SDK; CDK has no way to say so
      const cfn = this.node.defaultChild as lambda.CfnFunction;
      cfn.addPropertyOverride("Environment.Variables._X_AMZN_TRACE_ID", "");
    }
  }
}

function powertoolsLayer(scope: Construct): lambda.ILayerVersion {
  const stack = Stack.of(scope);
  const existing = stack.node.tryFindChild("Powertools") as lambda.ILayerVersion | undefined;
  return (
    existing ??
    lambda.LayerVersion.fromLayerVersionArn(
      stack,
      "Powertools",
      `arn:aws:lambda:${stack.region}:094274105915:layer:AWSLambdaPowertoolsTypeScript:30`,
    )
  );
}
