"""A rule's id, names, message, explanation and fix."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.graphs import graph_with

from stackworthy.core.finding import Finding, Severity, finding_id
from stackworthy.core.fix import SAFE, Fix, Safety, Unsafe
from stackworthy.core.rule import PropertyRule, Rule
from stackworthy.core.value import ABSENT, Unknown
from stackworthy.judge.engine import RuleSet as Rules
from stackworthy.judge.engine import State, outcomes
from stackworthy.judge.records import fix_of, message


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("TracingOff", "tracing-off"),
        ("ACLWideOpen", "acl-wide-open"),
        ("VisibilityTimeoutUnderSixRuns", "visibility-timeout-under-six-runs"),
        ("BucketWithoutTLS", "bucket-without-tls"),
        ("ApiV2Open", "api-v2-open"),
    ],
)
def test_the_id_is_the_class_name_in_kebab_case(name: str, identifier: str) -> None:
    assert type(name, (Rule,), {}).id == identifier  # type: ignore[attr-defined]


class Off(PropertyRule):
    """It is off.

    That is bad.
    """

    on, property, expected = "AWS::Lambda::Function", "TracingConfig.Mode", "Active"
    equivalents, aliases = ("CKV_X_1",), ("formerly-off",)


def _function(**properties: Any) -> Any:
    return graph_with({"Fn": ("AWS::Lambda::Function", properties)})["Fn"]


def test_a_rule_has_its_names_and_its_explanation() -> None:
    assert Off().names == {"off", "formerly-off", "CKV_X_1"}
    assert Off().explanation.splitlines()[0] == "It is off."


def test_a_rule_has_to_say_how_it_judges() -> None:
    with pytest.raises(NotImplementedError):
        Rule().check(_function())


@pytest.mark.parametrize(
    ("actual", "state"),
    [("Active", State.PASS), ("PassThrough", State.FAIL), (Unknown("why"), State.NOT_ASSESSED)],
)
def test_a_property_rule_compares_what_is_with_what_should_be(actual: Any, state: State) -> None:
    graph = graph_with({"Fn": ("AWS::Lambda::Function", {"TracingConfig": {"Mode": actual}})})
    graph["Fn"].assume("TracingConfig.Mode", actual)
    (outcome,) = outcomes(graph, Rules.of([Off()]))
    assert outcome.state == state


@pytest.mark.parametrize(
    ("declared", "safety", "why"),
    [(SAFE, Safety.SAFE, ""), (Unsafe("it costs"), Safety.UNSAFE, "it costs"), (None, None, None)],
)
def test_a_fix_is_as_safe_as_it_was_declared(declared: Any, safety: Safety | None, why: str | None) -> None:
    rule = type("Off", (Off,), {"fix_safety": declared})()
    (finding,) = rule.check(_function())
    fix = rule.fix(finding)
    if safety is None:
        assert fix is None
        return
    assert (fix.safety, fix.why) == (safety, why)
    ((resource, path, value),) = [(each.resource.address, each.path, each.value) for each in fix.changes]
    assert (resource, path, value) == ("Fn", "TracingConfig.Mode", "Active")


def test_a_fix_that_needs_the_unknown_is_none() -> None:
    class Doubling(Off):
        def fix(self, finding: Finding) -> Fix | None:
            return Fix.safe(finding.resource.set("Timeout", 2 * finding.resource["Timeout"]))

    assert fix_of(Doubling(), _function(Timeout=3).finding("Timeout")) is not None
    assert fix_of(Doubling(), _function(Timeout=Unknown("why")).finding("Timeout")) is None


def test_a_message_shows_evidence_of_every_kind_and_names_what_is_missing() -> None:
    class Told(Rule):
        message = "{one}, {two}, {three} and {four}"

    evidence = {"one": True, "two": ABSENT, "three": Unknown("why", "var.x")}
    assert message(Told(), evidence) == "true, absent, ${var.x} and {four}"


def test_a_finding_is_named_by_rule_address_and_property() -> None:
    one = finding_id("off", "Fn", "Timeout")
    assert len(one) == 12
    assert (
        len(
            {
                one,
                finding_id("off", "Fn", ""),
                finding_id("off", "Fx", "Timeout"),
                finding_id("on", "Fn", "Timeout"),
            }
        )
        == 4
    )


def test_severities_are_ordered() -> None:
    assert sorted(Severity, key=lambda each: -each.rank) == ["critical", "high", "medium", "low"]
