"""A statement of a policy in one form, however it was written.

Questions to a statement are three-valued: what cannot be known raises `NotKnown`. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from stackworthy.aws.arn_patterns import glob, matching
from stackworthy.aws.documents import document
from stackworthy.core.resource import Resource
from stackworthy.core.value import (
    ABSENT,
    List,
    Map,
    NotKnown,
    OpenList,
    OpenMap,
    Partial,
    Reference,
    Unknown,
    Value,
    same,
    show,
)


class Principal(NamedTuple):
    """`type` is AWS, Service, Federated, CanonicalUser, or "*" for `Principal: "*"`; `value` an ARN, a service, an account."""

    type: str
    value: Value


class Condition(NamedTuple):
    """`operator` as written (`StringEquals`, `ForAllValues:StringLike`), `key` in lower case, `values` always a list."""

    operator: str
    key: str
    values: List


class Statement(msgspec.Struct, frozen=True, eq=False):
    """One statement. `origin` and `path` are the resource and property that state it; single values are lists of one.

    `managed` is the name of the AWS managed policy that it belongs to, or "". What is not stated is an empty list.
    """

    effect: Value
    actions: List
    not_actions: List
    resources: List
    not_resources: List
    principals: List
    not_principals: List
    conditions: List
    sid: Value
    origin: Resource
    path: str
    managed: str = ""

    @property
    def allows(self) -> bool:
        """Whether the effect is Allow; raises `NotKnown`."""
        return bool(self.effect == "Allow")

    def matches_action(self, action: str) -> bool:
        """Whether the statement is about this action (`dynamodb:PutItem`), in any case of letters; raises `NotKnown`."""
        if _stated(self.not_actions):
            return not self.not_actions.any_of(lambda pattern: _covers(pattern, action))
        return self.actions.any_of(lambda pattern: _covers(pattern, action))

    def matches_resource(self, wanted: Resource | Value) -> bool:
        """Whether the statement is about this resource, ARN or reference; raises `NotKnown`.

        A resource means itself or anything in it (`${Bucket.Arn}/*` is about the bucket). A statement without
        resources (of a trust policy) is about the resource that it stands at.
        """
        if _stated(self.not_resources):
            return not self.not_resources.any_of(lambda pattern: self._about(pattern, wanted))
        return not _stated(self.resources) or self.resources.any_of(
            lambda pattern: self._about(pattern, wanted)
        )

    def _about(self, pattern: Value, wanted: Resource | Value) -> bool:
        if isinstance(pattern, str) and pattern == "*":
            return True
        if isinstance(pattern, Unknown):
            raise NotKnown(pattern.reason)
        if isinstance(wanted, str) and isinstance(pattern, str):
            return glob(wanted, pattern)
        graph = self.origin.graph
        if isinstance(wanted, Resource):
            target, below = wanted, None
        else:
            found = matching(graph, wanted)
            if found.undecided is not None:
                raise NotKnown(found.undecided.reason)
            if not found.resources:
                return _same_text(pattern, wanted)
            target, below = found.resources[0], found.rest
        covered = matching(graph, pattern)
        if any(resource is target for resource in covered.resources):
            return below is None or covered.every or _rest_covers(covered.rest, below)
        if covered.undecided is not None:
            raise NotKnown(covered.undecided.reason)
        return False


def _stated(items: List) -> bool:
    return bool(list.__len__(items)) or isinstance(items, OpenList)


def _covers(pattern: Value, action: str) -> bool:
    if isinstance(pattern, str):
        return glob(action.lower(), pattern.lower())
    if isinstance(pattern, Partial):
        if not action.lower().startswith(_fixed(pattern.prefix.lower())):
            return False
        raise NotKnown(pattern.reason)
    if isinstance(pattern, (Unknown, Reference)):
        raise NotKnown(f"the action {show(pattern)} is not known")
    return False


def _fixed(text: str) -> str:
    """What stands before the first wildcard."""
    return re.split(r"[*?]", text, maxsplit=1)[0]


def _same_text(pattern: Value, wanted: Value) -> bool:
    """Whether a pattern covers a value when neither names a resource of the stack."""
    if same(pattern, wanted):
        return True
    if not isinstance(pattern, (str, Partial)) or not isinstance(wanted, (str, Partial)):
        return False
    one = pattern if isinstance(pattern, str) else pattern.prefix
    other = wanted if isinstance(wanted, str) else wanted.prefix
    if other.startswith(_fixed(one)) or (isinstance(wanted, Partial) and one.startswith(other)):
        raise NotKnown(f"{show(pattern)} and {show(wanted)} are known only after deployment")
    return False


def _rest_covers(pattern: Value, wanted: Value) -> bool:
    """Whether what follows a resource's name in the pattern covers what follows it in the value."""
    if isinstance(pattern, str) and isinstance(wanted, str):
        return glob(wanted, pattern)
    if same(pattern, wanted):
        return True
    raise NotKnown(f"{show(pattern)} and {show(wanted)} are known only after deployment")


# Reading documents.


def read_policy(value: Value, origin: Resource, path: str, managed: str = "") -> List:
    """The statements of a policy document that stands at `path` of `origin`; open when some cannot be read."""
    policy = document(value)
    found: list[Statement] = []
    rest: Unknown | None = None
    if policy is ABSENT:
        return List()
    if isinstance(policy, Map):
        below = "" if policy is not value else ".Statement"
        entries = list_of(policy["Statement"])
        rest = entries.rest if isinstance(entries, OpenList) else None
        single = not isinstance(policy["Statement"], List)
        for index, entry in enumerate(list.__iter__(entries)):
            at = path + below + ("" if single or not below else f"[{index}]")
            if isinstance(entry, Map):
                found.append(read_statement(entry, origin, at, managed))
            else:
                rest = entry if isinstance(entry, Unknown) else Unknown(f"{at} is no statement")
    else:
        rest = policy if isinstance(policy, Unknown) else Unknown(f"{path} is no policy that can be read")
    return OpenList(found, rest) if rest is not None else List(found)


def read_statement(entry: Map, origin: Resource, path: str, managed: str = "") -> Statement:
    """One statement from its map."""
    return Statement(
        effect=entry["Effect"],
        actions=list_of(entry["Action"]),
        not_actions=list_of(entry["NotAction"]),
        resources=list_of(entry["Resource"]),
        not_resources=list_of(entry["NotResource"]),
        principals=principals_of(entry["Principal"]),
        not_principals=principals_of(entry["NotPrincipal"]),
        conditions=conditions_of(entry["Condition"]),
        sid=entry["Sid"],
        origin=origin,
        path=path,
        managed=managed,
    )


def list_of(value: Value) -> List:
    """The value as a list: one value is a list of one, an absent one an empty list, one that may be absent an open list."""
    if isinstance(value, List):
        return value
    if value is ABSENT:
        return List()
    if isinstance(value, Unknown) and not value.stated:
        return OpenList((), value)
    return List((value,))


def principals_of(value: Value) -> List:
    """Principals as a list of `Principal`."""
    if isinstance(value, Map):
        found: list[Principal] = []
        rest = value.rest if isinstance(value, OpenMap) else None
        for kind, named in dict.items(value):
            items = list_of(named)
            found.extend(Principal(kind, item) for item in list.__iter__(items))
            rest = items.rest if isinstance(items, OpenList) else rest
        return OpenList(found, rest) if rest is not None else List(found)
    items = list_of(value)
    plain = [
        Principal("*" if isinstance(item, str) and item == "*" else "AWS", item)
        for item in list.__iter__(items)
    ]
    return OpenList(plain, items.rest) if isinstance(items, OpenList) else List(plain)


def conditions_of(value: Value) -> List:
    """Conditions as a list of `Condition`."""
    if not isinstance(value, Map):
        return OpenList((), value) if isinstance(value, Unknown) else List()
    found: list[Condition] = []
    rest = value.rest if isinstance(value, OpenMap) else None
    for operator, keys in dict.items(value):
        if isinstance(keys, Map):
            found.extend(
                Condition(operator, key.lower(), list_of(values)) for key, values in dict.items(keys)
            )
            rest = keys.rest if isinstance(keys, OpenMap) else rest
        elif isinstance(keys, Unknown):
            rest = keys
    return OpenList(found, rest) if rest is not None else List(found)


def together(parts: Iterator[List] | list[List]) -> List:
    """Several lists as one, open when one of them is."""
    found: list[Value] = []
    rest: Unknown | None = None
    for part in parts:
        found.extend(list.__iter__(part))
        if rest is None and isinstance(part, OpenList):
            rest = part.rest
    return OpenList(found, rest) if rest is not None else List(found)
