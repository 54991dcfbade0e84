"""Terragrunt: the inputs that a `terragrunt.hcl` gives to the variables of a root, and the module that it names.

Nothing is run and no environment is read. Paths are relative to the folder of the `terragrunt.hcl` that is evaluated, where
Terragrunt itself would use absolute ones.

Source: https://terragrunt.gruntwork.io/docs/reference/config-blocks-and-attributes/
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from stackworthy.core.origin import Origin
from stackworthy.core.value import Map, OpenMap, Unknown, Value
from stackworthy.core.workspace import Unreadable, inside
from stackworthy.sources.terraform.access import Invalid, described, walk
from stackworthy.sources.terraform.expressions import Literal, Object, Scope
from stackworthy.sources.terraform.files import Files, rendered
from stackworthy.sources.terraform.model import Given

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stackworthy.sources.terraform.engine import Engine
    from stackworthy.sources.terraform.syntax import Attribute, Block, Body

FILE = "terragrunt.hcl"
ROOT_FILES = ("root.hcl", FILE)
MAX_CONFIGURATIONS = 200
MAX_DEPTH = 10

_RUNNING = object()
_UNKNOWN = {
    "get_env": "the environment is not read",
    "run_cmd": "no command is run",
    "sops_decrypt_file": "secrets are not decrypted",
    "get_platform": "the platform is that of whoever deploys",
    "get_terraform_command": "the command is given later",
    "get_terraform_cli_args": "the command is given later",
    "get_terragrunt_source_cli_flag": "the command is given later",
    "get_aws_caller_identity_arn": "the caller is whoever deploys",
    "get_aws_caller_identity_user_id": "the caller is whoever deploys",
}


class Terragrunt:
    """The configuration of one folder, and all that it reads."""

    def __init__(self, engine: Engine, folder: str) -> None:
        self.engine = engine
        self.folder = folder
        self.files = Files(engine.workspace, folder)
        self._configurations: dict[str, _Configuration | None] = {}
        path = f"{folder}/{FILE}" if folder else FILE
        self.top = self.configuration(path, None)

    def configuration(self, path: str, included_from: _Configuration | None) -> _Configuration | None:
        """The configuration in a file; None, with a diagnostic, when it cannot be read."""
        if path not in self._configurations:
            if len(self._configurations) >= MAX_CONFIGURATIONS:
                return None
            self._configurations[path] = None
            file = self.engine.parsed(path)
            if file is not None:
                depth = 0 if included_from is None else included_from.depth + 1
                found = _Configuration(self, path, file.top, included_from, depth)
                self._configurations[path] = found
        return self._configurations[path]

    def inputs(self) -> dict[str, Given]:
        """The values for variables, by name."""
        return {} if self.top is None else self.top.inputs()

    def generated(self) -> dict[str, str]:
        """The text of the configuration files that Terragrunt would write beside the module, by name."""
        return {} if self.top is None else self.top.generated()

    def source(self) -> str | None:
        """The folder of the module that the configuration names, None when it names none that is here."""
        if self.top is None:
            return None
        attribute = self.top.source()
        value = None if attribute is None else self.engine.run("terraform", "source", *attribute)
        if attribute is None or not isinstance(value, str):
            return None
        if not value.startswith((".", "/")):
            place = attribute[0]
            hint = "review the module's own repository, or a folder with a copy of it"
            message = f"the module {value} is not here"
            self.engine.diagnose(place.path, place.line, message, hint, "warning")
            return None
        try:
            return inside(posixpath.join(self.folder, value.replace("//", "/")))
        except Unreadable as error:
            place = attribute[0]
            self.engine.diagnose(place.path, place.line, f"terraform.source {error.message}", error.hint)
            return None


class _Configuration:
    """One file. `included_from` is the file that includes or reads it."""

    def __init__(
        self, whole: Terragrunt, path: str, body: Body, included_from: _Configuration | None, depth: int
    ) -> None:
        self.whole = whole
        self.path = path
        self.body = body
        self.depth = depth
        self.folder = posixpath.dirname(path)
        self.included_from = included_from
        self.address = "" if included_from is None else path
        self.files = whole.files
        self.scope = Scope(self, whole.engine)
        self._values: dict[str, Value] = {}
        self._inputs: dict[str, Given] | None = None
        self.functions: Mapping[str, Callable[[list[Value]], Value]] = {
            "find_in_parent_folders": self._find,
            "path_relative_to_include": lambda _: _between(self._including(), whole.folder),
            "path_relative_from_include": lambda _: _between(whole.folder, self._including()),
            "get_terragrunt_dir": lambda _: self._shown(self.folder),
            "get_original_terragrunt_dir": lambda _: ".",
            "get_parent_terragrunt_dir": lambda _: self._shown(self._parent()),
            "get_repo_root": lambda _: self._shown(""),
            "get_path_to_repo_root": lambda _: self._shown(""),
            "get_path_from_repo_root": lambda _: whole.folder,
            "get_aws_account_id": lambda _: Unknown(
                "the account is that of whoever deploys", "AWS::AccountId"
            ),
            "read_terragrunt_config": self._read,
            **{name: _refusing(name, reason) for name, reason in _UNKNOWN.items()},
        }

    def render(self, text: str, variables: Mapping[str, Value], name: str) -> Value:
        """A template's text with its variables."""
        return rendered(self.scope, text, variables, name)

    def resolve(self, root: str, steps: tuple[Any, ...], scope: Scope) -> Value:
        """The value of a traversal."""
        if not steps or not isinstance(steps[0], str):
            return Invalid(f"`{root}` is not followed by a name")
        if root == "local":
            return walk(self._local(steps[0]), steps, scope, 1)
        if root == "include":
            found = self.included().get(steps[0])
            if found is not None:
                return walk(found.value(), steps, scope, 1)
            found = self.included().get("")
            return (
                Invalid(f"include.{steps[0]} is not declared")
                if found is None
                else walk(found.value(), steps, scope)
            )
        text = ".".join(str(step) for step in steps if isinstance(step, (str, int)))
        if root == "dependency":
            reason = f"the output of another unit, {root}.{text}, is known only after that is deployed"
            return Unknown(reason, f"{root}.{text} in {self.path}")
        return Unknown(f"{root}.{text} is known only to Terragrunt", f"{root}.{text} in {self.path}")

    def _local(self, name: str) -> Value:
        value = self._values.get(name, self)
        if value is _RUNNING:
            return Unknown(f"local.{name} refers to itself", f"local.{name} in {self.path}")
        if value is self:
            attribute = next(
                (b.body.attributes[name] for b in self._blocks("locals") if name in b.body.attributes), None
            )
            if attribute is None:
                return Invalid(f"local.{name} is not declared in {self.path}")
            self._values[name] = _RUNNING
            value = self._values[name] = self.whole.engine.run("local", name, attribute, self.scope)
        return value

    def _blocks(self, kind: str) -> list[Block]:
        return [block for block in self.body.blocks if block.type == kind]

    def included(self) -> dict[str, _Configuration]:
        """The included configurations by the label of their block."""
        found = {}
        for block in self._blocks("include"):
            attribute = block.body.attributes.get("path")
            if attribute is None or self.depth >= MAX_DEPTH:
                continue
            path = self.whole.engine.run("include", "path", attribute, self.scope)
            target = self._target(path)
            if target is None:
                if isinstance(path, str):
                    message = f"includes {path}, which does not exist inside the reviewed root"
                    self.whole.engine.diagnose(attribute.path, attribute.line, message, "correct the path")
                continue
            configuration = self.whole.configuration(target, self)
            if configuration is not None and configuration is not self:
                found[block.labels[0] if block.labels else ""] = configuration
        return found

    def _target(self, path: Value) -> str | None:
        if not isinstance(path, str):
            return None
        try:
            target = inside(posixpath.join(self.whole.folder, path))
        except Unreadable:
            return None
        return target if self.whole.engine.workspace.exists(target) else None

    def inputs(self) -> dict[str, Given]:
        """The inputs with those of included configurations below them."""
        if self._inputs is None:
            self._inputs = {}
            self._inputs = self._evaluated_inputs()
        return self._inputs

    def _evaluated_inputs(self) -> dict[str, Given]:
        result: dict[str, Given] = {}
        strategies = {
            block.labels[0] if block.labels else "": block.body.attributes.get("merge_strategy")
            for block in self._blocks("include")
        }
        deep = False
        for label, configuration in self.included().items():
            strategy = strategies.get(label)
            text = "" if strategy is None else strategy.text.strip('"')
            if text != "no_merge":
                result.update(configuration.inputs())
                deep = deep or text == "deep"
        attribute = self.body.attributes.get("inputs")
        if attribute is None:
            return result
        value = self.whole.engine.run("", "inputs", attribute, self.scope)
        if not isinstance(value, dict):
            return result
        known = value.known if isinstance(value, OpenMap) else value
        for name, item in known.items():
            before = result.get(name)
            if deep and before is not None:
                item = _merged(before.value, item)
            result[name] = Given(item, Origin(attribute.path, _route(attribute, name)))
        return result

    def generated(self) -> dict[str, str]:
        """The files of `generate` blocks whose name and contents are known, those of included configurations first."""
        result: dict[str, str] = {}
        for configuration in self.included().values():
            result.update(configuration.generated())
        for block in self._blocks("generate"):
            attributes = block.body.attributes
            if "path" in attributes and "contents" in attributes:
                name, text = (
                    self.whole.engine.run("generate", part, attributes[part], self.scope)
                    for part in ("path", "contents")
                )
                if isinstance(name, str) and isinstance(text, str) and name.endswith(".tf"):
                    result[posixpath.basename(name)] = text
        return result

    def source(self) -> tuple[Attribute, Scope] | None:
        """The `source` of the `terraform` block, here or in an included configuration."""
        for block in self._blocks("terraform"):
            attribute = block.body.attributes.get("source")
            if attribute is not None:
                return attribute, self.scope
        found = (configuration.source() for configuration in self.included().values())
        return next((source for source in found if source is not None), None)

    def value(self) -> Map:
        """The configuration as `read_terragrunt_config` and `include` show it."""
        names = [name for block in self._blocks("locals") for name in block.body.attributes]
        result = Map(locals=Map((name, self._local(name)) for name in names))
        result["inputs"] = Map((name, given.value) for name, given in self.inputs().items())
        return OpenMap(result.items(), Unknown(f"only locals and inputs of {self.path} are read"))

    def _find(self, arguments: list[Value]) -> Value:
        names = [arguments[0]] if arguments else list(ROOT_FILES)
        if not all(isinstance(name, str) for name in names):
            return Unknown("the name of a file to find is not known", f"file found from {self.path}")
        folder = self.folder
        while folder:
            folder = posixpath.dirname(folder)
            for name in names:
                path = f"{folder}/{name}" if folder else name
                workspace = self.whole.engine.workspace
                if workspace.exists(path) or workspace.is_folder(path):
                    return self._shown(path)
        if len(arguments) > 1:
            return arguments[1]
        return Invalid(f"{' or '.join(names)} is in no folder above {self.folder or 'the reviewed root'}")

    def _read(self, arguments: list[Value]) -> Value:
        path = self._target(arguments[0]) if arguments else None
        if path is None:
            if len(arguments) > 1:
                return arguments[1]
            shown = described(arguments[0]) if arguments else ""
            return Unknown(f"the configuration {shown} is not here", f"read_terragrunt_config({shown})")
        configuration = self.whole.configuration(path, self)
        if configuration is None or configuration.depth > MAX_DEPTH:
            return Unknown(f"the configuration {path} cannot be read", f"read_terragrunt_config({path})")
        return configuration.value()

    def _including(self) -> str:
        """The folder of the included file, seen from it or from what includes it."""
        return self._parent() if self.included_from is None else self.folder

    def _parent(self) -> str:
        found = next(iter(self.included().values()), None)
        return self.folder if found is None else found.folder

    def _shown(self, path: str) -> str:
        return _between(self.whole.folder, path)


def _between(start: str, path: str) -> str:
    return posixpath.relpath(path or ".", start or ".")


def _refusing(name: str, reason: str) -> Callable[[list[Value]], Value]:
    return lambda arguments: Unknown(reason, f"{name}({', '.join(described(item) for item in arguments)})")


def _route(attribute: Attribute, name: str) -> tuple[str | int, ...]:
    expression = attribute.expression
    if isinstance(expression, Object):
        for key, _ in expression.items:
            if isinstance(key, Literal) and key.value == name:
                return (*attribute.route, name)
    return attribute.route


def _merged(before: Value, after: Value) -> Value:
    """The deep merge of an input: maps key by key, anything else as the later one states it."""
    if type(before) is not type(after) or not isinstance(after, Map) or isinstance(after, OpenMap):
        return after
    merged = Map(before)
    for key, value in after.items():
        merged[key] = _merged(before[key], value) if dict.__contains__(before, key) else value
    return merged
