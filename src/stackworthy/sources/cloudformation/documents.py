"""Files of templates: read once, parsed once, and found again when somebody wants to see a line."""

from __future__ import annotations

import posixpath
from typing import Any

import yaml

from stackworthy.core.origin import Origin, Span
from stackworthy.core.workspace import Unreadable, Workspace
from stackworthy.sources.cloudformation import json_text, yaml_text
from stackworthy.sources.cloudformation.yaml_text import Malformed


class Documents:
    """The parsed documents of one stack, with what it takes to find their places."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._raw: dict[str, Any] = {}
        self._nodes: dict[str, yaml.Node | None] = {}
        self._content: dict[str, bytes] = {}
        self._positions: dict[str, json_text.Positions | yaml_text.Positions] = {}

    def raw(self, path: str) -> Any:
        """The document as plain values; raises `Unreadable` or `Malformed`."""
        if path not in self._raw:
            content = self._content[path] = self.workspace.read(path)
            if _is_json(path, content):
                self._raw[path] = json_text.read(content)
            else:
                node = self._nodes[path] = yaml_text.compose(content)
                self._raw[path] = yaml_text.values(node)
        return self._raw[path]

    def beside(self, file: str, location: str) -> str:
        """The workspace path of a location that a file names."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(file), location))

    def span(self, origin: Origin) -> Span:
        """The place of an origin; the start of the file when it cannot be parsed again."""
        positions = self._places(origin.file)
        return positions.span(origin.route, origin.role) if positions else Span(origin.file, 1, 1, 1, 1)

    def line(self, origin: Origin) -> int:
        """The line of an origin."""
        positions = self._places(origin.file)
        return positions.line(origin.route) if positions else 1

    def region(self, origin: Origin) -> tuple[int, int]:
        """The first and last line (from 1) of what stands at an origin."""
        positions = self._places(origin.file)
        return positions.region(origin.route) if positions else (1, 1)

    def text(self, file: str) -> str:
        """The file's text."""
        content = self._content.get(file)
        if content is None:
            content = self.workspace.read(file)
        return content.decode("utf-8", "replace").removeprefix("\ufeff")

    def _places(self, file: str) -> json_text.Positions | yaml_text.Positions | None:
        found = self._positions.get(file)
        if found is None:
            try:
                content = self._content.get(file)
                if content is None:
                    content = self.workspace.read(file)
                if _is_json(file, content):
                    found = json_text.Positions(file, content)
                else:
                    found = yaml_text.Positions(file, content, self._nodes.get(file))
                self._positions[file] = found
            except (Unreadable, Malformed):
                return None
        return found


def parse(path: str, content: bytes) -> Any:
    """A document's plain values: JSON by its name or first character, else YAML; raises `Malformed`."""
    return json_text.read(content) if _is_json(path, content) else yaml_text.read(content)


def _is_json(path: str, content: bytes) -> bool:
    if path.endswith((".yaml", ".yml")):
        return False
    return path.endswith(".json") or content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"
