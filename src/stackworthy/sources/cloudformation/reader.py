"""From a template to the graph, in one environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stackworthy.aws.relations import RELATORS
from stackworthy.aws.schemas import kinds
from stackworthy.aws.vocabulary import VOCABULARY
from stackworthy.config import Environment, Settings
from stackworthy.core.diagnostic import Diagnostic
from stackworthy.core.graph import Graph
from stackworthy.core.origin import Origin, Route
from stackworthy.core.resource import MadeBy, Resource, When
from stackworthy.core.value import Unknown, Value
from stackworthy.core.workspace import Unreadable, Workspace
from stackworthy.sources.cloudformation import cdk, code, loops
from stackworthy.sources.cloudformation.documents import Documents
from stackworthy.sources.cloudformation.local_files import with_local_definitions
from stackworthy.sources.cloudformation.parameters import given
from stackworthy.sources.cloudformation.properties import TemplateProperties
from stackworthy.sources.cloudformation.routes import add_routes
from stackworthy.sources.cloudformation.scope import Budget, Scope
from stackworthy.sources.cloudformation.yaml_text import Malformed
from stackworthy.sources.stack import Reading, StackRef

SAM_PREFIX = "AWS::Serverless::"
MAX_NESTED = 10
MAX_RESOURCES = 20_000


def read(
    workspace: Workspace,
    stack: StackRef,
    settings: Settings,
    environment: Environment | None = None,
    documents: Documents | None = None,
) -> Reading:
    """The graph of a template and of those nested in it. Raises `Unreadable` or `Malformed` when its own file cannot be read."""
    documents = documents or Documents(workspace)
    graph = Graph(VOCABULARY, RELATORS, path=stack.path, format=stack.format)
    values = given(workspace, stack.path, settings, environment)
    reader = _Reader(documents, graph, values.region, list(values.diagnostics))
    try:
        reader.template(stack.path, values.values, sources=values.sources)
    except Budget as error:
        reader.problem(stack.path, (), f"{error}: the rest of it was not read")
    return Reading(graph, documents, reader.diagnostics)


class _Given(Mapping[str, Value]):
    """The parameters that a parent template passes to a nested one, evaluated when asked for."""

    def __init__(self, scope: Scope, raw: Any) -> None:
        self._scope = scope
        self._raw = raw if isinstance(raw, dict) else {}

    def __getitem__(self, name: str) -> Value:
        return self._scope.value(self._raw[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)


@dataclass(slots=True)
class _Owner:
    """The nested stack resource that a template belongs to."""

    scope: Scope
    resource: Resource


@dataclass(slots=True)
class _Reader:
    documents: Documents
    graph: Graph
    region: str | None
    diagnostics: list[Diagnostic]
    open: list[str] = field(default_factory=list)

    def problem(self, file: str, route: Route, message: str, hint: str = "", level: str = "error") -> None:
        line = self.documents.span(Origin(file, route)).line if route else 0
        self.diagnostics.append(Diagnostic(file, line, level, message, hint))

    def template(
        self,
        file: str,
        values: Mapping[str, Value],
        *,
        owner: _Owner | None = None,
        sources: Mapping[str, Origin] | None = None,
    ) -> Scope | None:
        raw = self.documents.raw(file)
        if not isinstance(raw, dict) or not isinstance(raw.get("Resources"), dict):
            if isinstance(raw, dict) and "Resources" in raw and raw["Resources"] is not None:
                self.problem(file, ("Resources",), "Resources must be a map of logical ids to resources")
            elif isinstance(raw, dict) and "Resources" in raw:
                self.problem(
                    file,
                    ("Resources",),
                    "Resources is empty",
                    "add a resource, or leave the file out",
                    "warning",
                )
            raw = {**raw, "Resources": {}} if isinstance(raw, dict) else {"Resources": {}}
        self._check_sections(file, raw)
        prefix = f"{owner.resource.address}/" if owner else ""
        scope = Scope(
            file, raw, values, region=self.region, prefix=prefix, include=self._include, sources=sources
        )
        self.open.append(file)
        self._resources(scope, owner)
        self.open.pop()
        return scope

    def _check_sections(self, file: str, raw: Mapping[str, Any]) -> None:
        for name in ("Parameters", "Mappings", "Conditions", "Outputs"):
            if name in raw and not isinstance(raw[name], dict):
                what = "is empty" if raw[name] is None else "must be a map"
                hint = f"remove the line, or declare {name.lower()} below it"
                self.problem(file, (name,), f"{name} {what}", hint, "warning")

    def _include(self, file: str, location: str) -> Any:
        if "://" in location:
            return Unknown(f"{location} is included at deployment")
        path = self.documents.beside(file, location)
        try:
            return self.documents.raw(path)
        except Unreadable as error:
            self.problem(file, (), f"AWS::Include of {location}: {error.message}", error.hint)
            return Unknown(f"{location} cannot be read: {error.message}")
        except Malformed as error:
            self.diagnostics.append(Diagnostic(path, error.line, "error", error.message, error.hint))
            return Unknown(f"{location} cannot be read")

    def _resources(self, scope: Scope, owner: _Owner | None) -> None:
        authored, routes = self._looped(scope)
        bodies = authored
        made: Mapping[str, Any] = {}
        api_routes: list[Any] = []
        if any(_type(body).startswith(SAM_PREFIX) for body in authored.values()):
            from stackworthy.sources.cloudformation.sam.expand import expand

            template = {
                **scope.template,
                "Resources": with_local_definitions(scope.file, authored, self.documents),
            }
            plain = {
                name: value for name in scope.declared if isinstance(value := scope.parameter(name), str)
            }
            expansion = expand(template, plain, region=self.region or "us-east-1")
            for route, message in expansion.problems:
                self.problem(scope.file, route, message)
            bodies, made, api_routes = expansion.resources, expansion.made, expansion.routes
            scope.conditions.update(expansion.conditions)
        if len(self.graph) + len(bodies) > MAX_RESOURCES:
            self.problem(scope.file, ("Resources",), f"the stack makes more than {MAX_RESOURCES:,} resources")
            return
        for name, body in bodies.items():
            scope.addresses[name] = scope.prefix + cdk.construct_path(body, name)
        _without_collisions(scope)
        for name, body in bodies.items():
            route = routes.get(name, ("Resources", name))
            self._resource(scope, name, body, route, made.get(name), authored.get(name), owner)
        add_routes(self.graph, scope, api_routes, made)
        for name, body in bodies.items():
            if _type(body) == "AWS::CloudFormation::Stack":
                self._nested(scope, name, body)

    def _looped(self, scope: Scope) -> tuple[dict[str, Any], dict[str, Route]]:
        """The resources with loops run, and the routes of those that loops made."""
        section = scope.template["Resources"]
        resources: dict[str, Any] = {}
        routes: dict[str, Route] = {}
        for name, body in section.items():
            if name.startswith(loops.PREFIX):
                try:
                    for key, item, route in loops.expand_loop(name, body, scope.loop_items):
                        resources[key] = item
                        routes[key] = ("Resources", *route)
                except loops.Loop as error:
                    self.problem(
                        scope.file,
                        ("Resources", name),
                        str(error),
                        "give the collection as a list or a parameter",
                    )
            elif isinstance(body, dict) and isinstance(body.get("Type"), str):
                resources[name] = body
            elif name != "Fn::Transform":
                self.problem(
                    scope.file, ("Resources", name), f"resource {name} has no Type", "state its Type"
                )
        return resources, routes

    def _resource(
        self, scope: Scope, name: str, body: Any, route: Route, made: Any, authored: Any, owner: _Owner | None
    ) -> None:
        kind = _type(body)
        generated = made is not None and made.by != name
        file_route = routes_of(made, route) if made is not None else route
        metadata = (authored if isinstance(authored, dict) else body).get("Metadata")
        properties = TemplateProperties(scope, body.get("Properties"), file_route, made, metadata)
        address = scope.addresses[name]
        resource = Resource(
            address,
            kind if kind in kinds() else None,
            kind if generated or authored is None else _type(authored),
            properties,
            Origin(scope.file, file_route, "resource"),
            made_by=MadeBy(scope.addresses.get(made.by, scope.prefix + made.by), _editable(made))
            if generated
            else None,
            when=_when(scope, body.get("Condition"), owner),
            region=self.region,
            code=code.location(scope, self.documents, body, authored),
        )
        self.graph.add(resource)

    def _nested(self, scope: Scope, name: str, body: Mapping[str, Any]) -> None:
        properties = body.get("Properties")
        properties = properties if isinstance(properties, dict) else {}
        location = cdk.nested_template(body) or scope.value(properties.get("TemplateURL"))
        if not isinstance(location, str) or "://" in location:
            return
        path = self.documents.beside(scope.file, location)
        route: Route = ("Resources", name)
        if path in self.open or len(self.open) > MAX_NESTED:
            self.problem(scope.file, route, f"nested template {location} contains itself", "break the circle")
            return
        resource = self.graph[scope.addresses[name]]
        try:
            nested = self.template(
                path, _Given(scope, properties.get("Parameters")), owner=_Owner(scope, resource)
            )
        except Unreadable as error:
            self.problem(
                scope.file, route, f"nested template {location} {error.message}", error.hint, "warning"
            )
        except Malformed as error:
            self.diagnostics.append(Diagnostic(path, error.line, "error", error.message, error.hint))
        else:
            if nested is not None:
                scope.nested[name] = nested


def routes_of(made: Any, route: Route) -> Route:
    """The author's place of a resource that SAM made."""
    return made.route if made.route else route


def _type(body: Any) -> str:
    kind = body.get("Type") if isinstance(body, dict) else None
    return kind if isinstance(kind, str) else ""


def _editable(made: Any) -> str | None:
    parts = [str(part) for part in made.route[2:]]
    return ".".join(parts[1:] if parts[:1] == ["Properties"] else parts) or None


def _when(scope: Scope, condition: Any, owner: _Owner | None) -> When | None:
    inherited = owner.resource.when if owner else None
    if not isinstance(condition, str):
        return inherited
    holds = scope.condition(condition)
    if isinstance(holds, Unknown):
        return When(condition, None, holds.reason)
    if holds and inherited is not None:
        return inherited
    return When(condition, bool(holds), f"condition {condition} is {'true' if holds else 'false'}")


def _without_collisions(scope: Scope) -> None:
    """Give resources whose construct paths collide their logical ids instead."""
    seen: dict[str, str] = {}
    for name, address in list(scope.addresses.items()):
        if address in seen:
            scope.addresses[name] = scope.prefix + name
        seen[scope.addresses[name]] = name
