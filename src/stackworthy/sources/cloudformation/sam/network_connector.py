"""`AWS::Serverless::NetworkConnector`: a way for Lambda's compute into a VPC, and the role that it needs for that."""

from __future__ import annotations

from .capacity_provider import add_operator_role
from .context import Context, property_route
from .properties import property_routes
from .shapes import NETWORK_CONNECTOR, checked
from .tags import CREATED_BY_SAM, propagate_beside, tag_list

KIND = "AWS::Lambda::NetworkConnector"
COMPUTE = ("MicroVm", "WebFunction")


def expand(context: Context, logical_id: str) -> None:
    route = property_route(logical_id)
    properties = checked(context, context.resources[logical_id].get("Properties"), NETWORK_CONNECTOR, route)
    compute = properties.get("ComputeTypes")
    if isinstance(compute, list) and (
        len(compute) != 1 or (isinstance(compute[0], str) and compute[0] not in COMPUTE)
    ):
        context.problem((*route, "ComputeTypes"), f"must hold exactly one of {' and '.join(COMPUTE)}")
    network = properties["VpcConfig"]
    for name in ("SubnetIds", "SecurityGroupIds", "NetworkProtocol"):
        if network.get(name) is None:
            context.problem((*route, "VpcConfig", name), "is required")
    mark = context.mark()
    tags = properties.get("Tags") or {}
    role = properties.get("OperatorRole") or add_operator_role(
        context, logical_id, "AWSLambdaNetworkConnectorOperatorPolicy"
    )
    egress = {**network, "AssociatedComputeResourceTypes": compute or ["MicroVm"]}
    connector = {
        "Name": properties.get("Name") or None,
        "Configuration": {"VpcEgressConfiguration": egress},
        "OperatorRole": role,
        "Tags": tag_list({**tags, **CREATED_BY_SAM}),
    }
    context.add(
        logical_id,
        KIND,
        connector,
        by=logical_id,
        properties_from=property_routes("AWS::Serverless::NetworkConnector", KIND),
        attributes=context.own_attributes(logical_id),
        depends_on=context.resources[logical_id].get("DependsOn"),
    )
    if properties.get("PropagateTags") and tags:
        propagate_beside(context, context.written_since(mark), tags)
