"""From a service to the template that the framework would generate.

The order is the framework's: functions, events, then the roles (which gather what events asked for), then the author's `resources`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from stackworthy.core.value import Unknown
from stackworthy.sources.serverless import pull_events, push_events, timed_events
from stackworthy.sources.serverless.build import Build
from stackworthy.sources.serverless.edge_events import add_edge
from stackworthy.sources.serverless.functions import add_function, set_aliases
from stackworthy.sources.serverless.http_api import add_http_api
from stackworthy.sources.serverless.resources import add_layers, add_resources, add_state_machines
from stackworthy.sources.serverless.rest_api import add_rest_api
from stackworthy.sources.serverless.roles import add_roles
from stackworthy.sources.serverless.service import Event, Function, Service
from stackworthy.sources.serverless.shapes import as_list
from stackworthy.sources.serverless.websocket import add_websocket_api

_Plain = Callable[[Build, Function, Event], None]
_Numbered = Callable[[Build, Function, Event, dict[str, int]], None]

PLAIN: dict[str, _Plain] = {
    "sqs": pull_events.add_queue,
    "stream": pull_events.add_stream,
    "msk": pull_events.add_msk,
    "kafka": pull_events.add_kafka,
    "activemq": pull_events.add_broker,
    "rabbitmq": pull_events.add_broker,
    "s3": push_events.add_bucket,
    "sns": push_events.add_topic,
    "cognitoUserPool": push_events.add_user_pool,
    "alb": push_events.add_balancer,
    "cloudFront": add_edge,
    "eventBridge": timed_events.add_bridge,
}
NUMBERED: dict[str, _Numbered] = {
    "schedule": timed_events.add_schedule,
    "cloudwatchEvent": timed_events.add_rule,
    "iot": push_events.add_iot,
    "alexaSkill": push_events.add_alexa,
    "alexaSmartHome": push_events.add_alexa,
    "cloudwatchLog": push_events.add_log,
}
APIS: dict[str, Callable[[Build, list[tuple[Function, Event]]], None]] = {
    "http": add_rest_api,
    "httpApi": add_http_api,
    "websocket": add_websocket_api,
}
MAX_FUNCTIONS = 2_000
MAX_EVENTS = 10_000


def generate(service: Service) -> Build:
    """The template of a service. What the framework would refuse is left out and noted in `problems`."""
    build = Build(service)
    _check(build)
    set_aliases(service)
    functions = list(service.functions.values())[:MAX_FUNCTIONS]
    for function in functions:
        build.attempt(function.route, partial(add_function, build, function))
    events = [(function, event) for function in functions for event in function.events()][:MAX_EVENTS]
    for kind, add_api in APIS.items():
        asked = [(function, event) for function, event in events if event.type == kind]
        build.attempt(("functions",), partial(add_api, build, asked))
    numbers: dict[str, dict[str, int]] = {kind: {} for kind in NUMBERED}
    for function, event in events:
        _event(build, function, event, numbers)
    build.attempt(("layers",), partial(add_layers, build))
    build.attempt(("provider",), partial(add_roles, build))
    build.attempt(("stepFunctions",), partial(add_state_machines, build))
    build.attempt(("resources",), partial(add_resources, build))
    return build


def _event(build: Build, function: Function, event: Event, numbers: dict[str, dict[str, int]]) -> None:
    plain, numbered = PLAIN.get(event.type), NUMBERED.get(event.type)
    if isinstance(event.body, Unknown) and event.type not in APIS:
        message = f"the {event.type} event is left out: {event.body.reason}"
        build.problem(event.route, message, "state the value to have it reviewed")
    elif plain is not None:
        build.attempt(event.route, partial(plain, build, function, event))
    elif numbered is not None:
        build.attempt(event.route, partial(numbered, build, function, event, numbers[event.type]))
    elif event.type not in APIS:
        message = f"the event {event.type} is not known here: what it generates is not reviewed"
        build.problem(event.route, message, "it is a plugin's, or a misspelling")


def _check(build: Build) -> None:
    """Note sections that cannot be read, so that nothing drops silently."""
    service = build.service
    if service.config.get("constructs") is not None:
        message = "are made by a plugin: what they generate is not reviewed"
        build.problem(("constructs",), message, "review the template that serverless package writes")
    for name in ("provider", "functions", "resources", "layers"):
        stated = service.config.get(name)
        for index, layer in enumerate(stated if isinstance(stated, list) else [stated]):
            if isinstance(layer, Unknown):
                route = (name, index) if isinstance(stated, list) else (name,)
                build.problem(
                    route, f"{name} are left out: {layer.reason}", "state them to have them reviewed"
                )
            elif isinstance(layer, dict) and name == "functions":
                _check_functions(build, layer, (name, index) if isinstance(stated, list) else (name,))


def _check_functions(build: Build, stated: dict[str, Any], start: tuple[Any, ...]) -> None:
    for key, body in stated.items():
        if isinstance(body, Unknown):
            build.problem((*start, key), f"function {key} is left out: {body.reason}", "")
        elif not isinstance(body, dict):
            build.problem((*start, key), f"function {key} must be a map", "give it a handler")
        elif isinstance(body.get("events"), Unknown):
            reason = body["events"].reason
            build.problem((*start, key, "events"), f"the events of {key} are left out: {reason}", "")
        else:
            for index, event in enumerate(as_list(body.get("events"))):
                if isinstance(event, str):
                    message = f"the event {event} has no settings: the framework generates nothing for it"
                    build.problem((*start, key, "events", index), message, "state its settings after a colon")
                if isinstance(event, Unknown):
                    message = f"an event of {key} is left out: {event.reason}"
                    build.problem((*start, key, "events", index), message, "")
