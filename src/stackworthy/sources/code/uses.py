"""Relations from source code: which table, bucket, queue, ... of the stack the calls of a function read, write or invoke."""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.aws.relations.calls import CALLS, effects
from stackworthy.aws.relations.code import BY
from stackworthy.core.graph import Edge, Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import Map, OpenMap, Unknown, Value
from stackworthy.sources.code import sdk_names
from stackworthy.sources.code.handler import Handler, handlers
from stackworthy.sources.code.sdk import SdkCall

_SERVICES = {"stepfunctions": "sfn", "cognito-idp": "cognitoidentityprovider"}
_UNSEEN = Unknown("given where it cannot be seen", stated=True)


def uses(graph: Graph) -> list[Edge]:
    """The relations that calls in code make, one for each function, resource and relation; worked out once.

    Details: `operations` ("dynamodb:PutItem"), and `file` and `line` of the first call.
    """
    found = graph.memo.get("uses in code")
    if not isinstance(found, list):
        found = graph.memo["uses in code"] = []
        for handler in handlers(graph):
            try:
                found.extend(_of(handler))
            except RecursionError:
                continue  # code nested this deep names no resource that anybody could follow
    return found


def _of(handler: Handler) -> Iterator[Edge]:
    found: dict[tuple[str, str], list[SdkCall]] = {}
    targets: dict[str, Resource] = {}
    for call in handler.sdk_calls(init=True):
        for relation, target in effects_of(handler, call):
            if target is not handler.function or relation == "invokes":
                targets[target.address] = target
                found.setdefault((target.address, relation), []).append(call)
    for (address, relation), calls in found.items():
        first = min(calls, key=lambda call: (call.scope.unit.module.file, call.node.start))
        details = {
            "operations": tuple(dict.fromkeys(call.action for call in calls)),
            "file": first.scope.unit.module.file,
            "line": first.node.line,
        }
        yield Edge(handler.function, targets[address], relation, BY, None, details)


def effects_of(handler: Handler, call: SdkCall) -> Iterator[tuple[str, Resource]]:
    """The resources of the stack that a call certainly reaches, each with the relation that it makes."""
    service = _SERVICES.get(call.service, call.service.replace("-", ""))
    if service not in CALLS:
        return
    given: dict[str, Value] = {
        sdk_names.capital(name): handler.value(node) for name, node in call.parameters.items()
    }
    arguments = OpenMap(given.items(), _UNSEEN) if call.is_open else Map(given)
    for effect in effects(handler.graph, service, call.operation, arguments):
        if isinstance(effect.resource, Resource):
            yield effect.relation, effect.resource
