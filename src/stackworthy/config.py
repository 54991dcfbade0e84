"""What a review is asked to do: the settings of `stackworthy.toml`, with the options of the command line over them."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping
from typing import Any

import msgspec

from stackworthy import globs
from stackworthy.config_file import FILE_NAME, ConfigError, read
from stackworthy.core.workspace import Disk, Workspace, find_root

__all__ = [
    "ConfigError",
    "Environment",
    "Options",
    "PathOverride",
    "Policy",
    "Settings",
    "closest",
    "load",
    "merge",
]

NEVER = "never"


class Environment(msgspec.Struct, frozen=True):
    """One way to deploy a stack. Files are relative to the root.

    `samconfig` names the section of samconfig.toml (the environment's own name unless stated); `parameters` win over
    `parameter_files`, and those over the section. `variables`, `var_files` and `workspace` are Terraform's. No finding is more severe here than `severity_cap`.
    """

    name: str
    parameters: Mapping[str, str] = msgspec.field(default_factory=dict)
    parameter_files: tuple[str, ...] = ()
    samconfig: str = ""
    variables: Mapping[str, Any] = msgspec.field(default_factory=dict)
    var_files: tuple[str, ...] = ()
    workspace: str | None = None
    profile: str | None = None
    severity_cap: str | None = None
    region: str | None = None


class PathOverride(msgspec.Struct, frozen=True):
    """What is different for the files that a pattern names (anchored at the root, see `globs.matches`)."""

    glob: str
    skip: bool = False
    skip_rules: tuple[str, ...] = ()
    severity_cap: str | None = None
    profile: str | None = None


class Policy(msgspec.Struct, frozen=True):
    """What a team demands of its stacks; an empty tuple demands nothing. Models and runtimes may end in `*`."""

    required_tags: tuple[str, ...] = ()
    allowed_regions: tuple[str, ...] = ()
    allowed_runtimes: tuple[str, ...] = ()
    allowed_models: tuple[str, ...] = ()
    severity: Mapping[str, str] = msgspec.field(default_factory=dict)
    paths: tuple[PathOverride, ...] = ()


class Options(msgspec.Struct, frozen=True):
    """What the command line says; None or empty: nothing. Files are as typed, relative to the working directory.

    `environments` are (name, file or None).
    """

    profile: str | None = None
    rules: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    pillars: tuple[str, ...] = ()
    only_formats: tuple[str, ...] = ()
    fail_on: str | None = None
    environments: tuple[tuple[str, str | None], ...] = ()
    parameters: Mapping[str, str] = msgspec.field(default_factory=dict)
    variables: Mapping[str, str] = msgspec.field(default_factory=dict)
    var_files: tuple[str, ...] = ()
    own_rules: tuple[str, ...] = ()
    trust_rules: bool = False

    @property
    def narrow(self) -> bool:
        """Whether less is judged than the settings files ask for."""
        return bool(self.rules or self.skip or self.pillars or self.only_formats or self.profile)


class Settings(msgspec.Struct, frozen=True):
    """Everything that steers a review. `root` is the absolute folder outside which nothing is read ("": to be found).

    `file` is the stackworthy.toml that they come from, relative to the root. An empty `rules`, `pillars` or
    `only_formats` means all. `baseline` is the file of known findings, `own_rules` are folders of rules, relative to the root. Without `environments` a stack is judged once, with its defaults. `fail_on` is a severity or "never".
    `workload`, `scenario` and `prices` are tables that the bill reads (`workload/`, `prices/own.py`), `plan` one that the plan reads (`plan/settings.py`).
    """

    root: str = ""
    file: str | None = None
    profile: str = "recommended"
    rules: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    pillars: tuple[str, ...] = ()
    only_formats: tuple[str, ...] = ()
    fail_on: str = "high"
    environments: tuple[Environment, ...] = ()
    parameters: Mapping[str, str] = msgspec.field(default_factory=dict)
    variables: Mapping[str, Any] = msgspec.field(default_factory=dict)
    var_files: tuple[str, ...] = ()
    policy: Policy = msgspec.field(default_factory=Policy)
    baseline: str = ""
    own_rules: tuple[str, ...] = ()
    trust_rules: bool = False
    workload: Mapping[str, Any] = msgspec.field(default_factory=dict)
    scenario: Mapping[str, Any] = msgspec.field(default_factory=dict)
    prices: Mapping[str, Any] = msgspec.field(default_factory=dict)
    plan: Mapping[str, Any] = msgspec.field(default_factory=dict)
    options: Options = msgspec.field(default_factory=Options)

    def override(self, path: str) -> PathOverride | None:
        """What is different for this file (relative to the root); later patterns win, skipped rules add up."""
        found: PathOverride | None = None
        for entry in self.policy.paths:
            if globs.matches(entry.glob, path):
                found = _over(found, entry) if found else entry
        return found

    def reads(self, format: str) -> bool:
        """Whether stacks of this format are wanted; asking for cloudformation asks for SAM too."""
        wanted = self.only_formats
        return not wanted or format in wanted or (format == "sam" and "cloudformation" in wanted)


def load(
    folder: str | os.PathLike[str], *, root: str | None = None, workspace: Workspace | None = None
) -> Settings:
    """The settings for a folder (or a file): those of the nearest stackworthy.toml, up to the root; else the defaults.

    The root is the one given, else the enclosing git work tree, else the folder. Raises `ConfigError`.
    """
    place = workspace or Disk(root or find_root(os.fspath(folder)))
    within = _relative(place.root, os.fspath(folder))
    if within is None:
        raise ConfigError(
            "", 0, f"{os.fspath(folder)} is not below the root {place.root}", "name a wider --root"
        )
    return _nearest(place, within)


def closest(settings: Settings, folder: str, workspace: Workspace) -> Settings:
    """The settings of a stack in a folder (relative to the root): a stackworthy.toml nearer to it wins.

    The options of the command line that `settings` carries stay above it. Raises `ConfigError`.
    """
    path = _find(workspace, folder)
    if path is None or path == settings.file:
        return settings
    return merge(_build(workspace, path), settings.options)


def merge(settings: Settings, options: Options) -> Settings:
    """The settings with the options of the command line over them; raises `ConfigError` for what does not fit.

    Named environments are the only ones judged; one that the file does not know is made of its name and FILE.
    """
    return msgspec.structs.replace(
        settings,
        profile=options.profile or settings.profile,
        rules=options.rules or settings.rules,
        skip=settings.skip + options.skip,
        pillars=options.pillars or settings.pillars,
        only_formats=options.only_formats or settings.only_formats,
        fail_on=options.fail_on or settings.fail_on,
        environments=_environments(settings, options),
        parameters={**settings.parameters, **options.parameters},
        variables={**settings.variables, **options.variables},
        var_files=settings.var_files + tuple(_typed(settings.root, path) for path in options.var_files),
        trust_rules=options.trust_rules,
        options=options,
    )


def _environments(settings: Settings, options: Options) -> tuple[Environment, ...]:
    if not options.environments:
        return settings.environments
    stated = {environment.name: environment for environment in settings.environments}
    chosen: dict[str, Environment] = {}
    for name, file in options.environments:
        environment = chosen.get(name) or stated.get(name)
        if environment is None:
            if file is None:
                _refuse_misspelt(name, stated)
            environment = Environment(name, samconfig=name)
        if file is not None:
            path = _typed(settings.root, file)
            if path.endswith((".tfvars", ".tfvars.json")):
                environment = msgspec.structs.replace(environment, var_files=(*environment.var_files, path))
            else:
                environment = msgspec.structs.replace(
                    environment, parameter_files=(*environment.parameter_files, path)
                )
        chosen[name] = environment
    return tuple(chosen.values())


def _refuse_misspelt(name: str, stated: Mapping[str, Environment]) -> None:
    import difflib

    near = difflib.get_close_matches(name, stated, 1)
    if near:
        raise ConfigError("", 0, f"there is no environment {name!r}", f"did you mean {near[0]!r}?")


def _over(lower: PathOverride, upper: PathOverride) -> PathOverride:
    return PathOverride(
        upper.glob,
        lower.skip or upper.skip,
        lower.skip_rules + upper.skip_rules,
        upper.severity_cap or lower.severity_cap,
        upper.profile or lower.profile,
    )


def _relative(root: str, path: str) -> str | None:
    """The path relative to the root, with forward slashes ("" is the root); None when it lies outside."""
    relative = os.path.relpath(os.path.realpath(path), root).replace(os.sep, "/")
    if relative == ".." or relative.startswith("../"):
        return None
    return "" if relative == "." else relative


def _typed(root: str, path: str) -> str:
    """A file as typed on the command line, relative to the root."""
    relative = _relative(root or os.getcwd(), path)
    if relative is None:
        raise ConfigError("", 0, f"{path} is not below the root {root}", "name a wider --root to read it")
    if not os.path.isfile(path):
        raise ConfigError(
            "", 0, f"{path} is not a file", "check the name; it is relative to the working directory"
        )
    return relative


def _find(place: Workspace, folder: str) -> str | None:
    while True:
        candidate = f"{folder}/{FILE_NAME}" if folder else FILE_NAME
        if place.exists(candidate):
            return candidate
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _nearest(place: Workspace, folder: str) -> Settings:
    path = _find(place, folder)
    return Settings(root=place.root) if path is None else _build(place, path)


def _build(place: Workspace, path: str) -> Settings:
    content = read(place, path)
    environments = tuple(
        Environment(name, **{"samconfig": name, **_frozen(entry)})
        for name, entry in content.pop("environment", {}).items()
    )
    policy = content.pop("policy", {})
    paths = tuple(PathOverride(glob, **_frozen(entry)) for glob, entry in policy.pop("paths", {}).items())
    return Settings(
        root=place.root,
        file=path,
        environments=environments,
        policy=Policy(paths=paths, **_frozen(policy)),
        **_frozen(content),
    )


def _frozen(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
