"""All capabilities by name. A capability's module is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from stackworthy.capabilities.improvement import Improvement
from stackworthy.core.graph import Graph
from stackworthy.core.value import NotKnown

CAPABILITIES = {
    "access-logs": "who accesses buckets, in all environments and a bucket of its own",
    "alarms": "a first set of alarms: failures, throttles, slow answers, failed messages that wait",
    "api-caching": "a cache of a REST API's stage for reads that are the same for all",
    "api-throttling-and-waf": "limits for all APIs, and a web ACL where one can be attached",
    "backup": "AWS Backup: a vault, a daily plan, and a selection of what holds state",
    "batch-spot-migration": "containers of workflows on Spot capacity, by AWS Batch",
    "budget": "a monthly budget, and mails before it is spent",
    "canary-deployment": "new versions for a part of the requests first, taken back by alarms",
    "cloudfront-caching": "files of buckets from the edge: policy, names, invalidation",
    "config-rules": "AWS Config rules for what the stack has",
    "cost-anomaly-detection": "a mail when the bill of a service jumps",
    "custom-metrics": "what the business counts, as metrics in log lines (by hand)",
    "dynamodb-autoscaling": "tables with provisioned capacity that follow their load",
    "feature-flags": "AppConfig: features switched without a deployment",
    "iam-tightening": "policies from the calls that code and workflows make",
    "log-retention": "an end for log entries, and log groups for functions without one",
    "managed-key": "the key that AWS manages in the place of a table's own",
    "model-choice": "a smaller model where a dearer one is asked (by hand)",
    "nat-gateway": "what a NAT gateway costs by the hour, and ways without it (by hand)",
    "provisioned-concurrency": "environments that are ready, on the alias that callers use",
    "retry-and-circuit-breaker": "retries of workflows' tasks, and a breaker that functions share",
    "s3-lifecycle": "unfinished uploads, old versions and archives in buckets",
    "secrets-manager": "secrets out of environment variables",
    "unused-indexes": "indexes of tables that no code queries",
    "user-activity-log": "a saved query for what users do, and the entries that it finds",
    "vpc-endpoints": "S3 and DynamoDB without the NAT gateway",
    "xray-sampling": "how many requests are traced, where a REST stage decides",
}
"""Each capability with one line on it; it lives in the module of its name (with `_` for `-`), as `improvements(graph)`."""


FAULTS = (NotKnown, TypeError, ValueError, AttributeError, LookupError, ArithmeticError)
"""What a capability raises that meets something unknown, or values of kinds that no valid stack has."""


def improvements(name: str, graph: Graph) -> list[Improvement]:
    """What a capability comes to on a stack; none where the stack has nothing that it is for.

    Where that cannot be told, one improvement without changes and steps says why.
    """
    module = import_module(f"stackworthy.capabilities.{name.replace('-', '_')}")
    found: Callable[[Graph], list[Improvement]] = module.improvements
    try:
        return found(graph)
    except FAULTS as error:
        reason = (
            error.reason if isinstance(error, NotKnown) else "a value is of a kind that no valid stack has"
        )
        return [Improvement(CAPABILITIES[name], f"not assessed: {reason}")]
