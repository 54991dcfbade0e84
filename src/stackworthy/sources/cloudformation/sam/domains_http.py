"""Custom domains of HTTP and WebSocket APIs: the domain name, its API mappings, its DNS records.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-httpapi-httpapidomainconfiguration.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .api_plan import api_place
from .api_properties import WEBSOCKET, api_property_routes
from .context import Context, hashed_id
from .domains import (
    RECORD_SET_GROUP,
    add_to_group,
    base_paths,
    health,
    hosted_zone,
    mutual_tls,
    record_sets,
)
from .intrinsics import get_att, ref

_FORBIDDEN = re.compile(r"[^0-9a-zA-Z\/\-\_]+")
_SEPARATORS = re.compile(r"[\-_/]+")


def add_v2_domain(context: Context, sam_kind: str, api: str, given: Any, tags: Mapping[str, Any]) -> None:
    """Add what an API's `Domain` stands for. Raises `Unexpandable`."""
    route = api_place(context, api, "Domain")
    domain = context.need_map(given, route)
    for name in ("DomainName", "CertificateArn"):
        if domain.get(name) is None:
            context.refuse((*route, name), "is required")
    endpoint = domain.get("EndpointConfiguration")
    if endpoint not in (None, "REGIONAL"):
        context.refuse((*route, "EndpointConfiguration"), "must be REGIONAL")
    configuration = {"CertificateArn": domain["CertificateArn"], "EndpointType": "REGIONAL"}
    for name in ("OwnershipVerificationCertificateArn", "SecurityPolicy"):
        if domain.get(name):
            configuration[name] = domain[name]
    domain_id = hashed_id("ApiGatewayDomainNameV2", domain["DomainName"])
    properties = {
        "DomainName": domain["DomainName"],
        "DomainNameConfigurations": [configuration],
        "MutualTlsAuthentication": mutual_tls(context, domain, route),
        "Tags": dict(tags),
    }
    _add(context, sam_kind, api, domain_id, "AWS::ApiGatewayV2::DomainName", properties)
    context.refer(api, "DomainName", domain_id)
    _add_mappings(context, sam_kind, api, domain_id, domain)
    if domain.get("Route53") is not None:
        _add_records(context, sam_kind, api, domain_id, domain)


def _add(
    context: Context, sam_kind: str, api: str, logical_id: str, kind: str, properties: Mapping[str, Any]
) -> None:
    attributes = {} if sam_kind == WEBSOCKET else context.handed_down(api)
    context.add(
        logical_id,
        kind,
        properties,
        by=api,
        route=api_place(context, api, "Domain"),
        properties_from=api_property_routes(sam_kind, kind),
        attributes=attributes,
    )


def _add_mappings(
    context: Context, sam_kind: str, api: str, domain_id: str, domain: Mapping[str, Any]
) -> None:
    kind = "AWS::ApiGatewayV2::ApiMapping"
    common = {"DomainName": ref(domain_id), "ApiId": ref(api), "Stage": ref(f"{api}.Stage")}
    paths = base_paths(domain)
    if paths is None:
        _add(context, sam_kind, api, f"{api}ApiMapping", kind, common)
        return
    for index, given in enumerate(paths):
        place = api_place(context, api, "Domain", "BasePath", index)
        path = context.need_text(given, place)
        if _FORBIDDEN.search(path):
            context.refuse(place, "may have letters, digits, -, _ and /")
        logical_id = f"{api}{_SEPARATORS.sub('', path)}ApiMapping"
        _add(context, sam_kind, api, logical_id, kind, {**common, "ApiMappingKey": path.strip("/")})


def _add_records(
    context: Context, sam_kind: str, api: str, domain_id: str, domain: Mapping[str, Any]
) -> None:
    route53 = domain["Route53"]
    zone = hosted_zone(context, route53, api_place(context, api, "Domain", "Route53"))
    named = "HostedZoneId" if "HostedZoneId" in route53 else "HostedZoneName"
    alias = {
        **health(route53),
        "HostedZoneId": get_att(domain_id, "RegionalHostedZoneId"),
        "DNSName": get_att(domain_id, "RegionalDomainName"),
    }
    records = record_sets(domain, route53, alias)
    group = hashed_id("RecordSetGroup", zone)
    if sam_kind == WEBSOCKET:
        zones = {named: route53[named], "RecordSets": records}
        _add(context, sam_kind, api, group, RECORD_SET_GROUP, zones)
        return
    add_to_group(context, sam_kind, api, group, {named: route53[named]}, records)
