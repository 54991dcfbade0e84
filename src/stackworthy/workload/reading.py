"""Reads the stacks below a path for a bill: from the disk or from a git revision."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

import msgspec

from stackworthy.config import Settings, closest
from stackworthy.core.cost import UsageError
from stackworthy.core.diagnostic import Diagnostic
from stackworthy.core.workspace import Unreadable, Workspace
from stackworthy.judge import readings, stack_folder
from stackworthy.prices import catalogue
from stackworthy.prices.catalogue import Catalogue
from stackworthy.prices.own import parse as parse_prices
from stackworthy.prices.own import with_own
from stackworthy.sources.cloudformation.yaml_text import Malformed
from stackworthy.sources.find import find
from stackworthy.workload.billing import Stack, Table

PRODUCTION = ("prod", "production", "prd", "live")


class Read(msgspec.Struct):
    """The stacks below a path by environment, the settings they share, and what could not be read."""

    by_environment: dict[str, list[Stack]]
    settings: Settings
    problems: list[Diagnostic]

    def chosen(self) -> str:
        """The environment that a bill is made for when nobody names one: production, else the first."""
        names = list(self.by_environment)
        return next((name for name in names if name.lower() in PRODUCTION), names[0] if names else "")


def read(
    workspace: Workspace, target: str, base: str, settings: Settings, workload: Table | None = None
) -> Read:
    """The stacks below `target` (relative to the root), shown relative to `base`; `workload` takes the place of all that settings state.

    Raises `ConfigError`.
    """
    found = find(workspace, target, settings)
    made = Read({}, settings, list(found.diagnostics))
    tables: dict[str, Table] = {}
    everywhere: list[Stack] = []
    for stack in found.stacks:
        own = closest(settings, stack_folder(stack), workspace)
        made.settings = own if not _priced(made.settings) and _priced(own) else made.settings
        table = workload or _table(workspace, own, tables, base)
        try:
            for environment, reading in readings(workspace, stack, own):
                reading.graph.path = posixpath.relpath(stack.path, base) if base else stack.path or "."
                entry = Stack(reading.graph, table, environment.name if environment else "")
                if environment is None:
                    everywhere.append(entry)
                made.by_environment.setdefault(entry.environment, []).append(entry)
        except Unreadable as error:
            made.problems.append(Diagnostic(error.path, 0, "error", error.message, error.hint))
        except Malformed as error:
            made.problems.append(Diagnostic(stack.path, error.line, "error", error.message, error.hint))
    if len(made.by_environment) > 1 and "" in made.by_environment:
        # A stack without environments is part of each.
        del made.by_environment[""]
        for stacks in made.by_environment.values():
            stacks.extend(everywhere)
    return made


def _priced(settings: Settings) -> bool:
    return bool(settings.prices or settings.scenario)


def _table(workspace: Workspace, settings: Settings, tables: dict[str, Table], base: str) -> Table:
    """The workload of a settings file; stacks of one file share one."""
    name = settings.file or ""
    if name not in tables:
        text = text_of(workspace, settings)
        shown = posixpath.relpath(name, base) if base and name else name
        tables[name] = Table(settings.workload, shown, text)
    return tables[name]


def text_of(workspace: Workspace, settings: Settings) -> str:
    """The text of the settings file, to find lines in; "" when there is none."""
    if not settings.file:
        return ""
    try:
        return workspace.read(settings.file).decode("utf-8-sig", "replace")
    except Unreadable:
        return ""


def own_prices(workspace: Workspace, settings: Settings) -> Catalogue:
    """The catalogue under the `[prices]` of the settings. Raises `UsageError`."""
    table: Mapping[str, Any] = settings.prices
    made = catalogue()
    if not table:
        return made
    file = settings.file or "stackworthy.toml"
    named = table.get("file")
    if named is not None:
        if not isinstance(named, str):
            raise UsageError(
                "[prices] file is no text", 'write file = "prices.json"', key="prices.file", file=file
            )
        path = posixpath.normpath(posixpath.join(posixpath.dirname(file), named))
        try:
            text = workspace.read(path).decode("utf-8-sig")
        except (Unreadable, UnicodeDecodeError) as error:
            message = error.message if isinstance(error, Unreadable) else "is not UTF-8"
            raise UsageError(
                f"{named} {message}", "name a file below the root", key="prices.file", file=file
            ) from None
        made = with_own(
            made, {key: value for key, value in parse_prices(text, path).items() if key != "file"}, path
        )
    return with_own(made, {key: value for key, value in table.items() if key != "file"}, file)
