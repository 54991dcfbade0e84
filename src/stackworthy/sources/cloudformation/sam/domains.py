"""Custom domains of REST APIs: the domain name, its base path mappings, its DNS records.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-domainconfiguration.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .api_plan import REST, api_place, plan_of
from .api_properties import api_property_routes
from .context import Context, hashed_id
from .expansion import Route
from .intrinsics import get_att, ref

RECORD_SET_GROUP = "AWS::Route53::RecordSetGroup"
_CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"
_OPTIONAL = ("SecurityPolicy", "EndpointAccessMode", "Policy", "OwnershipVerificationCertificateArn")


def add_rest_domain(context: Context, api: str, given: Any) -> dict[str, Any]:
    """Add what a REST API's `Domain` stands for. Returns the domain with the defaults that SAM writes into it."""
    route = api_place(context, api, "Domain")
    domain = dict(context.need_map(given, route))
    for name in ("DomainName", "CertificateArn"):
        if domain.get(name) is None:
            context.refuse((*route, name), "is required")
    endpoint = domain.get("EndpointConfiguration")
    if endpoint == "PRIVATE":
        _add_private(context, api, domain, route)
        return domain
    domain["ApiDomainName"] = name = hashed_id("ApiGatewayDomainName", domain["DomainName"])
    if endpoint is None:
        domain["EndpointConfiguration"] = endpoint = "REGIONAL"
    elif endpoint not in ("EDGE", "REGIONAL"):
        context.refuse((*route, "EndpointConfiguration"), "must be EDGE, REGIONAL or PRIVATE")
    properties = _domain_name(context, domain, route, "OwnershipVerificationCertificateArn")
    certificate = "RegionalCertificateArn" if endpoint == "REGIONAL" else "CertificateArn"
    properties[certificate] = domain["CertificateArn"]
    properties["MutualTlsAuthentication"] = mutual_tls(context, domain, route)
    _add(context, api, name, "AWS::ApiGateway::DomainName", properties)
    context.refer(api, "DomainName", name)
    kind = "AWS::ApiGateway::BasePathMapping"
    _add_mappings(context, api, kind, {"DomainName": ref(name)}, domain, route)
    if domain.get("Route53") is not None:
        _add_records(context, api, domain, name, route)
    return domain


def _add_private(context: Context, api: str, domain: dict[str, Any], route: Route) -> None:
    name = hashed_id("ApiGatewayDomainNameV2", domain["DomainName"])
    properties = _domain_name(context, domain, route, "Policy")
    properties["CertificateArn"] = domain["CertificateArn"]
    _add(context, api, name, "AWS::ApiGateway::DomainNameV2", properties)
    context.refer(api, "DomainNameV2", name)
    kind = "AWS::ApiGateway::BasePathMappingV2"
    _add_mappings(context, api, kind, {"DomainNameArn": ref(name)}, domain, route)
    association = domain.get("AccessAssociation")
    if association is not None:
        place = (*route, "AccessAssociation")
        endpoint = context.need_map(association, place).get("VpcEndpointId")
        _add(
            context,
            api,
            hashed_id("DomainNameAccessAssociation", [endpoint, name]),
            "AWS::ApiGateway::DomainNameAccessAssociation",
            {
                "DomainNameArn": ref(name),
                "AccessAssociationSourceType": "VPCE",
                "AccessAssociationSource": endpoint,
            },
        )
    if domain.get("Route53") is not None:
        _add_records(context, api, domain, domain["DomainName"], route)


def _add(
    context: Context,
    api: str,
    logical_id: str,
    kind: str,
    properties: Mapping[str, Any],
    attributes: Mapping[str, Any] | None = None,
) -> None:
    context.add(
        logical_id,
        kind,
        properties,
        by=api,
        route=api_place(context, api, "Domain"),
        properties_from=api_property_routes(REST, kind),
        attributes=context.handed_down(api) if attributes is None else attributes,
    )


def _domain_name(context: Context, domain: Mapping[str, Any], route: Route, special: str) -> dict[str, Any]:
    """`special` is the one of two optional properties that this kind of domain name has."""
    endpoint: dict[str, Any] = {"Types": [domain["EndpointConfiguration"]]}
    if domain.get("IpAddressType"):
        endpoint["IpAddressType"] = domain["IpAddressType"]
    found = {"DomainName": domain["DomainName"], "EndpointConfiguration": endpoint}
    for name in _OPTIONAL:
        if domain.get(name):
            if name in _OPTIONAL[:2] or name == special:
                found[name] = domain[name]
            else:
                context.problem((*route, name), "is not a property of this kind of domain")
    return found


def mutual_tls(context: Context, domain: Mapping[str, Any], route: Route) -> dict[str, Any] | None:
    given = domain.get("MutualTlsAuthentication")
    if not given:
        return None
    known = ("TruststoreUri", "TruststoreVersion")
    place = (*route, "MutualTlsAuthentication")
    if not context.need_map(given, place).keys() <= set(known):
        context.refuse(place, "may have TruststoreUri and TruststoreVersion")
    return {name: given[name] for name in known if given.get(name)}


def base_paths(domain: Mapping[str, Any]) -> list[Any] | None:
    paths = domain.get("BasePath")
    if paths and isinstance(paths, str):
        return [paths]
    return paths if paths and isinstance(paths, list) else None


def _add_mappings(
    context: Context,
    api: str,
    kind: str,
    domain_name: Mapping[str, Any],
    domain: Mapping[str, Any],
    route: Route,
) -> None:
    common = {**domain_name, "RestApiId": ref(api), "Stage": ref(f"{api}.Stage")}
    paths = base_paths(domain)
    if paths is None:
        _add(context, api, f"{api}BasePathMapping", kind, common)
        return
    for index, given in enumerate(paths):
        path = context.need_text(given, (*route, "BasePath", index))
        letters = "".join(filter(str.isalnum, path))
        mapped = letters if domain.get("NormalizeBasePath", True) else path
        _add(context, api, f"{api}{letters}BasePathMapping", kind, {**common, "BasePath": mapped})


# Route 53.


def hosted_zone(context: Context, route53: Any, place: Route) -> Any:
    """The id or name of the hosted zone that the records go into. Raises `Unexpandable`."""
    given = context.need_map(route53, place)
    if given.get("HostedZoneId") is None and given.get("HostedZoneName") is None:
        context.refuse(place, "needs a HostedZoneId or a HostedZoneName")
    return given.get("HostedZoneId") or given.get("HostedZoneName")


def _add_records(context: Context, api: str, domain: dict[str, Any], target: Any, route: Route) -> None:
    place = (*route, "Route53")
    zone = hosted_zone(context, domain["Route53"], place)
    domain["Route53"] = route53 = dict(domain["Route53"])
    separate = route53.get("SeparateRecordSetGroup")
    if separate and not isinstance(separate, bool):
        context.refuse((*place, "SeparateRecordSetGroup"), "must be true or false")
    if separate:
        group = hashed_id("RecordSetGroup", [zone, domain["DomainName"]])
        zones = {name: route53[name] for name in ("HostedZoneId", "HostedZoneName") if route53.get(name)}
        records = record_sets(domain, route53, _rest_alias(domain, route53, target))
        _add(context, api, group, RECORD_SET_GROUP, {**zones, "RecordSets": records})
        return
    zones = {name: route53[name] for name in ("HostedZoneId", "HostedZoneName") if name in route53}
    records = record_sets(domain, route53, _rest_alias(domain, route53, target))
    add_to_group(context, REST, api, hashed_id("RecordSetGroup", zone), zones, records)


def add_to_group(
    context: Context, sam_kind: str, api: str, group: str, zones: Mapping[str, Any], records: list[Any]
) -> None:
    """Add records to the group of a hosted zone, which the APIs of a template share; it stays as its first API made it."""
    known = plan_of(context).record_groups
    if group not in known:
        known[group] = ({**zones, "RecordSets": []}, context.handed_down(api))
    properties, attributes = known[group]
    properties["RecordSets"] = [*properties["RecordSets"], *records]
    context.add(
        group,
        RECORD_SET_GROUP,
        properties,
        by=api,
        route=api_place(context, api, "Domain", "Route53"),
        properties_from=api_property_routes(sam_kind, RECORD_SET_GROUP),
        attributes=attributes,
    )


def record_sets(
    domain: Mapping[str, Any], route53: Mapping[str, Any], alias: Mapping[str, Any]
) -> list[dict[str, Any]]:
    routing = {name: route53[name] for name in ("Region", "SetIdentifier") if route53.get(name) is not None}
    kinds = ("A", "AAAA") if route53.get("IpV6") is True else ("A",)
    return [
        {"Name": domain["DomainName"], "Type": kind, "AliasTarget": dict(alias), **routing} for kind in kinds
    ]


def health(route53: Mapping[str, Any]) -> dict[str, Any]:
    evaluates = route53.get("EvaluateTargetHealth")
    return {} if evaluates is None else {"EvaluateTargetHealth": evaluates}


def _rest_alias(domain: Mapping[str, Any], route53: dict[str, Any], target: Any) -> dict[str, Any]:
    endpoint = domain.get("EndpointConfiguration")
    if endpoint == "REGIONAL":
        zone, name = get_att(target, "RegionalHostedZoneId"), get_att(target, "RegionalDomainName")
        return {**health(route53), "HostedZoneId": zone, "DNSName": name}
    if endpoint == "EDGE":
        if route53.get("DistributionDomainName") is None:
            route53["DistributionDomainName"] = get_att(target, "DistributionDomainName")
        distribution = route53["DistributionDomainName"]
        return {**health(route53), "HostedZoneId": _CLOUDFRONT_ZONE, "DNSName": distribution}
    return {
        **health(route53),
        "HostedZoneId": route53.get("VpcEndpointHostedZoneId"),
        "DNSName": route53.get("VpcEndpointDomainName"),
    }
