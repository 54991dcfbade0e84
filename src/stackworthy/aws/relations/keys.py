"""Where kinds state the KMS key that encrypts them."""

from __future__ import annotations

from collections.abc import Mapping

_S3_ENCRYPTION = (
    "BucketEncryption.ServerSideEncryptionConfiguration[].ServerSideEncryptionByDefault.KMSMasterKeyID"
)

KEY_PATHS: Mapping[str, tuple[str, ...]] = {
    "AWS::AppRunner::Service": ("EncryptionConfiguration.KmsKey",),
    "AWS::Athena::WorkGroup": ("WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration.KmsKey",),
    "AWS::Backup::BackupVault": ("EncryptionKeyArn",),
    "AWS::Bedrock::Agent": ("CustomerEncryptionKeyArn",),
    "AWS::CloudTrail::Trail": ("KMSKeyId",),
    "AWS::CodeBuild::Project": ("EncryptionKey",),
    "AWS::Cognito::UserPool": ("LambdaConfig.KMSKeyID",),
    "AWS::DSQL::Cluster": ("KmsEncryptionKey",),
    "AWS::DocDB::DBCluster": ("KmsKeyId",),
    "AWS::DynamoDB::GlobalTable": ("Replicas[].SSESpecification.KMSMasterKeyId",),
    "AWS::DynamoDB::Table": ("SSESpecification.KMSMasterKeyId",),
    "AWS::EC2::Volume": ("KmsKeyId",),
    "AWS::ECR::Repository": ("EncryptionConfiguration.KmsKey",),
    "AWS::EFS::FileSystem": ("KmsKeyId",),
    "AWS::ElastiCache::ReplicationGroup": ("KmsKeyId",),
    "AWS::ElastiCache::ServerlessCache": ("KmsKeyId",),
    "AWS::Events::Archive": ("KmsKeyIdentifier",),
    "AWS::Events::Connection": ("KmsKeyIdentifier",),
    "AWS::Events::EventBus": ("KmsKeyIdentifier",),
    "AWS::Kinesis::Stream": ("StreamEncryption.KeyId",),
    "AWS::KinesisFirehose::DeliveryStream": (
        "DeliveryStreamEncryptionConfigurationInput.KeyARN",
        "ExtendedS3DestinationConfiguration.EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN",
        "S3DestinationConfiguration.EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN",
    ),
    "AWS::Lambda::EventSourceMapping": ("KmsKeyArn",),
    "AWS::Lambda::Function": ("KmsKeyArn", "Code.SourceKMSKeyArn", "DurableConfig.KMSKeyArn"),
    "AWS::Logs::LogGroup": ("KmsKeyId",),
    "AWS::MSK::Cluster": ("EncryptionInfo.EncryptionAtRest.DataVolumeKMSKeyId",),
    "AWS::Neptune::DBCluster": ("KmsKeyId",),
    "AWS::OpenSearchServerless::Collection": ("EncryptionConfig.KmsKeyArn",),
    "AWS::OpenSearchService::Domain": ("EncryptionAtRestOptions.KmsKeyId",),
    "AWS::Pipes::Pipe": ("KmsKeyIdentifier",),
    "AWS::RDS::DBCluster": ("KmsKeyId", "MasterUserSecret.KmsKeyId"),
    "AWS::RDS::DBInstance": ("KmsKeyId", "MasterUserSecret.KmsKeyId"),
    "AWS::Redshift::Cluster": ("KmsKeyId",),
    "AWS::S3::Bucket": (_S3_ENCRYPTION,),
    "AWS::S3Express::DirectoryBucket": (_S3_ENCRYPTION,),
    "AWS::S3Tables::TableBucket": ("EncryptionConfiguration.KMSKeyArn",),
    "AWS::S3Vectors::VectorBucket": ("EncryptionConfiguration.KmsKeyArn",),
    "AWS::SNS::Topic": ("KmsMasterKeyId",),
    "AWS::SQS::Queue": ("KmsMasterKeyId",),
    "AWS::Scheduler::Schedule": ("KmsKeyArn",),
    "AWS::SecretsManager::Secret": ("KmsKeyId",),
    "AWS::StepFunctions::Activity": ("EncryptionConfiguration.KmsKeyId",),
    "AWS::StepFunctions::StateMachine": ("EncryptionConfiguration.KmsKeyId",),
    "AWS::Synthetics::Canary": ("ArtifactConfig.S3Encryption.KmsKeyArn",),
}
