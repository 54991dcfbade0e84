"""Values of the graph as a template writes them: references and texts with references become intrinsic functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stackworthy.core.fix import ADDED
from stackworthy.core.patch import CannotWrite
from stackworthy.core.value import ABSENT, OpenList, OpenMap, Partial, Reference, Unknown, Value
from stackworthy.sources.cloudformation.scope import PSEUDO, Scope


class Names:
    """The logical ids of a template, and of what the same fix adds to it."""

    def __init__(self, scope: Scope, added: Mapping[str, str]) -> None:
        self.scope = scope
        self.added = added

    def __getitem__(self, address: str) -> str:
        """The name by which the template refers to a resource; raises `CannotWrite`."""
        if address.startswith(ADDED):
            return self.added[address.removeprefix(ADDED)]
        return logical_id(self.scope, address)


def raw(names: Names, value: Value) -> Any:
    """The value as dicts, lists and scalars with intrinsics in long form; raises `CannotWrite` for what has no words here."""
    if isinstance(value, Reference):
        name = names[value.address]
        return {"Ref": name} if value.attribute == "Ref" else {"Fn::GetAtt": [name, value.attribute]}
    if isinstance(value, Partial):
        return {"Fn::Sub": "".join(_piece(names, piece) for piece in value.pieces)}
    if isinstance(value, Unknown):
        if value.expression in PSEUDO:
            return {"Ref": value.expression}
        parameter = value.expression.removeprefix("Ref ")
        if parameter != value.expression and parameter in names.scope.declared:
            return {"Ref": parameter}
        raise CannotWrite(f"the new value is not known: {value.reason}")
    if value is ABSENT:
        raise CannotWrite("the new value is not stated anywhere")
    if isinstance(value, (OpenList, OpenMap)):
        raise CannotWrite("the new value is known only in part")
    if isinstance(value, dict):
        return {key: raw(names, item) for key, item in value.items()}
    if isinstance(value, list):
        return [raw(names, item) for item in value]
    return value


def _piece(names: Names, piece: str | Reference | Unknown) -> str:
    if isinstance(piece, str):
        return re.sub(r"\$\{(?!!)", "${!", piece)
    if isinstance(piece, Unknown):
        if piece.expression in PSEUDO:
            return "${" + piece.expression + "}"
        raise CannotWrite(f"the new value is not known: {piece.reason}")
    name = names[piece.address]
    return "${" + (name if piece.attribute == "Ref" else f"{name}.{piece.attribute}") + "}"


def logical_id(scope: Scope, address: str) -> str:
    """The name by which a template refers to a resource of its own."""
    for name, known in scope.addresses.items():
        if known == address:
            return name
    raise CannotWrite(
        f"{address} stands in another template",
        "pass it as a parameter, or through an export, and refer to that",
    )
