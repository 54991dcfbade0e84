"""`yamlencode` and `yamldecode`.

Source: https://developer.hashicorp.com/terraform/language/functions/yamldecode
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any

import yaml

from stackworthy.core.value import List, Map, NotKnown, OpenMap, Partial, Unknown, Value
from stackworthy.sources.terraform.bounds import MAX_DEPTH, MAX_ELEMENTS, TooLarge
from stackworthy.sources.terraform.conversions import (
    cause_of,
    first_unknown,
    normalize,
    reason_of,
    to_string,
)
from stackworthy.sources.terraform.functions.contract import Failure
from stackworthy.sources.terraform.functions.json import plain
from stackworthy.sources.terraform.functions.pieces import made_of
from stackworthy.sources.terraform.functions.placeholders import Placeholders
from stackworthy.sources.terraform.functions.time import yaml_timestamp
from stackworthy.sources.terraform.functions.yaml_writer import write_yaml
from stackworthy.sources.terraform.numbers import parse_number
from stackworthy.sources.terraform.types import Encoded, EncodedYaml

_LONG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_CERTAIN_TEXT = re.compile(r"[^0-9A-Za-z+\-.:~_ ]|[A-Za-z]{6}|[A-Za-z]:|:[A-Za-z]")
"""What no number, timestamp or other word of YAML holds."""
_SCALAR_TAGS = {"str", "bool", "int", "float", "null", "timestamp", "binary"}
_WORDS: dict[str, Value] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}


def yamlencode(value: Value) -> Value:
    """`yamlencode(value)`: a `str`, or an `EncodedYaml` with the structure when parts of it are not known."""
    unknown = first_unknown(value)
    if unknown is not None:
        return EncodedYaml((made_of("yamlencode", cause_of(unknown)),), value)
    return write_yaml(value)


def yamldecode(text: Value) -> Value:
    """`yamldecode(src)`: of the texts with unknown pieces, those in which each piece stands in a scalar."""
    if isinstance(text, Encoded):
        return plain(text.value)
    if isinstance(text, str):
        return _Decoder(text, None).decode()
    if not isinstance(text, Partial):
        raise NotKnown(reason_of(text))
    placeholders = Placeholders(text)
    try:
        return _Decoder(placeholders.marked(), placeholders).decode()
    except Failure:
        raise NotKnown(text.reason) from None


class _Decoder:
    """Reads one document, event by event."""

    def __init__(self, text: str, placeholders: Placeholders | None) -> None:
        self.text = text
        self.placeholders = placeholders
        self.anchors: dict[str, tuple[int, Value]] = {}
        self.pending: set[str] = set()
        self.nodes = 0

    def decode(self) -> Value:
        loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(self.text)
        try:
            loader.get_event()
            if loader.check_event(yaml.StreamEndEvent):
                raise Failure("on line 1, column 1: missing start of document")
            if loader.get_event().version not in (None, (1, 1)):
                raise Failure("found incompatible YAML document")
            value = self._node(loader, loader.get_event(), 0)
            loader.get_event()
            if not loader.check_event(yaml.StreamEndEvent):
                raise Failure("on line 1, column 1: unexpected extra content after value")
        except yaml.YAMLError as error:
            raise Failure(_worded(error)) from None
        finally:
            loader.dispose()
        return value

    def _node(self, loader: Any, event: Any, depth: int) -> Value:
        self.nodes += 1
        if self.nodes > MAX_ELEMENTS or depth > MAX_DEPTH:
            raise TooLarge("the YAML document is too large")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(str(event.anchor))
        before, anchor = self.nodes, event.anchor
        if anchor:
            self.pending.add(anchor)
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._sequence(loader, event, depth)
        else:
            value = self._mapping(loader, event, depth)
        if anchor:
            self.pending.discard(anchor)
            self.anchors[anchor] = (self.nodes - before + 1, value)
        return value

    def _alias(self, name: str) -> Value:
        if name in self.pending:
            raise Failure(f'cannot refer to anchor "{name}" from inside its own definition')
        if name not in self.anchors:
            raise Failure(f'reference to undefined anchor "{name}"')
        size, value = self.anchors[name]
        self.nodes += size
        if self.nodes > MAX_ELEMENTS:
            raise TooLarge("the YAML document is too large")
        return value

    def _sequence(self, loader: Any, event: Any, depth: int) -> List:
        if event.tag and event.tag != _LONG + "seq":
            raise Failure(f"can't interpret sequence as {event.tag}")
        items = List()
        while not loader.check_event(yaml.SequenceEndEvent):
            items.append(self._node(loader, loader.get_event(), depth + 1))
        loader.get_event()
        return items

    def _mapping(self, loader: Any, event: Any, depth: int) -> Map:
        if event.tag and event.tag != _LONG + "map":
            raise Failure(f"can't interpret mapping as {event.tag}")
        made: dict[str, Value] = {}
        rest: Unknown | None = None
        while not loader.check_event(yaml.MappingEndEvent):
            key = loader.get_event()
            if isinstance(key, yaml.ScalarEvent) and _is_merge(key):
                rest = self._merge(self._node(loader, loader.get_event(), depth + 1), made) or rest
                continue
            if not isinstance(key, yaml.ScalarEvent):
                raise Failure("only strings are allowed as mapping keys")
            name = to_string(self._scalar(key))
            if name is None:
                raise Failure("mapping key cannot be null")
            value = self._node(loader, loader.get_event(), depth + 1)
            if isinstance(name, str):
                made[name] = value
            else:
                rest = cause_of(name)
        loader.get_event()
        return Map(made) if rest is None else OpenMap(made.items(), rest)

    def _merge(self, value: Value, into: dict[str, Value]) -> Unknown | None:
        sequence = isinstance(value, list)
        rest: Unknown | None = None
        for item in value if sequence else [value]:
            if not isinstance(item, dict):
                where = " (from sequence)" if sequence else ""
                raise Failure(f"cannot merge {_kind(item)}{where} into mapping")
            self.nodes += len(dict.keys(item))
            into.update(item.known if isinstance(item, OpenMap) else item)
            rest = item.rest if isinstance(item, OpenMap) else rest
        return rest

    def _scalar(self, event: Any) -> Value:
        text, tag = event.value, (event.tag or "").replace(_LONG, "")
        if self.placeholders is not None and self.placeholders.is_marked(text):
            return self._partial(event)
        if tag and (tag not in _SCALAR_TAGS or not event.tag.startswith(_LONG)):
            if event.tag == "!":
                return normalize(text)
            raise Failure(f'unsupported tag "{event.tag}"')
        if tag in ("str", "binary"):
            return self._tagged_text(text, tag)
        if event.style in ("'", '"'):
            return normalize(text)
        return self._resolved(text, tag, event.style in ("|", ">"), event.start_mark)

    def _tagged_text(self, text: str, tag: str) -> Value:
        if tag == "binary":
            try:
                base64.b64decode(text, validate=True)
            except (binascii.Error, ValueError):
                message = f'cannot parse "{text}" as {_LONG}binary: not valid base64'
                raise Failure(message) from None
        return normalize(text)

    def _resolved(self, text: str, tag: str, block: bool, mark: Any) -> Value:
        if text in _WORDS and not (block and tag):
            return _WORDS[text]
        if not tag and text in (".nan", ".NaN", ".NAN"):
            raise Failure("floating point NaN is not supported")
        if text[:1] in "0123456789+-." and text:
            if tag in ("", "timestamp") and text[0] not in "+-.":
                stamp = yaml_timestamp(text)
                if stamp is not None:
                    return stamp
            if tag in ("int", "float") or (
                (text[0] == "." and _FLOAT.fullmatch(text))
                or _INTEGER.fullmatch(text)
                or _FLOAT.fullmatch(text)
            ):
                return self._number(text, "int" if _INTEGER.fullmatch(text) else "float", mark)
        if tag in ("", "null"):
            return normalize(text) if not tag else None
        raise Failure(f'cannot parse "{text}" as {_LONG}{tag}')

    def _number(self, text: str, tag: str, mark: Any) -> Value:
        digits = text.replace("_", "")
        number = parse_number(digits)
        if number is None and re.fullmatch(r"0x[0-9a-fA-F]{1,16}|0o[0-7]{1,22}", digits):
            number = int(digits, 0)
        if number is None:
            where = f"on line {mark.line}, column {mark.column + 1}: "
            raise Failure(where + f'cannot parse "{text}" as {_LONG}{tag}')
        return number

    def _partial(self, event: Any) -> Value:
        assert self.placeholders is not None
        if event.tag or (not event.style and event.start_mark.line != event.end_mark.line):
            raise NotKnown(self.placeholders.text.reason)
        value = self.placeholders.restored(normalize(event.value))
        if event.style or not isinstance(value, Partial) or _CERTAIN_TEXT.search(_known_part(value)):
            return value
        return made_of("yamldecode", value)


def _known_part(text: Partial) -> str:
    return "".join(piece for piece in text.pieces if isinstance(piece, str))


def _is_merge(event: Any) -> bool:
    return event.tag == _LONG + "merge" or (not event.tag and event.value == "<<")


def _kind(value: Value) -> str:
    from stackworthy.sources.terraform.types import type_of

    return type_of(value).friendly()


def _worded(error: yaml.YAMLError) -> str:
    """The mistake in the words of Terraform, which counts lines from 0 and names none for the first."""
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return f"on line {mark.line}, column {mark.column + 1}: {problem}" if mark and mark.line else problem


TABLE: dict[str, Callable[..., Value]] = {"yamldecode": yamldecode, "yamlencode": yamlencode}
