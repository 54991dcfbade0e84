"""The values of variables: what the framework would find, unknown with the reason for what only a deployment knows.

The process's own environment is never read, no code is run, and nothing is asked of AWS.
https://www.serverless.com/framework/docs/guides/variables
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from stackworthy.core.origin import Origin, Route
from stackworthy.core.value import Unknown
from stackworthy.core.workspace import Unreadable
from stackworthy.sources.cloudformation.documents import Documents
from stackworthy.sources.cloudformation.text import Malformed
from stackworthy.sources.serverless.syntax import Literal, Pieces, Source, Variable, pieces

MAX_DEPTH = 60
MAX_NODES = 300_000
MAX_TEXT = 200_000

_DATA = (".yml", ".yaml", ".json", ".tfstate")
_CODE = (".js", ".cjs", ".mjs", ".ts", ".mts", ".cts", ".py")
_DEPLOYED = {
    "ssm": "Parameter Store",
    "cf": "another stack's outputs",
    "s3": "a bucket",
    "aws": "the account",
    "vault": "HashiCorp Vault",
    "doppler": "Doppler",
    "terraform": "Terraform's state",
    "git": "the git repository",
    "output": "another service's outputs",
    "state": "another service's outputs",
}
_MISSING = object()

Warn = Callable[[Origin, str, str], None]
"""Takes a place, what is wrong there, and what to do."""


class Stated(msgspec.Struct):
    """What a deployment states: `stage` and `region` (None: not stated), and values by name.

    A value's name is `opt:name`, `param:name` or `env:name`; a bare name stands for an option and a parameter.
    """

    stage: str | None = None
    region: str | None = None
    values: Mapping[str, Any] = msgspec.field(default_factory=dict)

    def value(self, kind: str, name: str) -> Any:
        """The value stated for an option, a parameter or an environment variable; None when there is none."""
        found = self.values.get(f"{kind}:{name}")
        return self.values.get(name) if found is None and kind != "env" else found


class Found(msgspec.Struct):
    """What a source has: a value, and where it stands (None: nowhere in a file)."""

    value: Any
    place: Origin | None = None


class Variables:
    """Resolves one service's configuration. Resolved trees are shared, never changed; `Unknown` stands for what is not known."""

    def __init__(self, documents: Documents, file: str, stated: Stated, warn: Warn) -> None:
        self.documents = documents
        self.file = file
        self.stated = stated
        self.warn = warn
        self.environment: Mapping[str, str] = {}
        self.jumps: dict[Origin, Origin] = {}
        self.uses: Counter[Origin] = Counter()
        self._raw: dict[str, Any] = {}
        self._resolved: dict[Origin, tuple[Any, int, int]] = {}
        self._deepest = 0
        self._open: set[Origin] = set()
        self._nodes = 0
        self._defaults: dict[str, str] = {}

    # Whole trees.

    def config(self, *route: str) -> Any:
        """The value at a route of the service's own file, None where there is nothing."""
        found = self._lookup(self.file, list(route))
        return found.value if found is not None else None

    def locate(self, route: Route) -> Origin:
        """Where a route of the resolved configuration was written: in the service's file, or in one that a variable names."""
        place = Origin(self.file, ())
        for part in route:
            place = self._landed(place)
            place = Origin(place.file, (*place.route, part))
        return place

    def _landed(self, place: Origin) -> Origin:
        for _ in range(MAX_DEPTH):
            if place not in self.jumps:
                break
            place = self.jumps[place]
        return place

    def steps(self, route: Route) -> list[Origin]:
        """From the use at a route to the places that its value comes from, one variable after the other; empty for a literal."""
        place = self.locate(route)
        found: list[Origin] = []
        while place in self.jumps and len(found) < MAX_DEPTH:
            place = self.jumps[place]
            found.append(place)
        return found

    def resolve(self, raw: Any, place: Origin) -> Any:
        """The value of a raw tree that stands at a place."""
        if self._nodes > MAX_NODES:
            return Unknown(f"variables make more than {MAX_NODES:,} values of the configuration")
        if type(raw) is not str and type(raw) is not dict and type(raw) is not list:
            self._nodes += 1
            return raw
        if type(raw) is str and "${" not in raw:
            self._nodes += 1
            return raw
        known = self._resolved.get(place)
        if known is not None and len(self._open) + known[2] <= MAX_DEPTH:
            self._nodes += known[1]
            self._deepest = max(self._deepest, len(self._open) + known[2])
            return known[0]
        if place in self._open:
            return Unknown(f"{_written(place.route)} refers to itself", stated=True)
        if known is not None or len(self._open) > MAX_DEPTH:
            return Unknown(f"variables lead to each other over more than {MAX_DEPTH} levels", stated=True)
        before, deepest = self._nodes, self._deepest
        self._nodes += 1
        self._open.add(place)
        self._deepest = len(self._open)
        try:
            value = self._tree(raw, place)
        finally:
            self._open.discard(place)
        self._resolved[place] = (value, self._nodes - before, self._deepest - len(self._open))
        self._deepest = max(self._deepest, deepest)
        return value

    def _tree(self, raw: Any, place: Origin) -> Any:
        if type(raw) is str:
            return self._text(raw, place)
        if type(raw) is list:
            return [
                self.resolve(item, Origin(place.file, (*place.route, index)))
                for index, item in enumerate(raw)
            ]
        if len(raw) == 1 and isinstance(raw.get("Fn::Sub"), str) and "${" in raw["Fn::Sub"]:
            return {"Fn::Sub": self._substituted(raw["Fn::Sub"], place)}
        return {key: self.resolve(item, Origin(place.file, (*place.route, key))) for key, item in raw.items()}

    # Texts.

    def _text(self, text: str, place: Origin) -> Any:
        parts = pieces(text)
        if len(parts) == 1 and isinstance(parts[0], Variable):
            found = self._variable(parts[0], place)
            if found.place is not None:
                self.jumps[place] = found.place
            return found.value
        return self._joined(parts, place)

    def _joined(self, parts: Pieces, place: Origin) -> Any:
        """The text that pieces make; a join for deployment where one of them is not known before."""
        made: list[Any] = []
        for part in parts:
            value = part if isinstance(part, str) else self._variable(part, place).value
            value = _as_text(value, part.text if isinstance(part, Variable) else "")
            if isinstance(value, str) and made and isinstance(made[-1], str):
                made[-1] += value
            else:
                made.append(value)
        length = sum(len(piece) for piece in made if isinstance(piece, str))
        self._nodes += length // 100
        if length > MAX_TEXT:
            return Unknown(f"variables make a text of more than {MAX_TEXT:,} characters", stated=True)
        if len(made) == 1:
            return made[0]
        return {"Fn::Join": ["", made]}

    def _substituted(self, text: str, place: Origin) -> Any:
        """The argument of an `Fn::Sub` in which variables stand: what is not known becomes a name of its own."""
        made: list[str] = []
        names: dict[str, Any] = {}
        for part in pieces(text):
            value = part if isinstance(part, str) else self._variable(part, place).value
            value = _as_text(value, part.text if isinstance(part, Variable) else "")
            if isinstance(value, str):
                made.append(value)
                continue
            name = f"variable{len(names)}"
            names[name] = value
            made.append("${" + name + "}")
        joined = "".join(made)
        if len(joined) > MAX_TEXT:
            return Unknown(f"variables make a text of more than {MAX_TEXT:,} characters", stated=True)
        return [joined, names] if names else joined

    def _variable(self, variable: Variable, place: Origin) -> Found:
        unknown: Unknown | None = None
        assumed: Found | None = None
        late: list[tuple[Origin, str, str]] = []
        for source in variable.sources:
            if isinstance(source, Literal):
                return Found(source.value)
            found = self._source(source, place, late)
            if isinstance(found, Unknown):
                unknown = found if unknown is None else unknown
            elif found is not None and found.value is not None:
                if found.place is not None:
                    self.uses[found.place] += 1
                return found
            if isinstance(source, Source) and source.type == "opt":
                assumed = assumed or self._assumed(source)
        if assumed is not None:
            return assumed
        for complaint in late:
            self.warn(*complaint)
        if unknown is None:
            unknown = Unknown(f"{variable.text} has no value", variable.text, stated=True)
            if all(isinstance(source, Source) and source.type == "self" for source in variable.sources):
                hint = "state it, or give the variable a fallback"
                self.warn(place, f"{variable.text} leads to nothing", hint)
        return Found(unknown)

    def _assumed(self, source: Source) -> Found | None:
        """A stage and a Region that nobody states are those that the framework takes."""
        if source.address == ("stage",):
            return Found(self.stage())
        return Found(self.region()) if source.address == ("region",) else None

    # Sources: None or Unknown lets the next fallback decide.

    def _source(
        self, source: Source, place: Origin, late: list[tuple[Origin, str, str]]
    ) -> Found | Unknown | None:
        """What one source has. Complaints that a fallback makes idle are put into `late`."""
        address = "" if source.address is None else self._joined(source.address, place)
        parameters = [self._joined(part, place) for part in source.parameters]
        if not isinstance(address, str) or not all(isinstance(part, str) for part in parameters):
            reason = next(_reasons([address, *parameters]), "its address is known at deployment")
            return Unknown(f"{source.type}: {reason}", stated=True)
        if source.type == "self":
            return self._self(address)
        if source.type == "file" and parameters:
            return self._file(parameters[0], address, place, late)
        if source.type == "strToBool" and parameters:
            return _to_bool(parameters[0])
        if source.type in ("opt", "param", "env"):
            return self._stated(source.type, address)
        if source.type == "sls":
            return (
                Found(self.stage()) if address == "stage" else Unknown(f"sls:{address} changes", stated=True)
            )
        if source.type == "aws" and address in ("region", "accountId"):
            pseudo = {"Ref": "AWS::AccountId" if address == "accountId" else "AWS::Region"}
            return Found(self.region() if address == "region" else pseudo)
        # What is fetched at deployment has a value there: a fallback does not count.
        origin = _DEPLOYED.get(source.type, f"the source {source.type}")
        text = f"{source.type}:{address}"
        return Found(Unknown(f"{text} is read from {origin} at deployment", text, stated=True))

    def _self(self, address: str) -> Found | None:
        names = address.split(".") if address else []
        found = self._lookup(self.file, names)
        if found is not None and found.value is not None:
            return found
        if names == ["provider", "region"]:
            return Found(self.region())
        if names == ["provider", "stage"]:
            return Found(self.stage())
        if names == ["service", "name"]:
            return self._lookup(self.file, ["service"])
        return None

    def _stated(self, kind: str, name: str) -> Found | Unknown | None:
        if kind == "opt" and name in ("stage", "region"):
            stated = self.stated.stage if name == "stage" else self.stated.region
            return Found(stated) if stated is not None else None
        value = self.stated.value(kind, name)
        if value is not None:
            return Found(value)
        if kind == "param":
            return self._parameter(name)
        if kind == "env" and name in self.environment:
            return Found(self.environment[name])
        text = f"{kind}:{name}"
        if kind == "env":
            reason = f'environment variable {name} is known at deployment (give it with --parameters "env:{name}=…")'
            return Unknown(reason, text, stated=True)
        return Unknown(
            f"option --{name} has no value (give it with --parameters {name}=…)", text, stated=True
        )

    def _parameter(self, name: str) -> Found | Unknown:
        """A parameter of the stage, else of all stages: `params` of version 3, `stages` of version 4."""
        stage = self.stage()
        for route in (
            ["params", stage],
            ["stages", stage, "params"],
            ["params", "default"],
            ["stages", "default", "params"],
        ):
            found = self._lookup(self.file, [*route, name])
            if found is not None and found.value is not None:
                return found
        reason = f"parameter {name} has no value (give it with --parameters {name}=…)"
        return Unknown(reason, f"param:{name}", stated=True)

    def stage(self) -> str:
        """The stage: the one stated, else the provider's, else `dev`, as the framework has it."""
        return self._default(self.stated.stage, "stage", "dev")

    def region(self) -> str:
        """The Region: the one stated, else the provider's, else `us-east-1`, as the framework has it."""
        return self._default(self.stated.region, "region", "us-east-1")

    def _default(self, stated: str | None, name: str, otherwise: str) -> str:
        if stated is not None or name in self._defaults:
            return stated or self._defaults[name]
        self._defaults[name] = otherwise
        value = self.config("provider", name)
        if isinstance(value, str) and value:
            self._defaults[name] = value
        return self._defaults[name]

    # Files.

    def _file(
        self, path: str, address: str, place: Origin, late: list[tuple[Origin, str, str]]
    ) -> Found | Unknown | None:
        location = self.documents.beside(self.file, path)
        if location.endswith(_CODE):
            reason = f"{path} is code, which a review does not run"
            return Unknown(reason, f"file({path}):{address}", stated=True)
        try:
            raw = self._content(location)
        except Unreadable as error:
            hint = error.hint or "create the file, or name the one that is meant"
            late.append((place, f"{path} {error.message}", hint))
            return Unknown(f"{path} {error.message}", f"file({path}):{address}", stated=True)
        except Malformed as error:
            self.warn(Origin(location, ("line", error.line)), error.message, error.hint or "mend the file")
            return Unknown(f"{path} cannot be read", f"file({path}):{address}", stated=True)
        self._raw[location] = raw
        return self._lookup(location, address.split(".") if address else [])

    def _content(self, location: str) -> Any:
        if location.endswith(_DATA):
            return self.documents.raw(location)
        try:
            return self.documents.workspace.read(location).decode()
        except UnicodeDecodeError:
            raise Malformed(0, "the file is not UTF-8 text", "save it as UTF-8") from None

    def _lookup(self, file: str, names: list[str]) -> Found | None:
        """What stands below a file's top; a variable on the way is followed."""
        if file not in self._raw:
            self._raw[file] = self.documents.raw(file)
        raw, place, resolved = self._raw[file], Origin(file, ()), False
        for name in names:
            if isinstance(raw, str) and not resolved:
                raw, resolved = self.resolve(raw, place), True
                place = self._landed(place)
            if isinstance(raw, Unknown):
                return Found(raw)
            key = _key(raw, name)
            if key is _MISSING:
                return None
            raw, place = raw[key], Origin(place.file, (*place.route, key))
        return Found(raw if resolved else self.resolve(raw, place), place)


def _key(raw: Any, name: str) -> Any:
    """The key or index that a name of an address stands for."""
    if isinstance(raw, dict):
        return name if name in raw else _MISSING
    if isinstance(raw, list) and name.isdecimal() and len(name) < 7 and int(name) < len(raw):
        return int(name)
    return _MISSING


def _as_text(value: Any, written: str) -> Any:
    """What a value becomes inside a text: a text, or what is known at deployment."""
    if isinstance(value, (str, Unknown)):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, dict) and len(value) == 1 and ("Ref" in value or "Fn::Join" in value):
        return value
    return Unknown(f"{written} is no text, number or truth value inside a text", written, stated=True)


def _to_bool(text: str) -> Found | None:
    word = text.strip().lower()
    if word in ("true", "1"):
        return Found(True)
    return Found(False) if word in ("false", "0") else None


def _reasons(values: list[Any]) -> Iterator[str]:
    """Why values are not known, found below the joins that they are part of."""
    for value in values:
        if isinstance(value, Unknown):
            yield value.reason
        elif isinstance(value, dict):
            yield from _reasons(
                [piece for item in value.values() if isinstance(item, list) for piece in item]
            )
        elif isinstance(value, list):
            yield from _reasons(value)


def _written(route: Route) -> str:
    return ".".join(str(part) for part in route) or "the configuration"
