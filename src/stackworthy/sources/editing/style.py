"""How a file is written, found from the file itself, and values written likewise."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import msgspec

from stackworthy.sources.cloudformation import yaml_text
from stackworthy.sources.editing.tree import LIST, MAP, SCALAR, Node

_SAFE = re.compile(r"[A-Za-z0-9_./$(\\][^\n\r\t]*\Z")
_UNSAFE = re.compile(r": |:$| #|[{}\[\],](?=.*)|\s$")
_NUMBER = re.compile(r"[-+]?[\d.][\d_.:eE+-]*\Z")
_LINES = re.compile(r"[^\s#][^\n]*\n(?:[^\n]*\S[^\n]*\n)*[^\n]*\S[^\n]*\n?\Z|[^\s#][^\n]*\n\Z")
"""Texts of several lines, without blank ones, that a block can hold as they are."""
_ATOMIC = ("Ref", "GetAtt", "Sub", "ImportValue", "Condition", "GetAZs", "Base64")


class Style(msgspec.Struct):
    """`step` is one level of indentation, `dashes` how far a list's dashes are indented below their key.

    `short` says that intrinsic functions are written as tags, `json` that everything is JSON, `eol` ends a line.
    """

    step: int = 2
    dashes: int = 2
    quote: str = "'"
    short: bool = True
    json: bool = False
    eol: str = "\n"

    def inline(self, value: Any, *, flow: bool = False) -> str | None:
        """The value on one line, None when it is better written on several."""
        if self.json:
            return (
                None
                if isinstance(value, (dict, list)) and value and not flow
                else json.dumps(value, ensure_ascii=False)
            )
        if isinstance(value, dict):
            tagged = self._tagged(value)
            if tagged is not None:
                return tagged
            if not value:
                return "{}"
            if not flow:
                return None
            return (
                "{"
                + ", ".join(
                    f"{self.text(key)}: {self.inline(item, flow=True)}" for key, item in value.items()
                )
                + "}"
            )
        if isinstance(value, list):
            if value and not flow:
                return None
            return "[" + ", ".join(str(self.inline(item, flow=True)) for item in value) + "]"
        if isinstance(value, str):
            return self.text(value, flow=flow) if "\n" not in value else json.dumps(value, ensure_ascii=False)
        return json.dumps(value)

    def _tagged(self, value: dict[str, Any]) -> str | None:
        """`!GetAtt Queue.Arn` for a function of one text."""
        if not self.short or len(value) != 1:
            return None
        name, argument = next(iter(value.items()))
        short = name.removeprefix("Fn::")
        if short not in _ATOMIC or (short == name and name not in ("Ref", "Condition")):
            return None
        if short == "GetAtt" and isinstance(argument, list):
            argument = ".".join(map(str, argument))
        return (
            f"!{short} {self.text(argument)}" if isinstance(argument, str) and "\n" not in argument else None
        )

    def text(self, value: str, *, flow: bool = False) -> str:
        """A text, in quotes where it would mean something else without them."""
        if self.json:
            return json.dumps(value, ensure_ascii=False)
        plain = _SAFE.match(value) and not re.search(r": |:\Z| #|\s\Z", value)
        if plain and flow and re.search(r"[{}\[\],]", value):
            plain = None
        if plain and yaml_text.plain(value) == value and not _NUMBER.match(value):
            return value
        if value == "*" or self.quote == "'":
            return "'" + value.replace("'", "''") + "'" if value.isprintable() else json.dumps(value)
        return json.dumps(value, ensure_ascii=False)

    def entry(self, key: str, value: Any, column: int) -> list[str]:
        """The lines of a key with its value; the first begins at `column`, without the spaces before it."""
        name = self.text(key)
        if isinstance(value, str) and _LINES.match(value) and not self.json:
            pad = " " * (column + self.step)
            keep = "|" if value.endswith("\n") else "|-"
            return [
                f"{name}: {keep}",
                *(pad + line if line else "" for line in value.removesuffix("\n").split("\n")),
            ]
        short = self.inline(value)
        if short is not None:
            return [f"{name}: {short}"]
        if self.json:
            first, *rest = self.block(value, column)
            return [f"{name}: {first}", *rest]
        below = column + (self.dashes if isinstance(value, list) else self.step)
        if self._function_of_list(value):
            ((function, arguments),) = value.items()
            return [
                f"{name}: !{function.removeprefix('Fn::')}",
                *self._padded(self.block(arguments, column + self.step), column + self.step),
            ]
        return [f"{name}:", *self._padded(self.block(value, below), below)]

    def _function_of_list(self, value: Any) -> bool:
        return (
            self.short
            and isinstance(value, dict)
            and len(value) == 1
            and next(iter(value)).startswith("Fn::")
            and isinstance(next(iter(value.values())), list)
        )

    def _padded(self, lines: list[str], column: int) -> list[str]:
        return [" " * column + lines[0], *lines[1:]]

    def block(self, value: Any, column: int) -> list[str]:
        """The lines of a map or list whose first one begins at `column`, without the spaces before it."""
        if self.json:
            return _json_lines(value, column, self.step)
        lines: list[str] = []
        if isinstance(value, dict):
            for key, item in value.items():
                lines += self._next(self.entry(key, item, column), lines, column)
            return lines
        for item in value:
            short = self.inline(item)
            inner = [short] if short is not None else self.block(item, column + 2)
            lines += self._next([f"- {inner[0]}", *inner[1:]], lines, column)
        return lines

    def _next(self, made: list[str], lines: list[str], column: int) -> list[str]:
        return self._padded(made, column) if lines else made


def _json_lines(value: Any, column: int, step: int) -> list[str]:
    lines = json.dumps(value, indent=step, ensure_ascii=False).split("\n")
    return [lines[0], *(" " * column + line for line in lines[1:])]


def style_of(root: Node | None, text: str, *, json: bool) -> Style:
    """The style of a file, from what is written in it."""
    eol = "\r\n" if "\r\n" in text else "\n"
    if json:
        return Style(step=_json_step(text), json=True, eol=eol)
    steps: Counter[int] = Counter()
    dashes: Counter[int] = Counter()
    quotes: Counter[str] = Counter()
    functions: Counter[bool] = Counter()
    pending = [root] if root is not None else []
    while pending:
        node = pending.pop()
        if node.tag and node.tag not in ("!", "!!str"):
            functions[True] += 1
        if node.kind == SCALAR and node.style in ("'", '"'):
            quotes[node.style] += 1
        for entry in node.entries:
            if entry.key == "Ref" or entry.key.startswith("Fn::"):
                functions[False] += 1
            below = entry.value
            if not node.flow and not below.flow and not below.alias:
                distance = column_of(text, below.start) - column_of(text, entry.start)
                if below.kind == MAP and below.entries and distance > 0:
                    steps[distance] += 1
                elif below.kind == LIST and below.items and distance >= 0:
                    dashes[distance] += 1
            pending.append(below)
        pending.extend(node.items)
    step = steps.most_common(1)[0][0] if steps else 2
    return Style(
        step=step,
        dashes=dashes.most_common(1)[0][0] if dashes else step,
        quote=quotes.most_common(1)[0][0] if quotes else "'",
        short=functions[True] >= functions[False],
        eol=eol,
    )


def column_of(text: str, index: int) -> int:
    """How far a character stands from the start of its line."""
    return index - (text.rfind("\n", 0, index) + 1)


def _json_step(text: str) -> int:
    found = re.search(r"[{\[][ \t]*\r?\n([ ]+)\S", text)
    return len(found.group(1)) if found else 2
