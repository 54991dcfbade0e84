"""From a Serverless Framework configuration to the graph, in one environment.

The configuration is resolved, turned into the template that the framework would generate, and read as CloudFormation. Every place
of that template leads back to the line of the configuration (or of a file that it names) that the author wrote.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

from stackworthy.aws.relations import RELATORS
from stackworthy.aws.vocabulary import VOCABULARY
from stackworthy.config import Environment, Settings
from stackworthy.core.graph import Graph
from stackworthy.core.origin import Origin, Route, Step, Trail
from stackworthy.core.path import parse
from stackworthy.core.resource import MadeBy, Resource
from stackworthy.core.value import Value
from stackworthy.core.workspace import Unreadable, Workspace, inside
from stackworthy.sources.cloudformation.documents import Documents
from stackworthy.sources.cloudformation.properties import TemplateProperties
from stackworthy.sources.cloudformation.reader import TemplateReader, pseudo_parameters
from stackworthy.sources.cloudformation.scope import Scope
from stackworthy.sources.serverless.build import PROVIDER, Build, Place
from stackworthy.sources.serverless.dotenv import read_dotenv
from stackworthy.sources.serverless.service import Service
from stackworthy.sources.serverless.shapes import as_text, first, get
from stackworthy.sources.serverless.template import generate
from stackworthy.sources.serverless.variables import Stated, Variables, Warn
from stackworthy.sources.stack import Reading, StackRef, with_code

MAX_WORDS = 12


def read(
    workspace: Workspace,
    stack: StackRef,
    settings: Settings,
    environment: Environment | None = None,
    documents: Documents | None = None,
) -> Reading:
    """The graph of a service. Raises `Unreadable` or `Malformed` when its own file cannot be read."""
    documents = documents or Documents(workspace)
    graph = Graph(VOCABULARY, RELATORS, path=stack.path, format=stack.format)
    with_code(graph, workspace)
    documents.raw(stack.path)
    diagnostics = list(documents.notes(stack.path))
    stated = stated_in(settings, environment)
    reader = _ServiceReader(documents, graph, diagnostics, None, None)
    reader.service(stack.path, stated)
    return Reading(graph, documents, diagnostics)


def stated_in(settings: Settings, environment: Environment | None) -> Stated:
    """What an environment states of a deployment: its name is the stage unless its parameters say another."""
    own = environment.parameters if environment is not None else {}
    values = {**own, **settings.parameters}
    stage = values.get("opt:stage", values.get("stage", environment.name if environment else None))
    region = values.get("opt:region", values.get("region", environment.region if environment else None))
    return Stated(stage, region, values)


def generated(documents: Documents, file: str, stated: Stated, warn: Warn) -> tuple[Build, Variables]:
    """The template that the framework would generate for a service, and the variables that it was resolved with."""
    variables = Variables(documents, file, stated, warn)
    variables.environment = read_dotenv(documents, file, documents.raw(file), stated.stage)
    service = Service(variables.config(), variables.stage(), variables.region())
    return generate(service), variables


class _ServiceReader(TemplateReader):
    """Reads the template of one service into its graph, with places in the service's own words."""

    def service(self, file: str, stated: Stated) -> None:
        """Read the service in a file; raises `Unreadable` or `Malformed`."""
        raw = self.documents.raw(file)
        if not isinstance(raw, dict):
            what = "is empty" if raw is None else "is not a service: it holds no map"
            self.warn(Origin(file, ()), what, "state service, provider and functions")
            return
        build, variables = generated(self.documents, file, stated, self.warn)
        self.region = build.service.region
        self.pseudo = pseudo_parameters(self.region, None)
        for route, message, hint in build.problems:
            self.warn(variables.locate(route), f"{_words(route)} {message}", hint)
        template = {**build.sections, "Resources": build.resources}
        scope = _ServiceScope(file, template, self.pseudo, build, variables, self)
        for name in scope.conditions:
            scope.condition(name)
        self.open.append(file)
        try:
            self.resources(scope, None)
        finally:
            self.open.pop()
        for name, address in scope.addresses.items():
            self._place(scope, name, self.graph[address])

    def _place(self, scope: _ServiceScope, name: str, resource: Resource) -> None:
        """Give a resource its places, its maker and its code."""
        build, made = scope.build, scope.build.made.get(name)
        if made is None:
            return
        found = resource.properties
        if isinstance(found, TemplateProperties):
            resource.properties = ServiceProperties(scope, found.raw, found.route, name, found.metadata())
        if made.by != name:
            resource.made_by = MadeBy(
                scope.addresses.get(made.by, made.by), _editable(build, made.by, made.route)
            )
        function = next((one for one in build.service.functions.values() if one.id == name), None)
        if function is not None:
            resource.code = code_of(self.documents, scope.file, build.service, function.body)
        elif resource.kind == "AWS::Lambda::LayerVersion":
            resource.code = _inside(
                self.documents, scope.file, get(build.service.config, *made.route, "path")
            )


class _ServiceScope(Scope):
    """The names of a generated template; its places lead to the author's configuration."""

    def __init__(
        self,
        file: str,
        template: Mapping[str, Any],
        pseudo: Mapping[str, str],
        build: Build,
        variables: Variables,
        reader: TemplateReader,
    ) -> None:
        super().__init__(
            file, template, {}, pseudo=pseudo, include=reader.includes.content, budget=reader.budget
        )
        self.build = build
        self.variables = variables

    def place(self, route: Route) -> Origin:
        """Where a route of the generated template was written."""
        if len(route) > 1 and route[0] == "Resources" and route[1] in self.build.made:
            name = str(route[1])
            if len(route) > 3 and route[2] == "Properties":
                path = ".".join(str(part) for part in route[3:])
                return self.variables.locate(self.build.author_place(name, path).route)
            return self.variables.locate(self.build.made[name].route)
        if len(route) > 1:
            found = self.build.places.get((str(route[0]), str(route[1])))
            if found is not None:
                return self.variables.locate((*found, *route[2:]))
        return self.variables.locate(("resources",))


class ServiceProperties(TemplateProperties):
    """The properties of one resource of a service; `name` is its logical id in the generated template."""

    __slots__ = ("name", "service_scope")

    def __init__(self, scope: _ServiceScope, raw: Any, route: Route, name: str, metadata: Any) -> None:
        super().__init__(scope, raw, route, None, metadata)
        self.service_scope = scope
        self.name = name

    def author_place(self, path: str) -> Place:
        """Where a property is written in the resolved configuration, or would be."""
        return self.service_scope.build.author_place(self.name, path)

    def origin(self, path: str) -> Origin:
        """The author's own property, the function's or the provider's; else what asked for the resource."""
        parts = self.parts(path)
        made, variables = self.service_scope.build.made[self.name], self.service_scope.variables
        for length in range(len(parts), 0, -1):
            place = self.author_place(".".join(parts[:length]))
            if place.written and place.route != made.route:
                found = variables.locate(place.route)
                return Origin(found.file, found.route, "value" if length == len(parts) else "key")
        found = variables.locate(made.route)
        return Origin(found.file, found.route, "resource")

    def trail(self, path: str) -> Trail:
        """The variables that a value comes from, then what CloudFormation's own parameters add."""
        place = self.author_place(".".join(self.parts(path)))
        if not place.written:
            return super().trail(path)
        variables = self.service_scope.variables
        steps = [
            Step(".".join(map(str, origin.route)), origin, variables.uses[origin])
            for origin in variables.steps(place.route)
        ]
        return (*steps, *super().trail(path))

    def parts(self, path: str) -> list[str]:
        """The keys and indices that a path leads through, those of selectors found among the elements."""
        segments = parse(path)
        route, depth, _ = self._descend(self.raw, segments)
        return [str(part) for part in (*route, *(str(segment) for segment in segments[depth:]))]


def code_of(documents: Documents, file: str, service: Service, body: dict[str, Any]) -> str | None:
    """The folder that a function's handler is relative to, or the archive that holds it; None when neither is in the workspace."""
    image = body.get("image")
    if image is not None:
        declared = get(service.provider, "ecr", "images", image) if isinstance(image, str) else None
        named = first(declared, get(service.provider, "ecr", "images", as_text(get(image, "name"))))
        return _inside(documents, file, get(named, "path") or (named if isinstance(named, str) else None))
    folder = posixpath.dirname(file)
    handler = body.get("handler")
    if isinstance(handler, str):
        base = posixpath.basename(handler).rsplit(".", 1)[0]
        beside = posixpath.normpath(posixpath.join(folder, posixpath.dirname(handler)))
        try:
            names = documents.workspace.entries("" if beside == "." else beside)
        except Unreadable:
            names = []
        if base and any(name.startswith(base + ".") for name in names):
            return folder
    for artifact in (get(body, "package", "artifact"), get(service.config, "package", "artifact")):
        found = _inside(documents, file, artifact)
        if found is not None:
            return found
    return folder if isinstance(handler, str) else None


def _inside(documents: Documents, file: str, named: Value) -> str | None:
    """The workspace path of a location that the service names, when something stands there."""
    if not isinstance(named, str) or not named:
        return None
    try:
        path = inside(documents.beside(file, named))
    except Unreadable:
        return None
    workspace = documents.workspace
    return path if workspace.is_folder(path) or workspace.exists(path) else None


def _editable(build: Build, by: str, route: Route) -> str | None:
    """The path of what asked for a resource, below its maker."""
    start: Route = (PROVIDER,)
    if by in build.made and by != PROVIDER:
        start = build.made[by].route
    rest = route[len(start) :] if route[: len(start)] == start else route
    return ".".join(str(part) for part in rest) or None


def _words(route: Route) -> str:
    return ".".join(str(part) for part in route[:MAX_WORDS])
