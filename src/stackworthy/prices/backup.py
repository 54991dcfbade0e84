"""AWS Backup: https://aws.amazon.com/backup/pricing/"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.prices.registry import UsageOf, prices, unpriced, usage

VAULT = "AWS::Backup::BackupVault"
HELD = {
    "monthly_efs_warm_backup_gb": ("EFS backups", "backup.efs", "GB", "Warm backups of EFS held."),
    "monthly_efs_cold_backup_gb": ("EFS cold backups", "backup.efs-cold", "GB", "Cold backups of EFS held."),
    "monthly_efs_warm_restore_gb": (
        "EFS restores",
        "backup.efs-restore",
        "GB",
        "EFS data restored from warm backups.",
    ),
    "monthly_efs_cold_restore_gb": (
        "EFS cold restores",
        "backup.efs-cold-restore",
        "GB",
        "EFS data restored from cold backups.",
    ),
    "monthly_efs_item_restore_requests": (
        "EFS item restores",
        "backup.efs-item-restore",
        "requests",
        "Single EFS items restored.",
    ),
    "monthly_ebs_snapshot_gb": ("EBS snapshots", "backup.ebs", "GB", "EBS snapshots held."),
    "monthly_rds_snapshot_gb": ("RDS snapshots", "backup.rds", "GB", "RDS snapshots held."),
    "monthly_aurora_snapshot_gb": ("Aurora snapshots", "backup.aurora", "GB", "Aurora snapshots held."),
    "monthly_dynamodb_backup_gb": ("DynamoDB backups", "backup.dynamodb", "GB", "Backups of DynamoDB held."),
    "monthly_dynamodb_restore_gb": (
        "DynamoDB restores",
        "backup.dynamodb-restore",
        "GB",
        "DynamoDB data restored.",
    ),
    "monthly_s3_backup_gb": ("S3 backups", "backup.s3", "GB", "Backups of S3 held."),
}
FILES = {
    "monthly_fsx_windows_backup_gb": "Backups of FSx for Windows held.",
    "monthly_fsx_lustre_backup_gb": "Backups of FSx for Lustre held.",
}

usage(
    VAULT,
    **{key: (unit, 0, meaning) for key, (_, _, unit, meaning) in HELD.items()},
    **{key: ("GB", 0, meaning) for key, meaning in FILES.items()},
)


@prices(VAULT)
def vault(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Backups held and restored."""
    for key, (component, price, unit, _what) in HELD.items():
        if asked[key]:
            yield Cost(component, asked[key], price, f"{{{key}}} {unit}")
    for key, meaning in FILES.items():
        if asked[key]:
            yield unpriced(meaning.removesuffix(" held."), "no price of FSx backups is in the catalogue")
