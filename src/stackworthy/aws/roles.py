"""Under which roles resources act, and under which roles AWS starts them, delivers for them or logs for them."""

from __future__ import annotations

from collections.abc import Mapping

from stackworthy.aws.arns import resolve
from stackworthy.aws.names import ROLE
from stackworthy.aws.paths import each
from stackworthy.core.resource import Resource
from stackworthy.core.value import Unknown

ACTS_AS: Mapping[str, tuple[str, ...]] = {
    "AWS::Amplify::App": ("ComputeRoleArn",),
    "AWS::ApiGateway::Authorizer": ("AuthorizerCredentials",),
    "AWS::ApiGateway::Method": ("Integration.Credentials",),
    "AWS::ApiGatewayV2::Authorizer": ("AuthorizerCredentialsArn",),
    "AWS::ApiGatewayV2::Integration": ("CredentialsArn",),
    "AWS::AppFlow::Flow": ("MetadataCatalogConfig.GlueDataCatalog.RoleArn",),
    "AWS::AppRunner::Service": ("InstanceConfiguration.InstanceRoleArn",),
    "AWS::AppSync::DataSource": ("ServiceRoleArn",),
    "AWS::Backup::BackupSelection": ("BackupSelection.IamRoleArn",),
    "AWS::Batch::JobDefinition": (
        "ContainerProperties.JobRoleArn",
        "EcsProperties.TaskProperties[].TaskRoleArn",
    ),
    "AWS::Bedrock::Agent": ("AgentResourceRoleArn",),
    "AWS::Bedrock::Flow": ("ExecutionRoleArn",),
    "AWS::Bedrock::KnowledgeBase": ("RoleArn",),
    "AWS::BedrockAgentCore::Gateway": ("RoleArn",),
    "AWS::BedrockAgentCore::Runtime": ("RoleArn",),
    "AWS::Chatbot::SlackChannelConfiguration": ("IamRoleArn",),
    "AWS::CodeBuild::Project": ("ServiceRole",),
    "AWS::CodeDeploy::DeploymentGroup": ("ServiceRoleArn",),
    "AWS::CodePipeline::Pipeline": ("RoleArn",),
    "AWS::Cognito::UserPoolGroup": ("RoleArn",),
    "AWS::Config::ConfigurationRecorder": ("RoleARN",),
    "AWS::DAX::Cluster": ("IAMRoleARN",),
    "AWS::EC2::Instance": ("IamInstanceProfile",),
    "AWS::EC2::LaunchTemplate": (
        "LaunchTemplateData.IamInstanceProfile.Arn",
        "LaunchTemplateData.IamInstanceProfile.Name",
    ),
    "AWS::ECS::TaskDefinition": ("TaskRoleArn",),
    "AWS::Glue::Crawler": ("Role",),
    "AWS::Glue::Job": ("Role",),
    "AWS::KinesisAnalyticsV2::Application": ("ServiceExecutionRole",),
    "AWS::KinesisFirehose::DeliveryStream": (
        "ExtendedS3DestinationConfiguration.RoleARN",
        "S3DestinationConfiguration.RoleARN",
        "AmazonopensearchserviceDestinationConfiguration.RoleARN",
        "AmazonOpenSearchServerlessDestinationConfiguration.RoleARN",
        "ElasticsearchDestinationConfiguration.RoleARN",
        "HttpEndpointDestinationConfiguration.RoleARN",
        "IcebergDestinationConfiguration.RoleARN",
        "RedshiftDestinationConfiguration.RoleARN",
        "SnowflakeDestinationConfiguration.RoleARN",
        "KinesisStreamSourceConfiguration.RoleARN",
    ),
    "AWS::Lambda::Function": ("Role",),
    "AWS::Lex::Bot": ("RoleArn",),
    "AWS::OSIS::Pipeline": ("PipelineRoleArn",),
    "AWS::Pipes::Pipe": ("RoleArn",),
    "AWS::RDS::DBCluster": ("AssociatedRoles[].RoleArn",),
    "AWS::RDS::DBInstance": ("AssociatedRoles[].RoleArn",),
    "AWS::RDS::DBProxy": ("RoleArn",),
    "AWS::S3::Bucket": ("ReplicationConfiguration.Role",),
    "AWS::SSM::MaintenanceWindowTask": ("ServiceRoleArn",),
    "AWS::SageMaker::Model": ("ExecutionRoleArn",),
    "AWS::SageMaker::NotebookInstance": ("RoleArn",),
    "AWS::SageMaker::Pipeline": ("RoleArn",),
    "AWS::StepFunctions::StateMachine": ("RoleArn",),
    "AWS::Synthetics::Canary": ("ExecutionRoleArn",),
    "AWS::Transfer::User": ("Role",),
}
"""Where a kind states the role under whose permissions the resource itself does its work."""

SERVED_BY: Mapping[str, tuple[str, ...]] = {
    "AWS::ApiGateway::Account": ("CloudWatchRoleArn",),
    "AWS::AppRunner::Service": ("SourceConfiguration.AuthenticationConfiguration.AccessRoleArn",),
    "AWS::AppSync::GraphQLApi": ("LogConfig.CloudWatchLogsRoleArn", "MergedApiExecutionRoleArn"),
    "AWS::ApplicationAutoScaling::ScalableTarget": ("RoleARN",),
    "AWS::Batch::ComputeEnvironment": ("ServiceRole", "ComputeResources.InstanceRole"),
    "AWS::Batch::JobDefinition": (
        "ContainerProperties.ExecutionRoleArn",
        "EcsProperties.TaskProperties[].ExecutionRoleArn",
    ),
    "AWS::CloudFront::RealtimeLogConfig": ("EndPoints[].KinesisStreamConfig.RoleArn",),
    "AWS::CloudTrail::Trail": ("CloudWatchLogsRoleArn",),
    "AWS::CloudWatch::MetricStream": ("RoleArn",),
    "AWS::Cognito::IdentityPoolRoleAttachment": (
        "Roles.*",
        "RoleMappings.*.RulesConfiguration.Rules[].RoleARN",
    ),
    "AWS::Cognito::UserPool": ("SmsConfiguration.SnsCallerArn",),
    "AWS::EC2::FlowLog": ("DeliverLogsPermissionArn",),
    "AWS::ECS::Service": ("Role",),
    "AWS::ECS::TaskDefinition": ("ExecutionRoleArn",),
    "AWS::Events::Rule": ("RoleArn", "Targets[].RoleArn"),
    "AWS::IoT::TopicRule": (
        "TopicRulePayload.Actions[].CloudwatchAlarm.RoleArn",
        "TopicRulePayload.Actions[].CloudwatchLogs.RoleArn",
        "TopicRulePayload.Actions[].CloudwatchMetric.RoleArn",
        "TopicRulePayload.Actions[].DynamoDB.RoleArn",
        "TopicRulePayload.Actions[].DynamoDBv2.RoleArn",
        "TopicRulePayload.Actions[].Firehose.RoleArn",
        "TopicRulePayload.Actions[].Kinesis.RoleArn",
        "TopicRulePayload.Actions[].OpenSearch.RoleArn",
        "TopicRulePayload.Actions[].Republish.RoleArn",
        "TopicRulePayload.Actions[].S3.RoleArn",
        "TopicRulePayload.Actions[].Sns.RoleArn",
        "TopicRulePayload.Actions[].Sqs.RoleArn",
        "TopicRulePayload.Actions[].StepFunctions.RoleArn",
        "TopicRulePayload.Actions[].Timestream.RoleArn",
    ),
    "AWS::Logs::Destination": ("RoleArn",),
    "AWS::Logs::SubscriptionFilter": ("RoleArn",),
    "AWS::RDS::DBCluster": ("MonitoringRoleArn",),
    "AWS::RDS::DBInstance": ("MonitoringRoleArn",),
    "AWS::Scheduler::Schedule": ("Target.RoleArn",),
    "AWS::SNS::Subscription": ("SubscriptionRoleArn",),
    "AWS::SNS::Topic": (
        "DeliveryStatusLogging[].FailureFeedbackRoleArn",
        "DeliveryStatusLogging[].SuccessFeedbackRoleArn",
    ),
    "AWS::Transfer::Server": ("LoggingRole",),
}
"""Where a kind states a role that AWS takes on to start, feed, log or scale the resource."""


def roles(principal: Resource) -> list[Resource | Unknown]:
    """The roles under which a resource acts; unknown for each that cannot be told or is not of this stack."""
    found: list[Resource | Unknown] = []
    for path in ACTS_AS.get(principal.kind or "", ()):
        for _, value, _ in each(principal, path):
            role = resolve(principal.graph, value, ROLE)
            if role is None:
                role = (
                    value
                    if isinstance(value, Unknown)
                    else Unknown(f"the role of {principal.name} is not in this stack")
                )
            if not any(role is other for other in found):
                found.append(role)
    return found
