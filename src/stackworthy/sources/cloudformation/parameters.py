"""The values given to a template's parameters: samconfig sections, parameter files, settings; and where each stands."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from stackworthy.config import Environment, Settings
from stackworthy.core.diagnostic import Diagnostic
from stackworthy.core.origin import Origin, Route
from stackworthy.core.workspace import Unreadable
from stackworthy.sources.cloudformation.documents import Documents
from stackworthy.sources.cloudformation.text import Malformed

_MAX_QUOTED = 100_000
"""Characters of a text in which quotes are looked at, which takes long."""

_SAMCONFIG = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")


class Given(msgspec.Struct):
    """Values by parameter, the files that state them, the Region that the deployment names, and what was wrong."""

    values: dict[str, str] = msgspec.field(default_factory=dict)
    sources: dict[str, Origin] = msgspec.field(default_factory=dict)
    region: str | None = None
    diagnostics: list[Diagnostic] = msgspec.field(default_factory=list)

    def take(self, name: str, value: Any, source: Origin | None) -> None:
        """Let this value win over those taken before."""
        self.values[name] = _text(value)
        if source is not None:
            self.sources[name] = source
        else:
            self.sources.pop(name, None)


def given(documents: Documents, template: str, settings: Settings, environment: Environment | None) -> Given:
    """What the template is deployed with; later ones win: samconfig, parameter files, the environment, the command line."""
    found = Given()
    section = environment.samconfig if environment and environment.samconfig else "default"
    _samconfig(documents, template, section, found)
    if environment is not None:
        for path in environment.parameter_files:
            _parameter_file(documents, path, found)
        for name, value in environment.parameters.items():
            route = ("environment", environment.name, "parameters", name)
            found.take(name, value, Origin(settings.file, route) if settings.file else None)
        found.region = environment.region or found.region
    for name, value in settings.parameters.items():
        stated = settings.file is not None and name not in settings.options.parameters
        found.take(name, value, Origin(settings.file or "", ("parameters", name)) if stated else None)
    return found


def _samconfig(documents: Documents, template: str, section: str, found: Given) -> None:
    folder = posixpath.dirname(template)
    for name in _SAMCONFIG:
        path = posixpath.join(folder, name)
        if not documents.workspace.exists(path):
            continue
        content = _document(documents, path, found)
        chosen = content.get(section) if isinstance(content, dict) else None
        for command in ("global", "deploy"):
            values = chosen.get(command) if isinstance(chosen, dict) else None
            values = values.get("parameters") if isinstance(values, dict) else None
            if isinstance(values, dict) and not _for_another(
                documents, template, values.get("template_file")
            ):
                _deployed(path, (section, command, "parameters"), values, found)
        return


def _deployed(path: str, route: Route, values: Mapping[str, Any], found: Given) -> None:
    for key, value in overrides(values.get("parameter_overrides")):
        found.take(key, value, Origin(path, (*route, "parameter_overrides", key)))
    region = values.get("region")
    found.region = region if isinstance(region, str) and region else found.region


def _for_another(documents: Documents, template: str, stated: Any) -> bool:
    """Whether a samconfig names another template of the workspace than this one."""
    if not isinstance(stated, str):
        return False
    named = documents.beside(template, stated)
    return named != template and documents.workspace.exists(named)


def _parameter_file(documents: Documents, path: str, found: Given) -> None:
    content = _document(documents, path, found)
    route: Route = ()
    for name in ("Parameters", "parameters"):
        if isinstance(content, dict) and isinstance(content.get(name), (dict, list)):
            content, route = content[name], (name,)
            break
    if content is not None and not isinstance(content, (dict, list)):
        hint = 'write {"Name": "value"} or [{"ParameterKey": "Name", "ParameterValue": "value"}]'
        found.diagnostics.append(Diagnostic(path, 0, "error", "holds no parameters", hint))
    for key, value, below in _entries(content):
        found.take(key, value, Origin(path, (*route, *below)))


def _entries(content: Any) -> Iterator[tuple[str, Any, Route]]:
    """The parameters of a file in any form that AWS's tools read: a map, a list of keys and values, or of `Name=value`."""
    if isinstance(content, dict):
        yield from (
            (str(key), value, (key,))
            for key, value in content.items()
            if value is not None and not isinstance(value, dict)
        )
    elif isinstance(content, list):
        for index, item in enumerate(content):
            if isinstance(item, dict) and isinstance(item.get("ParameterKey"), str):
                if item.get("ParameterValue") is not None and not item.get("UsePreviousValue"):
                    yield item["ParameterKey"], item["ParameterValue"], (index, "ParameterValue")
            elif isinstance(item, str) and "=" in item:
                key, value = item.split("=", 1)
                yield key, value, (index,)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(_text(item) for item in value)
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def overrides(raw: Any) -> Iterator[tuple[str, str]]:
    """The pairs of a `parameter_overrides` entry: `A=b C="d e"`, a list of such, a map, or `ParameterKey=A,ParameterValue=b`."""
    if isinstance(raw, Mapping):
        yield from ((str(key), _text(value)) for key, value in raw.items())
    elif isinstance(raw, list):
        for item in raw:
            yield from overrides(item) if isinstance(item, Mapping) else _pair(str(item))
    elif isinstance(raw, str):
        import shlex

        try:
            words = shlex.split(raw) if len(raw) < _MAX_QUOTED else raw.split()
        except ValueError:
            words = raw.split()
        for word in words:
            yield from _pair(word)


def _pair(word: str) -> Iterator[tuple[str, str]]:
    if word.startswith("ParameterKey=") and ",ParameterValue=" in word:
        key, value = word.removeprefix("ParameterKey=").split(",ParameterValue=", 1)
    elif "=" in word:
        key, value = word.split("=", 1)
    else:
        return
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    yield key.strip(), value[1:-1] if quoted else value


def _document(documents: Documents, path: str, found: Given) -> Any:
    try:
        return documents.raw(path)
    except Unreadable as error:
        found.diagnostics.append(Diagnostic(path, 0, "error", error.message, error.hint))
    except Malformed as error:
        hint = error.hint or "mend the file, then review it again"
        found.diagnostics.append(Diagnostic(path, error.line, "error", error.message, hint))
    return None
