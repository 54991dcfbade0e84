"""How often the states of a state machine are entered in one execution.

The definition is a Markov chain: `Next` leads on, a `Choice` splits (evenly, unless shares are stated), a `Parallel` enters
each branch, a `Map` its processor once for each item, a `Retry` enters a state again. A `Catch` is not followed.
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from stackworthy.aws.state_machines import states
from stackworthy.core.resource import Resource
from stackworthy.core.value import List, Map, OpenList

ROUNDS = 500
MOST_MOVES = 500_000
NEGLIGIBLE = 1e-9
RETRIES = 3
DIGITS = 6
Share = Callable[[str], float | None]


class Visits(NamedTuple):
    """Entries of each state in one execution, by its full name, and what was taken for granted."""

    by_state: dict[str, float]
    assumed: list[str]

    @property
    def total(self) -> float:
        """Entries of all states."""
        return sum(self.by_state.values())


def visits(machine: Resource, items: float, share: Share, failing: float = 0.0) -> Visits:
    """The entries of states in one execution.

    `items` is what a Map is given, `share(name)` the stated share of executions of a Choice that go on to a state,
    `failing` the part of attempts that fail and are retried.
    """
    found = states(machine)
    levels: dict[str, dict[str, Map]] = {}
    starts: dict[str, list[str]] = {}
    for state in list.__iter__(found):
        prefix, _, name = state.name.rpartition(".")
        levels.setdefault(f"{prefix}." if prefix else "", {})[name] = state.body
    assumed: list[str] = []
    if isinstance(found, OpenList):
        assumed.append(f"a part of the definition is not known: {found.rest.reason}")
    made: dict[str, float] = {}
    for prefix in sorted(levels, key=lambda one: one.count(".")):
        around = prefix.removesuffix(".")
        entered = made.get(around, 0.0) if prefix else 1.0
        if prefix:
            entered *= _times(around, levels, items, assumed)
        level = levels[prefix]
        starts[prefix] = _starts(level)
        for name, count in _level(level, starts[prefix], prefix, share, failing, assumed).items():
            made[prefix + name] = count * entered
    return Visits(made, assumed)


def _times(around: str, levels: dict[str, dict[str, Map]], items: float, assumed: list[str]) -> float:
    """How often what is inside a state runs when the state is entered: once for each item of a Map."""
    prefix, _, name = around.rpartition(".")
    body = levels[f"{prefix}." if prefix else ""][name]
    if body["Type"] != "Map":
        return 1.0
    assumed.append(f"{items:g} items in each run of the Map state {around}")
    return items


def _starts(level: dict[str, Map]) -> list[str]:
    """The states that a level begins with: those that no other of it leads to (nor catches into), else the first."""
    reached = {to for name, body in level.items() for to in (*_next(body), *_caught(body)) if to != name}
    return [name for name in level if name not in reached] or list(level)[:1]


def _next(body: Map) -> list[str]:
    """Where a state may lead, a default last."""
    found = [body["Next"]]
    choices = body["Choices"]
    if isinstance(choices, List):
        found.extend(choice["Next"] for choice in list.__iter__(choices) if isinstance(choice, Map))
    found.append(body["Default"])
    return [one for one in found if isinstance(one, str)]


def _caught(body: Map) -> list[str]:
    catches = body["Catch"]
    if not isinstance(catches, List):
        return []
    return [
        one["Next"] for one in list.__iter__(catches) if isinstance(one, Map) and isinstance(one["Next"], str)
    ]


def _level(
    level: dict[str, Map],
    starts: list[str],
    prefix: str,
    share: Share,
    failing: float,
    assumed: list[str],
) -> dict[str, float]:
    """Expected entries of the states of one level when it is entered once: the chain, walked until little is left."""
    moves = {
        name: _moves(name, body, level, prefix, _or_failing(share, level, prefix, failing), assumed)
        for name, body in level.items()
    }
    total = dict.fromkeys(level, 0.0)
    now = dict.fromkeys(starts, 1.0)
    budget = MOST_MOVES
    for _ in range(ROUNDS + len(level)):
        following: dict[str, float] = {}
        budget -= sum(len(moves[name]) + 1 for name in now)
        if budget < 0:
            assumed.append("the definition is too large to be walked to its end")
            break
        for name, weight in now.items():
            total[name] += weight
            for to, part in moves[name]:
                following[to] = following.get(to, 0.0) + weight * part
        now = {name: weight for name, weight in following.items() if weight > NEGLIGIBLE}
        if not now:
            break
    else:
        assumed.append(f"a loop without an end is cut after {ROUNDS} rounds")
    for name, body in level.items():
        total[name] = round(total[name] * _attempts(body, failing), DIGITS)
    return total


def _or_failing(share: Share, level: dict[str, Map], prefix: str, failing: float) -> Share:
    """The stated shares; as many executions come to a `Fail` state as fail, when nobody says how many."""
    fails = {prefix + name for name, body in level.items() if body["Type"] == "Fail"}

    def found(name: str) -> float | None:
        stated = share(name)
        return failing if stated is None and name in fails else stated

    return found


def _moves(
    name: str, body: Map, level: dict[str, Map], prefix: str, share: Share, assumed: list[str]
) -> list[tuple[str, float]]:
    """Where a state leads, with the part of its entries that goes there."""
    targets = [to for to in dict.fromkeys(_next(body)) if to in level]
    if len(targets) < 2:
        return [(to, 1.0) for to in targets]
    stated = {to: found for to in targets if (found := share(prefix + to)) is not None}
    left = max(1.0 - sum(stated.values()), 0.0)
    others = [to for to in targets if to not in stated]
    if others and left:
        assumed.append(f"the choice {prefix}{name} leads to {', '.join(others)} alike")
    whole = max(sum(stated.values()), 1.0)
    return [(to, stated[to] / whole if to in stated else left / len(others)) for to in targets]


def _attempts(body: Map, failing: float) -> float:
    """Entries of a state for each time that it is reached: one, and the retries of what fails."""
    retries = body["Retry"]
    if not failing or not isinstance(retries, List):
        return 1.0
    most = 0
    for one in list.__iter__(retries):
        if isinstance(one, Map):
            stated = one["MaxAttempts"]
            most = max(most, stated if isinstance(stated, int) else RETRIES)
    return sum(failing**attempt for attempt in range(min(most, 100) + 1))
