"""Writes changes into the templates that stated them: CloudFormation and SAM, YAML and JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from stackworthy.core.fix import AddParameter, AddResource, Allow, Always, Change, Remove, Set
from stackworthy.core.origin import Origin, Route
from stackworthy.core.patch import CannotWrite, Splice
from stackworthy.core.path import Segment, Selector, parse
from stackworthy.core.resource import Resource
from stackworthy.core.value import Reference, Value
from stackworthy.core.workspace import Workspace
from stackworthy.sources.cloudformation.properties import TemplateProperties
from stackworthy.sources.cloudformation.raw_values import Names, logical_id, raw
from stackworthy.sources.cloudformation.sam.merge_globals import SECTIONS
from stackworthy.sources.cloudformation.sam.places import author_place
from stackworthy.sources.cloudformation.sam.properties import FUNCTION, form
from stackworthy.sources.cloudformation.scope import Scope, section
from stackworthy.sources.cloudformation.text import BOM
from stackworthy.sources.editing.consolidate import consolidated
from stackworthy.sources.editing.editor import Editor
from stackworthy.sources.editing.editor import editor as editor_of
from stackworthy.sources.stack import Reading, StackRef

IMPLICIT = {"ServerlessRestApi": "Api", "ServerlessHttpApi": "HttpApi"}
"""The APIs that SAM makes for events that name none, and the section of `Globals` that reaches them."""

DESTINATIONS = {"AWS::SQS::Queue": "SQS", "AWS::SNS::Topic": "SNS"}
"""SAM's words for what takes failed events."""


def patch(workspace: Workspace, _: StackRef, __: Reading, changes: Sequence[Change]) -> list[Splice]:
    """The splices that carry out these changes; raises `CannotWrite`."""
    writer = _Writer(workspace)
    splices = [splice for change in consolidated(_plain(changes)) for splice in writer.write(change)]
    for change in changes:
        if isinstance(change, Set) and _stated_in(change.resource).made is not None:
            writer.set(change)
    return splices + writer.gathered()


def _plain(changes: Sequence[Change]) -> list[Change]:
    """The changes of what the author wrote himself, and all others than sets."""
    return [
        change
        for change in changes
        if not isinstance(change, Set) or _stated_in(change.resource).made is None
    ]


class _Writer:
    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._editors: dict[str, Editor] = {}
        self._added: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self._made: dict[str, list[tuple[Route, Any]]] = {}
        self._asked: dict[str, list[tuple[Route, Any]]] = {}
        self._scopes: dict[str, Scope] = {}

    def write(self, change: Change) -> list[Splice]:
        if isinstance(change, Set):
            return self.set(change)
        if isinstance(change, Remove):
            return self.remove(change)
        if isinstance(change, AddResource):
            return self.add(change)
        if isinstance(change, AddParameter):
            return self.ask(change)
        if isinstance(change, Always):
            return self.always(change)
        if isinstance(change, Allow):
            return self.allow(change)
        raise CannotWrite("code is not written in a template")

    def names(self, scope: Scope) -> Names:
        return Names(scope, self._added)

    def editor(self, file: str) -> Editor:
        editor = self._editors.get(file)
        if editor is None:
            if file.endswith(".toml"):
                raise CannotWrite(f"the value stands in {file}", f"change it in {file}")
            content = self.workspace.read(file)
            as_json = content.removeprefix(BOM).lstrip()[:1] == b"{" and not file.endswith((".yaml", ".yml"))
            editor = self._editors[file] = editor_of(file, content, as_json)
        return editor

    # Set

    def set(self, change: Set) -> list[Splice]:
        properties = _stated_in(change.resource)
        segments = parse(change.path)
        if properties.made is not None:
            return self._set_made(properties, segments, change.value)
        value = raw(self.names(properties.scope), change.value)
        literal = _own_literal(properties, change.path)
        if literal is not None:
            editor = self.editor(literal.file)
            if isinstance(value, (bool, int, float)) and editor.is_text(literal.route):
                # Parameters are texts; the property's type makes of them what they mean.
                value = json.dumps(value)
            return editor.set(literal.route, value)
        route, depth, found = properties._descend(properties.raw, segments)
        start = (*properties.route, "Properties", *route)
        if depth < len(segments):
            if isinstance(found, dict) and len(found) == 1 and _is_function(next(iter(found))):
                raise CannotWrite("what stands there is worked out by a function")
            return self._insert(properties.scope.place(start), segments[depth:], found, value)
        place = properties.scope.place(start)
        return self.editor(place.file).set(place.route, value)

    def _insert(self, place: Origin, rest: tuple[Segment, ...], found: Any, value: Any) -> list[Splice]:
        first, *deeper = rest
        for segment in reversed(deeper):
            value = _wrapped(segment, value)
        editor = self.editor(place.file)
        if isinstance(first, str):
            return editor.set((*place.route, first), value)
        if not isinstance(found, list):
            raise CannotWrite("what stands there is no list")
        return editor.append(place.route, _element(first, value))

    def _set_made(
        self, properties: TemplateProperties, segments: tuple[Segment, ...], value: Value
    ) -> list[Splice]:
        """A property of what SAM makes is written where the author would: in the SAM resource, or `Globals` when it stands there."""
        scope, made = properties.scope, properties.made
        assert made is not None
        route, depth, _ = properties._descend(properties.raw, segments)
        parts = [*(str(part) for part in route), *(_word(part) for part in segments[depth:])]
        place = author_place(scope.template, made, ".".join(parts))
        template_route = place.route
        if template_route == made.route or not _is_property(template_route):
            raise CannotWrite(
                "SAM makes this itself, and no property of the template sets it",
                "write the resource out in plain CloudFormation",
            )
        sam = section(scope.template, "Resources").get(made.by, {})
        how = form(str(sam.get("Type")), parts[0])
        typed = how == "destination with type" and parts[-1] in ("Destination", "TargetArn")
        if how != "same" and not typed:
            raise CannotWrite(f"SAM writes this as {how}")
        if place.shared and len(template_route) > 2:
            template_route = ("Resources", made.by, "Properties", *template_route[2:])
        elif made.by in IMPLICIT and not sam:
            template_route = ("Globals", IMPLICIT[made.by], *template_route[3:])
        origin = scope.place(template_route)
        self._scopes[origin.file] = scope
        wanted = self._made.setdefault(origin.file, [])
        if typed:
            wanted.append(((*origin.route[:-1], "Type"), self._type_of(scope, value)))
        wanted.append((origin.route, raw(self.names(scope), value)))
        return []

    def _type_of(self, scope: Scope, value: Value) -> str:
        """SAM's word for what an ARN names; raises `CannotWrite`."""
        name = self.names(scope)[value.address] if isinstance(value, Reference) else ""
        kind = self._kinds.get(name) or section(scope.template, "Resources").get(name, {}).get("Type")
        if kind not in DESTINATIONS:
            raise CannotWrite("what kind of destination it is cannot be told")
        return DESTINATIONS[kind]

    def gathered(self) -> list[Splice]:
        """The splices of parameters, and of all that SAM makes something of: what several of them need is made once."""
        made = {file: for_all(self._scopes[file].template, wanted) for file, wanted in self._made.items()}
        for file, asked in self._asked.items():
            if not section(self._scopes[file].template, "Parameters"):
                asked = [(("Parameters",), {route[1]: body for route, body in asked})]
            made[file] = [*made.get(file, []), *asked]
        return [splice for file, wanted in made.items() for splice in self.editor(file).set_all(wanted)]

    # Remove, add, allow

    def remove(self, change: Remove) -> list[Splice]:
        properties = _stated_in(change.resource)
        origin = properties.origin(change.path)
        if origin.role != "value":
            raise CannotWrite("the property is not written as such")
        if properties.made is not None and origin.route[:1] == ("Globals",):
            raise CannotWrite("the property is stated for all resources in Globals")
        return self.editor(origin.file).remove(origin.route)

    def add(self, change: AddResource) -> list[Splice]:
        properties = _stated_in(change.beside)
        scope = properties.scope
        beside = (
            properties.made.by if properties.made is not None else logical_id(scope, change.beside.address)
        )
        body: dict[str, Any] = {"Type": change.kind}
        condition = section(scope.template, "Resources").get(beside, {}).get("Condition")
        if isinstance(condition, str):
            body["Condition"] = condition
        if change.properties:
            body["Properties"] = raw(self.names(scope), change.properties)
        origin = scope.place(("Resources", beside))
        name = self._added[change.label] = free_name(scope, change.label, self._added.values())
        self._kinds[name] = change.kind
        return self.editor(origin.file).add_entry(origin.route[:-1], name, body, after=str(origin.route[-1]))

    def always(self, change: Always) -> list[Splice]:
        """Take the resource's `Condition` away."""
        properties = _stated_in(change.resource)
        if properties.made is not None:
            raise CannotWrite("SAM makes this itself, with what it belongs to")
        origin = properties.scope.place((*properties.route, "Condition"))
        return self.editor(origin.file).remove(origin.route)

    def ask(self, change: AddParameter) -> list[Splice]:
        scope = _stated_in(change.beside).scope
        if scope.passed is not None:
            raise CannotWrite(
                f"the template around this one would have to give it one more parameter: {change.description.lower()}",
                "add the parameter to both templates",
            )
        name = self._added[change.label] = free_name(scope, change.label, self._added.values())
        body = {"Type": "String", "Description": change.description}
        self._scopes[scope.file] = scope
        self._asked.setdefault(scope.file, []).append((("Parameters", name), body))
        return []

    def allow(self, change: Allow) -> list[Splice]:
        """Add a statement to the principal: SAM's `Policies` of a function, else an inline policy of the role."""
        properties = _stated_in(change.principal)
        scope = properties.scope
        statements = [
            {
                "Effect": "Allow",
                "Action": _one_or_all(list(actions)),
                "Resource": _one_or_all([raw(self.names(scope), arn) for arn in resources]),
            }
            for actions, resources in change.grants
        ]
        if properties.made is not None:
            origin = scope.place(("Resources", properties.made.by, "Properties", "Policies"))
            entry: Any = {"Version": "2012-10-17", "Statement": statements}
        elif change.principal.kind == "AWS::IAM::Role":
            origin = scope.place((*properties.route, "Properties", "Policies"))
            document = {"Version": "2012-10-17", "Statement": statements}
            entry = {"PolicyName": f"{change.principal.name}Access", "PolicyDocument": document}
        else:
            raise CannotWrite(f"a {change.principal.kind} has no policies of its own")
        stated = self._at(scope, origin.route)
        editor = self.editor(origin.file)
        if stated is not None and not isinstance(stated, list):
            return editor.set(origin.route, [stated, entry])
        return editor.append(origin.route, entry)

    def _at(self, scope: Scope, route: Route) -> Any:
        found: Any = scope.template
        for part in route:
            found = found.get(part) if isinstance(found, dict) else None
        return found


def for_all(template: Mapping[str, Any], wanted: list[tuple[Route, Any]]) -> list[tuple[Route, Any]]:
    """The same, with one value in `Globals` where every function of the template is to have it and none has one of its own."""
    functions = {
        name: section(body, "Properties")
        for name, body in section(template, "Resources").items()
        if isinstance(body, dict) and body.get("Type") == FUNCTION
    }
    owners: dict[Route, list[tuple[str, Any]]] = {}
    for route, value in wanted:
        if (
            len(route) > 3
            and route[0] == "Resources"
            and route[1] in functions
            and route[3] in SECTIONS["Function"]
        ):
            owners.setdefault(route[3:], []).append((str(route[1]), value))
    made = list(wanted)
    for rest, named in owners.items():
        alike = all(value == named[0][1] for _, value in named)
        stated = rest[0] in section(section(template, "Globals"), "Function")
        if (len(named) < 2 and not stated) or not alike or {name for name, _ in named} != functions.keys():
            continue
        if not any(rest[0] in properties for properties in functions.values()):
            made = [item for item in made if item[0][3:] != rest or item[0][1] not in functions]
            made.append((("Globals", "Function", *rest), named[0][1]))
    return made


def free_name(scope: Scope, label: str, others: Collection[str] = ()) -> str:
    """A logical id that no resource has, nor any of the others, from a label in any style."""
    words = re.findall(r"[A-Za-z0-9]+", label)
    base = "".join(word[0].upper() + word[1:] for word in words)[:240] or "Added"
    name, number = base, 2
    while name in scope.addresses or name in scope.declared or name in others:
        name, number = f"{base}{number}", number + 1
    return name


def _stated_in(resource: Resource) -> TemplateProperties:
    properties = resource.properties
    if not isinstance(properties, TemplateProperties):
        raise CannotWrite("the resource is not stated in a template of its own")
    return properties


def _own_literal(properties: TemplateProperties, path: str) -> Origin | None:
    """The literal that the property takes its value from, when nothing else uses it: a parameter's default, a parameter file."""
    trail = properties.trail(path)
    if not trail or any(step.users > 1 for step in trail):
        return None
    origin = trail[-1].origin
    return origin if origin.route[:1] != ("Parameters",) or origin.route[-1] == "Default" else None


def _is_property(route: Route) -> bool:
    return route[:1] == ("Globals",) or (
        len(route) > 3 and route[0] == "Resources" and route[2] == "Properties"
    )


def _is_function(name: str) -> bool:
    return name == "Ref" or name.startswith("Fn::")


def _word(segment: Segment) -> str:
    if isinstance(segment, Selector):
        raise CannotWrite("an element of a list that SAM writes differently")
    return str(segment)


def _wrapped(segment: Segment, value: Any) -> Any:
    return {segment: value} if isinstance(segment, str) else [_element(segment, value)]


def _element(segment: Segment, value: Any) -> Any:
    if isinstance(segment, Selector) and isinstance(value, dict):
        return {segment.key: segment.value, **value}
    return value


def _one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
