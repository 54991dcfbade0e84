"""`Fn::ForEach` of the `AWS::LanguageExtensions` transform.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

PREFIX = "Fn::ForEach::"
MAX_MADE = 5_000
MAX_WORK = 500_000
"""Values that one loop may write out, all rounds of it and of those inside it taken together."""

_NOT_ALPHANUMERIC = re.compile(r"[^A-Za-z0-9]")

Items = Callable[[Any], list[str] | None]
Route = tuple[str | int, ...]


class Loop(Exception):
    """A loop that cannot be run; the message says why."""


def expand_loop(name: str, body: Any, items: Items) -> list[tuple[str, Any, Route]]:
    """The entries that a loop makes: key, body, and the route from the loop's own map to the body that was written.

    Raises `Loop` when it is malformed, runs over what is not known, or makes more than any template may have.
    """
    run = _Run(name, items)
    return list(run.entries(name, body, (name,)))


class _Run:
    """One outermost loop with those inside it, and what it has cost so far."""

    def __init__(self, name: str, items: Items) -> None:
        self.name = name
        self.items = items
        self.made = 0
        self.work = 0

    def entries(self, name: str, body: Any, route: Route) -> Iterator[tuple[str, Any, Route]]:
        if not (
            isinstance(body, list)
            and len(body) == 3
            and isinstance(body[0], str)
            and isinstance(body[2], dict)
        ):
            raise Loop(f"{name} needs an identifier, a collection and a map")
        identifier, collection, template = body
        texts = self.items(collection)
        if texts is None:
            raise Loop(f"{name} runs over a collection that is not known")
        for text in texts:
            self.count(len(template) + 1)
            for key, item in template.items():
                made = self.substitute(item, identifier, text)
                if key.startswith(PREFIX):
                    yield from self.entries(key, made, (*route, 2, key))
                else:
                    self.made += 1
                    if self.made > MAX_MADE:
                        raise Loop(f"{self.name} makes more than {MAX_MADE:,} entries")
                    yield _text(key, identifier, text), made, (*route, 2, key)

    def count(self, values: int) -> None:
        self.work += values
        if self.work > MAX_WORK:
            raise Loop(f"{self.name} writes out more than {MAX_WORK:,} values")

    def substitute(self, raw: Any, identifier: str, text: str) -> Any:
        """The tree with `${Identifier}`, `&{Identifier}` and `Ref: Identifier` replaced."""
        if isinstance(raw, str):
            return _text(raw, identifier, text)
        if isinstance(raw, list):
            self.count(len(raw))
            return [self.substitute(item, identifier, text) for item in raw]
        if isinstance(raw, dict):
            if len(raw) == 1 and raw.get("Ref") == identifier:
                return text
            self.count(len(raw))
            return {
                _text(key, identifier, text): self.substitute(item, identifier, text)
                for key, item in raw.items()
            }
        return raw


def _text(raw: str, identifier: str, text: str) -> str:
    if "{" not in raw:
        return raw
    if "&{" in raw:
        raw = raw.replace("&{" + identifier + "}", _NOT_ALPHANUMERIC.sub("", text))
    return raw.replace("${" + identifier + "}", text)
