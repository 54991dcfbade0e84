"""The resource policy of a REST API, from the lists of accounts, addresses and networks that SAM offers.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-resourcepolicystatement.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .openapi_document import ANY_METHOD, Node, Own
from .rest_api_document import FN_SUB, POLICY, RestDocument

_GREEDY = re.compile(r"{([a-zA-Z0-9._-]+|[a-zA-Z0-9._-]+\+|proxy\+)}")

_VERSION, _STATEMENT, _2012 = Own("Version"), Own("Statement"), Own("2012-10-17")
_EFFECT, _ACTION, _RESOURCE = Own("Effect"), Own("Action"), Own("Resource")
_PRINCIPAL, _CONDITION, _INVOKE = Own("Principal"), Own("Condition"), Own("execute-api:Invoke")


def wildcard_path(path: str) -> str:
    """A path whose parameters are written as `*`."""
    return _GREEDY.sub("*", path) if "{" in path else path


def add_policy(document: RestDocument, policy: Mapping[str, Any], path: str, stage: Any) -> None:
    """Add the statements for one path."""
    resources = _resources(document, path, stage)
    section = _section(document)
    for name, effect in (("AwsAccountWhitelist", "Allow"), ("AwsAccountBlacklist", "Deny")):
        _add_accounts(document, section, policy.get(name), effect, resources)
    for name, operator in (("IpRangeWhitelist", "NotIpAddress"), ("IpRangeBlacklist", "IpAddress")):
        ranges = policy.get(name)
        if ranges:
            sources = document.node({Own("aws:SourceIp"): ranges if isinstance(ranges, list) else [ranges]})
            _add_pair(document, section, document.node({Own(operator): sources}), resources)
    for colour, operator in (("Blacklist", "StringEquals"), ("Whitelist", "StringNotEquals")):
        networks = _networks(document, policy, colour)
        if networks:
            _add_pair(document, section, document.node({Own(operator): networks}), resources)


def add_statements(document: RestDocument, statements: Any) -> None:
    """Add the author's own statements."""
    section = _section(document)
    document.put(section, _VERSION, _2012)
    listed = [
        document.node(statement) if isinstance(statement, dict) else statement
        for statement in (statements if isinstance(statements, list) else [statements])
    ]
    if section.get("Statement") is None:
        document.put(section, _STATEMENT, listed if isinstance(statements, list) else listed[0])
        return
    present = _statements(section)
    for statement in listed:
        if statement not in present:
            present.append(statement)
    section[_STATEMENT] = present


def _section(document: RestDocument) -> Node:
    """The policy of the definition; the key is there as soon as somebody asks for a policy."""
    if not document.root.get(POLICY):
        document.put(document.root, Own(POLICY), document.node())
    section = document.own(document.root, POLICY)
    if section is None:
        raise document.refuse(f"{POLICY} of the definition must be a map")
    return section


def _statements(section: Node) -> list[Any]:
    present = section["Statement"]
    return list(present) if isinstance(present, list) else [present]


def _resources(document: RestDocument, path: str, stage: Any) -> list[Any]:
    methods = [name for item in document.items(path) for name in document.keys(item)]
    where = wildcard_path(path)
    found = []
    for method in methods:
        lowered = str(method).lower()
        verb = "*" if lowered in (ANY_METHOD, "any") else str(method).upper()
        variables = document.node({Own("__Stage__"): stage})
        found.append(document.node({FN_SUB: ["execute-api:/${__Stage__}/" + verb + where, variables]}))
    return found


def _add_accounts(
    document: RestDocument, section: Node, accounts: Any, effect: str, resources: list[Any]
) -> None:
    if not accounts:
        return
    if not isinstance(accounts, (dict, list)):
        raise document.refuse("the accounts of a resource policy must be a list")
    principal = document.node({Own("AWS"): accounts if isinstance(accounts, list) else [accounts]})
    statement = _statement(document, effect, resources, principal)
    document.put(section, _VERSION, _2012)
    if section.get("Statement") is None:
        document.put(section, _STATEMENT, statement)
    else:
        section[_STATEMENT] = [*_statements(section), statement]


def _statement(document: RestDocument, effect: str, resources: list[Any], principal: Any) -> Node:
    return document.node(
        {_EFFECT: Own(effect), _ACTION: _INVOKE, _RESOURCE: resources, _PRINCIPAL: principal}
    )


def _add_pair(document: RestDocument, section: Node, condition: Node, resources: list[Any]) -> None:
    """Allow everybody, and deny whom the condition meets."""
    document.put(section, _VERSION, _2012)
    allow = _statement(document, "Allow", resources, Own("*"))
    deny = _statement(document, "Deny", resources, Own("*"))
    document.put(deny, _CONDITION, condition)
    if section.get("Statement") is None:
        document.put(section, _STATEMENT, [allow, deny])
        return
    present = _statements(section)
    present += [statement for statement in (allow, deny) if statement not in present]
    section[_STATEMENT] = present


def _networks(document: RestDocument, policy: Mapping[str, Any], colour: str) -> Node | None:
    """VPCs and endpoints of one list: those written as strings, told apart by their prefix, and those that are intrinsics."""
    written = policy.get(f"SourceVpc{colour}")
    if written is not None and not (
        isinstance(written, list) and all(isinstance(item, str) for item in written)
    ):
        raise document.refuse(
            f"SourceVpc{colour} must be a list of strings; intrinsics go to IntrinsicVpc{colour}"
        )
    found: dict[str, list[Any]] = {}
    for key, prefix in (("aws:SourceVpc", "vpc-"), ("aws:SourceVpce", "vpce-")):
        items = [item for item in written or () if item.startswith(prefix)]
        if items:
            found[key] = items
    for key, name in (
        ("aws:SourceVpc", f"IntrinsicVpc{colour}"),
        ("aws:SourceVpce", f"IntrinsicVpce{colour}"),
    ):
        listed = policy.get(name)
        if listed is not None:
            if not isinstance(listed, list):
                raise document.refuse(f"{name} must be a list")
            found[key] = found.get(key, []) + listed
    if not any(found.values()):
        return None
    return document.node({Own(key): items for key, items in found.items()})
