"""Who may do what: the statements of principals, of resource policies and of trust policies.

Collecting statements never raises; a list that may miss some is an `OpenList`. What is asked of the statements then
(`statement.matches_action(...)`) is three-valued.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from stackworthy.aws.arns import resolve
from stackworthy.aws.names import (
    BUCKET,
    EVENT_BUS,
    FUNCTION,
    KAFKA,
    QUEUE,
    ROLE,
    SECRET,
    TOPIC,
    Kinds,
)
from stackworthy.aws.paths import each
from stackworthy.aws.roles import roles
from stackworthy.aws.statements import (
    Condition,
    Principal,
    Statement,
    list_of,
    principals_of,
    read_policy,
    read_statement,
    together,
)
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, Map, OpenList, Unknown, Value, show

__all__ = [
    "Condition",
    "Principal",
    "Statement",
    "managed_policy",
    "resource_policies",
    "statements",
    "trust",
]

DATA = Path(__file__).parent / "data" / "managed_policies.json"

USER = frozenset({"AWS::IAM::User"})
GROUP = frozenset({"AWS::IAM::Group"})
MANAGED_POLICY = frozenset({"AWS::IAM::ManagedPolicy"})

ATTACHED: Mapping[str, tuple[tuple[str, Kinds], ...]] = {
    "AWS::IAM::Policy": (("Roles[]", ROLE), ("Users[]", USER), ("Groups[]", GROUP)),
    "AWS::IAM::ManagedPolicy": (("Roles[]", ROLE), ("Users[]", USER), ("Groups[]", GROUP)),
    "AWS::IAM::RolePolicy": (("RoleName", ROLE),),
    "AWS::IAM::UserPolicy": (("UserName", USER),),
    "AWS::IAM::GroupPolicy": (("GroupName", GROUP),),
}
"""Kinds whose `PolicyDocument` holds for the principals that they name."""

OWN_POLICY: Mapping[str, str] = {
    "AWS::ApiGateway::RestApi": "Policy",
    "AWS::Backup::BackupVault": "AccessPolicy",
    "AWS::DynamoDB::Table": "ResourcePolicy.PolicyDocument",
    "AWS::EC2::VPCEndpoint": "PolicyDocument",
    "AWS::ECR::Repository": "RepositoryPolicyText",
    "AWS::EFS::FileSystem": "FileSystemPolicy",
    "AWS::Events::EventBus": "Policy",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::KMS::ReplicaKey": "KeyPolicy",
    "AWS::Logs::Destination": "DestinationPolicy",
    "AWS::OpenSearchService::Domain": "AccessPolicies",
    "AWS::S3::AccessPoint": "Policy",
}
"""Kinds that hold the policy of who may use them themselves."""

STANDALONE: Mapping[str, tuple[str, str, Kinds]] = {
    "AWS::S3::BucketPolicy": ("PolicyDocument", "Bucket", BUCKET),
    "AWS::SQS::QueuePolicy": ("PolicyDocument", "Queues[]", QUEUE),
    "AWS::SQS::QueueInlinePolicy": ("PolicyDocument", "Queue", QUEUE),
    "AWS::SNS::TopicPolicy": ("PolicyDocument", "Topics[]", TOPIC),
    "AWS::SNS::TopicInlinePolicy": ("PolicyDocument", "TopicArn", TOPIC),
    "AWS::SecretsManager::ResourcePolicy": ("ResourcePolicy", "SecretId", SECRET),
    "AWS::Kinesis::ResourcePolicy": (
        "ResourcePolicy",
        "ResourceArn",
        frozenset({"AWS::Kinesis::Stream", "AWS::Kinesis::StreamConsumer"}),
    ),
    "AWS::Lambda::ResourcePolicy": ("PolicyDocument", "ResourceArn", FUNCTION),
    "AWS::MSK::ClusterPolicy": ("Policy", "ClusterArn", KAFKA),
    "AWS::Events::EventBusPolicy": ("Statement", "EventBusName", EVENT_BUS),
}
"""Kinds that hold the policy of another resource: the document, what names that resource, and its kinds."""


class _Data(msgspec.Struct):
    policies: dict[str, msgspec.Raw]


@cache
def _managed() -> dict[str, msgspec.Raw]:
    return msgspec.json.decode(DATA.read_bytes(), type=_Data).policies


@cache
def managed_policy(name: str) -> list[dict[str, Any]] | None:
    """The statements of the AWS managed policy of this name, None when they are not among those known here."""
    raw = _managed().get(name)
    return None if raw is None else msgspec.json.decode(raw, type=list[dict[str, Any]])


def statements(principal: Resource) -> List:
    """The statements that say what a role, user or group may do, or any resource through the roles under which it acts.

    Open when a policy or role cannot be read, or is not in the stack.
    """
    memo = principal.graph.memo
    key = ("statements", principal.address)
    found = memo.get(key)
    if not isinstance(found, List):
        memo[key] = List()  # a group that is its own member adds nothing
        found = memo[key] = together(list(_statements(principal)))
    return found


def _statements(principal: Resource) -> Iterator[List]:
    kind = principal.kind
    if kind in ROLE or kind in USER or kind in GROUP:
        yield from _inline(principal)
        yield from _listed(principal)
        yield from _attached(principal)
        if kind in USER:
            for found in each(principal, "Groups[]"):
                group = resolve(principal.graph, found.value, GROUP)
                if isinstance(group, Resource):
                    yield statements(group)
                elif isinstance(group, Unknown):
                    yield OpenList((), group)
                else:
                    yield OpenList((), Unknown(f"the group {show(found.value)} is not in this stack"))
        return
    acting = roles(principal)
    for role in acting:
        yield OpenList((), role) if isinstance(role, Unknown) else statements(role)
    if not acting and kind == "AWS::Lambda::Function":
        yield OpenList((), Unknown(f"{principal.name} states no role"))


def _inline(principal: Resource) -> Iterator[List]:
    for found in each(principal, "Policies[]"):
        if isinstance(found.value, Map):
            yield read_policy(found.value["PolicyDocument"], principal, f"{found.path}.PolicyDocument")
        else:
            yield OpenList((), _unreadable(found.value, found.path))


def _listed(principal: Resource) -> Iterator[List]:
    for found in each(principal, "ManagedPolicyArns[]"):
        policy = resolve(principal.graph, found.value, MANAGED_POLICY)
        if isinstance(policy, Resource):
            yield read_policy(policy["PolicyDocument"], policy, "PolicyDocument")
        elif isinstance(policy, Unknown):
            yield OpenList((), policy)
        else:
            yield _from_aws(principal, found.value, found.path)


def _from_aws(principal: Resource, value: Value, path: str) -> List:
    text = show(value)
    name = text.rpartition("/")[2]
    if isinstance(value, Unknown):
        return OpenList((), value)
    if ":iam::aws:policy/" not in text:
        return OpenList((), Unknown(f"the policy {text} is not in this stack"))
    known = managed_policy(name)
    if known is None:
        return OpenList((), Unknown(f"what the AWS managed policy {name} allows is not known here"))
    return List(read_statement(_as_value(entry), principal, path, name) for entry in known)


def _as_value(node: Any) -> Value:
    if isinstance(node, dict):
        return Map({key: _as_value(item) for key, item in node.items()})
    return List(_as_value(item) for item in node) if isinstance(node, list) else node


def _unreadable(value: Value, path: str) -> Unknown:
    return value if isinstance(value, Unknown) else Unknown(f"{path} is no policy that can be read")


class _Attachments:
    """Policies by the address of the principal that they name; `loose` are those that may name any of certain kinds."""

    def __init__(self, graph: Graph) -> None:
        self.by_principal: dict[str, list[Resource]] = {}
        self.loose: list[tuple[Kinds, Unknown]] = []
        for kind, ends in ATTACHED.items():
            for policy in graph.of(kind):
                for path, kinds in ends:
                    for found in each(policy, path):
                        named = resolve(graph, found.value, kinds)
                        if isinstance(named, Resource):
                            self.by_principal.setdefault(named.address, []).append(policy)
                        elif isinstance(named, Unknown):
                            self.loose.append((kinds, named))


def _attached(principal: Resource) -> Iterator[List]:
    graph = principal.graph
    attachments = graph.memo.get("policy attachments")
    if not isinstance(attachments, _Attachments):
        attachments = graph.memo["policy attachments"] = _Attachments(graph)
    listed = {
        policy.address
        for found in each(principal, "ManagedPolicyArns[]")
        if isinstance(policy := resolve(graph, found.value, MANAGED_POLICY), Resource)
    }
    for policy in attachments.by_principal.get(principal.address, ()):
        if policy.address not in listed:
            yield read_policy(policy["PolicyDocument"], policy, "PolicyDocument")
    for kinds, reason in attachments.loose:
        if principal.kind in kinds:
            yield OpenList((), reason)


def trust(role: Resource) -> List:
    """The statements of a role's trust policy: who may assume it."""
    return read_policy(role["AssumeRolePolicyDocument"], role, "AssumeRolePolicyDocument")


def resource_policies(resource: Resource) -> List:
    """The statements that say who may use a resource: its own policy, standalone ones, and Lambda permissions."""
    parts = []
    own = OWN_POLICY.get(resource.kind or "")
    if own is not None:
        parts.append(read_policy(resource[own], resource, own))
    index = _standalone(resource.graph)
    parts.extend(index.by_principal.get(resource.address, ()))
    parts.extend(OpenList((), reason) for kinds, reason in index.loose if resource.kind in kinds)
    return together(parts)


class _Standalone:
    """The statements of standalone policies and permissions, by the address of the resource that they stand for."""

    def __init__(self, graph: Graph) -> None:
        self.by_principal: dict[str, list[List]] = {}
        self.loose: list[tuple[Kinds, Unknown]] = []
        for kind, (path, named, kinds) in STANDALONE.items():
            for policy in graph.of(kind):
                for found in each(policy, named):
                    self._add(resolve(graph, found.value, kinds), kinds, policy, path)
        for permission in graph.of("AWS::Lambda::Permission"):
            self._add(resolve(graph, permission["FunctionName"], FUNCTION), FUNCTION, permission, "")

    def _add(self, subject: Resource | Unknown | None, kinds: Kinds, policy: Resource, path: str) -> None:
        if isinstance(subject, Unknown):
            self.loose.append((kinds, subject))
        elif subject is not None:
            self.by_principal.setdefault(subject.address, []).append(_read(policy, path))


def _standalone(graph: Graph) -> _Standalone:
    found = graph.memo.get("standalone policies")
    if not isinstance(found, _Standalone):
        found = graph.memo["standalone policies"] = _Standalone(graph)
    return found


def _read(policy: Resource, path: str) -> List:
    if policy.kind == "AWS::Lambda::Permission":
        return List((_permission(policy),))
    if policy.kind == "AWS::Events::EventBusPolicy":
        return _event_bus(policy)
    return read_policy(policy[path], policy, path)


def _permission(permission: Resource) -> Statement:
    """A Lambda permission as the statement that Lambda adds to the function's policy."""
    conditions: list[Condition] = []
    for path, operator, key in _PERMISSION_CONDITIONS:
        value = permission[path]
        if value is not ABSENT:
            conditions.append(Condition(operator, key, list_of(value)))
    principal = permission["Principal"]
    service = isinstance(principal, str) and "." in principal
    return Statement(
        effect="Allow",
        actions=list_of(permission["Action"]),
        not_actions=List(),
        resources=list_of(permission["FunctionName"]),
        not_resources=List(),
        principals=List((Principal("Service", principal),)) if service else principals_of(principal),
        not_principals=List(),
        conditions=List(conditions),
        sid=ABSENT,
        origin=permission,
        path="",
    )


_PERMISSION_CONDITIONS = (
    ("SourceArn", "ArnLike", "aws:sourcearn"),
    ("SourceAccount", "StringEquals", "aws:sourceaccount"),
    ("PrincipalOrgID", "StringEquals", "aws:principalorgid"),
    ("FunctionUrlAuthType", "StringEquals", "lambda:functionurlauthtype"),
    ("EventSourceToken", "StringEquals", "lambda:eventsourcetoken"),
)


def _event_bus(policy: Resource) -> List:
    """The statement of an event bus policy, in its present form or spread over its old properties."""
    statement = policy["Statement"]
    if isinstance(statement, Map):
        return List((read_statement(statement, policy, "Statement"),))
    if statement is not ABSENT:
        return OpenList((), _unreadable(statement, "Statement"))
    condition = policy["Condition"]
    entry = Map({"Effect": "Allow", "Action": policy["Action"], "Principal": policy["Principal"]})
    if isinstance(condition, Map):
        entry["Condition"] = Map({show(condition["Type"]): Map({show(condition["Key"]): condition["Value"]})})
    return List((read_statement(entry, policy, ""),))
