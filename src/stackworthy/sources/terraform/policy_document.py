"""The policy that `aws_iam_policy_document` renders, in the provider's order, as far as its parts are known.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from stackworthy.core.value import (
    ABSENT,
    List,
    Map,
    OpenList,
    OpenMap,
    Partial,
    Reference,
    Unknown,
    Value,
    joined,
)
from stackworthy.sources.terraform.access import Invalid
from stackworthy.sources.terraform.conversions import first_unknown, reason_of, to_string
from stackworthy.sources.terraform.types import Encoded, EncodedJson, ScatteredList

if TYPE_CHECKING:
    from collections.abc import Iterable

_STATEMENT_KEYS = (
    "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition",
)  # fmt: skip
_VERSION = "2012-10-17"


def policy_document(config: Map, address: str, *, minified: bool = False) -> Value:
    """The rendered document: text when all of it is known, else `EncodedJson`, whose `value` is the structure."""
    own = Map(Version=_stated(config, "version") or _VERSION)
    identifier = _stated(config, "policy_id")
    if identifier is not None:
        own["Id"] = identifier
    blocks = config["statement"]
    own["Statement"] = _each(blocks, _statement)
    merged: Map = Map(Statement=List())
    try:
        for source in _documents(config, "source_policy_documents", "source_json"):
            merged = _merge(merged, source)
        merged = _merge(merged, own)
        for over in _documents(config, "override_policy_documents", "override_json"):
            merged = _merge(merged, over, overrides=True)
    except ValueError:
        return Invalid(f"{address} merges a document that is no policy")
    except _Undecided as error:
        return Unknown(error.cause.reason, f"{address}.json")
    result = Map((key, merged[key]) for key in ("Version", "Id", "Statement") if _there(merged[key]))
    return encoded(result, indent=None if minified else 2)


class _Undecided(Exception):
    def __init__(self, cause: Unknown) -> None:
        super().__init__(cause.reason)
        self.cause = cause


def _there(value: Value) -> bool:
    if value is ABSENT or value is None:
        return False
    return (
        not isinstance(value, (str, list, dict)) or isinstance(value, (OpenList, OpenMap)) or len(value) > 0
    )


def _stated(config: dict[str, Value], name: str) -> Value:
    value = dict.get(config, name)
    return value if _there(value) else None


def _blocks(value: Value) -> tuple[list[Value], Unknown | None]:
    """The blocks of a type, however they were written, and why there may be more."""
    if isinstance(value, OpenList):
        return value.known, value.rest
    if isinstance(value, list):
        return list(value), None
    if isinstance(value, dict):
        return [value], None
    if isinstance(value, (Unknown, Reference)):
        return [], Unknown(reason_of(value))
    return [], None


def _each(value: Value, render: Any) -> List:
    blocks, rest = _blocks(value)
    items = [render(block) if isinstance(block, dict) else block for block in blocks]
    return List(items) if rest is None else OpenList(items, rest)


def _statement(block: Map) -> Map:
    statement = Map()
    if (sid := _stated(block, "sid")) is not None:
        statement["Sid"] = sid
    effect = _stated(block, "effect")
    statement["Effect"] = "Allow" if effect is None else effect
    for key, name in (("Action", "actions"), ("NotAction", "not_actions")):
        if (values := _stated(block, name)) is not None:
            statement[key] = _one_or_many(_strings(values))
    for key, name in (("Resource", "resources"), ("NotResource", "not_resources")):
        if (values := _stated(block, name)) is not None:
            statement[key] = _one_or_many(_with_variables(_strings(values)))
    for key, name in (("Principal", "principals"), ("NotPrincipal", "not_principals")):
        if _there(block[name]):
            statement[key] = _principals(block[name])
    if _there(block["condition"]):
        statement["Condition"] = _conditions(block["condition"])
    return statement


def _strings(value: Value) -> Value:
    """A set of strings in descending order, as the provider writes them; what is not known stands last."""
    if not isinstance(value, list):
        return value
    items = value.known if isinstance(value, OpenList) else value
    known = sorted({item for item in items if isinstance(item, str)}, reverse=True)
    others: dict[str, Value] = {}
    for item in items:
        if isinstance(item, (Partial, Reference, Unknown)):
            others.setdefault(repr(item), item)
    if isinstance(value, OpenList):
        return ScatteredList([*known, *others.values()], value.rest)
    return List([*known, *others.values()])


def _with_variables(value: Value) -> Value:
    """`&{...}` is how a policy variable is written beside Terraform's own `${...}`."""
    if isinstance(value, str):
        return value.replace("&{", "${")
    if isinstance(value, Partial) and not isinstance(value, Encoded):
        return joined(_with_variables(piece) for piece in value.pieces)
    if isinstance(value, OpenList):
        return type(value)([_with_variables(item) for item in value.known], value.rest)
    if isinstance(value, list):
        return List(_with_variables(item) for item in value)
    return value


def _one_or_many(value: Value) -> Value:
    if isinstance(value, list) and not isinstance(value, OpenList) and len(value) == 1:
        return value[0]
    return value


def _principals(value: Value) -> Value:
    blocks, rest = _blocks(value)
    found: dict[str, list[Value]] = {}
    opened: dict[str, Unknown] = {}
    for block in blocks:
        kind = block["type"] if isinstance(block, dict) else None
        if not isinstance(kind, str):
            rest = Unknown(reason_of(block) or "a principal has no type")
            continue
        items = _with_variables(_strings(block["identifiers"]))
        if isinstance(items, OpenList):
            opened[kind] = items.rest
            items = items.known
        if isinstance(items, list):
            found.setdefault(kind, []).extend(items)
        else:
            found.setdefault(kind, [])
            opened[kind] = Unknown(reason_of(items) or "identifiers are missing")
    if rest is None and not opened and found == {"*": ["*"]}:
        return "*"
    result = Map()
    for kind in sorted(found):
        if kind in opened:
            result[kind] = ScatteredList(found[kind], opened[kind]) if found[kind] else opened[kind]
        else:
            result[kind] = _one_or_many(List(found[kind]))
    return result if rest is None else OpenMap(result.items(), rest)


def _conditions(value: Value) -> Value:
    blocks, rest = _blocks(value)
    tests: dict[str, dict[str, Value]] = {}
    for block in blocks:
        test, variable = (block["test"], block["variable"]) if isinstance(block, dict) else (None, None)
        if not isinstance(test, str) or not isinstance(variable, str):
            rest = Unknown(reason_of(block) or "a condition is incomplete")
            continue
        values = _with_variables(_texts(block["values"]))
        variables = tests.setdefault(test, {})
        before = variables.get(variable)
        if isinstance(before, list) and isinstance(values, list):
            values = List([*list.__iter__(before), *list.__iter__(values)])
        variables[variable] = values
    result = Map(
        (test, Map((name, _one_or_many(tests[test][name])) for name in sorted(tests[test])))
        for test in sorted(tests)
    )
    return result if rest is None else OpenMap(result.items(), rest)


def _texts(value: Value) -> Value:
    if isinstance(value, OpenList) or not isinstance(value, list):
        return value
    return List(to_string(item) if isinstance(item, (bool, int, float)) else item for item in value)


def _documents(config: Map, many: str, one: str) -> Iterable[Map | Unknown]:
    texts: list[Value] = []
    rest: Unknown | None = None
    stated = _stated(config, many)
    if isinstance(stated, list):
        texts, rest = _blocks(stated)
    elif stated is not None:
        rest = Unknown(reason_of(stated))
    if (single := _stated(config, one)) is not None:
        texts = [*texts, single]
    for text in texts:
        if isinstance(text, Encoded) and isinstance(text.value, dict):
            yield _parsed(text.value)
        elif isinstance(text, str):
            if text:
                yield _parsed(json.loads(text))
        elif text is not ABSENT and text is not None:
            yield Unknown(reason_of(text) or "a merged document is not known")
    if rest is not None:
        yield rest


def _parsed(document: Any) -> Map:
    if not isinstance(document, dict):
        raise ValueError("not a policy")
    statements = document.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    result = Map((key, value) for key, value in document.items() if key in ("Version", "Id"))
    if isinstance(statements, OpenList):
        result["Statement"] = OpenList([_ordered(item) for item in statements.known], statements.rest)
    elif isinstance(statements, list):
        result["Statement"] = List(_ordered(item) for item in statements)
    elif isinstance(statements, Unknown):
        result["Statement"] = OpenList([], statements)
    else:
        result["Statement"] = List()
    return result


def _ordered(statement: Value) -> Value:
    if not isinstance(statement, dict):
        return statement
    return Map((key, _plain(statement[key])) for key in _STATEMENT_KEYS if dict.__contains__(statement, key))


def _plain(value: Any) -> Value:
    """What `json.loads` gave, in the project's containers."""
    if type(value) is dict:
        return Map((key, _plain(item)) for key, item in value.items())
    if type(value) is list:
        return List(_plain(item) for item in value)
    return value


def _merge(document: Map, addition: Map | Unknown, *, overrides: bool = False) -> Map:
    """Add to a document; a statement takes the place of an earlier one with the same Sid."""
    if isinstance(addition, Unknown):
        if overrides:
            raise _Undecided(addition)
        merged = Map(document)
        merged["Statement"] = ScatteredList(_blocks(document["Statement"])[0], addition)
        return merged
    merged = Map(document)
    versions = [part["Version"] for part in (document, addition) if isinstance(part["Version"], str)]
    if versions:
        merged["Version"] = max(versions)
    if _there(addition["Id"]):
        merged["Id"] = addition["Id"]
    items, rest = _blocks(document["Statement"])
    more, more_rest = _blocks(addition["Statement"])
    for statement in more:
        sid = statement["Sid"] if isinstance(statement, dict) else None
        places = [
            position
            for position, earlier in enumerate(items)
            if isinstance(sid, str)
            and sid
            and isinstance(earlier, dict)
            and isinstance(earlier["Sid"], str)
            and earlier["Sid"] == sid
        ]
        if places:
            items[places[0]] = statement
        else:
            items.append(statement)
    unknown = more_rest if rest is None else rest
    if unknown is None:
        merged["Statement"] = List(items)
    elif rest is None and not isinstance(addition["Statement"], ScatteredList):
        merged["Statement"] = OpenList(items, unknown)
    else:
        merged["Statement"] = ScatteredList(items, unknown)
    return merged


def encoded(value: Value, indent: int | None) -> Value:
    """The structure as the provider's language writes it in JSON: text, or `EncodedJson` where a part is not known."""
    if first_unknown(value) is None:
        layout: dict[str, Any] = {"indent": indent} if indent else {"separators": (",", ":")}
        return _escaped(json.dumps(value, ensure_ascii=False, **layout))
    pieces = list(_pieces(value))
    whole = joined(pieces)
    if isinstance(whole, Partial):
        return EncodedJson(whole.pieces, value)
    return whole


def _escaped(text: str) -> str:
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _pieces(value: Value) -> Iterable[Value]:
    """The parts of the compact text."""
    if isinstance(value, dict):
        known = value.known if isinstance(value, OpenMap) else value
        for position, (key, item) in enumerate(known.items()):
            yield "," if position else "{"
            yield f"{json.dumps(key, ensure_ascii=False)}:"
            yield from _pieces(item)
        yield "" if known else "{"
        yield value.rest if isinstance(value, OpenMap) else ""
        yield "}"
    elif isinstance(value, list):
        yield "["
        for position, item in enumerate(list.__iter__(value)):
            yield "," if position else ""
            yield from _pieces(item)
        yield value.rest if isinstance(value, OpenList) else ""
        yield "]"
    elif isinstance(value, Partial):
        yield '"'
        for piece in value.pieces:
            yield _escaped(json.dumps(piece, ensure_ascii=False)[1:-1]) if isinstance(piece, str) else piece
        yield '"'
    elif isinstance(value, Reference):
        yield from ('"', value, '"')
    elif isinstance(value, Unknown):
        yield value
    else:
        yield _escaped(json.dumps(value, ensure_ascii=False))
