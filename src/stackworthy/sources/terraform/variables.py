"""The values of a root's variables: variable files, Terragrunt's inputs, and what the user gives.

Source: https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackworthy.core.origin import Origin
from stackworthy.core.value import Unknown, Value
from stackworthy.sources.terraform.compiler import parse_expression
from stackworthy.sources.terraform.expressions import Scope
from stackworthy.sources.terraform.model import Given
from stackworthy.sources.terraform.nowhere import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stackworthy.sources.terraform.engine import Engine
    from stackworthy.sources.terraform.folder import Folder
    from stackworthy.sources.terraform.model import Settings

COMMAND_LINE = "--var"
"""The `file` of the origin of a value that was given on the command line."""


def given_values(
    engine: Engine, folder: Folder, settings: Settings, inputs: Mapping[str, Given]
) -> dict[str, Given]:
    """For each variable that got a value, the last one given, and where."""
    given: dict[str, Given] = dict(inputs)
    prefix = f"{folder.path}/" if folder.path else ""
    names = engine.workspace.entries(folder.path)
    automatic: list[str] = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
    automatic += sorted(name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json")))
    for path in [*(prefix + name for name in automatic), *settings.var_files]:
        given.update(_file_values(engine, path))
    for name, value in settings.variables.items():
        given[name] = Given(_command_line(engine, folder, name, value), Origin(COMMAND_LINE, (name,)))
    return given


def _file_values(engine: Engine, path: str) -> dict[str, Given]:
    file = engine.parsed(path)
    if file is None:
        return {}
    scope = Scope(NOWHERE, engine)
    return {
        name: Given(engine.run("", name, attribute, scope), Origin(path, attribute.route), attribute)
        for name, attribute in file.top.attributes.items()
    }


def _command_line(engine: Engine, folder: Folder, name: str, value: Value) -> Value:
    """A text is the value of a variable of a simple type, and an expression for any other."""
    block = folder.variables.get(name)
    type_ = None if block is None else block.body.attributes.get("type")
    if not isinstance(value, str) or type_ is None or type_.text.strip('"') in ("string", "number", "bool"):
        return value
    if (
        block is not None
        and type_.text.strip('"') == "any"
        and not value.lstrip().startswith(("{", "[", '"'))
    ):
        return value
    try:
        return engine.evaluate("var", name, parse_expression(value), Scope(NOWHERE, engine), None)
    except ValueError:
        engine.diagnose(
            COMMAND_LINE,
            0,
            f"the value of {name} is no expression",
            f"write it as Terraform does: {type_.text}",
        )
        return Unknown(f"the value given for var.{name} is no expression", f"var.{name}")
