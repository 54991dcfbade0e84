// The app whose assembly stands in cdk.out: two stacks, a nested stack, and a stage with both. It was synthesized with aws-cdk-lib 2.276.0,
// with path and asset metadata on and stack traces off; tree.json, validation-report.json and the report of feature flags were left out.
const cdk = require("aws-cdk-lib");
const { aws_lambda: lambda, aws_dynamodb: dynamodb, aws_apigateway: apigateway, aws_sqs: sqs, aws_lambda_event_sources: sources, aws_s3: s3 } = cdk;

class ReportsStack extends cdk.NestedStack {
  constructor(scope, id, props) {
    super(scope, id, props);
    const queue = new sqs.Queue(this, "Jobs");
    const fn = new lambda.Function(this, "Report", {
      runtime: lambda.Runtime.PYTHON_3_12, handler: "app.handler",
      code: lambda.Code.fromAsset("functions/report"),
      environment: { TABLE: props.table.tableName },
    });
    fn.addEventSource(new sources.SqsEventSource(queue, { batchSize: 5 }));
    props.table.grantReadData(fn);
  }
}

class ApiStack extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    const layer = new lambda.LayerVersion(this, "Common", { code: lambda.Code.fromAsset("layers/common") });
    const fn = new lambda.Function(this, "Orders", {
      runtime: lambda.Runtime.NODEJS_20_X, handler: "index.handler",
      code: lambda.Code.fromAsset("functions/orders"), layers: [layer],
      environment: { TABLE: props.table.tableName },
    });
    props.table.grantReadWriteData(fn);
    new lambda.Function(this, "Ping", { runtime: lambda.Runtime.NODEJS_20_X, handler: "index.handler",
      code: lambda.Code.fromInline("exports.handler = async () => 'pong';") });
    const api = new apigateway.RestApi(this, "Api");
    api.root.addResource("orders").addMethod("GET", new apigateway.LambdaIntegration(fn));
    new ReportsStack(this, "Reports", { table: props.table });
  }
}

class DataStack extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    this.table = new dynamodb.Table(this, "Orders", { partitionKey: { name: "id", type: dynamodb.AttributeType.STRING } });
    new s3.Bucket(this, "Files");
  }
}

class Production extends cdk.Stage {
  constructor(scope, id, props) {
    super(scope, id, props);
    const data = new DataStack(this, "Data");
    new ApiStack(this, "Api", { table: data.table });
  }
}

const app = new cdk.App({ analyticsReporting: false });
const data = new DataStack(app, "Data");
new ApiStack(app, "Api", { table: data.table });
new Production(app, "Production", { env: { account: "111122223333", region: "eu-west-1" } });
