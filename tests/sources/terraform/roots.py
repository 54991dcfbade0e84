"""Roots written in a test: files in memory, and what they come to."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from stackworthy.core.value import Value
from stackworthy.core.workspace import Unreadable, inside
from stackworthy.sources.terraform.model import Block, Settings
from stackworthy.sources.terraform.root import Root, load


class MemoryWorkspace:
    """Files held in memory, with the shape of a workspace."""

    root = "/memory"

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self.contents = {
            name: text.encode() if isinstance(text, str) else text for name, text in files.items()
        }

    def read(self, path: str) -> bytes:
        """The bytes of a file."""
        try:
            return self.contents[inside(path)]
        except KeyError:
            raise Unreadable(path, "does not exist") from None

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        try:
            return inside(path) in self.contents
        except Unreadable:
            return False

    def is_folder(self, path: str) -> bool:
        """Whether a file stands below."""
        try:
            within = inside(path) + "/"
        except Unreadable:
            return False
        return within == "/" or any(name.startswith(within) for name in self.contents)

    def entries(self, folder: str) -> list[str]:
        """The names of the files in a folder."""
        simple = inside(folder)
        return sorted(posixpath.basename(name) for name in self.contents if posixpath.dirname(name) == simple)

    def files(self, folder: str = "") -> Iterator[str]:
        """Every file below a folder."""
        simple = inside(folder)
        return iter(sorted(name for name in self.contents if not simple or name.startswith(simple + "/")))


def root(main: str | Mapping[str, str | bytes], folder: str = "", **settings: Any) -> Root:
    """The root in a folder; a text is its `main.tf`."""
    files = {"main.tf": main} if isinstance(main, str) else main
    return load(MemoryWorkspace(files), folder, Settings(**settings))


def block(of: Root, address: str) -> Block:
    """The block with the address."""
    found = {item.address: item for item in of.blocks}
    assert address in found, sorted(found)
    return found[address]


def addresses(of: Root) -> list[str]:
    """The addresses of the blocks that are there, or may be."""
    return [item.address for item in of.blocks if item.present is not False]


def local(text: str, more: str = "", **settings: Any) -> Value:
    """The value of an expression, as an output of a root that also has `more`."""
    found = root({"main.tf": f'output "it" {{\n value = {text}\n}}\n', "more.tf": more}, **settings)
    return found.outputs["it"]


def messages(of: Root) -> list[str]:
    """What is wrong: `file:line message`, after everything was evaluated."""
    for item in of.blocks:
        assert item.attributes is not None
    assert of.outputs is not None
    return [f"{item.file}:{item.line} {item.message}" for item in of.diagnostics]
