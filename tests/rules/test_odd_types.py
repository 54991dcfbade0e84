"""Templates come from strangers: a rule that meets a text where a map should be says "not assessed", or passes; it never breaks."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.templates import graph_of_resources, resources

from stackworthy.core.rule import Rule
from stackworthy.judge.engine import BROKE, RuleSet, outcomes
from stackworthy.rules import MODULES, rules_in

ODD: tuple[Any, ...] = ("odd", 7, ["odd"], {"": ""}, {"Ref": "AWS::Region"})
RULES = [rule for module in MODULES if not module.startswith("code_") for rule in rules_in(module)]
Place = tuple[str | int, ...]


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """The way to every value of a template's properties that is no intrinsic function's."""
    entries: Any = ()
    if isinstance(value, dict) and not any(name.startswith(("Fn::", "Ref")) for name in value):
        entries = value.items()
    elif isinstance(value, list):
        entries = enumerate(value)
    for name, item in entries:
        yield (*at, name)
        yield from places(item, (*at, name))


def with_odd(data: dict[str, Any], address: str, place: Place, odd: Any) -> dict[str, Any]:
    """The resources with one value replaced."""
    changed = copy.deepcopy(data)
    holder = changed[address]["Properties"]
    for name in place[:-1]:
        holder = holder[name]
    holder[place[-1]] = odd
    return changed


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_odd_type_breaks_a_rule(rule: Rule) -> None:
    first = rule.bad[0] if isinstance(rule.bad, tuple) else rule.bad
    if not isinstance(first, str):
        pytest.skip("the example is code")
    data = resources(first)
    for address, body in data.items():
        for place in list(places(body.get("Properties") or {})):
            for odd in ODD:
                graph = graph_of_resources(with_odd(data, address, place, odd))
                broken = [
                    one.reason for one in outcomes(graph, RuleSet.of([rule])) if BROKE in (one.reason or "")
                ]
                assert broken == [], (place, odd)
