"""The values given to a template's parameters: samconfig sections, parameter files, settings; and where each stands."""

from __future__ import annotations

import posixpath
import shlex
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stackworthy.config import Environment, Settings
from stackworthy.core.diagnostic import Diagnostic
from stackworthy.core.origin import Origin
from stackworthy.core.workspace import Unreadable, Workspace
from stackworthy.sources.cloudformation.documents import parse
from stackworthy.sources.cloudformation.yaml_text import Malformed


@dataclass(slots=True)
class Given:
    """Values by parameter, the files that state them, the Region that the deployment names, and what was wrong."""

    values: dict[str, str] = field(default_factory=dict)
    sources: dict[str, Origin] = field(default_factory=dict)
    region: str | None = None
    diagnostics: list[Diagnostic] = field(default_factory=list)


def given(workspace: Workspace, template: str, settings: Settings, environment: Environment | None) -> Given:
    """What the template is deployed with; later ones win: samconfig, parameter files, the environment, the command line."""
    found = Given()
    section = environment.samconfig if environment and environment.samconfig else "default"
    _samconfig(workspace, posixpath.dirname(template), section, found)
    if environment is not None:
        for path in environment.parameter_files:
            _parameter_file(workspace, path, found)
        found.values.update({name: str(value) for name, value in environment.parameters.items()})
        found.region = environment.region or found.region
    found.values.update({name: str(value) for name, value in settings.parameters.items()})
    return found


def _samconfig(workspace: Workspace, folder: str, section: str, found: Given) -> None:
    for name in ("samconfig.toml", "samconfig.yaml", "samconfig.yml"):
        path = posixpath.join(folder, name)
        if not workspace.exists(path):
            continue
        content = _document(workspace, path, found)
        chosen = content.get(section) if isinstance(content, dict) else None
        if not isinstance(chosen, dict):
            return
        for command in ("global", "deploy"):
            values = chosen.get(command)
            values = values.get("parameters") if isinstance(values, dict) else None
            if isinstance(values, dict):
                route = (section, command, "parameters", "parameter_overrides")
                for key, value in overrides(values.get("parameter_overrides")):
                    found.values[key] = value
                    found.sources[key] = Origin(path, route)
                region = values.get("region")
                found.region = region if isinstance(region, str) else found.region
        return


def _parameter_file(workspace: Workspace, path: str, found: Given) -> None:
    content = _document(workspace, path, found)
    if isinstance(content, dict) and isinstance(content.get("Parameters"), dict):
        content = content["Parameters"]
    for key, value in _entries(content):
        found.values[key] = value
        found.sources[key] = Origin(path, (key,))


def _entries(content: Any) -> Iterator[tuple[str, str]]:
    if isinstance(content, dict):
        yield from ((str(key), _text(value)) for key, value in content.items() if not isinstance(value, dict))
    elif isinstance(content, list):
        for item in content:
            if isinstance(item, dict) and "ParameterKey" in item:
                yield str(item["ParameterKey"]), _text(item.get("ParameterValue", ""))
            elif isinstance(item, str) and "=" in item:
                key, value = item.split("=", 1)
                yield key, value


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def overrides(raw: Any) -> Iterator[tuple[str, str]]:
    """The pairs of a `parameter_overrides` entry: `A=b C="d e"`, a list of such, a map, or `ParameterKey=A,ParameterValue=b`."""
    if isinstance(raw, Mapping):
        yield from ((str(key), _text(value)) for key, value in raw.items())
        return
    words: Iterable[str]
    if isinstance(raw, str):
        try:
            words = shlex.split(raw)
        except ValueError:
            words = raw.split()
    else:
        words = [str(word) for word in raw] if isinstance(raw, list) else []
    for word in words:
        if word.startswith("ParameterKey=") and ",ParameterValue=" in word:
            key, value = word.removeprefix("ParameterKey=").split(",ParameterValue=", 1)
        elif "=" in word:
            key, value = word.split("=", 1)
        else:
            continue
        yield key, value.strip('"')


def _document(workspace: Workspace, path: str, found: Given) -> Any:
    try:
        content = workspace.read(path)
        if path.endswith(".toml"):
            return tomllib.loads(content.decode())
        return parse(path, content)
    except Unreadable as error:
        found.diagnostics.append(Diagnostic(path, 0, "error", error.message, error.hint))
    except Malformed as error:
        found.diagnostics.append(Diagnostic(path, error.line, "error", error.message, error.hint))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        found.diagnostics.append(Diagnostic(path, 0, "error", f"not valid TOML: {error}", "mend the file"))
    return None
