"""The metrics that a dashboard draws.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.aws.documents import document
from stackworthy.core.value import List, Map, NotKnown, OpenList, Unknown, Value

Drawn = tuple[str, str, frozenset[str]]


def drawn(body: Value) -> Iterator[Drawn]:
    """Namespace, name and dimension names of every line of every metric widget; raises `NotKnown`.

    Expressions and lines whose metric is given by a parameter are left out.
    """
    board = document(body)
    if isinstance(board, Unknown):
        raise NotKnown(board.reason)
    widgets = board["widgets"] if isinstance(board, Map) else None
    for widget in (
        widgets.known if isinstance(widgets, OpenList) else widgets if isinstance(widgets, List) else ()
    ):
        properties = widget["properties"] if isinstance(widget, Map) else None
        lines = properties["metrics"] if isinstance(properties, Map) else None
        if isinstance(lines, List) and not isinstance(lines, OpenList):
            yield from _lines(lines)


def _lines(lines: List) -> Iterator[Drawn]:
    before: list[Value] = []
    for line in lines:
        if not isinstance(line, List) or isinstance(line, OpenList):
            continue
        parts = [part for part in line if not isinstance(part, Map)]
        if not parts:
            continue
        before = _spelt_out(parts, before)
        namespace, name, *rest = [*before, "", ""] if len(before) < 2 else before
        names = rest[::2]
        if (
            isinstance(namespace, str)
            and isinstance(name, str)
            and all(isinstance(one, str) for one in names)
        ):
            yield namespace, name, frozenset(str(one) for one in names)


def _spelt_out(parts: list[Value], before: list[Value]) -> list[Value]:
    """A line without its dots: "." repeats what stands above, "..." all that is not said at the end."""
    if isinstance(parts[0], str) and parts[0] == "...":
        ending = parts[1:]
        return [*before[: max(0, len(before) - len(ending))], *ending]
    return [
        before[index] if isinstance(part, str) and part == "." and index < len(before) else part
        for index, part in enumerate(parts)
    ]
