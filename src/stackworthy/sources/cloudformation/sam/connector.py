"""`AWS::Serverless::Connector`: the least that a source needs to use a destination.

A connector stands on its own or below `Connectors` of its source. It is expanded last, because it reads plain resources.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/managing-permissions-connectors.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from .context import OWN, Context, resource_route
from .expansion import Route
from .facts import connector_end, connector_grant
from .intrinsics import get_att, ref, referred_id
from .properties import property_routes
from .shapes import CONNECTOR, checked

KIND = "AWS::Serverless::Connector"
MAPPING = "AWS::Lambda::EventSourceMapping"

PLAIN = {
    "AWS::Serverless::Function": "AWS::Lambda::Function",
    "AWS::Serverless::StateMachine": "AWS::StepFunctions::StateMachine",
    "AWS::Serverless::Api": "AWS::ApiGateway::RestApi",
    "AWS::Serverless::HttpApi": "AWS::ApiGatewayV2::Api",
    "AWS::Serverless::SimpleTable": "AWS::DynamoDB::Table",
}

_PLACEHOLDER = re.compile(r"<([\w.]+)>")


class End(msgspec.Struct, frozen=True):
    """Source or destination of a connector. `names` are its `Arn`, `Url`, `ResourceId`, `Name`, `Qualifier`; `role` a reference."""

    logical_id: str | None
    kind: str
    role: Any
    names: Mapping[str, Any]


def embed(context: Context) -> None:
    """Turn every `Connectors` into connectors of their own, and drop it from plain resources."""
    for source, resource in list(context.resources.items()):
        stated = resource.get("Connectors")
        if stated is None:
            continue
        if source in context.expansion.resources:
            plain = {name: value for name, value in resource.items() if name != "Connectors"}
            context.expansion.resources[source] = plain
        route = (*resource_route(source), "Connectors")
        if not isinstance(stated, dict):
            context.problem(route, "must be a map")
            continue
        for name, body in stated.items():
            context.attempt(lambda: _embed_one(context, source, name, body), None)  # noqa: B023


def _embed_one(context: Context, source: str, name: Any, body: Any) -> None:
    route = (*resource_route(source), "Connectors", str(name))
    connector = context.need_map(body, route)
    properties = dict(context.need_map(connector.get("Properties"), (*route, "Properties")))
    reference = properties.pop("SourceReference", {})
    place = (*route, "Properties", "SourceReference")
    if "Id" in context.need_map(reference, place):
        context.refuse((*place, "Id"), "cannot be set: the source is the resource itself")
    properties["Source"] = {"Id": source, **reference}
    logical_id = f"{source}{name}"
    if logical_id in context.resources:
        context.refuse(route, f"would become {logical_id}, which is there already")
    context.resources[logical_id] = {**connector, "Type": KIND, "Properties": properties}
    context.drawer("connector places", dict[str, Route])[logical_id] = route


def expand(context: Context, logical_id: str) -> None:
    places = context.drawer("connector places", dict[str, Route])
    route = places.get(logical_id, resource_route(logical_id))
    resource = context.resources[logical_id]
    properties = checked(context, resource.get("Properties"), CONNECTOR, (*route, "Properties"))
    stated = properties["Destination"]
    several = isinstance(stated, list)
    if several and not stated:
        context.refuse((*route, "Properties", "Destination"), "names no destination")
    mark = context.mark()
    for index, destination in enumerate(stated if several else [stated]):
        _connect(context, logical_id, properties, destination, str(index) if several else None, route)
    _wait_for_all(context, logical_id, context.written_since(mark))


def _connect(
    context: Context,
    logical_id: str,
    properties: Mapping[str, Any],
    stated: Any,
    number: str | None,
    route: Route,
) -> None:
    place = (*route, "Properties")
    end_route = (*place, "Destination", int(number)) if number else (*place, "Destination")
    wanted_source = properties["Source"]
    wanted = context.need_map(stated, end_route)
    destination = _end(context, wanted, wanted_source, end_route)
    source = _end(context, wanted_source, wanted, (*place, "Source"))
    grant = connector_grant(source.kind, destination.kind)
    if grant is None:
        context.refuse(route, f"there is no connector from {source.kind} to {destination.kind}")
    access = _accesses(context, grant, properties["Permissions"], (*place, "Permissions"))
    values = {f"Source.{name}": value for name, value in source.names.items()}
    values.update({f"Destination.{name}": value for name, value in destination.names.items()})
    access = {name: _filled(context, body, values, route) for name, body in access.items()}
    owner = source if grant["on"] == "Source" else destination
    maker = _Maker(context, logical_id, number, route, _metadata(context, logical_id, source, destination))
    if grant["grant"] == "AWS_LAMBDA_PERMISSION":
        maker.permissions(access, owner)
    elif grant["grant"] == "AWS_IAM_ROLE_MANAGED_POLICY":
        policy_id = maker.managed_policy(access, owner)
        _make_wait(context, grant.get("depended_by"), source, destination, policy_id)
    else:
        maker.resource_policy(access, owner, grant["grant"])


def _end(context: Context, stated: Mapping[str, Any], other: Mapping[str, Any], route: Route) -> End:
    """What `Source` or `Destination` names, by logical id or by its properties."""
    if ("Id" in stated) == bool(stated.keys() - {"Id", "Qualifier"}):
        context.refuse(route, "needs either Id or the properties of the resource")
    named = stated.get("Id")
    if not named:
        kind = context.need_text(stated.get("Type"), (*route, "Type"))
        names = {
            "Arn": stated.get("Arn"),
            "Url": stated.get("QueueUrl"),
            "ResourceId": stated.get("ResourceId"),
        }
        names.update({"Name": stated.get("Name"), "Qualifier": stated.get("Qualifier")})
        return End(None, PLAIN.get(kind, kind), stated.get("RoleName"), names)
    resource = context.expansion.resources.get(named) if isinstance(named, str) else None
    if not isinstance(named, str) or resource is None or not isinstance(resource.get("Type"), str):
        context.refuse((*route, "Id"), f"names {named!r}, which is no resource of this template")
    kind = str(resource["Type"])
    end = {name: _of(value, named) for name, value in connector_end(kind).items() if name != "role"}
    names = {
        "Arn": end.get("Arn"),
        "Url": end.get("Url"),
        "ResourceId": end.get("Id"),
        "Name": end.get("Name"),
    }
    names["Qualifier"] = stated["Qualifier"] if "Qualifier" in stated else end.get("Qualifier")
    return End(named, kind, _role(connector_end(kind).get("role"), resource, other), names)


def _of(value: Any, logical_id: str) -> Any:
    """`value` of the table of facts with the logical id in its place."""
    if isinstance(value, dict):
        return ref(logical_id) if "Ref" in value else get_att(logical_id, value["Fn::GetAtt"][1])
    return value


def _role(stated: Any, resource: Mapping[str, Any], other: Mapping[str, Any]) -> Any:
    """A reference to the role of a resource, None where it cannot be told."""
    properties = resource.get("Properties")
    if not isinstance(properties, dict) or stated is None:
        return None
    role = (
        properties.get(stated) if isinstance(stated, str) else _target_role(properties.get("Targets"), other)
    )
    role_id = referred_id(role)
    return ref(role_id) if role_id else None


def _target_role(targets: Any, other: Mapping[str, Any]) -> Any:
    """The role of the rule's target that is the other end of the connector."""
    for target in targets if isinstance(targets, list) else ():
        arn = target.get("Arn") if isinstance(target, dict) else None
        target_id = referred_id(arn)
        if arn and ((target_id and target_id == other.get("Id")) or arn == other.get("Arn")):
            return target.get("RoleArn")
    return None


def _accesses(context: Context, grant: Mapping[str, Any], stated: Any, route: Route) -> dict[str, Any]:
    permissions = context.need_list(stated, route)
    known: dict[str, Any] = grant["access"]
    if not permissions or any(not isinstance(one, str) or one not in known for one in permissions):
        context.refuse(route, f"must hold one of {', '.join(known)}, and nothing else")
    together = grant.get("together")
    if together and sorted(set(permissions)) not in [sorted(one) for one in together]:
        context.refuse(route, f"must be one of {', '.join(' and '.join(sorted(one)) for one in together)}")
    return {name: body for name, body in known.items() if name in permissions}


def _filled(context: Context, value: Any, values: Mapping[str, Any], route: Route) -> Any:
    """`value` of the table of facts with what its placeholders stand for."""
    if isinstance(value, dict):
        return {key: _filled(context, item, values, route) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(context, item, values, route) for item in value]
    if not isinstance(value, str):
        return value
    found = _PLACEHOLDER.findall(value)
    for name in found:
        if values.get(name) is None:
            context.refuse(route, f"cannot tell the {name.replace('.', ' ')}")
    if found and value == f"<{found[0]}>":
        return values[found[0]]
    if not found and "${" not in value:
        return value
    text = _PLACEHOLDER.sub(lambda match: f"${{{match.group(1).replace('.', '')}}}", value)
    variables = {name.replace(".", ""): values[name] for name in found}
    return {"Fn::Sub": [text, variables] if variables else text}


def _metadata(context: Context, logical_id: str, source: End, destination: End) -> dict[str, Any]:
    def kind(end: End) -> str:
        return context.kind(end.logical_id) or end.kind

    ends = {"Source": {"Type": kind(source)}, "Destination": {"Type": kind(destination)}}
    return {"aws:sam:connectors": {logical_id: ends}}


class _Maker(msgspec.Struct, frozen=True):
    """Adds what grants one connector; `number` of the destination where there are several."""

    context: Context
    logical_id: str
    number: str | None
    route: Route
    metadata: Mapping[str, Any]

    def _add(self, suffix: str, kind: str, properties: Mapping[str, Any]) -> str:
        resource = self.context.resources[self.logical_id]
        attributes = {name: resource[name] for name in OWN if name in resource}
        stated = attributes.get("Metadata")
        attributes["Metadata"] = {**(stated if isinstance(stated, dict) else {}), **self.metadata}
        return self.context.add(
            self.logical_id + suffix + (f"Destination{self.number}" if self.number else ""),
            kind,
            properties,
            by=self.route[1] if isinstance(self.route[1], str) else self.logical_id,
            route=self.route,
            properties_from=self._places(kind),
            attributes=attributes,
            depends_on=resource.get("DependsOn"),
        )

    def _places(self, kind: str) -> dict[str, Route]:
        inside = self.route[2:]
        return {made: (*inside, *own) for made, own in property_routes(KIND, kind).items()}

    def _need(self, value: Any, what: str) -> Any:
        if not value:
            self.context.refuse(self.route, f"cannot tell the {what}")
        return value

    def permissions(self, access: Mapping[str, Any], function: End) -> None:
        for name, body in access.items():
            permission = {
                **body,
                "FunctionName": self._need(function.names.get("Arn"), "ARN of the function"),
            }
            self._add(f"{name}LambdaPermission", "AWS::Lambda::Permission", permission)

    def managed_policy(self, access: Mapping[str, Any], owner: End) -> str:
        roles = [self._need(owner.role, "name of the role")]
        policy = {"PolicyDocument": _document(access), "Roles": roles}
        return self._add("Policy", "AWS::IAM::ManagedPolicy", policy)

    def resource_policy(self, access: Mapping[str, Any], owner: End, grant: str) -> None:
        if grant == "AWS_SQS_QUEUE_POLICY":
            queues = [self._need(owner.names.get("Url"), "URL of the queue")]
            policy = {"PolicyDocument": _document(access), "Queues": queues}
            self._add("QueuePolicy", "AWS::SQS::QueuePolicy", policy)
        else:
            topics = [self._need(owner.names.get("Arn"), "ARN of the topic")]
            policy = {"PolicyDocument": _document(access), "Topics": topics}
            self._add("TopicPolicy", "AWS::SNS::TopicPolicy", policy)


def _document(access: Mapping[str, Any]) -> dict[str, Any]:
    statements = [statement for listed in access.values() for statement in listed]
    return {"Version": "2012-10-17", "Statement": statements}


def _make_wait(context: Context, waits: Any, source: End, destination: End, policy_id: str) -> None:
    """Let what needs the policy at once wait for it."""
    if waits == "SOURCE" and source.logical_id:
        _depend(context, source.logical_id, policy_id)
    if waits == "DESTINATION_EVENT_SOURCE_MAPPING" and source.logical_id and destination.logical_id:
        mappings = [
            mapping_id
            for mapping_id, body in context.expansion.resources.items()
            if body.get("Type") == MAPPING and _joins(body.get("Properties"), source, destination)
        ]
        if len(mappings) == 1:
            _depend(context, mappings[0], policy_id)


def _joins(mapping: Any, source: End, destination: End) -> bool:
    return (
        isinstance(mapping, dict)
        and referred_id(mapping.get("FunctionName")) == destination.logical_id
        and referred_id(mapping.get("EventSourceArn")) == source.logical_id
    )


def _depend(context: Context, logical_id: str, policy_id: str) -> None:
    stated = context.expansion.resources[logical_id].get("DependsOn", [])
    waits_for = stated if isinstance(stated, list) else [stated]
    waiting = waits_for if policy_id in waits_for else [*waits_for, policy_id]
    context.set_attribute(logical_id, "DependsOn", waiting)


def _wait_for_all(context: Context, logical_id: str, made: list[str]) -> None:
    """What waits for the connector waits for everything that it became."""
    made = [one for one in made if one in context.expansion.made and one != logical_id]
    for other, body in list(context.expansion.resources.items()):
        stated = body.get("DependsOn")
        waits_for = stated if isinstance(stated, list) else [stated]
        if stated and logical_id in waits_for:
            kept = [one for one in waits_for if one != logical_id]
            context.set_attribute(other, "DependsOn", [*kept, *(one for one in made if one not in kept)])
