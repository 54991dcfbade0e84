"""From a template to the graph, in one environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from stackworthy.aws.partitions import SUFFIXES, partition_of
from stackworthy.aws.relations import RELATORS
from stackworthy.aws.schemas import registered
from stackworthy.aws.vocabulary import VOCABULARY
from stackworthy.config import Environment, Settings
from stackworthy.core.diagnostic import Diagnostic
from stackworthy.core.graph import Graph
from stackworthy.core.origin import Origin, Route
from stackworthy.core.resource import MadeBy, Resource, When
from stackworthy.core.value import Partial, Unknown, Value
from stackworthy.core.workspace import Unreadable, Workspace
from stackworthy.sources.cloudformation import cdk, code, nested
from stackworthy.sources.cloudformation.circles import circles
from stackworthy.sources.cloudformation.documents import Documents
from stackworthy.sources.cloudformation.intrinsics import Budget
from stackworthy.sources.cloudformation.local_files import with_local_definitions
from stackworthy.sources.cloudformation.parameters import given
from stackworthy.sources.cloudformation.properties import TemplateProperties
from stackworthy.sources.cloudformation.routes import add_routes
from stackworthy.sources.cloudformation.scope import Scope, section
from stackworthy.sources.cloudformation.sections import INCLUDE, Includes, filled, with_includes
from stackworthy.sources.cloudformation.text import Malformed
from stackworthy.sources.stack import Reading, StackRef, with_code

SAM_PREFIX = "AWS::Serverless::"
SAM_TRANSFORM = "AWS::Serverless-2016-10-31"
MAX_NESTED = 10
MAX_RESOURCES = 20_000
MAX_NAMED = 5

MEND = "mend the file, then review it again"
_SECTIONS = ("Parameters", "Mappings", "Conditions", "Outputs")


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
    with_code(graph, workspace)
    values = given(documents, stack.path, settings, environment)
    assembly = cdk.assembly_of(workspace, stack.path) if stack.format == "cdk" else None
    diagnostics = list(values.diagnostics)
    reader = TemplateReader(documents, graph, diagnostics, values.region, assembly)
    reader.template(stack.path, values.values, sources=values.sources)
    return Reading(graph, documents, diagnostics)


class _Owner(msgspec.Struct):
    """The nested stack resource that a template belongs to."""

    resource: Resource
    passed: nested.Passed


class TemplateReader:
    """Reads one stack's templates into its graph. What it complains of late, when values are asked for, it adds to the same list."""

    def __init__(
        self,
        documents: Documents,
        graph: Graph,
        diagnostics: list[Diagnostic],
        region: str | None,
        assembly: cdk.Assembly | None,
    ) -> None:
        self.documents = documents
        self.graph = graph
        self.diagnostics = diagnostics
        self.assembly = assembly
        self.region = region or (assembly.region if assembly else None)
        self.account = assembly.account if assembly else None
        self.pseudo = pseudo_parameters(self.region, assembly)
        self.open: list[str] = []
        self.noted: set[str] = set()
        self.said: set[Diagnostic] = set()
        self.full = False
        self.includes = Includes(documents, self.warn)
        self.budget = Budget(lambda message: self.warn(Origin(graph.path, ()), message, "split the stack"))

    def warn(self, origin: Origin, message: str, hint: str = "") -> None:
        """Say once what is wrong at a place, though the stack can be read."""
        self.problem(origin, message, hint, "warning")

    def problem(self, origin: Origin, message: str, hint: str = "", level: str = "error") -> None:
        """Say once what is wrong at a place; the route `("line", 7)` names the line itself."""
        route = origin.route
        if route[:1] == ("line",):
            line = int(route[1])
        else:
            line = self.documents.line(origin) if route else 0
        found = Diagnostic(origin.file, line, level, message, hint)
        if found not in self.said:
            self.said.add(found)
            self.diagnostics.append(found)

    def template(
        self,
        file: str,
        values: Mapping[str, Value],
        *,
        owner: _Owner | None = None,
        sources: Mapping[str, Origin] | None = None,
    ) -> Scope:
        """Read a template and those nested in it; raises `Unreadable` or `Malformed` when its own file cannot be read."""
        raw = self.documents.raw(file)
        if file not in self.noted:
            self.noted.add(file)
            self.diagnostics.extend(self.documents.notes(file))
            self._check(file, raw)
        if isinstance(raw, dict) and raw.get("Metadata") is not None:
            self.graph.metadata[file] = raw["Metadata"]
        scope = self._scope(file, raw if isinstance(raw, dict) else {}, values, owner, sources)
        self.open.append(file)
        try:
            self.resources(scope, owner)
        finally:
            self.open.pop()
        return scope

    def _check(self, file: str, raw: Any) -> None:
        top = Origin(file, ())
        if not isinstance(raw, dict):
            what = "is empty" if raw is None else "is not a template: it holds no map"
            self.problem(top, what, "add Resources, or leave the file out of the review", "warning")
            return
        self._check_transforms(file, raw.get("Transform"))
        resources = raw.get("Resources")
        if self.assembly is not None and "Resources" not in raw:
            return  # the CDK writes stacks without resources, such as those that hold a test's assertions
        if not isinstance(resources, dict) or not resources:
            place = Origin(file, ("Resources",)) if "Resources" in raw else top
            what = (
                "Resources is empty"
                if not resources
                else "Resources must be a map of logical ids to resources"
            )
            if "Resources" not in raw:
                what = "the template has no Resources"
            level = "error" if resources else "warning"
            self.problem(place, what, "add a resource, or leave the file out of the review", level)
            return
        for name in _SECTIONS:
            if name in raw and not isinstance(raw[name], dict):
                what = "is empty" if not raw[name] else "must be a map"
                hint = f"remove the line, or declare {name.lower()} below it"
                self.warn(Origin(file, (name,)), f"{name} {what}", hint)

    def _check_transforms(self, file: str, transforms: Any) -> None:
        for transform in transforms if isinstance(transforms, list) else [transforms]:
            name = transform.get("Name") if isinstance(transform, dict) else transform
            if isinstance(name, str) and not name.startswith("AWS::"):
                message = f"the macro {name} may change the template at deployment"
                hint = "it is reviewed as it stands here; review what the macro makes of it instead"
                self.warn(Origin(file, ("Transform",)), message, hint)

    def _scope(
        self,
        file: str,
        raw: Mapping[str, Any],
        values: Mapping[str, Value],
        owner: _Owner | None,
        sources: Mapping[str, Origin] | None,
    ) -> Scope:
        scope = Scope(file, raw, values)
        places: dict[tuple[str, str], Origin] = {}
        if raw.get("Transform") is not None:
            raw, places = with_includes(scope, self.includes)
        scope = Scope(
            file,
            raw,
            values,
            prefix=f"{owner.resource.address}/" if owner else "",
            pseudo=self.pseudo,
            include=self.includes.content,
            sources=sources,
            budget=self.budget,
            passed=owner.passed.stated if owner else None,
        )
        scope.places.update(places)
        scope.conditions = dict(filled(scope, "Conditions", self.includes, self.warn))
        scope.outputs = filled(scope, "Outputs", self.includes, self.warn)
        if owner is not None:
            for name in scope.declared:
                scope.parameter(name)
        for name in scope.conditions:
            scope.condition(name)
        for name in scope.circles:
            hint = "let one of the conditions do without the others"
            self.problem(scope.place(("Conditions", name)), f"condition {name} depends on itself", hint)
        return scope

    def resources(self, scope: Scope, owner: _Owner | None) -> None:
        """Put the resources of a template and of those nested in it into the graph."""
        authored = self._authored(scope)
        scope.template = {**scope.template, "Resources": authored}
        completed = with_local_definitions(scope, authored, self.documents, self.includes, self.warn)
        bodies: Mapping[str, Any] = completed
        made: Mapping[str, Any] = {}
        api_routes: list[Any] = []
        if any(body["Type"].startswith(SAM_PREFIX) for body in authored.values()) or _has_sam(scope.template):
            expansion = self._expanded(scope, completed)
            bodies, made, api_routes = expansion.resources, expansion.made, expansion.routes
        if self.full or len(self.graph) + len(bodies) > MAX_RESOURCES:
            self.full = True
            hint = "review its parts one by one"
            message = f"the stack makes more than {MAX_RESOURCES:,} resources"
            self.problem(Origin(self.graph.path, ()), message, hint)
            return
        self._name(scope, bodies, owner)
        for name, body in bodies.items():
            self._resource(scope, name, body, made.get(name), authored.get(name), owner)
        for group in circles(scope, bodies):
            self._circle(scope, group)
        add_routes(self.graph, scope, api_routes, made)
        if self.documents.mentions(scope.file, INCLUDE):
            self.includes.look(scope, authored)
        for name in nested.in_order(scope, bodies):
            self._nested(scope, name, bodies[name])

    def _authored(self, scope: Scope) -> dict[str, Any]:
        """The author's resources: maps with a type, those that loops and includes make among them."""
        resources: dict[str, Any] = {}
        for name, body in filled(scope, "Resources", self.includes, self.warn).items():
            place = scope.place(("Resources", name))
            if name.startswith("Fn::"):
                self.problem(place, f"Resources cannot hold {name}", "name the resource")
            elif not isinstance(body, dict):
                self.problem(place, f"resource {name} must be a map", "give it a Type and Properties")
            elif not isinstance(body.get("Type"), str) or not body["Type"]:
                what = (
                    "the Type of resource {} must be a text"
                    if body.get("Type")
                    else "resource {} has no Type"
                )
                self.problem(place, what.format(name), "state its Type, such as AWS::S3::Bucket")
            else:
                properties = body.get("Properties")
                if properties is not None and not isinstance(properties, dict):
                    place = scope.place(("Resources", name, "Properties"))
                    hint = "write each property as a key with its value"
                    self.problem(place, f"the Properties of {name} must be a map", hint)
                    body = {**body, "Properties": {}}
                resources[name] = body
        return resources

    def _expanded(self, scope: Scope, resources: Mapping[str, Any]) -> Any:
        from stackworthy.sources.cloudformation.sam.expand import expand

        stated = [name for name in scope.declared if name in scope.given]
        plain = {name: value for name in stated if isinstance(value := scope.parameter(name), str)}
        template = {**scope.template, "Resources": resources}
        expansion = expand(template, plain, region=self.region or "us-east-1")
        for route, message in expansion.problems:
            self.problem(scope.place(route), _about(route, message), "SAM refuses to deploy it like this")
        scope.conditions.update(expansion.conditions)
        if expansion.outputs:
            scope.outputs = expansion.outputs
        return expansion

    def _name(self, scope: Scope, bodies: Mapping[str, Any], owner: _Owner | None) -> None:
        """Give every resource its address: the construct path, else the logical id below the nested stack's own address."""
        taken: set[str] = set(self.graph.resources)
        within = cdk.nested_scope(owner.resource.address) if owner and self.assembly else ""
        for name, body in bodies.items():
            address = cdk.construct_path(body)
            if self.assembly is not None:
                address = self.assembly.path(body, name, within)
            elif address is not None:
                address = scope.prefix + address
            if address is None or address in taken:
                address = scope.prefix + name
            while address in taken:
                address += "'"
            taken.add(address)
            scope.addresses[name] = address

    def _resource(
        self, scope: Scope, name: str, body: Any, made: Any, authored: Any, owner: _Owner | None
    ) -> None:
        kind = body["Type"]
        generated = made is not None and made.by != name
        route: Route = made.route if made is not None and made.route else ("Resources", name)
        place = scope.place(route)
        source = authored if isinstance(authored, dict) else body
        if generated:
            source = section(scope.template, "Resources").get(made.by, body)
        properties = code.uploaded(kind, body.get("Properties"))
        resource = Resource(
            scope.addresses[name],
            kind if registered(kind) else None,
            kind if generated or authored is None else authored["Type"],
            TemplateProperties(scope, properties, route, made, source.get("Metadata")),
            Origin(place.file, place.route, "resource"),
            made_by=_made_by(scope, made) if generated else None,
            when=self._when(scope, name, body.get("Condition"), owner),
            region=self.region,
            account=self.account,
            code=code.location(scope, self.documents, self.assembly, body, authored),
        )
        self.graph.add(resource)

    def _when(self, scope: Scope, name: str, condition: Any, owner: _Owner | None) -> When | None:
        inherited = owner.resource.when if owner else None
        if not isinstance(condition, str) or (inherited is not None and inherited.holds is False):
            return inherited
        if condition not in scope.conditions:
            place = scope.place(("Resources", name, "Condition"))
            self.warn(
                place,
                f"{name} names condition {condition}, which is not declared",
                "declare it in Conditions",
            )
        holds = scope.condition(condition)
        if isinstance(holds, Unknown):
            both = inherited is not None and inherited.holds is None
            expression = f"{inherited.expression} and {condition}" if inherited and both else condition
            return When(expression, None, holds.reason)
        if holds and inherited is not None:
            return inherited
        return When(condition, bool(holds), f"condition {condition} is {'true' if holds else 'false'}")

    def _circle(self, scope: Scope, group: list[str]) -> None:
        present = [name for name in group if self.graph[scope.addresses[name]].present]
        if len(present) < len(group):
            return
        message = f"{_listed(group)} refer to each other in a circle"
        if len(group) == 1:
            message = f"{group[0]} refers to itself"
        origin = self.graph[scope.addresses[group[0]]].origin
        self.warn(origin, message, "CloudFormation cannot create any of them first: take one reference out")

    def _nested(self, scope: Scope, name: str, body: Mapping[str, Any]) -> None:
        location = self._location(scope, body)
        if location is None:
            return
        path = self.documents.beside(scope.file, location)
        place = scope.place(("Resources", name))
        if path in self.open:
            self.problem(place, f"nested template {location} contains itself", "break the circle")
            return
        if len(self.open) > MAX_NESTED:
            self.problem(
                place, f"templates are nested deeper than {MAX_NESTED} levels", "nest them less deep"
            )
            return
        passed = nested.Passed(scope, name, body)
        try:
            owner = _Owner(self.graph[scope.addresses[name]], passed)
            scope.nested[name] = self.template(path, passed, owner=owner)
        except Unreadable as error:
            hint = error.hint or "create the file, or name the one that is meant"
            self.warn(place, f"nested template {location} {error.message}", hint)
        except Malformed as error:
            self.problem(Origin(path, ("line", error.line)), error.message, error.hint or MEND)

    def _location(self, scope: Scope, body: Mapping[str, Any]) -> str | None:
        """Where a nested template lies, relative to the one that names it; None when that is not in the workspace."""
        named = cdk.asset(body, "TemplateURL")
        if named is not None:
            return named
        location = scope.value(section(body, "Properties").get("TemplateURL"))
        if self.assembly is not None:
            text = location.suffix if isinstance(location, Partial) else location
            source = self.assembly.source(text.rsplit("/", 1)[-1]) if isinstance(text, str) else None
            if source is not None:
                return (
                    source.removeprefix(scope.file.rpartition("/")[0] + "/") if "/" in scope.file else source
                )
        return location if isinstance(location, str) and location and "://" not in location else None


def _has_sam(template: Mapping[str, Any]) -> bool:
    transform = template.get("Transform")
    return transform == SAM_TRANSFORM or (isinstance(transform, list) and SAM_TRANSFORM in transform)


def pseudo_parameters(region: str | None, assembly: cdk.Assembly | None) -> dict[str, str]:
    """The pseudo parameters that are known: of the Region, and of the stack where an assembly names it."""
    pseudo: dict[str, str] = {}
    if region:
        partition = partition_of(region)
        suffix = SUFFIXES.get(partition)
        pseudo = {"AWS::Region": region, "AWS::Partition": partition}
        if suffix:
            pseudo["AWS::URLSuffix"] = suffix
    if assembly is not None:
        pseudo["AWS::StackName"] = assembly.stack_name
        if assembly.account:
            pseudo["AWS::AccountId"] = assembly.account
    return pseudo


def _about(route: Route, message: str) -> str:
    """What SAM complains of, with the property that it means."""
    parts = [str(part) for part in route if part != "Properties"]
    return f"{'.'.join(parts[1:] if parts[:1] == ['Resources'] else parts)}: {message}" if parts else message


def _listed(names: list[str]) -> str:
    if len(names) > MAX_NAMED:
        return f"{', '.join(names[:MAX_NAMED])} and {len(names) - MAX_NAMED:,} more"
    return ", ".join(names[:-1]) + " and " + names[-1]


def _made_by(scope: Scope, made: Any) -> MadeBy:
    parts = [str(part) for part in made.route[2:]]
    path = ".".join(parts[1:] if parts[:1] == ["Properties"] else parts) or None
    return MadeBy(scope.addresses.get(made.by, scope.prefix + made.by), path)
