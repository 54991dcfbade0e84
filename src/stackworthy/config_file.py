"""Reads `stackworthy.toml`: every key and type is checked, and an error names the line and what was probably meant."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from stackworthy import globs
from stackworthy.core.workspace import Unreadable, Workspace, inside

FILE_NAME = "stackworthy.toml"
PROFILES = ("recommended", "strict")
SEVERITIES = ("critical", "high", "medium", "low")
PILLARS = ("security", "reliability", "performance", "cost", "operations", "sustainability")
FORMATS = ("terraform", "cloudformation", "sam", "cdk", "serverless", "account")
MAX_CONFIG_BYTES = 256 * 1024
MAX_EXTENDS = 8


class ConfigError(Exception):
    """Settings that cannot be followed: `file` ("": the command line) and `line` (0: the whole file) say where, `hint` what to do."""

    def __init__(self, file: str, line: int, message: str, hint: str = "") -> None:
        self.file = file
        self.line = line
        self.message = message
        self.hint = hint
        where = f"{file}:{line}: " if line else f"{file}: " if file else ""
        super().__init__(where + message + (f" ({hint})" if hint else ""))


class Key(msgspec.Struct, frozen=True):
    """What may stand at a key.

    `kind`: text, flag, choice, texts, choices, file, files, scalars (a table of single values), values (a table of
    anything), choices-by-name (a table of choices), table (these `keys`), tables (named tables of these `keys`).
    """

    kind: str
    choices: tuple[str, ...] = ()
    keys: Mapping[str, Key] = msgspec.field(default_factory=dict)


ENVIRONMENT = {
    "parameters": Key("scalars"),
    "parameter_files": Key("files"),
    "samconfig": Key("text"),
    "variables": Key("values"),
    "var_files": Key("files"),
    "workspace": Key("text"),
    "region": Key("text"),
    "profile": Key("choice", PROFILES),
    "severity_cap": Key("choice", SEVERITIES),
}
PATHS = {
    "skip": Key("flag"),
    "skip_rules": Key("texts"),
    "severity_cap": Key("choice", SEVERITIES),
    "profile": Key("choice", PROFILES),
}
POLICY = {
    "required_tags": Key("texts"),
    "allowed_regions": Key("texts"),
    "allowed_runtimes": Key("texts"),
    "allowed_models": Key("texts"),
    "severity": Key("choices-by-name", SEVERITIES),
    "paths": Key("tables", keys=PATHS),
}
KEYS = {
    "extends": Key("text"),
    "profile": Key("choice", PROFILES),
    "fail_on": Key("choice", (*SEVERITIES, "never")),
    "rules": Key("texts"),
    "skip": Key("texts"),
    "pillars": Key("choices", PILLARS),
    "only_formats": Key("choices", FORMATS),
    "parameters": Key("scalars"),
    "variables": Key("values"),
    "var_files": Key("files"),
    "baseline": Key("file"),
    "own_rules": Key("files"),
    "environment": Key("tables", keys=ENVIRONMENT),
    "policy": Key("table", keys=POLICY),
    "workload": Key("values"),
    "scenario": Key("values"),
    "prices": Key("values"),
    "plan": Key("values"),
}
_WANTED = {
    "text": "a string",
    "flag": "true or false",
    "texts": "a list of strings",
    "choices": "a list of strings",
    "files": "a list of file names",
    "file": "the name of a file",
    "choice": "a string",
    "scalars": "a table of strings, numbers and booleans",
    "values": "a table",
    "choices-by-name": "a table of strings",
    "table": "a table",
    "tables": "a table of tables",
}
_Path = tuple[str, ...]


def read(place: Workspace, path: str) -> dict[str, Any]:
    """The checked content of a settings file, laid over those that it extends; files and patterns relative to the root.

    Raises `ConfigError`.
    """
    layers: list[dict[str, Any]] = []
    seen: list[str] = []
    said_by, line = "", 0
    while True:
        if path in seen:
            raise ConfigError(said_by, line, f"{path} extends itself", "take one `extends` out of the circle")
        if len(seen) == MAX_EXTENDS:
            raise ConfigError(said_by, line, f"more than {MAX_EXTENDS} files extend each other")
        seen.append(path)
        reader = _Reader(path, _text(place, path, said_by, line))
        content = reader.content()
        layers.append(content)
        extends = content.pop("extends", None)
        if extends is None:
            break
        said_by, line = path, reader.line(("extends",))
        path = reader.within(extends, ("extends",))
    merged = layers.pop()
    while layers:
        merged = _over(merged, layers.pop())
    return merged


def _text(place: Workspace, path: str, said_by: str, line: int) -> str:
    try:
        content = place.read(path)
    except Unreadable as error:
        raise ConfigError(said_by or path, line, f"{path} {error.message}", error.hint) from None
    if len(content) > MAX_CONFIG_BYTES:
        raise ConfigError(
            path,
            0,
            f"is larger than {MAX_CONFIG_BYTES // 1024} kB",
            "settings are short; is this the right file?",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(path, at, "is not UTF-8", "save the file as UTF-8") from None


def _over(lower: dict[str, Any], upper: dict[str, Any]) -> dict[str, Any]:
    """Tables are merged key by key; everything else is replaced."""
    merged = dict(lower)
    for key, value in upper.items():
        below = merged.get(key)
        merged[key] = _over(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


class _Reader:
    """One settings file: parses, checks and resolves it."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.folder = posixpath.dirname(path)
        self.text = text

    def _refuse_long_names(self) -> None:
        """The standard library's parser takes memory with the square of the parts of a dotted name."""
        for number, line in enumerate(self.text.split("\n"), 1):
            if line.split("=", 1)[0].count(".") > 100:
                raise ConfigError(
                    self.path, number, "a name of more than 100 parts", "no configuration needs that depth"
                )

    def content(self) -> dict[str, Any]:
        import tomllib

        try:
            self._refuse_long_names()
            parsed = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            message, line = _located(str(error), self.text)
            raise ConfigError(
                self.path, line, f"is not valid TOML: {message}", "see https://toml.io for the syntax"
            ) from None
        except RecursionError:
            raise ConfigError(self.path, 0, "is nested too deeply", "settings need three levels") from None
        return self.with_own_rules(self.table(parsed, KEYS, ()))

    def with_own_rules(self, content: dict[str, Any]) -> dict[str, Any]:
        """Paths among the `rules` (`./rules`) are folders of own rules: no rule's id has a slash."""
        named = content.get("rules", [])
        paths = [self.within(name, ("rules",)) for name in named if "/" in name]
        if paths:
            content["rules"] = [name for name in named if "/" not in name]
            content["own_rules"] = [*content.get("own_rules", []), *paths]
        return content

    def table(self, found: dict[str, Any], keys: Mapping[str, Key], at: _Path) -> dict[str, Any]:
        checked = {}
        for name, value in found.items():
            key = keys.get(name)
            if key is None:
                self.unknown(name, tuple(keys), at)
            else:
                checked[name] = self.value(value, key, (*at, name))
        return checked

    def value(self, value: Any, key: Key, at: _Path) -> Any:
        if not _fits(value, key.kind):
            raise self.error(at, f"{_name(at)} must be {_WANTED[key.kind]}, not {_typed(value)}")
        match key.kind:
            case "choice":
                return self.choice(value, key.choices, at)
            case "choices":
                return [self.choice(item, key.choices, at) for item in value]
            case "choices-by-name":
                return {name: self.choice(item, key.choices, (*at, name)) for name, item in value.items()}
            case "file":
                return self.within(value, at)
            case "files":
                return [self.within(item, at) for item in value]
            case "scalars":
                return {name: self.scalar(item, (*at, name)) for name, item in value.items()}
            case "table":
                return self.table(value, key.keys, at)
            case "tables":
                return self.tables(value, key.keys, at)
        return value

    def tables(self, value: dict[str, Any], keys: Mapping[str, Key], at: _Path) -> dict[str, Any]:
        named = {}
        for name, entry in value.items():
            if not isinstance(entry, dict):
                raise self.error((*at, name), f"{_name((*at, name))} must be a table, not {_typed(entry)}")
            called = globs.anchored(name, self.folder) if at[-1] == "paths" else name
            named[called] = self.table(entry, keys, (*at, name))
        return named

    def choice(self, value: str, choices: tuple[str, ...], at: _Path) -> str:
        if value in choices:
            return value
        near = _nearest(value.lower(), choices)
        hint = f"did you mean {near!r}?" if near else f"one of {', '.join(choices)}"
        raise self.error(at, f"{_name(at)} cannot be {value!r}", hint)

    def scalar(self, value: Any, at: _Path) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, list):
            return ",".join(self.scalar(item, at) for item in value)
        if isinstance(value, (str, int, float)):
            return str(value)
        raise self.error(
            at, f"{_name(at)} must be a string, number, boolean or a list of these, not {_typed(value)}"
        )

    def within(self, file: str, at: _Path) -> str:
        try:
            if file.startswith("/"):
                raise Unreadable(file, "is an absolute path", f"write it relative to {self.path}")
            return inside(posixpath.join(self.folder, file))
        except Unreadable as error:
            raise self.error(at, f"{file!r} {error.message}", error.hint) from None

    def unknown(self, name: str, keys: tuple[str, ...], at: _Path) -> None:
        near = _nearest(name.replace("-", "_").lower(), keys)
        hint = f"did you mean {near!r}?" if near else f"known here: {', '.join(keys)}"
        where = f" in [{'.'.join(at)}]" if at else ""
        raise self.error((*at, name), f"unknown key {name!r}{where}", hint)

    def error(self, at: _Path, message: str, hint: str = "") -> ConfigError:
        return ConfigError(self.path, self.line(at), message, hint)

    def line(self, at: _Path) -> int:
        """The line on which a key stands, or the nearest table above it that has one."""
        return line_of(self.text, at)


def _nearest(word: str, known: tuple[str, ...]) -> str:
    import difflib

    return next(iter(difflib.get_close_matches(word, known, 1)), "")


def _fits(value: Any, kind: str) -> bool:
    if kind in ("text", "choice", "file"):
        return isinstance(value, str)
    if kind == "flag":
        return isinstance(value, bool)
    if kind in ("texts", "choices", "files"):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if kind == "choices-by-name":
        return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
    return isinstance(value, dict)


def _typed(value: Any) -> str:
    names = {
        str: "a string",
        bool: "a boolean",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "a table",
    }
    return names.get(type(value), "a date")


def _name(at: _Path) -> str:
    return ".".join(at)


def _located(message: str, text: str) -> tuple[str, int]:
    """The parser's message without its place, and the line (the last one for "at end of document")."""
    found = re.search(r" \(at line (\d+), column \d+\)$", message)
    if found:
        return message[: found.start()], int(found[1])
    return message.removesuffix(" (at end of document)"), text.count("\n") + 1


_PART = r"(?:[A-Za-z0-9_-]+|\"[^\"\n]*\"|'[^'\n]*')"
_KEY = re.compile(rf"\s*({_PART}(?:\s*\.\s*{_PART})*)\s*=")
_HEADER = re.compile(rf"\s*\[\[?\s*({_PART}(?:\s*\.\s*{_PART})*)\s*\]\]?")


def line_of(text: str, at: _Path) -> int:
    """The line of a key or table in a TOML text, else of the nearest table above it; 0 when there is none."""
    lines = _key_lines(text)
    while at and at not in lines:
        at = at[:-1]
    return lines.get(at, 0)


@lru_cache(maxsize=16)
def _key_lines(text: str) -> dict[_Path, int]:
    """The first line on which each key or table header stands. Keys of inline tables are found at their table."""
    lines: dict[_Path, int] = {}
    table: _Path = ()
    quote = ""
    for number, line in enumerate(text.split("\n"), 1):
        if not quote:
            header = _HEADER.match(line)
            key = _KEY.match(line)
            if header and not key:
                table = _parts(header[1])
                _remember(lines, table, number)
            elif key:
                _remember(lines, table + _parts(key[1]), number)
        quote = _still_open(line, quote)
    return lines


def _remember(lines: dict[_Path, int], at: _Path, number: int) -> None:
    for length in range(1, len(at) + 1):
        lines.setdefault(at[:length], number)


def _parts(text: str) -> _Path:
    return tuple(part.strip("\"'") for part in re.findall(_PART, text))


def _still_open(line: str, quote: str) -> str:
    """The triple quote that is still open after the line, if any."""
    for found in re.findall(r'"""|\'\'\'', line):
        if not quote:
            quote = found
        elif quote == found:
            quote = ""
    return quote
