"""Where the files of a called module are: beside the caller, or where `terraform init` put them.

Source: https://developer.hashicorp.com/terraform/language/modules/sources
"""

from __future__ import annotations

import json
import posixpath
from typing import TYPE_CHECKING

import msgspec

from stackworthy.core.value import NotKnown
from stackworthy.core.workspace import Unreadable, inside
from stackworthy.sources.terraform.expressions import Literal
from stackworthy.sources.terraform.folder import Folder, read_folder

if TYPE_CHECKING:
    from stackworthy.sources.terraform.engine import Engine
    from stackworthy.sources.terraform.module import Call

MAX_DEPTH = 24
_INIT = "run `terraform init -backend=false` beside it, so that its files are here"


class Located(msgspec.Struct):
    """A module's folder, or why it is not here; `owned` is False for what came from a registry or another repository."""

    folder: Folder | None
    reason: str = ""
    owned: bool = True


class Sources:
    """Finds module folders for the calls of one root; every folder is read once."""

    def __init__(self, engine: Engine, root: str) -> None:
        self.engine = engine
        self.root = root
        self._folders: dict[str, Folder] = {}
        self._installed: dict[str, str] | None = None

    def folder(self, path: str) -> Folder:
        """What the files of a folder declare."""
        if path not in self._folders:
            self._folders[path] = read_folder(self.engine, path)
        return self._folders[path]

    def locate(self, call: Call) -> Located:
        """Where the called module is."""
        attribute = call.block.body.attributes.get("source")
        source = attribute.expression if attribute is not None else None
        if not isinstance(source, Literal) or not isinstance(source.value, str):
            return self._missing(
                call, f"{call.address} has no constant source", "write the source as a string"
            )
        if source.value.startswith(("./", "../", ".\\", "..\\")):
            return self._local(call, source.value)
        names = [ancestor.call.name for ancestor in call.module.ancestors() if ancestor.call is not None]
        path = self._manifest().get(".".join([*reversed(names), call.name]))
        if path is None or not self.engine.workspace.is_folder(path):
            reason = f"the files of {call.address} ({source.value}) are not here"
            return self._missing(call, reason, _INIT, "warning")
        return Located(self.folder(path), owned=False)

    def _local(self, call: Call, source: str) -> Located:
        try:
            path = inside(posixpath.join(call.module.folder.path, source.replace("\\", "/")))
        except Unreadable as error:
            return self._missing(call, f"the source of {call.address} {error.message}", error.hint)
        around = list(call.module.ancestors())
        if any(module.folder.path == path for module in around):
            return self._missing(call, f"{call.address} calls a module that it is part of", "break the cycle")
        if len(around) >= MAX_DEPTH:
            return self._missing(call, f"{call.address} is more than {MAX_DEPTH} modules deep", "flatten it")
        if not self.engine.workspace.is_folder(path):
            return self._missing(
                call, f"the folder {source} of {call.address} does not exist", "correct its source"
            )
        return Located(self.folder(path))

    def _missing(self, call: Call, reason: str, hint: str, level: str = "error") -> Located:
        self.engine.diagnose(call.block.file, call.block.line, reason, hint, level)
        return Located(None, reason)

    def _manifest(self) -> dict[str, str]:
        """The folders that `terraform init` filled, by the dotted names of the calls."""
        if self._installed is None:
            self._installed = {}
            path = posixpath.join(self.root, ".terraform/modules/modules.json")
            if self.engine.workspace.exists(path):
                try:
                    self._installed = self._read_manifest(self.engine.workspace.read(path))
                except Unreadable as error:
                    self.engine.diagnose(path, 0, error.message, error.hint)
                except (ValueError, RecursionError, NotKnown):
                    self.engine.diagnose(path, 0, "is no list of modules", "run `terraform init` again")
        return self._installed

    def _read_manifest(self, data: bytes) -> dict[str, str]:
        content = json.loads(data)
        modules = content.get("Modules") if isinstance(content, dict) else None
        found = {}
        for entry in modules if isinstance(modules, list) else ():
            if (
                isinstance(entry, dict)
                and isinstance(entry.get("Key"), str)
                and isinstance(entry.get("Dir"), str)
            ):
                try:
                    found[entry["Key"]] = inside(posixpath.join(self.root, entry["Dir"]))
                except Unreadable:
                    continue
        return found
