"""The SAM transform: from an author's template to the plain resources that it stands for.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from stackworthy.aws.partitions import partition_of

from . import implicit_api
from .context import Context, resource_route
from .expansion import Expansion
from .limits import fault
from .merge_globals import merge_globals
from .references import rewrite_references
from .registry import LAST, ORDER, expander

PREFIX = "AWS::Serverless::"


def expand(
    template: Mapping[str, Any],
    parameters: Mapping[str, Any],
    *,
    region: str = "us-east-1",
    managed_policies: Mapping[str, str] | None = None,
) -> Expansion:
    """Replace every `AWS::Serverless::*` resource by the plain resources that it stands for.

    `template` is plain data with intrinsics in long form and stays untouched; the expansion shares its parts. `parameters` are
    values given for the template's parameters; defaults are filled in. `managed_policies` maps names of AWS managed
    policies to their ARNs; a name that is not in it stays a name. Nothing is raised for a strange template: see `Expansion.problems`.
    """
    refusal = fault(template)
    if refusal is not None:
        return Expansion(problems=[((), refusal)])
    context = _context(template, parameters, region, managed_policies or {})
    implicit_api.collect(context)
    merge_globals(context)
    if any("Connectors" in resource for resource in context.resources.values()):
        import_module(f"{__package__}.connector").embed(context)
    for logical_id in _in_order(context.resources):
        _expand_one(context, logical_id)
    if context.drawer("deployment", list):
        import_module(f"{__package__}.deployment").add_deployments(context)
    rewrite_references(context)
    return context.expansion


def _context(
    template: Mapping[str, Any],
    parameters: Mapping[str, Any],
    region: str,
    managed_policies: Mapping[str, str],
) -> Context:
    expansion = Expansion()
    authored = template.get("Resources")
    resources: dict[str, dict[str, Any]] = {}
    for logical_id, resource in (authored if isinstance(authored, dict) else {}).items():
        if not isinstance(logical_id, str) or not isinstance(resource, dict):
            expansion.problems.append((("Resources", str(logical_id)), "is not a resource: it must be a map"))
            continue
        resources[logical_id] = resource
        if not _is_sam(resource):
            expansion.resources[logical_id] = resource
    partition = partition_of(region)
    values = {"AWS::Region": region, "AWS::Partition": partition, **_defaults(template), **parameters}
    return Context(template, values, region, expansion, resources, managed_policies, partition)


def _defaults(template: Mapping[str, Any]) -> dict[str, Any]:
    declared = template.get("Parameters")
    if not isinstance(declared, dict):
        return {}
    return {
        name: body["Default"]
        for name, body in declared.items()
        if isinstance(body, dict) and "Default" in body
    }


def _is_sam(resource: Mapping[str, Any]) -> bool:
    kind = resource.get("Type")
    return isinstance(kind, str) and kind.startswith(PREFIX)


def _in_order(resources: Mapping[str, Mapping[str, Any]]) -> list[str]:
    sam = {
        logical_id: str(resource["Type"]) for logical_id, resource in resources.items() if _is_sam(resource)
    }
    named = {kind for kinds in ORDER for kind in kinds} | {LAST}
    ordered = [logical_id for kinds in ORDER for logical_id, kind in sam.items() if kind in kinds]
    ordered += [logical_id for logical_id, kind in sam.items() if kind not in named]
    return ordered + [logical_id for logical_id, kind in sam.items() if kind == LAST]


def _expand_one(context: Context, logical_id: str) -> None:
    kind = context.kind(logical_id) or ""
    condition = context.resources[logical_id].get("Condition")
    if condition and not isinstance(condition, str):
        context.problem((*resource_route(logical_id), "Condition"), "must be the name of a condition")
    expand_kind = expander(kind)
    if expand_kind is None:
        context.problem(resource_route(logical_id), f"{kind} is not a kind that SAM knows")
        return
    context.attempt(lambda: expand_kind(context, logical_id), None)
