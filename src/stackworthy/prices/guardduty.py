"""GuardDuty and Security Hub: https://aws.amazon.com/guardduty/pricing/ https://aws.amazon.com/security-hub/pricing/"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.prices.registry import UsageOf, prices, usage

DETECTOR = "AWS::GuardDuty::Detector"
HUB = "AWS::SecurityHub::Hub"
MEASURED = {
    "monthly_management_events": ("Management events", "guardduty.management-events", "events", "Management events of CloudTrail."),
    "monthly_flow_dns_gb": ("Flow and DNS logs", "guardduty.flow-dns", "GB", "VPC flow logs and DNS logs analysed."),
    "monthly_s3_events": ("S3 data events", "guardduty.s3-events", "events", "S3 data events."),
    "monthly_lambda_logs_gb": ("Lambda network logs", "guardduty.lambda", "GB", "Network logs of Lambda functions analysed."),
    "monthly_eks_events": ("EKS audit logs", "guardduty.eks-audit", "events", "Audit events of EKS."),
    "runtime_vcpus": ("Runtime monitoring", "guardduty.runtime", "vCPU", "Cores that runtime monitoring watches."),
    "rds_vcpus": ("RDS protection", "guardduty.rds", "vCPU", "Cores of the databases that are watched."),
    "aurora_acus": ("Aurora protection", "guardduty.aurora", "ACU", "Capacity units of Aurora Serverless that are watched."),
    "monthly_malware_s3_gb": ("Malware scans of S3", "guardduty.malware-s3", "GB", "Data of S3 scanned."),
    "monthly_malware_s3_objects": ("Objects scanned", "guardduty.malware-s3-objects", "objects", "Objects of S3 scanned."),
    "monthly_malware_ebs_gb": ("Malware scans of EBS", "guardduty.malware-ebs", "GB", "Data of EBS scanned."),
    "monthly_on_demand_scan_gb": ("Scans on demand", "guardduty.on-demand-scan", "GB", "Snapshots and images scanned on demand."),
}  # fmt: skip

usage(DETECTOR, **{key: (unit, 0, meaning) for key, (_, _, unit, meaning) in MEASURED.items()})
usage(HUB, monthly_checks=("checks", 0, "Checks of controls, one for each resource and control."))


@prices(DETECTOR)
def detector(one: Resource, asked: UsageOf) -> Iterator[Cost]:
    """What the detector analyses."""
    if one["Enable"] is False:
        return
    for key, (component, price, unit, _) in MEASURED.items():
        if asked[key] or key in ("monthly_management_events", "monthly_flow_dns_gb"):
            yield Cost(component, asked[key], price, f"{{{key}}} {unit}")


@prices(HUB)
def hub(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Checks of controls."""
    yield Cost("Checks", asked["monthly_checks"], "security-hub.checks", "{monthly_checks} checks")
