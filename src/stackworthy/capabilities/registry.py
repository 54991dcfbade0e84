"""All capabilities by name. A capability's module is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from stackworthy.capabilities.improvement import Improvement
from stackworthy.core.graph import Graph

CAPABILITIES = {
    "alarms": "a first set of alarms: failures, throttles, slow answers, failed messages that wait",
    "access-logs": "who accesses buckets, in all environments and a bucket of its own",
    "backup": "AWS Backup: a vault, a daily plan, and a selection of what holds state",
    "batch-spot-migration": "containers of workflows on Spot capacity, by AWS Batch",
    "budget": "a monthly budget, and mails before it is spent",
    "cost-anomaly-detection": "a mail when the bill of a service jumps",
    "custom-metrics": "what the business counts, as metrics in log lines (by hand)",
    "iam-tightening": "policies from the calls that code and workflows make",
    "managed-key": "the key that AWS manages in the place of a table's own",
    "model-choice": "a smaller model where a dearer one is asked (by hand)",
    "s3-lifecycle": "unfinished uploads, old versions and archives in buckets",
    "unused-indexes": "indexes of tables that no code queries",
    "vpc-endpoints": "S3 and DynamoDB without the NAT gateway",
}
"""Each capability with one line on it; it lives in the module of its name (with `_` for `-`), as `improvements(graph)`."""


def improvements(name: str, graph: Graph) -> list[Improvement]:
    """What a capability comes to on a stack; none where the stack has nothing that it is for."""
    module = import_module(f"stackworthy.capabilities.{name.replace('-', '_')}")
    found: Callable[[Graph], list[Improvement]] = module.improvements
    return found(graph)
