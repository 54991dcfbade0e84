"""The states of a Step Functions state machine, nested ones included, however its definition was written.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from stackworthy.aws.documents import MAX_DEPTH, document
from stackworthy.core.resource import Resource
from stackworthy.core.value import (
    ABSENT,
    List,
    Map,
    OpenList,
    OpenMap,
    Partial,
    Reference,
    Unknown,
    Value,
    show,
)

_INTEGRATION = re.compile(
    r"arn:[^:]*:states:[^:]*:[^:]*:(?:aws-sdk:)?([A-Za-z0-9-]+):([A-Za-z0-9]+)(?:\.([A-Za-z]+))?(?::2)?"
)
_HOLE = re.compile(r"\$\{[^}]*\}")
_DYNAMIC = "is chosen while the state machine runs"


class State(msgspec.Struct, frozen=True, eq=False):
    """One state. `name` holds the names of the states around it: `Each.Resize`; `body` is its map in the definition.

    `path` is the property path of the state, or of the property that holds the definition as text; `around` are the
    `Map` and `Parallel` states that it stands in, the outermost first.
    """

    machine: Resource
    name: str
    body: Map
    path: str
    around: tuple[Map, ...] = ()

    @property
    def type(self) -> Value:
        """`Task`, `Map`, `Choice`, ..."""
        return self.body["Type"]

    @property
    def concurrency(self) -> Value:
        """The `MaxConcurrency` of the nearest `Map` state around; `ABSENT` when there is none."""
        for body in reversed(self.around):
            if body["MaxConcurrency"] is not ABSENT:
                return body["MaxConcurrency"]
        return ABSENT

    @property
    def integration(self) -> Integration | None:
        """The call that a task makes through a service integration; None for a function's ARN, an activity, other states."""
        resource = self.body["Resource"]
        if not isinstance(resource, (str, Partial)):
            return None
        found = _INTEGRATION.fullmatch(_HOLE.sub("", show(resource)))
        if found is None or found[1] == "activity":
            return None
        return Integration(found[1].lower(), found[2], found[3] or "", self.arguments)

    @property
    def arguments(self) -> Value:
        """What the task passes on: `Arguments` of JSONata, `Parameters` of JSONPath."""
        arguments = self.body["Arguments"]
        return arguments if arguments is not ABSENT else self.body["Parameters"]


class Integration(msgspec.Struct, frozen=True):
    """A call of a service: `service` in lower case, `action` as the ARN writes it, `pattern` "", "sync" or "waitForTaskToken"."""

    service: str
    action: str
    pattern: str
    arguments: Value


def argument(arguments: Value, name: str) -> Value:
    """One argument of a task; unknown when an expression gives it at run time, `ABSENT` when there is none."""
    if isinstance(arguments, Unknown):
        return arguments
    if not isinstance(arguments, Map):
        return ABSENT
    value = dict.get(arguments, name, ABSENT)
    if value is ABSENT:
        if dict.__contains__(arguments, f"{name}.$"):
            return Unknown(f"{name} {_DYNAMIC}")
        return arguments.rest if isinstance(arguments, OpenMap) else ABSENT
    if isinstance(value, str) and value.startswith("{%"):
        return Unknown(f"{name} {_DYNAMIC}")
    return value


def states(machine: Resource) -> List:
    """Every state of a state machine; open when the definition, or a part of it, is not known."""
    memo = machine.graph.memo
    key = ("states", machine.address)
    found = memo.get(key)
    if not isinstance(found, List):
        found = memo[key] = _states(machine)
    return found


def _states(machine: Resource) -> List:
    path, definition = _definition(machine)
    found: list[State] = []
    gaps: list[Unknown] = []
    if isinstance(definition, Map):
        at = path if isinstance(machine[path], Map) else ""
        for item in _within(machine, definition, "", at, path, (), 0):
            if isinstance(item, State):
                found.append(item)
            else:
                gaps.append(item)
    elif isinstance(definition, Unknown):
        gaps.append(definition)
    elif isinstance(definition, Reference):
        gaps.append(Unknown(f"{show(definition)} is known only after deployment"))
    return OpenList(found, gaps[0]) if gaps else List(found)


def _definition(machine: Resource) -> tuple[str, Value]:
    given = machine["DefinitionSubstitutions"]
    filled = dict(given.known if isinstance(given, OpenMap) else given) if isinstance(given, Map) else None
    for path in ("Definition", "DefinitionString"):
        value = machine[path]
        if value is not ABSENT:
            found = document(value, filled)
            return path, found if isinstance(found, (Map, Unknown, Reference)) else Unknown(
                f"{path} is no map"
            )
    return "DefinitionS3Location", Unknown(f"the definition of {machine.name} is not in the template")


def _within(
    machine: Resource, scope: Map, prefix: str, at: str, path: str, around: tuple[Map, ...], depth: int
) -> Iterator[State | Unknown]:
    """The states of one level, and those inside them. `at` is the property path of the level, "" inside of text."""
    if depth > MAX_DEPTH:
        yield Unknown(f"states are nested deeper than {MAX_DEPTH} levels")
        return
    inner = scope["States"]
    if not isinstance(inner, Map):
        if isinstance(inner, Unknown):
            yield inner
        return
    if isinstance(inner, OpenMap):
        yield inner.rest
    for name, body in dict.items(inner):
        here = f"{at}.States.{name}" if at else ""
        if not isinstance(body, Map):
            yield body if isinstance(body, Unknown) else Unknown(f"the state {name} is no map")
            continue
        yield State(machine, prefix + name, body, here or path, around)
        for key, part in _parts(body):
            if isinstance(part, Map):
                below = f"{here}.{key}" if here else ""
                yield from _within(machine, part, f"{prefix}{name}.", below, path, (*around, body), depth + 1)
            else:
                yield part if isinstance(part, Unknown) else Unknown(f"a part of the state {name} is no map")


def _parts(body: Map) -> Iterator[tuple[str, Value]]:
    """The state machines inside a state: the branches of a `Parallel`, the processor of a `Map`."""
    for key in ("ItemProcessor", "Iterator"):
        if body[key] is not ABSENT and (not isinstance(body, OpenMap) or dict.__contains__(body, key)):
            yield key, body[key]
    branches = body["Branches"]
    if isinstance(branches, List):
        for index, branch in enumerate(list.__iter__(branches)):
            yield f"Branches[{index}]", branch
        if isinstance(branches, OpenList):
            yield "Branches", branches.rest
