"""Which resource of the graph a value names: a reference, an ARN, a URL or a plain name, known wholly or in part.

Everything here answers and nothing raises. What names nothing on the graph is external: the answer is None. What
may name something, but cannot be known, is an `Unknown` with the reason.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from stackworthy.aws.names import (
    ARN_FORMS,
    BUCKET,
    LEADS_TO,
    PHYSICAL_NAME,
    QUEUE,
    REPOSITORY,
    REST_API,
    Form,
    Kinds,
)
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, NotKnown, Partial, Reference, Unknown, Value, joined, show

_MANY = 200  # so many names are not compared one by one
_MAX_STEPS = 6  # an alias of a version of an alias ...: no real chain is longer
_FIRST = (
    0xE000  # the private-use characters that stand for the pieces of a partial string while it is taken apart
)
_LAST = 0xF8FF
_PRIVATE = re.compile("([\ue000-\uf8ff])")
_AFTER = frozenset(":/.*?#@,;&")
_BEFORE = frozenset(":/=@,;&")
_OUTSIDE = ("Fn::ImportValue ",)
_GIVEN = ("Ref ", "{{resolve:", "var.", "data.")
_SCALED = re.compile(r"table/|service/|function:")  # the resource ids of Application Auto Scaling
_PART = re.compile(
    r"(\S+?)\.([A-Za-z.]+) is known only after deployment"
)  # `Fn::Split` of an attribute, or the like
_URL = re.compile(r"(?:https?|wss?|s3)://")


class Arn(NamedTuple):
    """The fields of an ARN; each is a string, a reference, a partial string or unknown. Region and account may be empty."""

    partition: Value
    service: Value
    region: Value
    account: Value
    resource: Value


class Named(NamedTuple):
    """What a value names. `rest` is what follows the name (":live", "/index/*"), `through` the alias, version or stage on the way."""

    resource: Resource | Unknown | None
    rest: Value = ""
    through: Resource | None = None


NOTHING = Named(None)


def parse(value: Value) -> Arn | None:
    """The fields of an ARN, or None when the value is none or cannot be taken apart."""
    text, pieces = marked(value)
    fields = text.split(":", 5) if text else []
    if len(fields) != 6 or fields[0] != "arn":
        return None
    return Arn(*(unmarked(field, pieces) for field in fields[1:]))


def resolve(graph: Graph, value: Value, kinds: Kinds | None = None) -> Resource | Unknown | None:
    """The resource that the value names, None when it names none of the graph, unknown when that cannot be told.

    With `kinds`, aliases, versions and stages lead to the resource of those kinds that they stand for.
    """
    return locate(graph, value, kinds).resource


def locate(graph: Graph, value: Value, kinds: Kinds | None = None, _steps: int = 0) -> Named:
    """As `resolve`, with what follows the name and what led there."""
    if isinstance(value, Reference):
        return referenced(graph, value, kinds, "", _steps)
    if isinstance(value, Unknown):
        part = _PART.fullmatch(value.expression)
        if part is not None and kinds is not None:
            whole = referenced(graph, Reference(part[1], part[2]), kinds, "", _steps)
            if isinstance(whole.resource, Resource):
                return whole
        return Named(_unknown(graph, show(value), value, kinds))
    text, pieces = marked(value)
    if not text:
        return NOTHING
    return _taken_apart(graph, text, pieces, kinds, _steps)


# Partial strings are taken apart as text in which one private character stands for each piece that is not text.


def marked(value: Value) -> tuple[str, tuple[Value, ...]]:
    """The value as text with a private character for each piece, and the pieces; "" when it is no text."""
    if isinstance(value, str):
        return value, ()
    if isinstance(value, (Reference, Unknown)):
        return chr(_FIRST), (value,)
    if isinstance(value, Partial) and len(value.pieces) <= _LAST - _FIRST:
        parts = []
        for index, piece in enumerate(value.pieces):
            if not isinstance(piece, str):
                parts.append(chr(_FIRST + index))
            elif _PRIVATE.search(piece):
                return "", ()
            else:
                parts.append(piece)
        return "".join(parts), value.pieces
    if isinstance(value, int) and not isinstance(value, bool):
        return show(value), ()
    return "", ()


def piece_of(char: str, pieces: tuple[Value, ...]) -> Value:
    """The piece that a text of one character stands for, or None."""
    if not pieces or len(char) != 1:
        return None
    index = ord(char) - _FIRST
    return pieces[index] if 0 <= index < len(pieces) else None


def unmarked(text: str, pieces: tuple[Value, ...]) -> Value:
    """The value of a part of a marked text."""
    if not pieces or text.isascii():
        return text
    parts: list[Value] = []
    for part in _PRIVATE.split(text):
        piece = piece_of(part, pieces)
        parts.append(part if piece is None else piece)
    return joined(parts)


def _taken_apart(
    graph: Graph, text: str, pieces: tuple[Value, ...], kinds: Kinds | None, steps: int
) -> Named:
    head = piece_of(text[0], pieces)
    if isinstance(head, Reference) and (len(text) == 1 or text[1] in _AFTER):
        return referenced(graph, head, kinds, unmarked(text[1:], pieces), steps)
    if text.startswith("arn:"):
        return _by_arn(graph, text, pieces, kinds, steps)
    url = _URL.match(text)
    if url:
        return _by_url(graph, text, url.end(), pieces, kinds, steps)
    if ".dkr.ecr." in text:
        return _by_name(
            graph, text.partition("/")[2].partition(":")[0].partition("@")[0], pieces, REPOSITORY, kinds
        )
    if kinds is None:
        return NOTHING
    if ".s3" in text and kinds >= BUCKET:
        return _by_url(graph, text, 0, pieces, kinds, steps)
    scaled = _SCALED.match(text)
    name = text[scaled.end() :].rpartition("/")[2].partition(":")[0] if scaled else text
    found = _by_name(graph, name, pieces, kinds, kinds)
    if found.resource is None or isinstance(found.resource, Unknown):
        bounded = _bounded(graph, text, pieces, kinds, steps)
        if bounded is not None:
            return bounded
        if isinstance(head, Unknown) and len(text) > 1 and text[1] in _AFTER:
            return Named(_unknown(graph, show(head), head, kinds), unmarked(text[1:], pieces))
    return found


# By reference.


def referenced(graph: Graph, reference: Reference, kinds: Kinds | None, rest: Value, steps: int) -> Named:
    """What a reference names. `steps` counts the aliases and the like that were followed so far."""
    resource = graph.get(reference.address)
    if resource is None:
        return Named(Unknown(f"{reference.address} is not among the resources that were read"), rest)
    if not resource.present:
        return NOTHING
    if resource.part_of is not None:
        owner = graph.get(resource.part_of)
        if owner is not None and owner.kind == resource.kind:
            resource = owner
    kind = resource.kind
    if kind == "AWS::SSM::Parameter" and reference.attribute == "Value":
        return locate(graph, resource["Value"], kinds, steps + 1) if steps < _MAX_STEPS else NOTHING
    if kinds is None or kind in kinds:
        return Named(resource, rest)
    if kind is None or kind.startswith("Custom::") or kind == "AWS::CloudFormation::CustomResource":
        if kinds.isdisjoint(graph.kinds()):
            return NOTHING
        return Named(Unknown(f"{show(reference)} is known only after deployment"), rest)
    return _followed(graph, resource, kinds, rest, steps)


def _followed(graph: Graph, resource: Resource, kinds: Kinds, rest: Value, steps: int) -> Named:
    path = LEADS_TO.get(resource.kind or "")
    if path is None or steps >= _MAX_STEPS:
        return NOTHING
    found = locate(graph, resource[path], kinds, steps + 1)
    return Named(found.resource, rest, found.through or resource) if found.resource is not None else NOTHING


def _fits(graph: Graph, resource: Resource, kinds: Kinds | None, rest: Value, steps: int) -> Named:
    if kinds is None or resource.kind in kinds:
        return Named(resource, rest)
    return _followed(graph, resource, kinds, rest, steps)


def _bounded(
    graph: Graph, text: str, pieces: tuple[Value, ...], kinds: Kinds | None, steps: int
) -> Named | None:
    """The one reference that stands as a whole part of the text (`integrations/${Integration}`), not within a name."""
    found: Named | None = None
    for index, char in enumerate(text):
        piece = piece_of(char, pieces)
        if not isinstance(piece, Reference):
            continue
        starts = index == 0 or text[index - 1] in _BEFORE
        ends = index + 1 == len(text) or text[index + 1] in _AFTER
        if not (starts and ends):
            continue
        candidate = referenced(graph, piece, kinds, unmarked(text[index + 1 :], pieces), steps)
        if candidate.resource is None or (found is not None and found.resource is candidate.resource):
            continue
        if found is not None:
            return None
        found = candidate
    return found


# By ARN.


def split_arn(text: str) -> tuple[Form | None, str, str]:
    """The form of an ARN's last field, the name in it, and what follows the name."""
    fields = text.split(":", 5)
    if len(fields) != 6 or fields[0] != "arn":
        return None, "", ""
    resource = fields[5]
    for form in ARN_FORMS.get(fields[2], ()):
        if resource.startswith(form.prefix):
            start = len(form.prefix)
            end = min(
                (at for at in (resource.find(char, start) for char in form.ends) if at >= 0), default=-1
            )
            name, rest = (resource[start:], "") if end < 0 else (resource[start:end], resource[end:])
            return form, name.rpartition("/")[2] if form.last else name, rest
    return None, "", ""


def _by_arn(graph: Graph, text: str, pieces: tuple[Value, ...], kinds: Kinds | None, steps: int) -> Named:
    fields = text.split(":", 5)
    if len(fields) == 6 and fields[2] == "apigateway":
        if fields[4] == "lambda" and "/functions/" in fields[5]:
            inner = fields[5].partition("/functions/")[2].removesuffix("/invocations")
            return locate(graph, unmarked(inner, pieces), kinds, steps + 1) if steps < _MAX_STEPS else NOTHING
        if "/stages/" in fields[5] and kinds is not None:
            return _stage(graph, fields[5], pieces, kinds, steps)
    form, name, rest = split_arn(text)
    if form is None:
        if len(fields) < 6 or fields[2] in ARN_FORMS or piece_of(fields[2][:1], pieces) is not None:
            naming = fields[2] + fields[5] if len(fields) == 6 else text
            return Named(_undecided_text(graph, naming, pieces, kinds))
        return _bounded(graph, text, pieces, kinds, steps) or NOTHING
    if kinds is not None and not _leads_to(form.kinds, kinds):
        return NOTHING
    remaining = unmarked(rest, pieces)
    if "*" in name or "?" in name:
        if form.kinds.isdisjoint(graph.kinds()):
            return NOTHING
        return Named(Unknown(f"{show(unmarked(text, pieces))} may name several resources"), remaining)
    found = _by_name(graph, name, pieces, form.kinds, kinds, remaining, steps)
    if isinstance(found.resource, Resource) and _elsewhere(found.resource, fields[3], fields[4]):
        return NOTHING
    return found


def _leads_to(named: Kinds, kinds: Kinds) -> bool:
    """Whether resources of the kinds `named` are of `kinds`, or may stand for such."""
    return not named.isdisjoint(kinds) or not named.isdisjoint(LEADS_TO)


def _undecided_text(
    graph: Graph, text: str, pieces: tuple[Value, ...], kinds: Kinds | None
) -> Resource | Unknown | None:
    """Why an ARN that cannot be taken apart is not known; None when it is known and names nothing here."""
    for char in text:
        piece = piece_of(char, pieces)
        if isinstance(piece, Unknown):
            return _unknown(graph, show(piece), piece, kinds)
    return None


def _elsewhere(resource: Resource, region: str, account: str) -> bool:
    """Whether an ARN's Region or account says that it is another resource of the same name."""
    return bool(
        (resource.region and region.isascii() and region not in ("", "*", resource.region))
        or (resource.account and account.isdigit() and account != resource.account)
    )


def _stage(graph: Graph, field: str, pieces: tuple[Value, ...], kinds: Kinds, steps: int) -> Named:
    """The stage, or its API, in `/restapis/${Api}/stages/prod`."""
    before, _, after = field.partition("/stages/")
    name = after.partition("/")[0]
    reference = piece_of(name, pieces)
    if isinstance(reference, Reference):
        return referenced(graph, reference, kinds, "", steps)
    api = locate(graph, unmarked(before.rpartition("/")[2], pieces), kinds | REST_API, steps + 1)
    stages = [kind for kind in ("AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage") if kind in kinds]
    if not stages or not isinstance(api.resource, Resource):
        return api
    wanted = show(unmarked(name, pieces))
    for stage in graph.of(*stages):
        if show(stage["StageName"]) == wanted:
            owner = resolve(graph, stage[LEADS_TO[stage.kind or ""]], REST_API)
            if owner is api.resource:
                return Named(stage, "")
    return NOTHING


# By URL.


def _by_url(
    graph: Graph, text: str, start: int, pieces: tuple[Value, ...], kinds: Kinds | None, steps: int
) -> Named:
    host, _, path = text[start:].partition("/")
    head = piece_of(host[:1], pieces) if host else None
    if isinstance(head, Reference) and (len(host) == 1 or host[1] in _AFTER):
        return referenced(graph, head, kinds, unmarked(text[start + 1 :], pieces), steps)
    labels = host.split(".")
    name, wanted = "", kinds
    if text.startswith("s3://"):
        name, wanted = host, BUCKET
    elif labels[0] in ("sqs", "queue") or "queue" in labels[1:2]:
        name, wanted = path.rpartition("/")[2], QUEUE
    elif labels[0] == "s3" or labels[0].startswith("s3-"):
        name, wanted = path.partition("/")[0], BUCKET
    elif len(labels) > 1 and (labels[1] == "s3" or labels[1].startswith(("s3-", "s3-website"))):
        name, wanted = labels[0], BUCKET
    if not name or wanted is None:
        return _bounded(graph, text[start:], pieces, kinds, steps) or NOTHING
    return _by_name(graph, name, pieces, wanted, kinds)


# By name.


class Names:
    """The physical names of the resources of one kind: those stated outright, those known in part, and the rest."""

    __slots__ = ("exact", "partial", "stated", "unnamed")

    def __init__(self) -> None:
        self.exact: dict[str, Resource] = {}
        self.stated: list[Value] = []
        self.partial: list[tuple[Partial, Resource]] = []
        self.unnamed: list[Resource] = []


def names_of(graph: Graph, kind: str) -> Names:
    """The physical names of a kind, collected once for each graph."""
    key = ("physical names", kind)
    found = graph.memo.get(key)
    if not isinstance(found, Names):
        found = graph.memo[key] = Names()
        path = PHYSICAL_NAME.get(kind)
        for resource in graph.of(kind):
            name = resource[path] if path else ABSENT
            if name is ABSENT:
                found.unnamed.append(resource)
                continue
            found.stated.append(name)
            found.exact.setdefault(normal_name(kind, show(name)), resource)
            if isinstance(name, Partial):
                found.partial.append((name, resource))
    return found


def normal_name(kind: str, name: str) -> str:
    """The name without what some ARNs put before it and others leave out."""
    if kind == "AWS::SSM::Parameter":
        return name.lstrip("/")
    if kind == "AWS::KMS::Alias":
        return name.removeprefix("alias/")
    return name


def _by_name(
    graph: Graph,
    name: str,
    pieces: tuple[Value, ...],
    named: Kinds,
    kinds: Kinds | None,
    rest: Value = "",
    steps: int = 0,
) -> Named:
    """The resource of the kinds `named` that has this physical name, or what it leads to."""
    reference = piece_of(name, pieces)
    if isinstance(reference, Reference):
        return referenced(graph, reference, kinds, rest, steps)
    if name.startswith("alias/") and named & {"AWS::KMS::Key"}:
        named = frozenset({"AWS::KMS::Alias"})
    value = unmarked(name, pieces)
    text = show(value)
    for kind in named:
        names = names_of(graph, kind) if graph.of(kind) else None
        found = names.exact.get(normal_name(kind, text)) if names else None
        if found is None and isinstance(value, Partial) and kind == "AWS::SSM::Parameter":
            found = _parameter(graph, value)
        if found is not None:
            return _fits(graph, found, kinds, rest, steps)
    if isinstance(value, Unknown):
        return Named(_unknown(graph, text, value, named), rest)
    if isinstance(value, Partial):
        return Named(_unknown_part(graph, value, named), rest)
    for kind in named:
        if graph.of(kind):
            for partial, _ in names_of(graph, kind).partial:
                if _maybe(partial, value):
                    return Named(Unknown(partial.reason), rest)
    return NOTHING


def _unknown_part(graph: Graph, name: Partial, kinds: Kinds) -> Unknown | None:
    """Why a name of which a part is not known may be that of a resource; None when no resource can have it."""
    unknown = next(
        (piece for piece in name.pieces if isinstance(piece, Unknown) and not _is_pseudo(piece)), None
    )
    if unknown is None or unknown.expression.startswith(_OUTSIDE):
        return None
    given = unknown.expression.startswith(_GIVEN)
    for kind in kinds:
        if graph.of(kind):
            names = names_of(graph, kind)
            if (names.unnamed and not given) or len(names.stated) > _MANY:
                return unknown
            if any(_maybe(name, other) for other in names.stated):
                return unknown
    return None


def _is_pseudo(unknown: Unknown) -> bool:
    """Whether it is the stack's name, Region or account: the same for all, so that it makes no name another's."""
    return unknown.expression.startswith("AWS::")


def _parameter(graph: Graph, name: Partial) -> Resource | None:
    """`parameter/${Parameter}`: the slash before the name belongs to the ARN."""
    if len(name.pieces) == 2 and name.prefix == "/" and isinstance(name.pieces[1], Reference):
        return graph.get(name.pieces[1].address)
    return None


def _maybe(partial: Partial, name: Value) -> bool:
    """Whether two names may be the same one."""
    try:
        return bool(partial == name)
    except NotKnown:
        return True


def _unknown(graph: Graph, text: str, unknown: Unknown, kinds: Kinds | None) -> Resource | Unknown | None:
    """What an unknown name may be: a resource named by the same expression; nothing when no resource can have it.

    What is given to a stack from outside cannot be the name that AWS makes up for a resource of the same stack.
    """
    if kinds is None:
        return None if unknown.expression.startswith(_OUTSIDE) else unknown
    given = unknown.expression.startswith(_GIVEN)
    possible = False
    for kind in kinds:
        if not graph.of(kind):
            continue
        names = names_of(graph, kind)
        found = names.exact.get(text)
        if found is not None:
            return found
        possible = possible or not given or bool(names.exact)
    return unknown if possible and not unknown.expression.startswith(_OUTSIDE) else None
