"""Expressions against the recorded answers of `terraform console`: operators, conditionals, loops, access, templates."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from tests.sources.terraform.functions.oracle import recording
from tests.sources.terraform.roots import MemoryWorkspace

from stackworthy.core.value import Unknown, show
from stackworthy.sources.terraform.access import invalid_inside
from stackworthy.sources.terraform.compiler import parse_expression
from stackworthy.sources.terraform.functions import FunctionError
from stackworthy.sources.terraform.functions.json import json_pieces
from stackworthy.sources.terraform.model import Settings
from stackworthy.sources.terraform.root import Root
from stackworthy.sources.terraform.types import type_of

DATA = Path(__file__).parents[2] / "data"

NOT_FOLLOWED = {
    "1 / 0": "infinity is no value that a resource takes",
    "1e3": "the grammar knows exponents only after a fraction",
    "true ? {a = null} : {a = 1}": "a null has no type here",
    "true ? 1 : true": "Terraform refuses sides without a common type; the chosen one is enough here",
    'true || "x"': "Terraform complains of the side that decides nothing; the other is enough here",
}


def _files() -> dict[str, bytes]:
    return {name: base64.b64decode(data) for name, data in recording()["files"].items()}


ROOT = Root(MemoryWorkspace({**_files(), "main.tf": b""}), "", Settings())


def _answers(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DATA / name).read_text())["answers"]
    return found


def _ours(text: str) -> dict[str, Any]:
    """What the evaluator makes of the text, in the form of the recording."""
    try:
        expression = parse_expression(text)
    except ValueError as error:
        return {"error": str(error)}
    module = ROOT._module
    value = module.engine.evaluate("", "", expression, module.scope, None)
    error = invalid_inside(value)
    if error is not None:
        return {"error": error.reason}
    if isinstance(value, Unknown):
        return {"unknown": value.reason}
    try:
        return {"json": "".join(map(str, json_pieces(value))), "type": str(type_of(value))}
    except FunctionError:
        return {"shown": show(value)}


def _disagreement(answer: dict[str, Any]) -> str | None:
    ours = _ours(answer["expression"])
    if answer.get("json") is not None:
        agrees = ours.get("json") == answer["json"] and (
            answer["json"] == "null" or ours.get("type") == answer["type"]
        )
    elif answer.get("error"):
        agrees = "error" in ours
    elif answer.get("shown"):
        agrees = ours.get("shown") == answer["shown"]
    else:
        agrees = "unknown" in ours
    return None if agrees else f"{answer['expression']}: {answer}, not {ours}"


@pytest.mark.parametrize(
    "answer", _answers("terraform_language.json"), ids=lambda answer: answer["expression"]
)
def test_an_expression_comes_to_what_terraform_console_says_but_for_the_known_differences(answer):
    if answer["expression"] in NOT_FOLLOWED:
        assert _disagreement(answer) is not None
    else:
        assert _disagreement(answer) is None
