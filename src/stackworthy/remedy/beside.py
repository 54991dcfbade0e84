"""Whether a property that was changed still says all that nobody meant to change."""

from __future__ import annotations

from collections.abc import Sequence

from stackworthy.core.path import Path, Segment, Selector
from stackworthy.core.value import ABSENT, List, Map, OpenList, OpenMap, Unknown, Value, same


def kept(before: Value, after: Value, paths: Sequence[Path]) -> bool:
    """Whether `after` says what `before` says wherever none of the paths leads. Lists may grow where a path names an element, and lose what one names."""
    if not all(paths) or same(before, after):
        return True
    if not paths:
        return False
    if before is ABSENT or isinstance(before, (Unknown, OpenMap, OpenList)):
        return True
    if isinstance(before, Map) and isinstance(after, Map):
        return all(
            kept(dict.get(before, key, ABSENT), dict.get(after, key, ABSENT), _below(paths, key))
            for key in dict.fromkeys((*before, *after))
        )
    if isinstance(before, List) and after is ABSENT:
        return all(_is_named(paths, index, one) for index, one in enumerate(before))
    if isinstance(before, List) and isinstance(after, List):
        stays = list(enumerate(before))
        if len(after) < len(before):
            stays = [(index, one) for index, one in stays if not _is_named(paths, index, one)]
        return len(after) >= len(stays) and all(
            kept(one, other, _below(paths, index, one))
            for (index, one), other in zip(stays, after, strict=False)
        )
    return False


def _is_named(paths: Sequence[Path], index: int, element: Value) -> bool:
    """Whether a path ends at an element."""
    return any(len(path) == 1 and _leads(path[0], index, element) for path in paths)


def _below(paths: Sequence[Path], key: str | int, element: Value = ABSENT) -> list[Path]:
    """What is left of the paths that lead through a key or an element."""
    return [path[1:] for path in paths if _leads(path[0], key, element)]


def _leads(segment: Segment, key: str | int, element: Value) -> bool:
    if isinstance(segment, Selector):
        return isinstance(element, Map) and same(dict.get(element, segment.key, ABSENT), segment.value)
    return segment == key or segment == "[]"
