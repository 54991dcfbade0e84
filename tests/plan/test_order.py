"""Which phase an improvement belongs to, what it waits for, and what its judgement rests on."""

from __future__ import annotations

from decimal import Decimal

import pytest

from stackworthy.plan import judgement, words
from stackworthy.plan.draft import Draft
from stackworthy.plan.phases import Placed, ordered
from stackworthy.plan.settings import PlanSettings, parse
from stackworthy.plan.words import Touched
from stackworthy.sources.stack import StackRef

STACK = StackRef("cloudformation", "template.yaml")
OTHER = StackRef("cloudformation", "other.yaml")


def placed(name: str, stack: StackRef = STACK, **more) -> Placed:
    draft = Draft("rule", name, stack, name, resources=more.pop("resources", []))
    given = {"status": "todo", "hours": Decimal(1), "severity": "low", "pillar": "reliability", "kinds": ()}
    return Placed(draft, **{**given, **more})


def order(*items: Placed, settings: PlanSettings | None = None) -> list[str]:
    return [item.draft.name for item in ordered(list(items), settings or PlanSettings())]


def test_grave_faults_come_before_savings_and_savings_before_the_rest():
    saving = placed("saving", change=Decimal(-5))
    assert order(placed("later"), saving, placed("grave", severity="critical")) == [
        "grave",
        "saving",
        "later",
    ]


def test_among_savings_the_one_with_more_for_each_hour_is_first():
    slow = placed("slow", change=Decimal(-6), hours=Decimal(4))
    assert order(slow, placed("fast", change=Decimal(-3))) == ["fast", "slow"]


def test_what_brings_data_back_stands_before_what_may_lose_it():
    loses = placed("loses", change=Decimal(-5), loses=True, resources=["Orders"])
    back = placed("backup", resources=["Orders"])
    assert order(loses, back) == ["backup", "loses"]
    assert loses.after == ["template.yaml:backup"]


@pytest.mark.parametrize(
    "other", [{"resources": ["Users"]}, {"stack": OTHER, "resources": ["Orders"]}], ids=["resource", "stack"]
)
def test_nothing_waits_for_a_backup_of_something_else(other):
    loses = placed("loses", change=Decimal(-5), loses=True, resources=["Orders"])
    assert order(loses, placed("backup", **other)) == ["loses", "backup"]
    assert loses.after == []


def test_a_major_change_waits_for_alarms():
    change = placed("batch-spot-migration", status="major change", hours=Decimal(12))
    alarms = placed("nothing-watches-the-stack")
    assert order(change, alarms) == ["nothing-watches-the-stack", "batch-spot-migration"]


def test_settings_that_place_an_improvement_stand_above_what_it_is_needed_for():
    settings = parse({"phase": {"backup": "hardening"}}, "stackworthy.toml")
    loses = placed("loses", change=Decimal(-5), loses=True, resources=["Orders"])
    back = placed("backup", resources=["Orders"])
    assert order(loses, back, settings=settings) == ["loses", "backup"]


def test_what_fits_no_phase_of_the_settings_goes_into_the_last():
    settings = parse({"phases": ["critical", "rest"]}, "stackworthy.toml")
    item = placed("saving", change=Decimal(-5))
    order(item, settings=settings)
    assert item.phase == "rest"


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("batch-spot-migration", "major change"),
        ("model-choice", "experiment"),
        ("unused-indexes", "needs testing"),
        ("budget", "todo"),
    ],
)
def test_a_capability_has_the_status_of_its_work(name, status):
    assert judgement.status(Draft("capability", name, STACK, name)) == status


def test_what_deletes_needs_testing_and_is_no_small_risk():
    draft = Draft(
        "rule", "logs-kept-for-ever", STACK, "", safety_why="log events older than 90 days are deleted"
    )
    touched = [Touched("AWS::Logs::LogGroup", "RetentionInDays")]
    lost = words.lost(touched)
    assert judgement.status(draft) == "needs testing"
    assert judgement.risk(draft, "needs testing", touched, lost)[0] == "medium"


def test_an_index_that_goes_is_a_high_risk_because_it_must_be_built_anew():
    touched = [Touched("AWS::DynamoDB::Table", "GlobalSecondaryIndexes[IndexName=Tag]")]
    level, reason = judgement.risk(
        Draft("capability", "unused-indexes", STACK, ""), "needs testing", touched, words.lost(touched)
    )
    assert level == "high"
    assert "back-fill" in reason


def test_turning_recovery_on_is_no_risk_although_turning_it_off_again_loses_backups():
    draft = Draft("rule", "recovery-off", STACK, "", safety_why="continuous backups are billed", edits=1)
    touched = [Touched("AWS::DynamoDB::Table", "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled")]
    lost = words.lost(touched)
    assert lost
    assert judgement.risk(draft, "todo", touched, lost)[0] == "low"


def test_more_edits_and_steps_take_longer_and_the_words_say_how_much():
    few = Draft("rule", "a", STACK, "", edits=1)
    many = Draft("rule", "a", STACK, "", edits=8)
    by_hand = Draft("rule", "a", STACK, "", steps=["one", "two", "three"])
    hours = [judgement.effort(one, "todo", PlanSettings()) for one in (few, many, by_hand)]
    assert hours[0][0] < hours[1][0] <= hours[2][0]
    assert "each of 8 proven edits" in hours[1][1]
    assert "2 h by hand" in hours[2][1]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("recovery-off", "Recovery off"),
        ("nat-in-front-of-buckets", "NAT in front of buckets"),
        ("http-stage-without-throttling", "HTTP stage without throttling"),
    ],
)
def test_a_rule_is_called_by_its_words(name, title):
    assert words.heading(name) == title
