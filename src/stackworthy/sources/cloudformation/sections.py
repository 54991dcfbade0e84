"""The sections of a template with their loops run and their includes filled in, and where each entry was written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from stackworthy.core.origin import Origin
from stackworthy.core.value import Unknown
from stackworthy.core.workspace import Unreadable
from stackworthy.sources.cloudformation import loops
from stackworthy.sources.cloudformation.documents import Documents
from stackworthy.sources.cloudformation.scope import Scope, section
from stackworthy.sources.cloudformation.text import Malformed

Problem = Callable[[Origin, str, str], None]
"""Takes a place, what is wrong there, and what to do."""

INCLUDE = "AWS::Include"


class Includes:
    """Other files that templates name, each read and complained of once."""

    def __init__(self, documents: Documents, problem: Problem) -> None:
        self._documents = documents
        self._problem = problem

    def content(self, scope: Scope, location: str) -> Any:
        """The plain values of a local file; `Unknown` for what is fetched at deployment or cannot be read."""
        if "://" in location:
            return Unknown(f"{location} is included at deployment", stated=True)
        path = self._documents.beside(scope.file, location)
        try:
            return self._documents.raw(path)
        except Unreadable as error:
            hint = error.hint or "create the file, or name the one that is meant"
            self._problem(self._named(scope.file, location), f"{INCLUDE}: {location} {error.message}", hint)
        except Malformed as error:
            hint = error.hint or "mend the file, then review it again"
            self._problem(Origin(path, ("line", error.line)), error.message, hint)
        return Unknown(f"{location} cannot be read", stated=True)

    def look(self, scope: Scope, raw: Any) -> None:
        """Read every file that is included below, so that one which cannot be is complained of whoever asks for its values."""
        if isinstance(raw, dict):
            location = include_location(scope, raw.get("Fn::Transform"))
            if location is not None:
                self.content(scope, location)
            for item in raw.values():
                self.look(scope, item)
        elif isinstance(raw, list):
            for item in raw:
                self.look(scope, item)

    def _named(self, file: str, location: str) -> Origin:
        text = self._documents.text(file)
        found = text.find(location)
        return Origin(file, ("line", text.count("\n", 0, found) + 1 if found >= 0 else 0))


def with_includes(
    scope: Scope, includes: Includes
) -> tuple[Mapping[str, Any], dict[tuple[str, str], Origin]]:
    """The template with what its `Transform: AWS::Include` names put in, and the places of the entries that came so."""
    template = scope.template
    transforms = template.get("Transform")
    places: dict[tuple[str, str], Origin] = {}
    for transform in transforms if isinstance(transforms, list) else [transforms]:
        location = include_location(scope, transform)
        if location is None:
            continue
        content = includes.content(scope, location)
        for name, entries in content.items() if isinstance(content, dict) else ():
            if not isinstance(entries, dict):
                template = {name: entries, **template}
                continue
            own = section(template, name)
            file = beside(scope, location)
            places.update({(name, key): Origin(file, (name, key)) for key in entries if key not in own})
            template = {**template, name: {**entries, **own}}
    return template, places


def beside(scope: Scope, location: str) -> str:
    """The workspace path of a location that the scope's template names."""
    import posixpath

    return posixpath.normpath(posixpath.join(posixpath.dirname(scope.file), location))


def include_location(scope: Scope, transform: Any) -> str | None:
    if not (isinstance(transform, dict) and transform.get("Name") == INCLUDE):
        return None
    parameters = transform.get("Parameters")
    location = scope.value(parameters.get("Location")) if isinstance(parameters, dict) else None
    return location if isinstance(location, str) else None


class _Filling:
    """One section on its way."""

    def __init__(self, scope: Scope, includes: Includes, problem: Problem) -> None:
        self.scope = scope
        self.includes = includes
        self.problem = problem

    def entries(
        self, entries: Mapping[str, Any], base: Origin, opened: tuple[str, ...]
    ) -> Iterator[tuple[str, Any, Origin]]:
        """The entries of a map that is written at `base`; `opened` are the files that include each other down to it."""
        for key, body in entries.items():
            origin = Origin(base.file, (*base.route, key))
            if base.file == self.scope.file:
                origin = self.scope.place(origin.route)
            if key.startswith(loops.PREFIX):
                yield from self._loop(key, body, origin)
            elif key == "Fn::Transform":
                for transform in body if isinstance(body, list) else [body]:
                    yield from self._included(transform, origin, opened)
            else:
                yield key, body, origin

    def _loop(self, key: str, body: Any, origin: Origin) -> Iterator[tuple[str, Any, Origin]]:
        try:
            for made, item, route in loops.expand_loop(key, body, self.scope.loop_items):
                yield made, item, Origin(origin.file, (*origin.route[:-1], *route))
        except loops.Loop as error:
            self.problem(
                origin, str(error), "give the collection as a list or a parameter, and a shorter one"
            )

    def _included(
        self, transform: Any, origin: Origin, opened: tuple[str, ...]
    ) -> Iterator[tuple[str, Any, Origin]]:
        location = include_location(self.scope, transform)
        if location is None or "://" in location:
            name = transform.get("Name") if isinstance(transform, dict) else transform
            what = (
                f"what {name if isinstance(name, str) else 'a macro'} puts here is known only at deployment"
            )
            self.problem(origin, what, "include a local file, so that it can be reviewed")
            return
        file = beside(self.scope, location)
        if file in opened:
            self.problem(origin, f"{location} includes itself", "break the circle")
            return
        content = self.includes.content(self.scope, location)
        if isinstance(content, dict):
            yield from self.entries(content, Origin(file, ()), (*opened, file))


def filled(scope: Scope, name: str, includes: Includes, problem: Problem) -> Mapping[str, Any]:
    """A section's entries, those that loops and includes make among them; `scope.places` says where those were written."""
    entries = section(scope.template, name)
    if not any(key.startswith("Fn::") for key in entries):
        return entries
    made: dict[str, Any] = {}
    filling = _Filling(scope, includes, problem)
    for key, body, origin in filling.entries(entries, Origin(scope.file, (name,)), ()):
        if key in made:
            problem(origin, f"{key} is made twice; the last one counts", "give each its own name")
        made[key] = body
        scope.places[name, key] = origin
    return made
