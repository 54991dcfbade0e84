"""Writes changes into the configurations that stated them, in the framework's own words.

What a function or the provider states is written there; what the framework makes itself and no key sets is refused, as are values
that the framework writes in another shape. Each change is proven by reading the result again before anybody is offered it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stackworthy.core.fix import AddParameter, AddResource, Allow, Change, Remove, Set
from stackworthy.core.origin import Origin, Route
from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.core.resource import Resource
from stackworthy.core.workspace import Workspace
from stackworthy.sources.cloudformation.raw_values import Names, raw
from stackworthy.sources.cloudformation.text import BOM
from stackworthy.sources.editing.consolidate import consolidated
from stackworthy.sources.editing.editor import Editor
from stackworthy.sources.serverless.build import PROVIDER, ROLE, Build, Made, candidates
from stackworthy.sources.serverless.reader import ServiceProperties
from stackworthy.sources.serverless.shapes import MISSING, as_map, at, first_unknown, get
from stackworthy.sources.stack import Reading, StackRef

_ONE_OF_A_LIST = ("Architectures", "FunctionResponseTypes")
"""Lists that the framework writes as their only element."""

_WORDS: Mapping[str, Mapping[Any, Any]] = {"State": {"ENABLED": True, "DISABLED": False}}
"""Values that the framework writes in other words."""

_OTHER_SHAPES = (
    "Tags",
    "AuthorizationType",
    "DestinationConfig",
    "Cors",
    "Policy",
    "FilterCriteria",
    "Filters",
)
"""Properties that the framework builds from several keys: a person has to write those."""


_SWITCHES = {
    "MethodSettings": "provider.logs.restApi, or set limits with a plugin",
    "MethodSettings.0": "provider.logs.restApi, or set limits with a plugin",
    "AccessLogSetting": "provider.logs.restApi: true",
    "AccessLogSetting.DestinationArn": "provider.logs.restApi: true",
    "AccessLogSettings": "provider.logs.httpApi: true (or websocket)",
    "AccessLogSettings.DestinationArn": "provider.logs.httpApi: true (or websocket)",
}
"""Properties that one key switches on, with all that belongs to them."""

_NOT_IN_TEMPLATE = ("ApiGatewayStage", "ApiGatewayDeployment", "WebsocketsDeployment")
"""What the framework names anew for each deployment, or sets up after it: nothing can extend it."""


def patch(workspace: Workspace, _: StackRef, __: Reading, changes: Sequence[Change]) -> list[Splice]:
    """The splices that carry out these changes; raises `CannotWrite`."""
    writer = _Writer(workspace)
    for change in consolidated(changes):
        writer.write(change)
    return writer.splices()


class _Writer:
    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._editors: dict[str, Editor] = {}
        self._wanted: dict[str, list[tuple[Route, Any]]] = {}
        self._others: list[Splice] = []
        self._added: dict[str, str] = {}
        self._each: dict[Route, dict[str, tuple[Route, Any]]] = {}
        self._services: dict[Route, ServiceProperties] = {}
        self._without_resources = False

    def write(self, change: Change) -> None:
        """Take in one change."""
        if isinstance(change, Set):
            self._set(_stated_in(change.resource), change)
        elif isinstance(change, Remove):
            self._remove(_stated_in(change.resource), change)
        elif isinstance(change, AddResource):
            self._add(_stated_in(change.beside), change)
        elif isinstance(change, Allow):
            for actions, resources in change.grants:
                self._allow(_stated_in(change.principal), Allow(change.principal, actions, resources))
        elif isinstance(change, AddParameter):
            self._ask(_stated_in(change.beside), change)
        else:
            raise CannotWrite("no key of a service says this", "write it by hand")

    def splices(self) -> list[Splice]:
        """All edits: what several of them need is made once."""
        self._put_each()
        made = [
            splice
            for file, wanted in self._wanted.items()
            for splice in self._editor(file).set_all(self._in_one(wanted))
        ]
        return [*made, *self._others]

    def _in_one(self, wanted: list[tuple[Route, Any]]) -> list[tuple[Route, Any]]:
        """The same, with all of a section that the service lacks as one value."""
        if not self._without_resources:
            return wanted
        section: dict[str, Any] = {}
        for route, value in wanted:
            if route[:1] == ("resources",):
                inner = section
                for part in route[1:-1]:
                    inner = inner.setdefault(str(part), {})
                inner[str(route[-1])] = value
        others = [item for item in wanted if item[0][:1] != ("resources",)]
        return [*others, (("resources",), section)] if section else others

    def _editor(self, file: str) -> Editor:
        editor = self._editors.get(file)
        if editor is None:
            content = self.workspace.read(file)
            json = content.removeprefix(BOM).lstrip()[:1] == b"{" and not file.endswith((".yaml", ".yml"))
            editor = self._editors[file] = Editor(file, content, json=json)
        return editor

    def _want(self, origin: Origin, value: Any) -> None:
        self._wanted.setdefault(origin.file, []).append((origin.route, value))

    def _set(self, properties: ServiceProperties, change: Set) -> None:
        build, made = _made(properties)
        parts = properties.parts(change.path)
        value = raw(Names(properties.scope, self._added), change.value)
        for path, item in _spread(made, ".".join(parts), value):
            place = build.author_place(properties.name, path)
            if path in _SWITCHES:
                raise CannotWrite("the service switches this on by one key", f"state {_SWITCHES[path]}")
            if place.route == made.route:
                self._extend(properties, path, item)
                continue
            self._put(properties, made, path, item)

    def _extend(self, properties: ServiceProperties, path: str, value: Any) -> None:
        """Write what no key of the framework sets as an extension of the resource, which replaces a whole property."""
        build, variables = properties.service_scope.build, properties.service_scope.variables
        name, (top, *rest) = properties.name, path.split(".")
        if name in _NOT_IN_TEMPLATE or properties.route[-1] != name or any(part.isdigit() for part in rest):
            raise CannotWrite("the framework makes this itself, and no key of the service sets it")
        stated = build.service.get("resources")
        if stated is not None and not isinstance(stated, dict):
            raise CannotWrite("resources are a list", f"extend {name} under extensions in one of them")
        before = get(build.resources[name], "Properties", top)
        for part in reversed(rest):
            value = {part: value}
        value = _over(before, value)
        unknown = first_unknown(value)
        if unknown is not None:
            raise CannotWrite(f"the rest of {top} is not known: {unknown.reason}")
        self._want(variables.locate(("resources", "extensions", name, "Properties", top)), value)

    def _put(self, properties: ServiceProperties, made: Made, path: str, value: Any) -> None:
        """Write one value: for a function, or for all where all of them are to have it and none states its own."""
        if "" not in made.places:
            value = _in_words(path, value)
        routes = candidates(made, path)
        if len(routes) == 2 and routes[1][0] == PROVIDER and made.by != PROVIDER:
            self._services[routes[1]] = properties
            self._each.setdefault(routes[1], {})[made.by] = (routes[0], value)
            return
        self._put_at(properties, properties.author_place(path).route, value)

    def _put_each(self) -> None:
        for shared, wanted in self._each.items():
            properties = self._services[shared]
            build = properties.service_scope.build
            functions = {function.id for function in build.service.functions.values()}
            values = [value for _, value in wanted.values()]
            everywhere = wanted.keys() >= functions and all(value == values[0] for value in values)
            own = any(_there(build, route) for route, _ in wanted.values())
            if everywhere and not own and (len(functions) > 1 or _there(build, shared)):
                self._put_at(properties, shared, values[0])
                continue
            for route, value in wanted.values():
                self._put_at(properties, route, value)
        self._each.clear()

    def _put_at(self, properties: ServiceProperties, route: Route, value: Any) -> None:
        build, variables = properties.service_scope.build, properties.service_scope.variables
        steps = variables.steps(route)
        if steps and all(variables.uses[step] == 1 for step in steps):
            self._want(steps[-1], value)
            return
        owner = next(
            (route[:length] for length in range(len(route), 0, -1) if _there(build, route[:length])), route
        )
        if owner != route and not isinstance(at(build.service.config, owner), (dict, list)):
            written = ".".join(map(str, owner))
            raise CannotWrite(f"{written} is written in its short form", "write it as a map first")
        self._want(variables.locate(route), value)

    def _remove(self, properties: ServiceProperties, change: Remove) -> None:
        place = properties.author_place(".".join(properties.parts(change.path)))
        if not place.written or place.shared or place.route == _made(properties)[1].route:
            raise CannotWrite("the property is not written as such, or for all functions")
        origin = properties.service_scope.variables.locate(place.route)
        self._others += self._editor(origin.file).remove(origin.route)

    def _add(self, properties: ServiceProperties, change: AddResource) -> None:
        build, variables = properties.service_scope.build, properties.service_scope.variables
        name, number = change.label, 1
        while name in build.resources or name in self._added.values():
            number += 1
            name = f"{change.label}{number}"
        self._added[change.label] = name
        body = {
            "Type": change.kind,
            "Properties": raw(Names(properties.scope, self._added), change.properties),
        }
        self._want(variables.locate((*_resources(build), name)), body)

    def _ask(self, properties: ServiceProperties, change: AddParameter) -> None:
        """Add a parameter of the template, and hand it on from the parameters of the framework (`--param`)."""
        build, variables = properties.service_scope.build, properties.service_scope.variables
        handed: Route = (PROVIDER, "stackParameters")
        self._without_resources = not _there(build, ("resources",))
        if _there(build, handed):
            raise CannotWrite("the service hands on parameters already", "add one more to stackParameters")
        name = self._added[change.label] = change.label
        parameter = (*_resources(build)[:-1], "Parameters", name)
        self._want(variables.locate(parameter), {"Type": "String", "Description": change.description})
        value = [{"ParameterKey": name, "ParameterValue": f"${{param:{name}}}"}]
        self._want(variables.locate(handed), value)

    def _allow(self, properties: ServiceProperties, change: Allow) -> None:
        """Add a statement to the role that the functions share, or to one that the author wrote."""
        build, variables = properties.service_scope.build, properties.service_scope.variables
        names = Names(properties.scope, self._added)
        resources = [raw(names, arn) for arn in change.resources]
        statement = {
            "Effect": "Allow",
            "Action": list(change.actions) if len(change.actions) > 1 else change.actions[0],
            "Resource": resources[0] if len(resources) == 1 else resources,
        }
        if properties.name != ROLE:
            raise CannotWrite("the statement belongs to a role that the service does not share")
        provider = build.service.provider
        if "iamRoleStatements" in provider and "iam" not in provider:
            route: Route = (PROVIDER, "iamRoleStatements")
        else:
            route = (PROVIDER, "iam", "role", "statements")
        stated = get(build.service.config, *route)
        origin = variables.locate(route)
        if isinstance(stated, list):
            landed = variables.steps(route)
            origin = landed[-1] if landed else origin
            self._others += self._editor(origin.file).append(origin.route, statement)
        elif stated is None:
            self._want(origin, [statement])
        else:
            raise CannotWrite(
                "the statements of the role are not known", "add the statement where they stand"
            )


def _over(before: Any, value: Any) -> Any:
    """A value laid over the one before, maps as deep as they go."""
    if not isinstance(before, dict) or not isinstance(value, dict):
        return value
    return {**before, **{key: _over(before.get(key), item) for key, item in value.items()}}


def _stated_in(resource: Resource) -> ServiceProperties:
    if not isinstance(resource.properties, ServiceProperties):
        raise CannotWrite(f"{resource.address} is not written in the service")
    return resource.properties


def _made(properties: ServiceProperties) -> tuple[Build, Made]:
    build = properties.service_scope.build
    return build, build.made[properties.name]


def _there(build: Build, route: Route) -> bool:
    return at(build.service.config, route) is not MISSING


def _spread(made: Made, path: str, value: Any) -> list[tuple[str, Any]]:
    """A map set as a whole, as its entries where those have places of their own: `TracingConfig` is `TracingConfig.Mode`."""
    if isinstance(value, dict) and value and all(f"{path}.{key}" in made.places for key in value):
        return [found for key, item in value.items() for found in _spread(made, f"{path}.{key}", item)]
    return [(path, value)]


def _in_words(path: str, value: Any) -> Any:
    """A value in the framework's words; raises `CannotWrite` where it builds the property from several keys."""
    names = [part for part in path.split(".") if not part.isdigit()]
    if any(name in _OTHER_SHAPES for name in names):
        raise CannotWrite(f"the framework builds {names[0]} from several keys")
    last = names[-1]
    if last in _ONE_OF_A_LIST and isinstance(value, list):
        if len(value) != 1:
            raise CannotWrite(f"the framework takes one value for {last}")
        return value[0]
    return _WORDS.get(last, {}).get(value, value) if isinstance(value, str) else value


def _resources(build: Build) -> Route:
    """Where a new resource belongs: the first map of resources that the service's own file holds."""
    stated = build.service.get("resources")
    if not isinstance(stated, list):
        return ("resources", "Resources")
    for index, layer in enumerate(stated):
        if "Resources" in as_map(layer):
            return ("resources", index, "Resources")
    raise CannotWrite("no map of resources is written in the service", "add one under resources")
