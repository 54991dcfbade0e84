"""`Fn::ForEach` of the `AWS::LanguageExtensions` transform.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

PREFIX = "Fn::ForEach::"
MAX_MADE = 5_000

Items = Callable[[Any], list[str] | None]


class Loop(Exception):
    """A loop that cannot be run; the message says why."""


def expand_loop(name: str, body: Any, items: Items) -> Iterator[tuple[str, Any, tuple[str | int, ...]]]:
    """The entries that a loop makes: key, body, and the route from the loop's own map to the body that was written.

    Raises `Loop` when it is malformed, runs over what is not known, or makes more entries than any template may have.
    """
    for count, (key, item, route) in enumerate(_expand(name, body, items, (name,))):
        if count >= MAX_MADE:
            raise Loop(f"{name} makes more than {MAX_MADE:,} entries")
        yield key, item, route


def _expand(
    name: str, body: Any, items: Items, route: tuple[str | int, ...]
) -> Iterator[tuple[str, Any, tuple[str | int, ...]]]:
    if not (
        isinstance(body, list) and len(body) == 3 and isinstance(body[0], str) and isinstance(body[2], dict)
    ):
        raise Loop(f"{name} needs an identifier, a collection and a map")
    identifier, collection, template = body
    texts = items(collection)
    if texts is None:
        raise Loop(f"{name} runs over a collection that is not known")
    if len(texts) > MAX_MADE:
        raise Loop(f"{name} makes more than {MAX_MADE:,} entries")
    for text in texts:
        for key, item in template.items():
            made = substitute(item, identifier, text)
            if key.startswith(PREFIX):
                yield from _expand(key, made, items, (*route, 2, key))
            else:
                yield _text(key, identifier, text), made, (*route, 2, key)


def substitute(raw: Any, identifier: str, text: str) -> Any:
    """The tree with `${Identifier}`, `&{Identifier}` and `Ref: Identifier` replaced."""
    if isinstance(raw, str):
        return _text(raw, identifier, text)
    if isinstance(raw, list):
        return [substitute(item, identifier, text) for item in raw]
    if isinstance(raw, dict):
        if raw == {"Ref": identifier}:
            return text
        return {_text(key, identifier, text): substitute(item, identifier, text) for key, item in raw.items()}
    return raw


def _text(raw: str, identifier: str, text: str) -> str:
    if "{" not in raw:
        return raw
    plain = re.sub(r"[^A-Za-z0-9]", "", text)
    return raw.replace("${" + identifier + "}", text).replace("&{" + identifier + "}", plain)
