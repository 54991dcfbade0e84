"""`AWS::Serverless::MicrovmImage`: an image for Lambda's micro VMs, and the role that builds it."""

from __future__ import annotations

from typing import Any

from .context import Context, property_route
from .intrinsics import get_att, sub
from .properties import property_routes
from .roles import Role, add_role, trust
from .shapes import MICROVM_IMAGE, checked
from .tags import CREATED_BY_SAM, propagate_beside, tag_list

KIND = "AWS::Lambda::MicrovmImage"
_COPIED = ("Name", "BaseImageArn", "BaseImageVersion")
_WITH_DEFAULT: dict[str, Any] = {
    "Description": "",
    "Logging": {},
    "EgressNetworkConnectors": [],
    "CpuConfigurations": [],
    "Resources": [],
    "AdditionalOsCapabilities": [],
    "Hooks": {},
}


def expand(context: Context, logical_id: str) -> None:
    route = property_route(logical_id)
    properties = checked(context, context.resources[logical_id].get("Properties"), MICROVM_IMAGE, route)
    mark = context.mark()
    tags = properties.get("Tags") or {}
    variables = properties.get("EnvironmentVariables") or {}
    image: dict[str, Any] = {name: properties[name] for name in _COPIED}
    code = properties["CodeUri"]
    stated = properties.get("BuildRoleArn")
    image["CodeArtifact"] = {"Uri": code if stated else context.resolve_below(code)}
    image["BuildRoleArn"] = properties.get("BuildRoleArn") or _add_role(
        context, logical_id, properties["CodeUri"]
    )
    image["Tags"] = tag_list({**tags, **CREATED_BY_SAM})
    image["EnvironmentVariables"] = [{"Key": key, "Value": value} for key, value in variables.items()]
    for name, default in _WITH_DEFAULT.items():
        image[name] = properties.get(name) or default
    context.add(
        logical_id,
        KIND,
        image,
        by=logical_id,
        properties_from=property_routes("AWS::Serverless::MicrovmImage", KIND),
        attributes=context.own_attributes(logical_id),
        depends_on=context.resources[logical_id].get("DependsOn"),
    )
    if properties.get("PropagateTags") and tags:
        propagate_beside(context, context.written_since(mark), tags)


def _add_role(context: Context, logical_id: str, code: Any) -> dict[str, Any]:
    logs = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    statements = [
        {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": _objects(context, logical_id, code)},
        {"Effect": "Allow", "Action": logs, "Resource": "*"},
    ]
    role = Role(
        id=f"{logical_id}BuildRole",
        trust=trust("lambda.amazonaws.com"),
        tags=tag_list(CREATED_BY_SAM),
        attributes=context.handed_down(logical_id),
    )
    document = {"Version": "2012-10-17", "Statement": statements}
    role.policies.append({"PolicyName": "MicrovmImageBuildPolicy", "PolicyDocument": document})
    add_role(context, role, logical_id, with_managed=False)
    return get_att(role.id, "Arn")


def _objects(context: Context, logical_id: str, code: Any) -> dict[str, Any]:
    """The ARN of everything in the bucket that the code lies in; found at deployment where the author names no bucket."""
    resolved = context.resolve(code)
    if isinstance(resolved, str) and resolved.startswith("s3://"):
        bucket = resolved.removeprefix("s3://").split("/")[0]
        if not bucket:
            context.problem(property_route(logical_id, "CodeUri"), "must be of the form s3://bucket/key")
        return sub(f"arn:${{AWS::Partition}}:s3:::{bucket}/*")
    found = {"Fn::Select": [2, {"Fn::Split": ["/", code]}]}
    return sub("arn:${AWS::Partition}:s3:::${Bucket}/*", {"Bucket": found})
