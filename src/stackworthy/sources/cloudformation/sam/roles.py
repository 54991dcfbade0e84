"""The role that SAM makes for a function or state machine, from its `Policies`.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html#sam-function-policies
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from .context import Context, property_route
from .expansion import Route
from .facts import aws_policy_arn, managed_policy_arn, policy_document, policy_template
from .intrinsics import is_if, is_intrinsic, is_no_value
from .properties import property_routes


class Role(msgspec.Struct):
    """A role in the making: events may still add policies to it. `id` is its logical id."""

    id: str
    trust: Any
    managed: list[Any] = msgspec.field(default_factory=list)
    policies: list[dict[str, Any]] = msgspec.field(default_factory=list)
    path: Any = None
    boundary: Any = None
    tags: list[dict[str, Any]] | None = None
    attributes: dict[str, Any] = msgspec.field(default_factory=dict)
    places: dict[str, Route] = msgspec.field(default_factory=dict)

    def allow_managed(self, arn: Any) -> None:
        if arn not in self.managed:
            self.managed.append(arn)

    def allow_new(self, policy: dict[str, Any]) -> None:
        """Add a policy unless one with the same document is there."""
        if all(policy["PolicyDocument"] != known.get("PolicyDocument") for known in self.policies):
            self.policies.append(policy)

    def properties(self) -> dict[str, Any]:
        return {
            "AssumeRolePolicyDocument": self.trust,
            "ManagedPolicyArns": self.managed,
            "Path": self.path,
            "Policies": self.policies or None,
            "PermissionsBoundary": self.boundary,
            "Tags": self.tags,
        }


def trust(service: str) -> dict[str, Any]:
    """The trust policy that lets an AWS service ("lambda.amazonaws.com") assume a role."""
    statement = {"Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": {"Service": [service]}}
    return {"Version": "2012-10-17", "Statement": [statement]}


def allow(name: str, action: Any, resource: Any) -> dict[str, Any]:
    """An inline policy of one statement."""
    statement = {"Action": action, "Effect": "Allow", "Resource": resource}
    return {"PolicyName": name, "PolicyDocument": {"Statement": [statement]}}


def destination_policy(kind: Any, arn: Any, owner: str) -> dict[str, Any] | None:
    """What a function needs to send its results or failures to a destination of SAM's `Type`; None for a type without policy."""
    if kind == "S3" or kind == "S3Bucket":
        policy = allow(owner + "S3Policy", "s3:PutObject", {"Fn::Join": ["/", [arn, "*"]]})
        listing = {"Action": "s3:ListBucket", "Effect": "Allow", "Resource": arn}
        policy["PolicyDocument"]["Statement"].append(listing)
        return policy
    actions = {
        "SQS": "sqs:SendMessage",
        "SNS": "sns:publish",
        "EventBridge": "events:PutEvents",
        "Lambda": "lambda:InvokeFunction",
    }
    action = actions.get(kind) if isinstance(kind, str) else None
    return allow(f"{owner}{kind}Policy", action, arn) if action else None


def add_policies(context: Context, role: Role, owner: str, policies: Any) -> None:
    """Add what an author wrote under `Policies` to the role: names, ARNs, documents and policy templates."""
    if not policies:
        return
    listed = policies if isinstance(policies, list) else [policies]
    for index, policy in enumerate(listed):
        place = (
            property_route(owner, "Policies", index)
            if listed is policies
            else property_route(owner, "Policies")
        )
        _add_policy(context, role, index, policy, place)


def _add_policy(context: Context, role: Role, index: int, policy: Any, place: Route) -> None:
    kind = _kind(policy)
    if kind is None:
        context.problem(place, "is neither a policy, the name of one, nor a policy template that SAM knows")
    elif kind == "managed":
        arn = _both(policy, lambda one: _arn(context, one))
        if arn not in role.managed:
            role.places[f"ManagedPolicyArns.{len(role.managed)}"] = place[2:]
            role.managed.append(arn)
    else:
        document = policy
        if kind == "template":
            document = context.attempt(
                lambda: _both(policy, lambda one: _document(context, one, place)), None
            )
        if document is None:
            return
        name = f"{role.id}Policy{index}"
        wrapped = _both(document, lambda one: {"PolicyName": name, "PolicyDocument": one})
        role.places[f"Policies.{len(role.policies)}"] = place[2:]
        role.policies.append(wrapped)


def _both(policy: Any, change: Any) -> Any:
    """`change` of a policy, or of both branches of an `Fn::If` where they are not `AWS::NoValue`."""
    if not is_if(policy):
        return change(policy)
    condition, *branches = policy["Fn::If"]
    return {"Fn::If": [condition, *(one if is_no_value(one) else change(one) for one in branches)]}


def _kind(policy: Any) -> str | None:
    """ "managed", "document" or "template"; None for anything else, and for an `Fn::If` of different kinds."""
    if isinstance(policy, str):
        return "managed"
    if is_if(policy):
        branches = policy["Fn::If"]
        if not isinstance(branches, list) or len(branches) != 3:
            return None
        kinds = {_kind(branch) for branch in branches[1:] if not is_no_value(branch)} or {"managed"}
        return kinds.pop() if len(kinds) == 1 else None
    if is_intrinsic(policy):
        return "managed"
    if isinstance(policy, dict) and "Statement" in policy:
        return "document"
    if isinstance(policy, dict) and len(policy) == 1 and policy_template(next(iter(policy))):
        return "template"
    return None


def _arn(context: Context, policy: Any) -> Any:
    if not isinstance(policy, str):
        return policy
    return (
        managed_policy_arn(policy, context.partition)
        or (None if policy.startswith("arn:") else context.managed_policies.get(policy))
        or policy
    )


def _document(context: Context, policy: Mapping[str, Any], place: Route) -> Any:
    name, values = next(iter(policy.items()))
    template = policy_template(name)
    if template is None:
        context.refuse(place, f"{name!r} is not a policy template that SAM knows")
    if not isinstance(values, dict):
        context.refuse((*place, name), "must be a map of the policy template's parameters")
    missing = [parameter for parameter in template["parameters"] if parameter not in values]
    if missing:
        context.refuse((*place, name), f"lacks {', '.join(missing)}")
    return policy_document(template, values)


def add_role(context: Context, role: Role, owner: str, *, with_managed: bool = True) -> None:
    """Put the finished role of the SAM resource `owner` into the expansion.

    Its list of managed policies is written even where it is empty, unless `with_managed` is off.
    """
    kind = context.kind(owner) or ""
    places = {**property_routes(kind, "AWS::IAM::Role"), **role.places}
    properties = role.properties()
    if not role.managed and not with_managed:
        del properties["ManagedPolicyArns"]
    context.add(
        role.id,
        "AWS::IAM::Role",
        properties,
        by=owner,
        properties_from=places,
        attributes=role.attributes,
    )


def aws_managed(context: Context, path_and_name: str) -> str:
    """The ARN of a policy of AWS ("service-role/AWSLambdaBasicExecutionRole") in the template's partition."""
    return aws_policy_arn(path_and_name, context.partition)


def xray_policy(context: Context) -> str:
    """The name of the policy that lets a principal write traces: an older one in the commercial partition."""
    return "AWSXrayWriteOnlyAccess" if context.partition == "aws" else "AWSXRayDaemonWriteAccess"
