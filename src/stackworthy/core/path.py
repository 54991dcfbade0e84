"""Property paths: `TracingConfig.Mode`, `Rules[0].Status`, `Rules[Id=chunks].ExpirationInDays`, `Rules[].Status`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class Selector(NamedTuple):
    """The element of a list whose `key` has this value."""

    key: str
    value: str


Segment = str | int | Selector
Path = tuple[Segment, ...]

_SEGMENT = re.compile(r"([^.\[\]]+)|\[(\d+)\]|\[([^=\]]+)=([^\]]*)\]|(\[\])")


@lru_cache(maxsize=8192)
def parse(path: str) -> Path:
    """The segments of a path; an empty path has none. Raises `ValueError` when it is not a path."""
    segments: list[Segment] = []
    position = 0
    while position < len(path):
        if path[position] == "." and segments:
            position += 1
        found = _SEGMENT.match(path, position)
        if not found:
            raise ValueError(f"not a property path: {path!r}")
        name, index, key, value, every = found.groups()
        if name is not None:
            segments.append(name)
        elif index is not None:
            segments.append(int(index))
        elif key is not None:
            segments.append(Selector(key, value))
        else:
            segments.append(every)
        position = found.end()
    return tuple(segments)


def unparse(path: Path) -> str:
    """The text of a path; the reverse of `parse`."""
    text = ""
    for segment in path:
        if isinstance(segment, int):
            text += f"[{segment}]"
        elif isinstance(segment, Selector):
            text += f"[{segment.key}={segment.value}]"
        elif segment == "[]":
            text += "[]"
        else:
            text += f".{segment}" if text else segment
    return text


@lru_cache(maxsize=8192)
def general(path: str) -> str:
    """The path with every list position made general: `Rules[0].Status` and `Rules[Id=x].Status` give `Rules[].Status`."""
    return re.sub(r"\[[^\]]*\]", "[]", path)
