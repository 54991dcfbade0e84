"""Types of the `awscc` provider, which follow CloudFormation's names by convention (`awscc_lambda_function`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from stackworthy.aws.schemas import kinds, schema
from stackworthy.sources.terraform.mapping.table import Argument, Spec

PREFIX = "awscc_"


@cache
def _by_name() -> dict[str, str]:
    return {
        snake(kind.removeprefix("AWS::").replace("::", "_")).replace("__", "_"): kind
        for kind in kinds()
        if kind.startswith("AWS::")
    }


def snake(name: str) -> str:
    """`VisibilityTimeout` as the provider writes it: `visibility_timeout`; `KMSKeyId` is `kms_key_id`."""
    parts = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", parts).lower()


@cache
def spec(type_: str) -> Spec | None:
    """What an `awscc` type is; None for other providers' types and for kinds that nobody registered."""
    if not type_.startswith(PREFIX):
        return None
    kind = _by_name().get(type_.removeprefix(PREFIX))
    found = schema(kind) if kind is not None else None
    if kind is None or found is None:
        return None
    attributes = {snake(name.replace(".", "_")): name for name in found.attributes}
    below: dict[str, list[tuple[str, str]]] = {}
    for path, type_of in found.paths():
        parent, _, name = path.rpartition(".")
        if not name.endswith("[]") and name != "*":
            below.setdefault(parent, []).append((name, type_of))
    return Spec(kind=kind, arguments=_arguments(below, ""), attributes={**attributes, "id": "Ref"})


def _arguments(below: Mapping[str, list[tuple[str, str]]], path: str) -> dict[str, str | Argument]:
    arguments: dict[str, str | Argument] = {}
    for name, kind in below.get(path, ()):
        inner = f"{path}.{name}" if path else name
        if kind == "object" and inner in below:
            arguments[snake(name)] = Argument(to=name, block=_arguments(below, inner))
        elif kind == "list" and inner + "[]" in below:
            arguments[snake(name)] = Argument(to=name, each=True, block=_arguments(below, inner + "[]"))
        else:
            arguments[snake(name)] = Argument(to=name, as_="json") if kind == "json" else name
    return arguments
