"""Which types of Terraform state a resource of a kind, and which of its properties satellites state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackworthy.core.origin import Route
from stackworthy.core.patch import CannotWrite
from stackworthy.core.value import List, Map
from stackworthy.sources.terraform.mapping.table import Argument, Spec, index, spec, target
from stackworthy.sources.terraform.writing.spelling import Native, spelled

APART = frozenset({"aws_s3_bucket"})
"""Types whose settings the provider wants in resources of their own, though it still reads them within."""


def attempted(found: Spec | None, tree: Map) -> Native | None:
    """The arguments that state exactly these properties, None when there are none."""
    if found is None:
        return None
    try:
        return spelled(found, tree)
    except CannotWrite:
        return None


def satellites_of(type_: str) -> list[str]:
    """The types that state parts of a type, by name."""
    service = index().get(type_)
    found = []
    for other, file in index().items():
        if file == service and other != type_:
            known = spec(other)
            if (
                known is not None
                and known.owner is not None
                and type_ in known.owner.types
                and not known.also
            ):
                found.append(other)
    return sorted(found)


_FILES = {"ce": "budgets", "applicationautoscaling": "autoscaling", "stepfunctions": "sfn"}
"""The files of services that Terraform calls something else."""


def shared_out(type_: str, wanted: Map) -> tuple[Map, list[tuple[str, Native]] | None]:
    """What a type states itself, and what its satellites do with their types; None for these when some of it nobody states."""
    if type_ not in APART and type_ != "aws_iam_role":
        return wanted, []
    own, apart = Map(), list[tuple[str, Native]]()
    known = spec(type_)
    stated = {target(entry).to.split(".")[0] for entry in (known.arguments if known else {}).values()}
    satellites = {other: found for other in satellites_of(type_) if (found := spec(other)) is not None}
    for name, value in wanted.items():
        parts = [List([item]) for item in value] if name in ("Policies", "ManagedPolicyArns") else [value]
        made = [_by_satellite(satellites, Map({name: part})) for part in parts]
        if all(found[1] for found in made):
            apart += [(other, native) for other, native in made if native]
        elif name in stated:
            own[name] = value
        else:
            return own, None
    return own, apart


def _by_satellite(satellites: Mapping[str, Spec], part: Map) -> tuple[str, Native | None]:
    spellings = ((other, attempted(found, part)) for other, found in satellites.items())
    return next(((other, native) for other, native in spellings if native), ("", None))


def types_of(kind: str) -> list[str]:
    """The types that are a kind, without satellites."""
    service = kind.split("::")[1].lower()
    service = _FILES.get(service, service)
    types = sorted(index(), key=lambda name: (index()[name] != service, name))
    found = []
    for name in types:
        known = (
            spec(name)
            if index()[name][:3] == service[:3] or service in ("ec2", "events", "elasticloadbalancingv2")
            else None
        )
        if (
            known is not None
            and known.owner is None
            and kind in (known.kind, *(known.kind_by.kinds.values() if known.kind_by else ()))
        ):
            found.append(name)
    return found


def along(found: Spec | None, route: Route) -> tuple[dict[str, Any] | None, Argument | None]:
    """The arguments of the nested block at a route, or the argument there."""
    arguments: Any = found.arguments if found is not None else {}
    goal: Argument | None = None
    for part in route:
        if isinstance(part, int):
            continue
        if arguments is None or part not in arguments:
            break
        goal = target(arguments[part])
        arguments = goal.block
    return (
        dict(arguments) if arguments is not None else None
    ), goal if goal is not None and goal.block is None else None


def json_rest(route: Route, goal: Argument) -> bool:
    """Whether the route goes on into the document that the argument holds."""
    return goal.as_ in ("json", "document", "container-definitions") and len(route) > 1
