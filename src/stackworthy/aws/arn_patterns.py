"""Which resources a pattern of a policy covers: `*` and `?` as IAM reads them."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import NamedTuple

from stackworthy.aws.arns import (
    locate,
    marked,
    names_of,
    normal_name,
    piece_of,
    referenced,
    split_arn,
    unmarked,
)
from stackworthy.aws.names import Form, Kinds
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import Reference, Unknown, Value, show


class Matches(NamedTuple):
    """The resources that a pattern surely covers; `undecided` says why it may cover more.

    `rest` is what follows the name ("/index/*"); `every` says that the pattern names nothing in particular.
    """

    resources: list[Resource]
    rest: Value = ""
    undecided: Unknown | None = None
    every: bool = False


def matching(graph: Graph, value: Value, kinds: Kinds | None = None) -> Matches:
    """The resources that an ARN pattern of a policy covers (`*` and `?` as IAM reads them)."""
    text, pieces = marked(value)
    if text and ("*" in text or "?" in text):
        form, name, rest = split_arn(text)
        if text == "*" or (text.startswith("arn:") and form is None and _only_wildcards(text)):
            return Matches(graph.of(*kinds) if kinds is not None else list(graph), every=True)
        if form is not None and name and not name.strip("*"):
            wanted = form.kinds if kinds is None else form.kinds & kinds
            return Matches(graph.of(*wanted), unmarked(rest, pieces), every=True)
        if form is not None and ("*" in name or "?" in name):
            return _by_pattern(graph, name, pieces, form, kinds, unmarked(rest, pieces), show(value))
    found = locate(graph, value, kinds)
    if found.resource is None:
        return Matches([])
    if isinstance(found.resource, Unknown):
        return Matches([], found.rest, found.resource)
    return Matches([found.resource], found.rest)


def _only_wildcards(text: str) -> bool:
    fields = text.split(":", 5)
    return "*" in fields[-1] and (len(fields) < 6 or fields[5] == "*" or fields[2] == "*")


def _by_pattern(
    graph: Graph,
    name: str,
    pieces: tuple[Value, ...],
    form: Form,
    kinds: Kinds | None,
    rest: Value,
    shown: str,
) -> Matches:
    """The resources whose names a pattern covers: surely those that state such a name, perhaps those that state none."""
    wanted = form.kinds if kinds is None else form.kinds & kinds
    key = ("pattern", shown, wanted)
    found = graph.memo.get(key)
    if not isinstance(found, Matches):
        found = graph.memo[key] = _covered(graph, name, pieces, wanted, rest, shown)
    return found


def _covered(
    graph: Graph, name: str, pieces: tuple[Value, ...], wanted: Kinds, rest: Value, shown: str
) -> Matches:
    head = piece_of(name[0], pieces)
    if isinstance(head, Reference) and name.strip("*?") == name[0]:
        named = referenced(graph, head, wanted, rest, 0)
        return Matches([named.resource], rest) if isinstance(named.resource, Resource) else Matches([])
    own_prefix = isinstance(head, Unknown) and head.expression == "AWS::StackName" and len(name) > 1
    pattern = show(unmarked(name, pieces))
    covered: list[Resource] = []
    undecided = False
    for kind in wanted:
        if not graph.of(kind):
            continue
        names = names_of(graph, kind)
        ending = "-AbCdEf" if kind == "AWS::SecretsManager::Secret" else ""
        for text, resource in names.exact.items():
            if glob(text + ending, normal_name(kind, pattern)):
                covered.append(resource)
            else:
                undecided = undecided or _may_cover(pattern, text)
        for resource in names.unnamed:
            made_up = f"${{AWS::StackName}}-{resource.address}-ABCDEFGHIJKL"
            if own_prefix and glob(made_up.lower(), pattern.lower()):
                covered.append(resource)
            else:
                undecided = undecided or not own_prefix
    reason = Unknown(f"{shown} covers names that are known only after deployment") if undecided else None
    return Matches(covered, rest, reason)


def glob(text: str, pattern: str) -> bool:
    """Whether a pattern of `*` and `?` covers the text; case counts. IAM knows no character classes: a bracket is one."""
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def _may_cover(pattern: str, name: str) -> bool:
    """Whether pieces that are not known could make the pattern cover the name."""
    if "${" not in pattern and "${" not in name:
        return False
    loose = re.sub(r"\$\{[^}]*\}", "*", pattern)
    if "${" not in name:
        return glob(name, loose)
    start, fixed = name.partition("${")[0], re.split(r"[*?]", loose, maxsplit=1)[0]
    return start.startswith(fixed) or fixed.startswith(start)
