"""AWS Backup: a vault, a daily plan, and a selection of what holds state.

https://docs.aws.amazon.com/aws-backup/latest/devguide/whatisbackup.html
"""

from __future__ import annotations

from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import arn, aws_policy, is_known_to_be, named, own, role
from stackworthy.core.fix import AddResource
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import List, Map

APART = "backup"
TITLE = "Back up what holds state"
PLAN = "AWS::Backup::BackupPlan"
STATEFUL = ("AWS::DynamoDB::Table", "AWS::EFS::FileSystem", "AWS::RDS::DBInstance", "AWS::RDS::DBCluster")
DAILY = "cron(0 5 * * ? *)"
KEEP_DAYS = 35
_DATABASES = ("AWS::RDS::DBInstance", "AWS::RDS::DBCluster")


def improvements(graph: Graph) -> list[Improvement]:
    """A daily backup of tables, file systems and databases; done when a plan is there."""
    stateful = [resource for resource in own(graph, *STATEFUL) if _holds_state(resource)]
    if not stateful:
        return []
    resources = tuple(resource.address for resource in stateful)
    plans = [plan.address for plan in graph.of(PLAN)]
    if plans:
        return [Improvement(TITLE, "", resources=resources, done=f"a plan is there: {', '.join(plans)}")]
    beside = stateful[0]
    vault = AddResource(
        "AWS::Backup::BackupVault",
        "BackupVault",
        named(graph, "BackupVaultName", "backup"),
        beside,
        APART,
    )
    plan = AddResource(
        PLAN,
        "DailyBackup",
        Map(
            BackupPlan=Map(
                BackupPlanName="daily",
                BackupPlanRule=List(
                    [
                        Map(
                            RuleName="daily",
                            TargetBackupVault=vault.reference(),
                            ScheduleExpression=DAILY,
                            Lifecycle=Map(DeleteAfterDays=KEEP_DAYS),
                        )
                    ]
                ),
            )
        ),
        beside,
        APART,
    )
    roles = [
        aws_policy(graph, f"service-role/AWSBackupServiceRolePolicyFor{what}")
        for what in ("Backup", "Restores")
    ]
    acting = role("BackupRole", "backup.amazonaws.com", beside, APART, roles)
    selection = AddResource(
        "AWS::Backup::BackupSelection",
        "BackedUp",
        Map(
            BackupPlanId=plan.reference(),
            BackupSelection=Map(
                SelectionName="stateful",
                IamRoleArn=acting.reference("Arn"),
                Resources=List(arn(resource) for resource in stateful),
            ),
        ),
        beside,
        APART,
    )
    why = (
        f"what is deleted or spoilt can be restored as of any of the last {KEEP_DAYS} days; backup storage is billed by the gigabyte and month. "
        "Buckets are left out: AWS Backup bills a copy of every object, versioning and lifecycle rules serve them"
    )
    steps = ("restore one backup into a test table once, before it is needed",)
    return [Improvement(TITLE, why, (vault, plan, acting, selection), steps, resources)]


def _holds_state(resource: Resource) -> bool:
    """Whether the resource exists by itself; members of a cluster are backed up with it."""
    return resource.kind not in _DATABASES or (
        not is_known_to_be(resource, "Engine", "aurora")
        and (
            resource.kind == "AWS::RDS::DBCluster" or "DBClusterIdentifier" not in resource.properties.names()
        )
    )
