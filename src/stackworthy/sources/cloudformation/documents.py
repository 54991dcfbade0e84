"""Files of templates: read once, parsed once, and found again when somebody wants to see a line."""

from __future__ import annotations

import posixpath
from typing import Any, Protocol

import yaml

from stackworthy.core.diagnostic import Diagnostic
from stackworthy.core.origin import Origin, Route, Span
from stackworthy.core.workspace import Unreadable, Workspace
from stackworthy.sources.cloudformation import json_text, yaml_positions, yaml_text
from stackworthy.sources.cloudformation.text import BOM, Malformed
from stackworthy.sources.cloudformation.yaml_text import Note

MAX_BYTES = 5_000_000
"""CloudFormation takes templates of up to 1 MB: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""

_YAML = (".yaml", ".yml")


class Positions(Protocol):
    """The places of routes in one text."""

    def span(self, route: Route, role: str = "value") -> Span: ...
    def line(self, route: Route) -> int: ...
    def region(self, route: Route) -> tuple[int, int]: ...


class _Document:
    """One file: its bytes, and what they come to or why they come to nothing."""

    __slots__ = ("content", "failure", "form", "node", "notes", "positions", "tree")

    def __init__(self, path: str, content: bytes) -> None:
        self.content = content
        self.form = "toml" if path.endswith(".toml") else "yaml"
        self.node: yaml.Node | None = None
        self.notes: list[Note] = []
        self.tree: Any = None
        self.failure: Malformed | None = None
        self.positions: Positions | None = None
        try:
            self._parse(path)
        except Malformed as error:
            self.failure = error

    def _parse(self, path: str) -> None:
        if len(self.content) > MAX_BYTES:
            raise Malformed(
                0,
                f"is {len(self.content) / 1e6:.1f} MB, and CloudFormation takes templates of up to 1 MB",
                "split it into nested stacks, or leave it out of the review",
            )
        if self.form == "toml":
            from stackworthy.sources.cloudformation import toml_text

            self.tree = toml_text.read(self.content)
        elif path.endswith(".json"):
            self.tree, self.form = json_text.values(self.content, self.notes), "json"
        elif self.content[:200].removeprefix(BOM).lstrip()[:1] == b"{":
            self._parse_either(prefer_yaml=path.endswith(_YAML))
        else:
            self._parse_yaml()

    def _parse_yaml(self) -> None:
        self.node = yaml_text.compose(self.content)
        self.tree = yaml_text.values(self.node, self.notes)

    def _parse_either(self, *, prefer_yaml: bool) -> None:
        """JSON is not quite a part of YAML (tabs, escapes): what begins like JSON is tried as such first."""
        try:
            self.tree, self.form = json_text.values(self.content, self.notes), "json"
        except Malformed as error:
            try:
                self._parse_yaml()
            except Malformed:
                if prefer_yaml:
                    raise
                raise error from None

    def places(self, path: str) -> Positions | None:
        """The places of its routes; None when it cannot be parsed."""
        if self.positions is None and self.failure is None:
            if self.form == "toml":
                from stackworthy.sources.cloudformation import toml_positions

                self.positions = toml_positions.Positions(path, self.content)
            elif self.form == "json":
                self.positions = json_text.Positions(path, self.content)
            else:
                self.positions = yaml_positions.Positions(path, self.content, self.node)
        return self.positions


class Documents:
    """The parsed documents of one stack, with what it takes to find their places."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._documents: dict[str, _Document] = {}

    def raw(self, path: str) -> Any:
        """The document as plain values; raises `Unreadable` or `Malformed`."""
        document = self._document(path)
        if document.failure is not None:
            raise document.failure
        return document.tree

    def _document(self, path: str) -> _Document:
        document = self._documents.get(path)
        if document is None:
            document = self._documents[path] = _Document(path, self.workspace.read(path))
        return document

    def notes(self, path: str) -> list[Diagnostic]:
        """What is odd about a document that was read."""
        return [
            Diagnostic(path, note.line, "warning", note.message, note.hint)
            for note in self._document(path).notes
        ]

    def beside(self, file: str, location: str) -> str:
        """The workspace path of a location that a file names."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(file), location))

    def span(self, origin: Origin) -> Span:
        """The place of an origin; the start of the file when it cannot be parsed."""
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
        """The file's text; empty when it cannot be read."""
        try:
            return self._document(file).content.removeprefix(BOM).decode("utf-8", "replace")
        except Unreadable:
            return ""

    def mentions(self, file: str, word: str) -> bool:
        """Whether a word stands anywhere in a file that was read."""
        return word.encode() in self._document(file).content

    def _places(self, file: str) -> Positions | None:
        try:
            return self._document(file).places(file)
        except Unreadable:
            return None
