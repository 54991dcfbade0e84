"""Generates the statements of the AWS managed policies that serverless stacks attach.

    python tools/make_managed_policies.py FOLDER    writes src/stackworthy/aws/data/managed_policies.json

FOLDER holds one file for each policy, named after it, as `aws iam get-policy-version` prints it. AWS describes every
managed policy at https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html.
Policies with more than a few pages of actions (ReadOnlyAccess, SecurityAudit) are left out on purpose: their
statements are unknown to a review, which says so.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "src" / "stackworthy" / "aws" / "data" / "managed_policies.json"

POLICIES = """
AWSLambdaBasicExecutionRole AWSLambdaVPCAccessExecutionRole AWSLambdaMSKExecutionRole AWSLambdaKinesisExecutionRole
AWSLambdaDynamoDBExecutionRole AWSLambdaSQSQueueExecutionRole AWSLambdaRole AWSLambda_FullAccess AWSLambda_ReadOnlyAccess
AWSLambdaInvocation-DynamoDB AWSLambdaBasicDurableExecutionRolePolicy AWSLambdaManagedEC2ResourceOperator
CloudWatchLambdaInsightsExecutionRolePolicy CloudWatchLambdaApplicationSignalsExecutionRolePolicy
AWSXRayDaemonWriteAccess AWSXrayWriteOnlyAccess AWSXrayFullAccess AWSXrayReadOnlyAccess
AWSAppSyncPushToCloudWatchLogs AWSAppSyncInvokeFullAccess AWSAppSyncAdministrator AmazonAPIGatewayPushToCloudWatchLogs
AmazonAPIGatewayInvokeFullAccess AmazonAPIGatewayAdministrator
AmazonDynamoDBFullAccess AmazonDynamoDBFullAccess_v2 AmazonDynamoDBReadOnlyAccess
AmazonS3FullAccess AmazonS3ReadOnlyAccess AmazonS3ObjectLambdaExecutionRolePolicy
AmazonSQSFullAccess AmazonSQSReadOnlyAccess AmazonSNSFullAccess AmazonSNSReadOnlyAccess AmazonSNSRole
AmazonKinesisFullAccess AmazonKinesisReadOnlyAccess AmazonKinesisFirehoseFullAccess
AmazonEventBridgeFullAccess AmazonEventBridgeReadOnlyAccess AmazonEventBridgePipesFullAccess
AmazonEventBridgeSchedulerFullAccess CloudWatchEventsFullAccess
AWSStepFunctionsFullAccess AWSStepFunctionsReadOnlyAccess AWSStepFunctionsConsoleFullAccess
CloudWatchFullAccess CloudWatchFullAccessV2 CloudWatchReadOnlyAccess CloudWatchLogsFullAccess
CloudWatchLogsReadOnlyAccess CloudWatchAgentServerPolicy
SecretsManagerReadWrite AWSSecretsManagerClientReadOnlyAccess AmazonSSMReadOnlyAccess AmazonSSMFullAccess
AmazonSSMManagedInstanceCore AWSKeyManagementServicePowerUser
AmazonBedrockFullAccess AmazonBedrockReadOnly AmazonBedrockLimitedAccess AmazonSESFullAccess
AmazonRDSDataFullAccess AmazonRDSFullAccess AmazonRDSReadOnlyAccess AmazonRDSEnhancedMonitoringRole
AmazonElastiCacheFullAccess AmazonElasticFileSystemClientFullAccess AmazonElasticFileSystemClientReadWriteAccess
AmazonOpenSearchServiceFullAccess AmazonCognitoPowerUser AmazonCognitoReadOnly
AmazonECSTaskExecutionRolePolicy AmazonEC2ContainerServiceEventsRole AmazonEC2ContainerServiceforEC2Role
AmazonEC2ContainerRegistryReadOnly AmazonEC2ContainerRegistryPowerUser AmazonEC2ContainerRegistryFullAccess
AmazonEC2ContainerRegistryPullOnly AmazonECS_FullAccess AWSBatchServiceRole AWSBatchServiceEventTargetRole
AWSCodeDeployRole AWSCodeDeployRoleForLambda AWSCodeDeployRoleForLambdaLimited
AmazonMSKFullAccess AmazonMQFullAccess AmazonDocDBFullAccess AmazonAthenaFullAccess AWSGlueServiceRole
AWSIoTDataAccess AWSIoTRuleActions AmazonTranscribeFullAccess TranslateFullAccess TranslateReadOnly
ComprehendFullAccess ComprehendReadOnly AmazonRekognitionFullAccess AmazonRekognitionReadOnlyAccess
AmazonTextractFullAccess AmazonPollyFullAccess AmazonPollyReadOnlyAccess
AmazonTimestreamFullAccess AmazonTimestreamReadOnlyAccess
IAMFullAccess IAMReadOnlyAccess AdministratorAccess PowerUserAccess AWSCloudFormationFullAccess AWSSupportAccess
ServiceQuotasReadOnlyAccess AmazonVPCFullAccess AmazonEC2FullAccess AmazonEC2ReadOnlyAccess AmazonRoute53FullAccess
CloudFrontFullAccess AWSWAFFullAccess AWSCertificateManagerReadOnly AWSMarketplaceMeteringFullAccess
AWSCertificateManagerPrivateCAFullAccess AWSIoTFullAccess AWSPriceListServiceFullAccess
AmazonOpenSearchServiceReadOnlyAccess AmazonSESReadOnlyAccess AmazonRoute53ReadOnlyAccess
AWSBudgetsReadOnlyAccess AWSAppRunnerServicePolicyForECRAccess AmazonMQReadOnlyAccess AWSLambdaExecute
AmazonMSKReadOnlyAccess AWSSchemasServiceRolePolicy ResourceGroupsandTagEditorReadOnlyAccess
AmazonConnectReadOnlyAccess AmazonS3TablesFullAccess AmazonSSMPatchAssociation
AWSElementalMediaConvertFullAccess CloudWatchAgentAdminPolicy AmazonAugmentedAIFullAccess
AWSShieldDRTAccessPolicy AmazonOpenSearchIngestionFullAccess AmazonElasticFileSystemReadOnlyAccess
AmazonEC2SpotFleetTaggingRole AmazonKinesisAnalyticsFullAccess AmazonSSMAutomationRole AWSBatchFullAccess
AmazonKendraFullAccess AWSResourceGroupsReadOnlyAccess AmazonVPCReadOnlyAccess AWSMarketplaceFullAccess
AmazonEC2RoleforSSM AmazonAuroraDSQLFullAccess AWSCodeCommitReadOnly AmazonElasticFileSystemFullAccess
AWSCodeBuildDeveloperAccess AWSCodeBuildAdminAccess AWSCodePipeline_FullAccess
"""

NAMES = POLICIES.split()

FIELDS = ("Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")


def statements(text: str) -> tuple[str, list[dict[str, Any]]]:
    """The version of a policy ("v3 of 2026-02-12") and its statements, without their ids."""
    version = json.loads(text)["PolicyVersion"]
    found = version["Document"]["Statement"]
    kept = [
        {field: statement[field] for field in FIELDS if field in statement}
        for statement in (found if isinstance(found, list) else [found])
    ]
    return f"{version['VersionId']} of {version['CreateDate'][:10]}", kept


def main() -> int:
    """Write the data file; names without a file in the folder are told and make the exit status 1."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    missing = [name for name in NAMES if not (folder / name).is_file()]
    if missing:
        print("no file for", ", ".join(missing), file=sys.stderr)
        return 1
    versions, policies = {}, {}
    for name in sorted(NAMES):
        versions[name], policies[name] = statements((folder / name).read_text())
    head = {
        "made_by": "tools/make_managed_policies.py",
        "source": "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html",
        "versions": versions,
    }
    lines = (
        f"{json.dumps(name)}:{json.dumps(body, separators=(',', ':'))}" for name, body in policies.items()
    )
    opening = json.dumps(head, indent=0)[:-2]
    TARGET.write_text(opening + ',\n"policies": {\n' + ",\n".join(lines) + "\n}\n}\n")
    print(f"{len(policies)} policies, {TARGET.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
