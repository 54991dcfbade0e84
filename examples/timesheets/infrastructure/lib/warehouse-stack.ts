import { RemovalPolicy, Stack, StackProps } from "aws-cdk-lib";
import * as ec2 from "aws-cdk-lib/aws-ec2";
import * as rds from "aws-cdk-lib/aws-rds";
import { Construct } from "constructs";

export interface WarehouseStackProps extends StackProps {
  readonly stage: string;
}

/** PostgreSQL for analytics and reports, reached by the Data API: no function has to be in the VPC. */
export class WarehouseStack extends Stack {
  readonly cluster: rds.DatabaseCluster;
  readonly databaseName = "timesheets";

  constructor(scope: Construct, id: string, props: WarehouseStackProps) {
    super(scope, id, props);

    const vpc = new ec2.Vpc(this, "Vpc", {
      maxAzs: 2,
      natGateways: 0,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [{ name: "data", subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
    });

    this.cluster = new rds.DatabaseCluster(this, "Cluster", {
      engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_17_5 }),
      writer: rds.ClusterInstance.serverlessV2("Writer"),
      serverlessV2MinCapacity: 0.5,
      serverlessV2MaxCapacity: 4,
      vpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      defaultDatabaseName: this.databaseName,
      credentials: rds.Credentials.fromGeneratedSecret("timesheets"),
      enableDataApi: true,
      storageEncrypted: true,
      deletionProtection: props.stage === "prod",
      removalPolicy: RemovalPolicy.SNAPSHOT,
    });
  }
}
