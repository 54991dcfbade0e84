"""The blocks of one module folder: its files read, override files merged into what they override.

Source: https://developer.hashicorp.com/terraform/language/files and /override
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from stackworthy.sources.terraform.hcl_syntax import read_file
from stackworthy.sources.terraform.syntax import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stackworthy.sources.terraform.engine import Engine
    from stackworthy.sources.terraform.syntax import Attribute, Block, Body

_Key = TypeVar("_Key")

SKIPPED = frozenset(("moved", "import", "check", "removed", "terraform", "ephemeral", "run", "mock_provider"))


@dataclass(slots=True)
class Local:
    """One entry of a `locals` block."""

    attribute: Attribute


@dataclass(slots=True)
class Folder:
    """What the files of one folder declare; `resources` are keyed by mode, type and name, in the order of the files."""

    path: str
    files: list[str] = field(default_factory=list)
    variables: dict[str, Block] = field(default_factory=dict)
    locals: dict[str, Local] = field(default_factory=dict)
    outputs: dict[str, Block] = field(default_factory=dict)
    calls: dict[str, Block] = field(default_factory=dict)
    resources: dict[tuple[str, str, str], Block] = field(default_factory=dict)
    providers: dict[tuple[str, str | None], Block] = field(default_factory=dict)
    incomplete: bool = False


class Merged:
    """A block with an override laid over it: arguments one by one, nested blocks type by type."""

    __slots__ = ("base", "body", "labels", "route", "type")

    def __init__(self, base: Block, over: Block) -> None:
        self.base = base
        self.type = base.type
        self.labels = base.labels
        self.route = base.route
        self.body: Body = _MergedBody(base.body, over.body)

    @property
    def file(self) -> str:
        """The file of the block that is overridden."""
        return self.base.file

    @property
    def line(self) -> int:
        """The line of the block that is overridden."""
        return self.base.line


class _MergedBody:
    __slots__ = ("attributes", "blocks", "broken")

    def __init__(self, base: Body, over: Body) -> None:
        self.attributes: Mapping[str, Attribute] = {**base.attributes, **over.attributes}
        replaced = {_generated(block) for block in over.blocks}
        kept = [block for block in base.blocks if _generated(block) not in replaced]
        self.blocks: Sequence[Block] = [*kept, *over.blocks]
        self.broken = base.broken or over.broken


def _generated(block: Block) -> str:
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


def read_folder(engine: Engine, path: str) -> Folder:
    """The declarations in the folder's configuration files."""
    folder = Folder(path)
    names = [name for name in engine.workspace.entries(path) if name.endswith((".tf", ".tf.json"))]
    names = [name for name in names if not name.startswith((".", "#")) and not name.endswith("~")]
    overrides = [name for name in names if _is_override(name)]
    for name in sorted(set(names) - set(overrides)) + sorted(overrides):
        full = f"{path}/{name}" if path else name
        file = engine.parsed(full)
        folder.files.append(full)
        if file is None:
            folder.incomplete = True
            continue
        folder.incomplete = folder.incomplete or file.broken
        for block in file.top.blocks:
            _declare(engine, folder, block, name in overrides)
    return folder


def add_providers(engine: Engine, folder: Folder, name: str, text: str) -> None:
    """Take the provider blocks of a file that is not there, but would be written before Terraform runs."""
    path = f"{folder.path}/{name}" if folder.path else name
    if path in folder.files:
        return
    try:
        file = read_file(path, text.encode("utf-8", "replace"))
    except Problem as problem:
        engine.diagnose(path, problem.line, f"as generated {problem.message}", problem.hint)
        return
    engine.files.setdefault(path, file)
    for block in file.top.blocks:
        if block.type == "provider" and len(block.labels) == 1:
            folder.providers.setdefault(_provider_key(block), block)


def _provider_key(block: Block) -> tuple[str, str | None]:
    alias = block.body.attributes.get("alias")
    return block.labels[0], alias.text.strip('"') if alias is not None else None


def _is_override(name: str) -> bool:
    stem = name.removesuffix(".json").removesuffix(".tf")
    return stem == "override" or stem.endswith("_override")


def _declare(engine: Engine, folder: Folder, block: Block, override: bool) -> None:
    kind, labels = block.type, block.labels
    if kind == "locals":
        for name, attribute in block.body.attributes.items():
            if name in folder.locals and not override:
                _twice(engine, attribute.path, attribute.line, f"local.{name}")
                continue
            folder.locals[name] = Local(attribute)
    elif kind in ("resource", "data") and len(labels) == 2:
        mode = "managed" if kind == "resource" else "data"
        _put(engine, folder.resources, (mode, *labels), block, override)
    elif kind == "provider" and len(labels) == 1:
        _put(engine, folder.providers, _provider_key(block), block, override)
    elif kind in ("variable", "output", "module") and len(labels) == 1:
        table = {"variable": folder.variables, "output": folder.outputs, "module": folder.calls}[kind]
        _put(engine, table, labels[0], block, override)
    elif kind not in SKIPPED and not folder.incomplete:
        shown = " ".join((kind, *(f'"{label}"' for label in labels)))
        engine.diagnose(
            block.file,
            block.line,
            f"a block `{shown}` is not Terraform's",
            "check its type and labels",
            "warning",
        )


def _put(engine: Engine, table: dict[_Key, Block], key: _Key, block: Block, override: bool) -> None:
    present = table.get(key)
    if present is None:
        table[key] = block
    elif override:
        table[key] = Merged(present, block)
    else:
        _twice(engine, block.file, block.line, " ".join((block.type, *block.labels)))


def _twice(engine: Engine, file: str, line: int, what: str) -> None:
    engine.diagnose(file, line, f"{what} is declared twice; the first counts", "remove or rename one of them")
