"""Values as plain data: what JSON shows of what is not known."""

from __future__ import annotations

from typing import Any

from stackworthy.core.value import ABSENT, OpenList, OpenMap, Partial, Reference, Unknown, Value


def plain(value: Value) -> Any:
    """The value with `{"$unknown": reason}`, `{"$ref": [address, attribute]}` and `{"$partial": [pieces]}` for what is not known.

    A list or map that may go on ends with `{"$unknown": reason}`, a map under the key `$rest`. Absent is null.
    """
    if isinstance(value, Unknown):
        return {"$unknown": value.reason}
    if isinstance(value, Reference):
        return {"$ref": [value.address, value.attribute]}
    if isinstance(value, Partial):
        return {"$partial": [plain(piece) for piece in value.pieces]}
    if isinstance(value, OpenMap):
        return {**{key: plain(item) for key, item in value.known.items()}, "$rest": plain(value.rest)}
    if isinstance(value, OpenList):
        return [*(plain(item) for item in value.known), plain(value.rest)]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return None if value is ABSENT else value
