"""What AWS publishes with its transform: policy templates, connector grants and the ARNs of managed policies.

The tables in `data/` are written by `tools/make_sam_facts.py`; each is read on first use.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from .intrinsics import placeholders, sub


@cache
def _facts(name: str) -> Any:
    path = os.path.join(os.path.dirname(__file__), "data", f"{name}.json")
    with open(path, encoding="utf-8") as file:
        return json.load(file)["facts"]


def policy_template(name: Any) -> dict[str, Any] | None:
    """The SAM policy template of this name: its `parameters` and `statements`; None where there is none.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html
    """
    found: dict[str, Any] | None = _facts("policy_templates").get(name) if isinstance(name, str) else None
    return found


def policy_document(template: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The policy that a template gives for `values`, which must hold every parameter of the template."""
    by_variable = {name.lower(): values[name] for name in template["parameters"]}
    return {"Statement": [{"Effect": "Allow", **_filled(one, by_variable)} for one in template["statements"]]}


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        if "${" not in value:
            return value
        return sub(value, {name: values[name.lower()] for name in placeholders(value) if "::" not in name})
    if isinstance(value, list):
        return [_filled(item, values) for item in value]
    return {key: _filled(item, values) for key, item in value.items()}


@cache
def _managed_policies() -> tuple[dict[str, tuple[str, int]], list[str]]:
    facts = _facts("managed_policies")
    known = {
        name: (path, int(mask))
        for path, by_mask in facts["paths"].items()
        for mask, names in by_mask.items()
        for name in names.split()
    }
    return known, facts["partitions"]


def managed_policy_arn(name: str, partition: str) -> str | None:
    """The ARN of the AWS managed policy of this name, None where the partition has none."""
    known, partitions = _managed_policies()
    path, mask = known.get(name, ("", 0))
    if partition not in partitions or not mask & 1 << partitions.index(partition):
        return None
    return aws_policy_arn(path + name, partition)


def aws_policy_arn(path_and_name: str, partition: str) -> str:
    return f"arn:{partition}:iam::aws:policy/{path_and_name}"


def connector_grant(source: str, destination: str) -> dict[str, Any] | None:
    """How a connector between resources of these kinds is granted, None where SAM has no such connector."""
    found: dict[str, Any] | None = _facts("connectors")["grants"].get(f"{source} > {destination}")
    return found


def connector_end(kind: str) -> dict[str, Any]:
    """How to name a resource of this kind in a grant: `Arn`, `Url`, `Id`, `Name`, `Qualifier`, and where its role stands."""
    found: dict[str, Any] = _facts("connectors")["ends"].get(kind, {})
    return found
