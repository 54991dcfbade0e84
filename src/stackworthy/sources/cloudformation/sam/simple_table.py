"""`AWS::Serverless::SimpleTable`: a DynamoDB table with one attribute as its key.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-simpletable.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .context import Context, property_route
from .expansion import Route
from .properties import property_routes
from .shapes import SIMPLE_TABLE, checked
from .tags import tag_list

KIND = "AWS::DynamoDB::Table"
ATTRIBUTE_TYPES = {"String": "S", "Number": "N", "Binary": "B"}


def expand(context: Context, logical_id: str) -> None:
    route = property_route(logical_id)
    properties = checked(context, context.resources[logical_id].get("Properties"), SIMPLE_TABLE, route)
    key = _key(context, properties.get("PrimaryKey"), (*route, "PrimaryKey"))
    throughput = properties.get("ProvisionedThroughput")
    table = {
        "AttributeDefinitions": [key],
        "KeySchema": [{"AttributeName": key["AttributeName"], "KeyType": "HASH"}],
        "PointInTimeRecoverySpecification": properties.get("PointInTimeRecoverySpecification") or None,
        "ProvisionedThroughput": throughput or None,
        "BillingMode": None if throughput else "PAY_PER_REQUEST",
        "SSESpecification": properties.get("SSESpecification") or None,
        "TableName": properties.get("TableName") or None,
        "Tags": tag_list(properties.get("Tags")) or None,
    }
    context.add(
        logical_id,
        KIND,
        table,
        by=logical_id,
        properties_from=property_routes("AWS::Serverless::SimpleTable", KIND),
        attributes=context.own_attributes(logical_id),
        depends_on=context.resources[logical_id].get("DependsOn"),
    )


def _key(context: Context, stated: Mapping[str, Any] | None, route: Route) -> dict[str, Any]:
    if not stated:
        return {"AttributeName": "id", "AttributeType": "S"}
    name, kind = stated.get("Name"), stated.get("Type")
    if name is None:
        context.refuse((*route, "Name"), "is required")
    if not isinstance(kind, str) or kind not in ATTRIBUTE_TYPES:
        context.refuse((*route, "Type"), "must be String, Number or Binary")
    return {"AttributeName": name, "AttributeType": ATTRIBUTE_TYPES[kind]}
