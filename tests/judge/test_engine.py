"""What a rule says of each kind of subject, and what the engine makes of the unknown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.graphs import graph_of
from tests.support.templates import graph_of_resources

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.graph import Graph
from stackworthy.core.rule import Kinds, PropertyRule, Relation, Rule, Stack, Subject
from stackworthy.core.value import NotKnown
from stackworthy.judge.engine import BROKE, Outcome, RuleSet, Selection, judge, outcomes

STACK = """
    Jobs: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 30}}
    Slow: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 900}}
    Odd: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: !Ref Visible}}
    Alerts: {Type: AWS::SNS::Topic}
    Worker: {Type: AWS::Lambda::Function, Properties: {Timeout: 60}}
    Pull: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: !Ref Worker, EventSourceArn: !GetAtt Jobs.Arn}}
"""


class Short(Rule):
    on: Any = "AWS::SQS::Queue"
    pillar, severity, message = Pillar.RELIABILITY, Severity.LOW, "{visible} s"
    equivalents, aliases = ("CKV_X_1",), ("brief",)

    def check(self, subject: Any) -> Iterator[Finding]:
        if subject["VisibilityTimeout"] < 360:
            yield subject.finding("VisibilityTimeout", visible=subject["VisibilityTimeout"])


def said(rule: Rule, text: str = STACK) -> dict[str, tuple[str, str]]:
    """Address -> state and reason."""
    graph = graph_of_resources(text.replace("!Ref Visible", "!If [Unknown, 30, 900]"))
    return {
        outcome.address: (outcome.state.value, outcome.reason)
        for outcome in outcomes(graph, RuleSet.of([rule]))
    }


def on(subject: Subject, base: type[Rule] = Short) -> Rule:
    return type("Short", (base,), {"on": subject})()


def test_a_kind_is_judged_resource_by_resource() -> None:
    found = said(Short())
    assert found["Jobs"] == ("fail", "")
    assert found["Slow"] == ("pass", "")
    assert found["Odd"][0] == "not-assessed"
    assert "Unknown" in found["Odd"][1]
    assert len(found) == 3


def test_several_kinds_are_judged_by_one_rule() -> None:
    class Named(Rule):
        on = Kinds(("AWS::SQS::Queue", "AWS::SNS::Topic"))

        def check(self, subject: Any) -> Iterator[Finding]:
            yield from ()

    assert said(Named()).keys() == {"Jobs", "Slow", "Odd", "Alerts"}


class ShortForItsFunction(Rule):
    def check(self, subject: Any) -> Iterator[Finding]:
        if subject.source["VisibilityTimeout"] < 6 * subject.target["Timeout"]:
            yield subject.source.finding("VisibilityTimeout")


@pytest.mark.parametrize(("subject", "address"), [("source", "Jobs"), ("target", "Worker"), ("via", "Pull")])
def test_a_relation_is_judged_edge_by_edge_in_the_name_of_its_subject(subject: str, address: str) -> None:
    relation = Relation("triggers", "AWS::SQS::Queue", "AWS::Lambda::Function", subject)
    assert said(on(relation, ShortForItsFunction)) == {address: ("fail", "")}


def test_a_relation_without_a_mapping_of_its_own_has_its_source_for_a_subject() -> None:
    text = "Topic: {Type: AWS::SNS::Topic, Properties: {Subscription: [{Protocol: lambda, Endpoint: !GetAtt Fn.Arn}]}}\n"
    text += "Fn: {Type: AWS::Lambda::Function}"

    class Any_(Rule):
        def check(self, subject: Any) -> Iterator[Finding]:
            yield from ()

    relation = Relation("triggers", "AWS::SNS::Topic", "AWS::Lambda::Function", "via")
    assert said(on(relation, Any_), text).keys() <= {"Topic"}


def test_a_relation_with_a_loose_end_is_not_assessed() -> None:
    text = STACK.replace("!GetAtt Jobs.Arn", "!If [Unknown, !GetAtt Jobs.Arn, !GetAtt Slow.Arn]")
    relation = Relation("triggers", "AWS::SQS::Queue", "AWS::Lambda::Function", "target")
    found = said(on(relation, ShortForItsFunction), text)
    assert found.keys() == {"Worker"}
    assert found["Worker"][0] == "not-assessed"
    assert found["Worker"][1]


class NoAlarms(Rule):
    def check(self, subject: Graph) -> Iterator[Finding]:
        if not subject.of("AWS::CloudWatch::Alarm"):
            yield subject.finding()


def test_a_stack_is_judged_once_and_without_an_address() -> None:
    assert said(on(Stack(), NoAlarms)) == {"": ("fail", "")}
    assert said(on(Stack(("AWS::SQS::Queue",)), NoAlarms)) == {"": ("fail", "")}
    assert said(on(Stack(("AWS::S3::Bucket",)), NoAlarms)) == {}


def test_a_finding_before_the_unknown_stands() -> None:
    class Two(Rule):
        on = "AWS::SQS::Queue"

        def check(self, subject: Any) -> Iterator[Finding]:
            yield subject.finding("QueueName")
            yield from Short().check(subject)

    graph = graph_of(STACK, parameters=["Visible"])
    (odd,) = [each for each in outcomes(graph, RuleSet.of([Two()])) if each.address == "Odd"]
    assert (odd.state, odd.reason, [finding.property for finding in odd.findings]) == (
        "fail",
        "",
        ["QueueName"],
    )


def test_a_rule_that_breaks_on_an_odd_value_is_not_assessed_with_the_reason() -> None:
    class Breaks(Rule):
        on = "AWS::SNS::Topic"

        def check(self, subject: Any) -> Iterator[Finding]:
            yield subject.finding(str(1 + subject["TopicName"]))

    found = said(Breaks(), "Alerts: {Type: AWS::SNS::Topic, Properties: {TopicName: alerts}}")
    assert found["Alerts"][0] == "not-assessed"
    assert found["Alerts"][1].startswith(f"{BROKE} breaks: TypeError")


def test_what_is_not_there_is_judged_by_nobody() -> None:
    text = "Jobs: {Type: AWS::SQS::Queue, Condition: Never}"
    graph = graph_of(text)
    graph.of("AWS::SQS::Queue").clear()
    assert list(outcomes(graph, RuleSet.of([Short()]))) == []


class Strict(Short):
    profile = "strict"


@pytest.mark.parametrize(
    ("selection", "rule", "taken"),
    [
        (Selection(), Short, True),
        (Selection(), Strict, False),
        (Selection("strict"), Strict, True),
        (Selection("strict"), Short, True),
        (Selection(only=("short",)), Short, True),
        (Selection(only=("CKV_X_1",)), Short, True),
        (Selection(only=("brief",)), Strict, True),
        (Selection(only=("other",)), Short, False),
        (Selection(skip=("brief",)), Short, False),
        (Selection(skip=("CKV_X_1",), only=("short",)), Short, False),
        (Selection(pillars=("cost",)), Short, False),
        (Selection(pillars=("cost", "reliability")), Short, True),
    ],
)
def test_rules_take_part_by_profile_name_and_pillar(
    selection: Selection, rule: type[Rule], taken: bool
) -> None:
    assert selection.takes(rule()) is taken


def test_only_rules_of_services_that_the_stack_has_are_asked() -> None:
    found = judge(graph_of("Alerts: {Type: AWS::SNS::Topic}"), Selection("strict"))
    assert found
    assert {outcome.address for outcome in found} <= {"Alerts", ""}


def test_a_property_rule_says_what_is_and_what_should_be() -> None:
    class Tracing(PropertyRule):
        on, property, expected = "AWS::Lambda::Function", "TracingConfig.Mode", "Active"
        pillar, severity = Pillar.OPERATIONS, Severity.LOW

    graph = graph_of("Fn: {Type: AWS::Lambda::Function}")
    outcome: Outcome
    (outcome,) = outcomes(graph, RuleSet.of([Tracing()]))
    (finding,) = outcome.findings
    assert finding.evidence == {
        "property": "TracingConfig.Mode",
        "actual": "PassThrough",
        "expected": "Active",
    }


def test_a_rule_that_runs_out_of_what_it_looks_through_is_not_assessed() -> None:
    class RunsOut(Rule):
        on = "AWS::SNS::Topic"

        def check(self, subject: Any) -> Iterator[Finding]:
            yield next(iter(()))

    found = said(RunsOut(), "Alerts: {Type: AWS::SNS::Topic}")
    assert found["Alerts"][0] == "not-assessed"
    assert found["Alerts"][1].startswith(f"{BROKE} runs-out: RuntimeError")


@pytest.mark.parametrize("error", [NotKnown("odd"), TypeError("odd"), RecursionError("odd")])
def test_a_relation_that_cannot_be_worked_out_is_not_assessed(error: Exception) -> None:
    def broken(_: Graph) -> Iterator[Any]:
        raise error
        yield

    graph = graph_of_resources(STACK.replace("!Ref Visible", "5"))
    graph.relators = {"triggers": broken}
    for subject, address in (("target", "Worker"), ("source", "Jobs")):
        relation = Relation("triggers", "AWS::SQS::Queue", "AWS::Lambda::Function", subject)
        found = {each.address: each for each in outcomes(graph, RuleSet.of([on(relation)]))}
        assert found[address].state.value == "not-assessed"
        assert "odd" in found[address].reason
