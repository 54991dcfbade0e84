"""How AWS names things: which property holds a resource's physical name, and the forms of ARNs by service.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html and, for the forms of each service,
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

Kinds = frozenset[str]


def _kinds(*names: str) -> Kinds:
    return frozenset(f"AWS::{name}" for name in names)


FUNCTION = _kinds("Lambda::Function")
TABLE = _kinds("DynamoDB::Table", "DynamoDB::GlobalTable")
BUCKET = _kinds("S3::Bucket")
QUEUE = _kinds("SQS::Queue")
TOPIC = _kinds("SNS::Topic")
STATE_MACHINE = _kinds("StepFunctions::StateMachine")
ACTIVITY = _kinds("StepFunctions::Activity")
STREAM = _kinds("Kinesis::Stream")
DELIVERY_STREAM = _kinds("KinesisFirehose::DeliveryStream")
EVENT_BUS = _kinds("Events::EventBus")
RULE = _kinds("Events::Rule")
LOG_GROUP = _kinds("Logs::LogGroup")
ROLE = _kinds("IAM::Role")
REST_API = _kinds("ApiGateway::RestApi")
HTTP_API = _kinds("ApiGatewayV2::Api")
API = REST_API | HTTP_API
GRAPHQL_API = _kinds("AppSync::GraphQLApi")
SECRET = _kinds("SecretsManager::Secret")
PARAMETER = _kinds("SSM::Parameter")
KEY = _kinds("KMS::Key", "KMS::ReplicaKey")
KAFKA = _kinds("MSK::Cluster", "MSK::ServerlessCluster")
DOCUMENT_DB = _kinds("DocDB::DBCluster", "DocDBElastic::Cluster")
BROKER = _kinds("AmazonMQ::Broker")
DATABASE = _kinds("RDS::DBCluster", "RDS::DBInstance", "RDS::DBProxy")
TASK_DEFINITION = _kinds("ECS::TaskDefinition")
LOAD_BALANCER = _kinds("ElasticLoadBalancingV2::LoadBalancer", "ElasticLoadBalancing::LoadBalancer")
USER_POOL = _kinds("Cognito::UserPool")
DISTRIBUTION = _kinds("CloudFront::Distribution")
LAYER = _kinds("Lambda::LayerVersion")
REPOSITORY = _kinds("ECR::Repository")
PIPE = _kinds("Pipes::Pipe")
ALARM = _kinds("CloudWatch::Alarm", "CloudWatch::CompositeAlarm")
STAGE = _kinds("ApiGateway::Stage", "ApiGatewayV2::Stage")
DOMAIN_NAME = _kinds("ApiGateway::DomainName", "ApiGatewayV2::DomainName")
INTEGRATION = _kinds("ApiGatewayV2::Integration")
FUNCTION_URL = _kinds("Lambda::Url")
LISTENER = _kinds("ElasticLoadBalancingV2::Listener")
TARGET_GROUP = _kinds("ElasticLoadBalancingV2::TargetGroup")
DATA_SOURCE = _kinds("AppSync::DataSource")
API_DESTINATION = _kinds("Events::ApiDestination")
JOB_QUEUE = _kinds("Batch::JobQueue")
JOB_DEFINITION = _kinds("Batch::JobDefinition")
PROJECT = _kinds("CodeBuild::Project")
PIPELINE = _kinds("CodePipeline::Pipeline")
SEARCH_DOMAIN = _kinds(
    "OpenSearchService::Domain", "Elasticsearch::Domain", "OpenSearchServerless::Collection"
)
FILE_SYSTEM = _kinds("EFS::FileSystem")
WEB_ACL = _kinds("WAFv2::WebACL", "WAFRegional::WebACL", "WAF::WebACL")

PHYSICAL_NAME: Mapping[str, str] = {
    "AWS::AmazonMQ::Broker": "BrokerName",
    "AWS::ApiGateway::DomainName": "DomainName",
    "AWS::ApiGatewayV2::DomainName": "DomainName",
    "AWS::AppSync::DataSource": "Name",
    "AWS::AppConfig::Application": "Name",
    "AWS::Athena::WorkGroup": "Name",
    "AWS::Backup::BackupVault": "BackupVaultName",
    "AWS::Batch::JobDefinition": "JobDefinitionName",
    "AWS::Batch::JobQueue": "JobQueueName",
    "AWS::CloudFront::Function": "Name",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::CompositeAlarm": "AlarmName",
    "AWS::CodeBuild::Project": "Name",
    "AWS::CodePipeline::Pipeline": "Name",
    "AWS::DAX::Cluster": "ClusterName",
    "AWS::DocDB::DBCluster": "DBClusterIdentifier",
    "AWS::DocDBElastic::Cluster": "ClusterName",
    "AWS::DynamoDB::GlobalTable": "TableName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::ECR::Repository": "RepositoryName",
    "AWS::ECS::Cluster": "ClusterName",
    "AWS::ECS::Service": "ServiceName",
    "AWS::ECS::TaskDefinition": "Family",
    "AWS::EKS::Cluster": "Name",
    "AWS::ElastiCache::CacheCluster": "ClusterName",
    "AWS::ElastiCache::ReplicationGroup": "ReplicationGroupId",
    "AWS::ElastiCache::ServerlessCache": "ServerlessCacheName",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "Name",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "Name",
    "AWS::Events::ApiDestination": "Name",
    "AWS::Events::Archive": "ArchiveName",
    "AWS::Events::Connection": "Name",
    "AWS::Events::EventBus": "Name",
    "AWS::Events::Rule": "Name",
    "AWS::Glue::Crawler": "Name",
    "AWS::Glue::Job": "Name",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IoT::TopicRule": "RuleName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Kinesis::Stream": "Name",
    "AWS::KinesisFirehose::DeliveryStream": "DeliveryStreamName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Lambda::LayerVersion": "LayerName",
    "AWS::Logs::DeliveryDestination": "Name",
    "AWS::Logs::DeliverySource": "Name",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::MSK::Cluster": "ClusterName",
    "AWS::MSK::ServerlessCluster": "ClusterName",
    "AWS::OpenSearchServerless::Collection": "Name",
    "AWS::OpenSearchService::Domain": "DomainName",
    "AWS::Pipes::Pipe": "Name",
    "AWS::RDS::DBCluster": "DBClusterIdentifier",
    "AWS::RDS::DBInstance": "DBInstanceIdentifier",
    "AWS::RDS::DBProxy": "DBProxyName",
    "AWS::S3::AccessPoint": "Name",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SSM::Parameter": "Name",
    "AWS::SageMaker::Endpoint": "EndpointName",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::Scheduler::ScheduleGroup": "Name",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::StepFunctions::Activity": "Name",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
    "AWS::Synthetics::Canary": "Name",
    "AWS::WAFv2::WebACL": "Name",
}
"""The property that holds the name by which AWS and other resources know a resource of the kind."""

LEADS_TO: Mapping[str, str] = {
    "AWS::ApiGateway::Deployment": "RestApiId",
    "AWS::ApiGateway::Resource": "RestApiId",
    "AWS::ApiGateway::Stage": "RestApiId",
    "AWS::ApiGatewayV2::Deployment": "ApiId",
    "AWS::ApiGatewayV2::Stage": "ApiId",
    "AWS::Bedrock::AgentAlias": "AgentId",
    "AWS::BedrockAgentCore::RuntimeEndpoint": "AgentRuntimeId",
    "AWS::Cognito::UserPoolClient": "UserPoolId",
    "AWS::Cognito::UserPoolDomain": "UserPoolId",
    "AWS::EFS::AccessPoint": "FileSystemId",
    "AWS::ElasticLoadBalancingV2::Listener": "LoadBalancerArn",
    "AWS::IAM::InstanceProfile": "Roles[0]",
    "AWS::KMS::Alias": "TargetKeyId",
    "AWS::Kinesis::StreamConsumer": "StreamARN",
    "AWS::Lambda::Alias": "FunctionName",
    "AWS::Lambda::Url": "TargetFunctionArn",
    "AWS::Lambda::Version": "FunctionName",
    "AWS::Logs::DeliveryDestination": "DestinationResourceArn",
    "AWS::Logs::DeliverySource": "ResourceArn",
    "AWS::Logs::LogStream": "LogGroupName",
    "AWS::RDS::DBProxyEndpoint": "DBProxyName",
    "AWS::RDS::DBProxyTargetGroup": "DBProxyName",
    "AWS::S3::AccessPoint": "Bucket",
    "AWS::S3ObjectLambda::AccessPoint": "ObjectLambdaConfiguration.SupportingAccessPoint",
    "AWS::SecretsManager::SecretTargetAttachment": "SecretId",
    "AWS::StepFunctions::StateMachineAlias": "RoutingConfiguration[0].StateMachineVersionArn",
    "AWS::StepFunctions::StateMachineVersion": "StateMachineArn",
}
"""The property of a kind that stands for another (an alias, a version, a stage), by which to go on to that other."""


class Form(NamedTuple):
    """How an ARN's last field names resources: `prefix`, then the name up to the next of `ends`, or its `last` segment."""

    prefix: str
    kinds: Kinds
    ends: str = ":/"
    last: bool = False


def _form(prefix: str, *names: str, ends: str = ":/", last: bool = False) -> Form:
    return Form(prefix, _kinds(*names), ends, last)


_PATHS = ":"  # names with slashes in them end at a colon

ARN_FORMS: Mapping[str, tuple[Form, ...]] = {
    "acm": (_form("certificate/", "CertificateManager::Certificate"),),
    "aoss": (_form("collection/", "OpenSearchServerless::Collection"),),
    "apigateway": (
        Form("/restapis/", REST_API),
        Form("/apis/", HTTP_API),
        _form("/domainnames/", "ApiGateway::DomainName", "ApiGatewayV2::DomainName"),
    ),
    "appconfig": (_form("application/", "AppConfig::Application"),),
    "appsync": (Form("apis/", GRAPHQL_API),),
    "athena": (_form("workgroup/", "Athena::WorkGroup"),),
    "backup": (_form("backup-vault:", "Backup::BackupVault"), _form("backup-plan:", "Backup::BackupPlan")),
    "batch": (_form("job-definition/", "Batch::JobDefinition"), _form("job-queue/", "Batch::JobQueue")),
    "bedrock": (
        _form("agent/", "Bedrock::Agent"),
        _form("agent-alias/", "Bedrock::Agent"),
        _form("knowledge-base/", "Bedrock::KnowledgeBase"),
        _form("guardrail/", "Bedrock::Guardrail"),
        _form("flow/", "Bedrock::Flow"),
    ),
    "cloudfront": (
        Form("distribution/", DISTRIBUTION),
        _form("function/", "CloudFront::Function"),
    ),
    "cloudwatch": (Form("alarm:", ALARM, _PATHS),),
    "codebuild": (_form("project/", "CodeBuild::Project"),),
    "codepipeline": (_form("", "CodePipeline::Pipeline"),),
    "cognito-identity": (_form("identitypool/", "Cognito::IdentityPool"),),
    "cognito-idp": (Form("userpool/", USER_POOL),),
    "dax": (_form("cache/", "DAX::Cluster"),),
    "dsql": (_form("cluster/", "DSQL::Cluster"),),
    "dynamodb": (Form("table/", TABLE), Form("global-table/", TABLE)),
    "ec2": (
        _form("vpc/", "EC2::VPC"),
        _form("subnet/", "EC2::Subnet"),
        _form("security-group/", "EC2::SecurityGroup"),
        _form("instance/", "EC2::Instance"),
    ),
    "ecr": (_form("repository/", "ECR::Repository", ends=_PATHS),),
    "ecs": (
        Form("task-definition/", TASK_DEFINITION),
        _form("cluster/", "ECS::Cluster"),
        _form("service/", "ECS::Service", ends=":", last=True),
    ),
    "eks": (_form("cluster/", "EKS::Cluster"),),
    "elasticache": (
        _form("serverlesscache:", "ElastiCache::ServerlessCache"),
        _form("replicationgroup:", "ElastiCache::ReplicationGroup"),
        _form("cluster:", "ElastiCache::CacheCluster"),
    ),
    "elasticfilesystem": (
        _form("file-system/", "EFS::FileSystem"),
        _form("access-point/", "EFS::AccessPoint"),
    ),
    "elasticloadbalancing": (
        Form("loadbalancer/app/", LOAD_BALANCER),
        Form("loadbalancer/net/", LOAD_BALANCER),
        Form("loadbalancer/", LOAD_BALANCER),
        _form("targetgroup/", "ElasticLoadBalancingV2::TargetGroup"),
    ),
    "es": (_form("domain/", "OpenSearchService::Domain", "Elasticsearch::Domain"),),
    "events": (
        Form("event-bus/", EVENT_BUS),
        Form("rule/", RULE, ":", True),
        _form("api-destination/", "Events::ApiDestination"),
        _form("connection/", "Events::Connection"),
        _form("archive/", "Events::Archive"),
    ),
    "execute-api": (Form("", API),),
    "firehose": (Form("deliverystream/", DELIVERY_STREAM),),
    "glue": (_form("job/", "Glue::Job"), _form("crawler/", "Glue::Crawler")),
    "iam": (
        Form("role/", ROLE, ":", True),
        _form("user/", "IAM::User", ends=":", last=True),
        _form("group/", "IAM::Group", ends=":", last=True),
        _form("policy/", "IAM::ManagedPolicy", ends=":", last=True),
        _form("instance-profile/", "IAM::InstanceProfile", ends=":", last=True),
    ),
    "iot": (_form("rule/", "IoT::TopicRule"),),
    "kafka": (Form("cluster/", KAFKA), Form("topic/", KAFKA), Form("group/", KAFKA)),
    "kafka-cluster": (Form("cluster/", KAFKA),),
    "kinesis": (Form("stream/", STREAM),),
    "kms": (Form("key/", KEY), _form("alias/", "KMS::Alias", ends=_PATHS)),
    "lambda": (
        Form("function:", FUNCTION),
        Form("layer:", LAYER),
        _form("event-source-mapping:", "Lambda::EventSourceMapping"),
        _form("code-signing-config:", "Lambda::CodeSigningConfig"),
    ),
    "logs": (Form("log-group:", LOG_GROUP, _PATHS), _form("destination:", "Logs::Destination")),
    "mq": (Form("broker:", BROKER),),
    "pipes": (Form("pipe/", PIPE),),
    "rds": (
        _form("cluster:", "RDS::DBCluster", "DocDB::DBCluster"),
        _form("db:", "RDS::DBInstance"),
        _form("db-proxy:", "RDS::DBProxy"),
    ),
    "rds-db": (Form("dbuser:", DATABASE),),
    "s3": (
        _form("accesspoint/", "S3::AccessPoint"),
        Form("", BUCKET),
    ),
    "s3express": (_form("bucket/", "S3Express::DirectoryBucket"),),
    "s3tables": (_form("bucket/", "S3Tables::TableBucket"),),
    "sagemaker": (_form("endpoint/", "SageMaker::Endpoint"),),
    "scheduler": (
        _form("schedule-group/", "Scheduler::ScheduleGroup"),
        _form("schedule/", "Scheduler::Schedule", ends=":", last=True),
    ),
    "secretsmanager": (Form("secret:", SECRET, ""),),
    "ses": (_form("identity/", "SES::EmailIdentity"),),
    "sns": (Form("", TOPIC),),
    "sqs": (Form("", QUEUE),),
    "ssm": (Form("parameter", PARAMETER, _PATHS),),
    "states": (
        Form("stateMachine:", STATE_MACHINE),
        Form("execution:", STATE_MACHINE),
        Form("express:", STATE_MACHINE),
        Form("activity:", ACTIVITY),
    ),
    "synthetics": (_form("canary:", "Synthetics::Canary"),),
    "transfer": (_form("server/", "Transfer::Server"),),
    "wafv2": (
        Form("regional/webacl/", WEB_ACL),
        Form("global/webacl/", WEB_ACL),
    ),
}
"""The forms of each service's ARNs, the longest prefix first."""
