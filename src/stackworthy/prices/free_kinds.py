"""Kinds that cost nothing by themselves, with the reason; every other kind without a price is listed on the bill."""

from __future__ import annotations

_SETTINGS = "a setting of something that is billed itself"
_PERMISSION = "a permission or identity: free"
_NETWORK = "networking without an hourly price"
_PART = "a part of something that is billed itself"
_PLAN = "free; what it does or makes is billed there"

_BY_REASON = {
    _PERMISSION: """
        AWS::S3::BucketPolicy AWS::S3::AccessPoint AWS::SQS::QueuePolicy AWS::SQS::QueueInlinePolicy AWS::SNS::TopicPolicy
        AWS::SNS::TopicInlinePolicy AWS::Lambda::Permission AWS::Lambda::LayerVersionPermission AWS::Events::EventBusPolicy
        AWS::Logs::ResourcePolicy AWS::KMS::Alias AWS::KMS::Grant AWS::SecretsManager::ResourcePolicy AWS::ECR::RepositoryPolicy
        AWS::ECR::RegistryPolicy AWS::Cognito::IdentityPool AWS::Cognito::IdentityPoolRoleAttachment AWS::CloudFront::OriginAccessControl
        AWS::CloudFront::CloudFrontOriginAccessIdentity AWS::CloudFront::PublicKey AWS::CloudFront::KeyGroup AWS::Kinesis::ResourcePolicy
        AWS::AccessAnalyzer::Analyzer AWS::Organizations::Policy AWS::Lambda::CodeSigningConfig AWS::Signer::SigningProfile
        AWS::Signer::ProfilePermission AWS::EventSchemas::RegistryPolicy AWS::XRay::ResourcePolicy AWS::EFS::AccessPoint
        AWS::OpenSearchServerless::AccessPolicy AWS::OpenSearchServerless::SecurityPolicy AWS::ApiGateway::ClientCertificate
        AWS::RolesAnywhere::Profile AWS::RolesAnywhere::TrustAnchor AWS::SSO::PermissionSet AWS::SSO::Assignment
    """,
    _SETTINGS: """
        AWS::ApiGateway::Account AWS::ApiGateway::ApiKey AWS::ApiGateway::Authorizer AWS::ApiGateway::BasePathMapping
        AWS::ApiGateway::BasePathMappingV2 AWS::ApiGateway::Deployment AWS::ApiGateway::DocumentationPart AWS::ApiGateway::DocumentationVersion
        AWS::ApiGateway::DomainName AWS::ApiGateway::GatewayResponse AWS::ApiGateway::Method AWS::ApiGateway::Model
        AWS::ApiGateway::RequestValidator AWS::ApiGateway::Resource AWS::ApiGateway::UsagePlan AWS::ApiGateway::UsagePlanKey
        AWS::ApiGateway::DomainNameAccessAssociation AWS::ApiGatewayV2::ApiMapping AWS::ApiGatewayV2::Authorizer
        AWS::ApiGatewayV2::Deployment AWS::ApiGatewayV2::DomainName AWS::ApiGatewayV2::Integration AWS::ApiGatewayV2::IntegrationResponse
        AWS::ApiGatewayV2::Model AWS::ApiGatewayV2::Route AWS::ApiGatewayV2::RouteResponse AWS::ApiGatewayV2::VpcLink
        AWS::ApiGatewayV2::ApiGatewayManagedOverrides AWS::AppSync::ApiKey AWS::AppSync::DataSource AWS::AppSync::FunctionConfiguration
        AWS::AppSync::GraphQLSchema AWS::AppSync::Resolver AWS::AppSync::DomainName AWS::AppSync::DomainNameApiAssociation
        AWS::AppSync::SourceApiAssociation AWS::ApplicationAutoScaling::ScalableTarget AWS::ApplicationAutoScaling::ScalingPolicy
        AWS::AutoScaling::ScalingPolicy AWS::AutoScaling::LifecycleHook AWS::AutoScaling::ScheduledAction AWS::AutoScaling::LaunchConfiguration
        AWS::EC2::LaunchTemplate AWS::Batch::JobQueue AWS::Batch::SchedulingPolicy AWS::Batch::ConsumableResource
        AWS::CloudFront::CachePolicy AWS::CloudFront::OriginRequestPolicy AWS::CloudFront::ResponseHeadersPolicy
        AWS::CloudFront::ContinuousDeploymentPolicy AWS::CloudFront::MonitoringSubscription AWS::CloudFront::VpcOrigin
        AWS::Cognito::UserPoolClient AWS::Cognito::UserPoolDomain AWS::Cognito::UserPoolGroup AWS::Cognito::UserPoolIdentityProvider
        AWS::Cognito::UserPoolResourceServer AWS::Cognito::UserPoolUICustomizationAttachment AWS::Cognito::UserPoolUser
        AWS::Cognito::UserPoolUserToGroupAttachment AWS::Cognito::ManagedLoginBranding AWS::Cognito::UserPoolRiskConfigurationAttachment
        AWS::Cognito::LogDeliveryConfiguration AWS::Config::DeliveryChannel AWS::Config::AggregationAuthorization AWS::Config::StoredQuery
        AWS::DAX::ParameterGroup AWS::DAX::SubnetGroup AWS::ECS::CapacityProvider AWS::ECS::ClusterCapacityProviderAssociations
        AWS::ECS::PrimaryTaskSet AWS::EFS::MountTarget AWS::ElasticLoadBalancingV2::Listener AWS::ElasticLoadBalancingV2::ListenerCertificate
        AWS::ElasticLoadBalancingV2::ListenerRule AWS::ElasticLoadBalancingV2::TargetGroup AWS::Events::Connection AWS::Events::Endpoint
        AWS::GuardDuty::Filter AWS::GuardDuty::IPSet AWS::GuardDuty::ThreatIntelSet AWS::GuardDuty::PublishingDestination
        AWS::Lambda::EventInvokeConfig AWS::Lambda::Url AWS::Logs::SubscriptionFilter AWS::Logs::Destination AWS::Logs::LogStream
        AWS::Logs::QueryDefinition AWS::Logs::AccountPolicy AWS::Logs::DeliverySource AWS::Logs::DeliveryDestination AWS::Logs::Delivery
        AWS::CloudWatch::AnomalyDetector AWS::RDS::DBSubnetGroup AWS::RDS::DBParameterGroup AWS::RDS::DBClusterParameterGroup
        AWS::RDS::OptionGroup AWS::RDS::DBProxyTargetGroup AWS::RDS::DBProxyEndpoint AWS::RDS::EventSubscription
        AWS::ElastiCache::SubnetGroup AWS::ElastiCache::ParameterGroup AWS::ElastiCache::User AWS::ElastiCache::UserGroup
        AWS::Neptune::DBSubnetGroup AWS::Neptune::DBParameterGroup AWS::Neptune::DBClusterParameterGroup AWS::DocDB::DBSubnetGroup
        AWS::DocDB::DBClusterParameterGroup AWS::Redshift::ClusterSubnetGroup AWS::Redshift::ClusterParameterGroup
        AWS::RedshiftServerless::Namespace AWS::SES::EmailIdentity AWS::SES::Template AWS::SES::ReceiptRule AWS::SES::ReceiptRuleSet
        AWS::SES::ConfigurationSetEventDestination AWS::SES::ContactList AWS::SecretsManager::RotationSchedule
        AWS::SecretsManager::SecretTargetAttachment AWS::SecurityHub::Standard AWS::SecurityHub::AutomationRule AWS::SecurityHub::Insight
        AWS::SSM::Document AWS::SSM::Association AWS::SSM::PatchBaseline AWS::SSM::MaintenanceWindow AWS::SSM::MaintenanceWindowTarget
        AWS::SSM::MaintenanceWindowTask AWS::WAFv2::WebACLAssociation AWS::WAFv2::IPSet AWS::WAFv2::RegexPatternSet
        AWS::WAFv2::RuleGroup AWS::WAFv2::LoggingConfiguration AWS::XRay::SamplingRule AWS::XRay::TransactionSearchConfig
        AWS::Glue::Classifier AWS::Glue::Connection AWS::Glue::SecurityConfiguration AWS::Glue::Trigger AWS::Glue::Workflow
        AWS::Athena::NamedQuery AWS::Athena::PreparedStatement AWS::Athena::DataCatalog AWS::CodeBuild::SourceCredential
        AWS::CodeBuild::ReportGroup AWS::MSK::Configuration AWS::MSK::ClusterPolicy AWS::S3::StorageLensGroup
        AWS::OpenSearchServerless::LifecyclePolicy AWS::OpenSearchServerless::SecurityConfig AWS::Route53Resolver::ResolverRule
        AWS::Route53Resolver::ResolverRuleAssociation AWS::ServiceDiscovery::Service AWS::ServiceDiscovery::HttpNamespace
        AWS::Budgets::BudgetsAction AWS::Backup::BackupSelection AWS::Scheduler::ScheduleGroup
        AWS::Bedrock::AgentAlias AWS::Bedrock::Prompt AWS::Bedrock::PromptVersion AWS::Bedrock::FlowAlias AWS::Bedrock::FlowVersion
        AWS::Bedrock::GuardrailVersion AWS::Bedrock::DataSource AWS::CertificateManager::Account AWS::ECR::PullThroughCacheRule
        AWS::ECR::ReplicationConfiguration AWS::ECR::RepositoryCreationTemplate AWS::Chatbot::SlackChannelConfiguration
        AWS::Chatbot::MicrosoftTeamsChannelConfiguration AWS::Synthetics::Group AWS::ApiGateway::DomainNameV2
        AWS::ApiGatewayV2::RoutingRule AWS::ACMPCA::Permission AWS::ACMPCA::CertificateAuthorityActivation AWS::MSK::BatchScramSecret
        AWS::AmazonMQ::Configuration AWS::AmazonMQ::ConfigurationAssociation AWS::MemoryDB::SubnetGroup AWS::MemoryDB::ACL
        AWS::MemoryDB::ParameterGroup AWS::Transfer::User AWS::VpcLattice::TargetGroup AWS::VpcLattice::Listener AWS::VpcLattice::Rule
        AWS::VpcLattice::ServiceNetwork AWS::VpcLattice::ServiceNetworkServiceAssociation AWS::VpcLattice::ServiceNetworkVpcAssociation
        AWS::VpcLattice::AuthPolicy AWS::Rbin::Rule AWS::ApplicationInsights::Application AWS::Lambda::NetworkConnector
    """,
    _NETWORK: """
        AWS::EC2::VPC AWS::EC2::Subnet AWS::EC2::Route AWS::EC2::RouteTable AWS::EC2::SubnetRouteTableAssociation
        AWS::EC2::GatewayRouteTableAssociation AWS::EC2::InternetGateway AWS::EC2::EgressOnlyInternetGateway AWS::EC2::VPCGatewayAttachment
        AWS::EC2::SecurityGroup AWS::EC2::SecurityGroupIngress AWS::EC2::SecurityGroupEgress AWS::EC2::NetworkAcl AWS::EC2::NetworkAclEntry
        AWS::EC2::SubnetNetworkAclAssociation AWS::EC2::DHCPOptions AWS::EC2::VPCDHCPOptionsAssociation AWS::EC2::VPCCidrBlock
        AWS::EC2::SubnetCidrBlock AWS::EC2::EIPAssociation AWS::EC2::PrefixList AWS::EC2::NetworkInterface AWS::EC2::VPCPeeringConnection
        AWS::EC2::VPCEndpointService AWS::EC2::VPCEndpointServicePermissions AWS::EC2::VPCEndpointConnectionNotification
        AWS::EC2::KeyPair AWS::EC2::PlacementGroup AWS::EC2::SecurityGroupVpcAssociation AWS::EC2::NetworkInterfaceAttachment
        AWS::EC2::VolumeAttachment AWS::EC2::InstanceConnectEndpoint AWS::ApiGateway::VpcLink
    """,
    _PART: """
        AWS::Lambda::LayerVersion AWS::Route53::RecordSetGroup AWS::StepFunctions::Activity AWS::StepFunctions::StateMachineAlias
        AWS::StepFunctions::StateMachineVersion AWS::ECS::Cluster AWS::ECS::TaskSet AWS::EventSchemas::Schema AWS::EventSchemas::Registry
        AWS::Glue::Database AWS::Glue::Table AWS::Glue::Partition AWS::Glue::Registry AWS::Glue::Schema AWS::Glue::SchemaVersion
        AWS::Cloud9::EnvironmentEC2 AWS::Amplify::Branch AWS::Amplify::Domain
        AWS::EC2::FlowLog AWS::S3Express::BucketPolicy AWS::AppConfig::Application AWS::AppConfig::Environment
        AWS::AppConfig::ConfigurationProfile AWS::AppConfig::HostedConfigurationVersion AWS::AppConfig::DeploymentStrategy
        AWS::AppConfig::Deployment AWS::AppConfig::Extension AWS::AppConfig::ExtensionAssociation
    """,
    _PLAN: """
        AWS::Backup::BackupPlan AWS::Backup::Framework AWS::Backup::ReportPlan AWS::CodeDeploy::Application
        AWS::CodeDeploy::DeploymentGroup AWS::CodeDeploy::DeploymentConfig AWS::AutoScaling::AutoScalingGroupPlan
        AWS::CodeStarNotifications::NotificationRule AWS::CodeStarConnections::Connection AWS::CodeConnections::Connection
        AWS::ServerlessRepo::Application AWS::IoT::Policy AWS::IoT::Thing AWS::IoT::ThingType AWS::IoT::ThingGroup AWS::DLM::LifecyclePolicy
        AWS::Oam::Link AWS::Oam::Sink AWS::Notifications::NotificationConfiguration AWS::CE::CostCategory
    """,
}  # fmt: skip
_TYPES = {
    "aws_s3_object": "an object of a bucket, whose storage and requests are the bucket's",
    "aws_s3_bucket_object": "an object of a bucket, whose storage and requests are the bucket's",
    "aws_s3_object_copy": "an object of a bucket, whose storage and requests are the bucket's",
    "aws_dynamodb_table_item": "an item of a table, whose storage and writes are the table's",
    "aws_lambda_invocation": "an invocation when Terraform is applied",
}
"""Terraform's types that have no kind."""
_KINDS = {kind: reason for reason, kinds in _BY_REASON.items() for kind in kinds.split()}
_SERVICES = {
    "AWS::IAM::": _PERMISSION,
    "AWS::CloudFormation::": "CloudFormation of AWS's own kinds is free",
    "AWS::ResourceGroups::": "groups of resources are free",
    "AWS::ServiceCatalog::": "free up to 1,000 calls a month",
    "AWS::ServiceCatalogAppRegistry::": "free",
    "AWS::CDK::": "about the template itself",
    "AWS::Serverless::": "what it stands for is billed in its place",
    "AWS::RAM::": _PERMISSION,
    "Custom::": "a custom resource: the function that makes it is billed",
}


def reason(kind: str) -> str | None:
    """Why a kind costs nothing by itself, or None when it may cost money.

    A type of Terraform that has no kind is free when it is not of AWS's provider (`random_id`, `null_resource`).
    """
    found = _KINDS.get(kind) or _TYPES.get(kind)
    if found is not None:
        return found
    for prefix, why in _SERVICES.items():
        if kind.startswith(prefix):
            return why
    if "::" not in kind and not kind.startswith(("aws_", "awscc_")):
        return "nothing of AWS"
    return None
