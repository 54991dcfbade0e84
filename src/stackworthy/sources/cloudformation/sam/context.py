"""What the expanders of one template share: the author's resources, parameters, and the growing expansion.

How an expansion runs (`expand.py`), in this order:

1. `context.resources` is filled with the author's resources (the same objects, never changed in place).
2. `implicit_api.collect(context)` runs once, before `Globals` are merged. It walks the functions and state machines in template
   order, adds the SAM resources that no author wrote (`ServerlessRestApi`, `ServerlessHttpApi`) to `context.resources`,
   and, where an event names no API, replaces the function's entry in `context.resources` by a copy along the
   spine (resource, Properties, Events, event, Properties) whose event names one.
3. Every SAM resource's entry is replaced by one whose `Properties` are merged with `Globals`. From here on
   `context.properties(id)` is what the author means.
4. Embedded `Connectors` become resources of their own.
5. Expanders run by kind in the order of `registry.ORDER`: functions, web functions, state machines, APIs, the rest, connectors.
   An expander is `expand(context, id) -> None`; it calls `context.add` for each resource it makes and raises `Unexpandable` where SAM
   would refuse the template; what it added so far is then taken back.
6. References to renamed resources and to parts of SAM resources (`MyFunction.Alias`, `MyApi.Stage`) are rewritten.

Between the two halves of the transform: `function.expand` calls
`api_events.expand_event(context, owner, event_id, event, invoked)` for each `Api` and `HttpApi` event of a function, in SAM's order,
and `state_machine.expand` calls `api_events.expand_state_machine_event(context, owner, event_id, event)` for each `Api` event of
a state machine. `owner` is the logical id of the SAM resource, `event` the event's whole map (`Type`, `Properties`),
`invoked` tells what is called. The author's place of an event is `event_route(owner, event_id)`.
A template is usually not packaged yet, so a local path (`CodeUri`, `ContentUri`, `DefinitionUri`) is no fault; see `code.py`.
A module keeps what it must remember between those calls in `context.drawer(name, factory)`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

import msgspec

from . import intrinsics
from .expansion import ApiRoute, Expansion, Made, Route

HANDED_DOWN = ("Condition", "DeletionPolicy", "UpdateReplacePolicy")
"""Resource attributes that SAM copies from a SAM resource to everything it makes for it."""

OWN = ("DeletionPolicy", "UpdatePolicy", "Condition", "UpdateReplacePolicy", "Metadata")
"""Resource attributes that SAM copies from a SAM resource to its main resource (besides `DependsOn`)."""


T = TypeVar("T")


class Unexpandable(ValueError):
    """SAM would refuse this resource. `route` is the place in the author's template, `message` one sentence without it."""

    def __init__(self, route: Route, message: str) -> None:
        super().__init__(message)
        self.route = route
        self.message = message


class Invoked(msgspec.Struct, frozen=True):
    """What an event of a function calls: the function, or its alias where `AutoPublishAlias` is set.

    `id` is the logical id of the called resource, `arn` the intrinsic for its ARN, `name` what a Lambda permission
    writes as `FunctionName`, `function_id` the logical id of the function itself, `role_id` of its generated role,
    `condition` the condition of the function, `attributes` what its permissions and mappings inherit (`HANDED_DOWN`).
    """

    id: str
    arn: dict[str, Any]
    name: dict[str, Any]
    function_id: str
    role_id: str | None
    condition: Any
    attributes: Mapping[str, Any]


class Context(msgspec.Struct):
    """One template on its way. Nothing reached from `template` or `resources` may be changed in place.

    `parameters` are the given values, the defaults, region and partition. `names` leads from parts of SAM resources ("MyApi.Stage")
    to the logical ids they mean, `renamed` from SAM resources to the hashed logical ids of what they became.
    """

    template: Mapping[str, Any]
    parameters: Mapping[str, Any]
    region: str
    expansion: Expansion
    resources: dict[str, dict[str, Any]]
    managed_policies: Mapping[str, str] = msgspec.field(default_factory=dict)
    partition: str = "aws"
    names: dict[str, str] = msgspec.field(default_factory=dict)
    renamed: dict[str, str] = msgspec.field(default_factory=dict)
    _drawers: dict[str, Any] = msgspec.field(default_factory=dict)
    _written: list[tuple[str, dict[str, Any] | None, Made | None]] = msgspec.field(default_factory=list)

    # What the author wrote.

    def properties(self, logical_id: str) -> dict[str, Any]:
        """Properties of a resource, merged with `Globals` once step 3 is done; empty where there are none."""
        found = self.resources.get(logical_id, {}).get("Properties")
        return found if isinstance(found, dict) else {}

    def kind(self, logical_id: Any) -> str | None:
        """The `Type` of a resource, None where there is no such resource."""
        resource = self.resources.get(logical_id) if isinstance(logical_id, str) else None
        kind = resource.get("Type") if resource else None
        return kind if isinstance(kind, str) else None

    def own_attributes(self, logical_id: str) -> dict[str, Any]:
        """`Condition`, `Metadata`, `DeletionPolicy` and the like, as SAM copies them to the main resource."""
        resource = self.resources[logical_id]
        return {name: resource[name] for name in OWN if name in resource}

    def handed_down(self, logical_id: str) -> dict[str, Any]:
        """The attributes that SAM copies to everything it makes for this SAM resource."""
        resource = self.resources[logical_id]
        return {name: resource[name] for name in HANDED_DOWN if name in resource}

    def resolve(self, value: Any) -> Any:
        """`value` with references to parameters (given values, defaults, region, partition) replaced by their values."""
        return intrinsics.resolve(value, self.parameters)

    def resolve_below(self, value: Any) -> Any:
        """As `resolve`, but a value that is itself a `Ref` stays: SAM writes such a value out unresolved."""
        return (
            value if isinstance(value, dict) and len(value) == 1 and "Ref" in value else self.resolve(value)
        )

    def resolve_all(self, value: Any) -> Any:
        """As `resolve`, and afterwards what an `Fn::FindInMap` then finds in the template's `Mappings`."""
        return intrinsics.find_in_map(self.resolve(value), self.template.get("Mappings"))

    def drawer(self, name: str, factory: Callable[[], T]) -> T:
        """The object that one module keeps for this template, made by `factory` on first use."""
        if name not in self._drawers:
            self._drawers[name] = factory()
        found: T = self._drawers[name]
        return found

    # What the expansion gets.

    def add(
        self,
        logical_id: str,
        kind: str,
        properties: Mapping[str, Any],
        *,
        by: str,
        route: Route | None = None,
        properties_from: Mapping[str, Route] | None = None,
        attributes: Mapping[str, Any] | None = None,
        depends_on: Any = None,
    ) -> str:
        """Put one resource into the expansion and return its logical id.

        Properties that are None are left out. `route` defaults to the SAM resource `by`; `properties_from` is `Made.properties`.
        `attributes` are written beside `Properties` (`Condition`, `Metadata`, `UpdatePolicy`, ...). A resource of the same
        logical id that was made before is replaced; one that the author wrote is kept, and a problem noted.
        """
        place = resource_route(by) if route is None else route
        if not logical_id.isalnum() or not logical_id.isascii():
            raise Unexpandable(place, f"{logical_id!r} is no logical id: it must be alphanumeric")
        if self._collides(logical_id, kind):
            self.problem(place, f"the author's {logical_id} has the logical id of a generated {kind}")
            return logical_id
        body: dict[str, Any] = {"Type": kind}
        if depends_on:
            body["DependsOn"] = depends_on
        if attributes:
            body.update(attributes)
        body["Properties"] = {name: value for name, value in properties.items() if value is not None}
        self._write(logical_id, body, Made(by, place, {} if properties_from is None else properties_from))
        return logical_id

    def rewrite(self, logical_id: str, body: dict[str, Any], added: Mapping[str, Route]) -> None:
        """Replace a resource that the author wrote by a changed copy of it.

        `added` leads from the paths of what was added to its properties to the places that asked for it.
        """
        known = self.expansion.made.get(logical_id)
        elsewhere = {**known.elsewhere, **added} if known else dict(added)
        made = Made(logical_id, resource_route(logical_id), {"": ("Properties",)}, elsewhere)
        self._write(logical_id, body, made)

    def set_property(self, logical_id: str, name: str, value: Any) -> None:
        """Set one property of a resource of the expansion; what was there before can be taken back."""
        body = self.expansion.resources[logical_id]
        changed = {**body, "Properties": {**body.get("Properties", {}), name: value}}
        self._write(logical_id, changed, self.expansion.made.get(logical_id))

    def set_attribute(self, logical_id: str, name: str, value: Any) -> None:
        """Set what stands beside `Properties` (`UpdatePolicy`, `DependsOn`, ...) on a resource of the expansion."""
        body = {**self.expansion.resources[logical_id], name: value}
        self._write(logical_id, body, self.expansion.made.get(logical_id))

    def _write(self, logical_id: str, body: dict[str, Any], made: Made | None) -> None:
        known = self.expansion.resources
        self._written.append((logical_id, known.get(logical_id), self.expansion.made.get(logical_id)))
        known[logical_id] = body
        if made is not None:
            self.expansion.made[logical_id] = made

    def mark(self) -> int:
        """A point in the work to which `take_back` returns and from which `written_since` counts."""
        return len(self._written)

    def written_since(self, mark: int) -> list[str]:
        """Logical ids of the resources written since `mark`, each once, in order."""
        return list(dict.fromkeys(logical_id for logical_id, _body, _made in self._written[mark:]))

    def take_back(self, mark: int) -> None:
        """Undo every resource written since `mark`."""
        while len(self._written) > mark:
            logical_id, body, made = self._written.pop()
            if body is None:
                del self.expansion.resources[logical_id]
            else:
                self.expansion.resources[logical_id] = body
            if made is None:
                self.expansion.made.pop(logical_id, None)
            else:
                self.expansion.made[logical_id] = made

    def _collides(self, logical_id: str, kind: str) -> bool:
        authored = self.kind(logical_id)
        if authored is None:
            return False
        return authored not in MAIN_KINDS.get(kind, ())

    def add_condition(self, name: str, value: Any) -> None:
        self.expansion.conditions[name] = value

    def add_route(self, api_route: ApiRoute) -> None:
        self.expansion.routes.append(api_route)

    def refer(self, logical_id: str, attribute: str, target: str) -> None:
        """From now on a reference to `logical_id.attribute` ("MyApi.Stage") means the resource `target`."""
        self.names[f"{logical_id}.{attribute}"] = target

    def rename(self, logical_id: str, target: str) -> None:
        """The main resource of a SAM resource got another logical id: references to the old one mean the new one."""
        self.renamed[logical_id] = target

    def problem(self, route: Route, message: str) -> None:
        self.expansion.problems.append((route, message))

    def attempt(self, step: Callable[[], T], otherwise: T) -> T:
        """What `step` returns; where it raises `Unexpandable`, its resources are taken back, the problem noted, and `otherwise` returned."""
        mark = self.mark()
        try:
            return step()
        except Unexpandable as refusal:
            self.take_back(mark)
            self.problem(refusal.route, refusal.message)
            return otherwise

    # Reading values that must have a shape.

    def need_map(self, value: Any, route: Route) -> dict[str, Any]:
        """`value`, which must be a map. Raises `Unexpandable`."""
        if not isinstance(value, dict):
            self.refuse(route, "must be a map")
        found: dict[str, Any] = value
        return found

    def need_list(self, value: Any, route: Route) -> list[Any]:
        """`value`, which must be a list. Raises `Unexpandable`."""
        if not isinstance(value, list):
            self.refuse(route, "must be a list")
        found: list[Any] = value
        return found

    def need_text(self, value: Any, route: Route) -> str:
        """`value`, which must be a string. Raises `Unexpandable`."""
        if not isinstance(value, str):
            self.refuse(route, "must be a string")
        found: str = value
        return found

    def refuse(self, route: Route, message: str) -> NoReturn:
        raise Unexpandable(route, message)


MAIN_KINDS: Mapping[str, tuple[str, ...]] = {
    "AWS::Lambda::Function": ("AWS::Serverless::Function",),
    "AWS::Lambda::WebFunction": ("AWS::Serverless::WebFunction",),
    "AWS::Lambda::LayerVersion": ("AWS::Serverless::LayerVersion",),
    "AWS::Lambda::CapacityProvider": ("AWS::Serverless::CapacityProvider",),
    "AWS::Lambda::MicrovmImage": ("AWS::Serverless::MicrovmImage",),
    "AWS::Lambda::NetworkConnector": ("AWS::Serverless::NetworkConnector",),
    "AWS::ApiGateway::RestApi": ("AWS::Serverless::Api",),
    "AWS::ApiGatewayV2::Api": ("AWS::Serverless::HttpApi", "AWS::Serverless::WebSocketApi"),
    "AWS::DynamoDB::Table": ("AWS::Serverless::SimpleTable",),
    "AWS::CloudFormation::Stack": ("AWS::Serverless::Application",),
    "AWS::StepFunctions::StateMachine": ("AWS::Serverless::StateMachine",),
    "AWS::AppSync::GraphQLApi": ("AWS::Serverless::GraphQLApi",),
    "AWS::SNS::Topic": ("AWS::SNS::Topic",),
    "AWS::ApiGateway::DomainName": ("AWS::ApiGateway::DomainName",),
    "AWS::ApiGateway::DomainNameV2": ("AWS::ApiGateway::DomainNameV2",),
    "AWS::ApiGateway::BasePathMapping": ("AWS::ApiGateway::BasePathMapping",),
    "AWS::ApiGateway::BasePathMappingV2": ("AWS::ApiGateway::BasePathMappingV2",),
}
"""Made kind -> kinds that an author may have given the same logical id: the SAM kind it is made from, and a few that SAM replaces."""


def resource_route(logical_id: str) -> Route:
    return ("Resources", logical_id)


def property_route(logical_id: str, *path: str | int) -> Route:
    """The author's place of a property: `property_route("Fn", "Tracing")` is `("Resources", "Fn", "Properties", "Tracing")`."""
    return ("Resources", logical_id, "Properties", *path)


def event_route(logical_id: str, event_id: str, *path: str | int) -> Route:
    """The author's place of an event of a function or state machine, or of something in it."""
    return ("Resources", logical_id, "Properties", "Events", event_id, *path)


def canonical_json(value: Any) -> str:
    """Compact JSON with sorted keys; what JSON has no word for is written as text."""
    return json.dumps(with_text_keys(value), separators=(",", ":"), sort_keys=True, default=str)


def with_text_keys(value: Any) -> Any:
    """`value` with every key as text: keys of several types cannot be sorted."""
    if isinstance(value, dict):
        return {
            key if isinstance(key, str) else str(key): with_text_keys(item) for key, item in value.items()
        }
    if isinstance(value, list):
        return [with_text_keys(item) for item in value]
    return value


def stable_hash(data: Any, length: int = 10) -> str:
    """SAM's suffix of a logical id: the start of the SHA-1 of a string, or of the compact, sorted JSON of anything else."""
    text = data if isinstance(data, str) else canonical_json(data)
    return hashlib.sha1(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()[:length]


def hashed_id(prefix: str, data: Any) -> str:
    """`prefix` followed by the stable hash of `data`, or by nothing where there is no data."""
    return prefix + stable_hash(data) if data else prefix
