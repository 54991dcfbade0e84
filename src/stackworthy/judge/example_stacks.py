"""The stacks of a rule's examples: graphs read by the real reader, and plain data to change and read again."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from stackworthy.config import Settings
from stackworthy.core.graph import Graph
from stackworthy.core.rule import Example
from stackworthy.core.workspace import Unreadable
from stackworthy.sources.cloudformation.reader import read
from stackworthy.sources.code.examples import files, template
from stackworthy.sources.stack import StackRef

TEMPLATE = "template.yaml"


class Files:
    """A workspace in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.root = "/"
        self.unread: list[Unreadable] = []
        self._files = files

    def read(self, path: str) -> bytes:
        """The bytes of a file; raises `Unreadable`."""
        try:
            return self._files[path]
        except KeyError:
            raise Unreadable(path, "does not exist") from None

    def exists(self, path: str) -> bool:
        """Whether the file stands there."""
        return path in self._files

    def is_folder(self, path: str) -> bool:
        """Whether a file stands below."""
        return any(name.startswith(f"{path}/") for name in self._files)

    def entries(self, folder: str) -> list[str]:
        """The names of files in a folder, sorted."""
        start = f"{folder}/" if folder else ""
        rests = (name.removeprefix(start) for name in self._files if name.startswith(start))
        return sorted(rest for rest in rests if "/" not in rest)

    def files(self, folder: str = "") -> Iterator[str]:
        """Every file below a folder."""
        return iter(sorted(name for name in self._files if name.startswith(folder)))


class _Loader(yaml.SafeLoader):
    pass


def _long_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    content: Any
    if isinstance(node, yaml.ScalarNode):
        content = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        content = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        content = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": content}


_Loader.add_multi_constructor("!", _long_form)


def resources(text: str | Example) -> dict[str, Any]:
    """The resources of an example, as plain data with intrinsics in their long form. Raises `ValueError` for text that holds none."""
    if isinstance(text, Example):
        text = template(text)
    try:
        found = yaml.load(textwrap.dedent(text), _Loader)  # noqa: S506  a safe loader, with short forms
    except yaml.YAMLError as error:
        raise ValueError(f"an example is not YAML: {error}") from None
    if not isinstance(found, dict) or not all(
        isinstance(body, dict) and isinstance(body.get("Type"), str) for body in found.values()
    ):
        raise ValueError("an example is the `Resources` of a template: names with Type and Properties")
    return found


def code_of(example: str | Example) -> dict[str, bytes]:
    """The files of code of an example, by path."""
    return files(example) if isinstance(example, Example) else {}


def graph_of_template(
    template: Mapping[str, Any], *, code: Mapping[str, bytes] | None = None, **settings: Any
) -> Graph:
    """The graph of a whole template that is given as plain data, with the files of code beside it."""
    content = json.dumps(template).encode()
    files = Files({TEMPLATE: content, **(code or {})})
    reading = read(files, StackRef("cloudformation", TEMPLATE), Settings(**settings))
    if reading.diagnostics:
        raise ValueError(f"an example cannot be read: {reading.diagnostics[0].message}")
    return reading.graph


def graph_of_resources(
    found: Mapping[str, Any] | str | Example, code: Mapping[str, bytes] | None = None
) -> Graph:
    """The graph of the resources, given as plain data or as an example. The condition `Unknown` cannot be known."""
    if isinstance(found, (str, Example)):
        code = code_of(found)
        found = resources(found)
    return graph_of_template(
        {
            "Parameters": {"Unknown": {"Type": "String"}},
            "Conditions": {"Unknown": {"Fn::Equals": [{"Ref": "Unknown"}, "yes"]}},
            "Resources": found,
        },
        code=code,
    )


def maybe(value: Any) -> dict[str, Any]:
    """A value that may be absent: nobody can know."""
    return {"Fn::If": ["Unknown", value, {"Ref": "AWS::NoValue"}]}
