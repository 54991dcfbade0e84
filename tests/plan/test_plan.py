"""A plan puts improvements in phases, prices each on top of those before it, and can be taken back."""

from __future__ import annotations

import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.plan.stacks import TEMPLATE, WORKLOAD, planned, written

from stackworthy.config import load
from stackworthy.config_file import ConfigError
from stackworthy.core.cost import UsageError
from stackworthy.judge import place
from stackworthy.plan import Asked, Plan
from stackworthy.plan.progress import progress
from stackworthy.workload.billing import Terms, price
from stackworthy.workload.reading import own_prices, read


def bill_of(folder: Path, factor: Decimal = Decimal(1)) -> Decimal:
    found = load(folder, root=str(folder))
    workspace, base, target = place(folder, found)
    stacks = read(workspace, target, base, found)
    return price(
        stacks.by_environment[stacks.chosen()], Terms(factor=factor), own_prices(workspace, found)
    ).bill.cost


def apply(folder: Path, text: str) -> None:
    done = subprocess.run(
        ["git", "apply", "-"], cwd=folder, input=text.encode(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def names(plan: Plan, phase: str) -> list[str]:
    return [plan.get(one).name for found in plan.phases if found.id == phase for one in found.improvements]


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Plan]:
    folder = written(tmp_path_factory.mktemp("stack"), settings=WORKLOAD)
    return folder, planned(folder)


def test_a_grave_fault_stands_in_the_first_phase_with_its_patch(plan):
    _, made = plan
    first = made.get(made.phases[0].improvements[0])
    assert (first.name, first.number, first.severity) == ("recovery-off", "1.1", "high")
    assert "PointInTimeRecoveryEnabled: true" in first.patch.text
    assert first.patch.command == "stackworthy fix --rule recovery-off --unsafe --write"
    assert first.evidence[0].file == "template.yaml"
    assert first.acceptance[0].rule == "recovery-off"


def test_what_saves_money_for_little_effort_is_a_quick_win(plan):
    _, made = plan
    assert names(made, "quick-wins")[0] == "function-logs-kept-for-ever"
    saving = made.get(made.phases[1].improvements[0])
    assert Decimal(saving.cost.change) < 0
    assert saving.cost.priced


def test_phases_add_up_to_the_total_and_each_begins_where_the_last_ended(plan):
    _, made = plan
    assert Decimal(made.cost.before) + sum(Decimal(one.change) for one in made.phases) == Decimal(
        made.cost.after
    )
    totals = [made.cost.before, *(one.after for one in made.phases)]
    assert [one.before for one in made.phases] == totals[:-1]
    assert totals[-1] == made.cost.after
    for phase in made.phases:
        found = [made.get(one) for one in phase.improvements]
        assert sum(Decimal(one.cost.change) for one in found) == Decimal(phase.change)
        assert sum(Decimal(one.effort_hours) for one in found) == Decimal(phase.effort_hours)


def test_patches_applied_in_order_give_the_bill_that_the_plan_promises_and_reversed_the_files_as_they_were(
    tmp_path,
):
    folder = written(tmp_path, settings=WORKLOAD)
    made = planned(folder)
    before, now = bill_of(folder), (folder / "template.yaml").read_bytes()
    patches = [
        one.patch
        for phase in made.phases
        for one in map(made.get, phase.improvements)
        if one.patch is not None
    ]
    for patch in patches:
        apply(folder, patch.text)
    assert round(bill_of(folder), 2) == Decimal(made.cost.after)
    for patch in reversed(patches):
        apply(folder, patch.reverse)
    assert (folder / "template.yaml").read_bytes() == now
    assert bill_of(folder) == before


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**9), st.sampled_from([128, 512, 3008]), st.booleans())
def test_whatever_the_traffic_phases_add_up_and_taking_all_back_gives_the_first_bill(
    tmp_path_factory, requests, memory, keyed
):
    extra = "\n  Key: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: true}}\n" if keyed else ""
    template = TEMPLATE.replace("MemorySize: 512", f"MemorySize: {memory}") + extra
    folder = written(tmp_path_factory.mktemp("stack"), template, f'[workload]\nWorker = "{requests}/month"\n')
    made = planned(folder)
    assert round(bill_of(folder), 2) == Decimal(made.cost.before)
    assert Decimal(made.cost.before) + sum(Decimal(one.change) for one in made.phases) == Decimal(
        made.cost.after
    )
    start = bill_of(folder)
    patches = [one.patch for one in made.improvements if one.number and one.patch is not None]
    ordered = sorted((one for one in made.improvements if one.number and one.patch), key=_place)
    for one in ordered:
        apply(folder, one.patch.text)
    for one in reversed(ordered):
        apply(folder, one.patch.reverse)
    assert patches
    assert bill_of(folder) == start


def _place(one):
    phase, _, index = one.number.partition(".")
    return int(phase), int(index)


def test_advice_dearer_than_the_whole_bill_is_withheld_until_it_is_asked_for(tmp_path):
    folder = written(tmp_path, settings=WORKLOAD)
    made = planned(folder)
    tracing = made.get("template.yaml:tracing-off")
    assert made.withheld == [tracing.id]
    assert tracing.number == ""
    assert Decimal(tracing.cost.change) > Decimal(made.cost.before)
    assert "more than" in tracing.note
    everything = planned(folder, Asked(dearer_than_bill=True))
    assert everything.withheld == []
    assert everything.get(tracing.id).number
    assert Decimal(everything.cost.after) > Decimal(made.cost.after)


def test_without_a_workload_the_plan_says_that_only_fixed_prices_are_known(tmp_path):
    made = planned(written(tmp_path))
    assert made.cost.workload.startswith("no workload")
    assert made.cost.before == "0.00"
    assert made.cost.percent == ""
    assert made.withheld == []


def test_without_a_workload_advice_of_more_than_a_dollar_is_withheld(tmp_path):
    template = (
        TEMPLATE
        + """
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: api}}
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties: {RestApiId: !Ref Api, StageName: live, DeploymentId: !Ref Deployment}
  Deployment: {Type: AWS::ApiGateway::Deployment, Properties: {RestApiId: !Ref Api}}
"""
    )
    made = planned(written(tmp_path, template))
    dear = [made.get(one) for one in made.withheld]
    assert [one.name for one in dear] == ["api-throttling-and-waf"]
    assert all(Decimal(one.cost.change) > 1 for one in dear)


def test_every_improvement_says_how_to_take_it_back_to_test_it_and_when_it_is_done(plan):
    _, made = plan
    for one in made.improvements:
        if one.number:
            assert one.rollback.how
            assert one.testing
            assert one.acceptance
            assert one.effort_basis
            assert one.risk_reason
            assert Decimal(one.effort_hours) > 0


def test_a_rollback_names_what_it_does_not_bring_back(tmp_path):
    template = TEMPLATE + "  Log: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: notes}}\n"
    made = planned(written(tmp_path, template))
    logs = made.get("template.yaml:logs-kept-for-ever")
    assert logs.rollback.lost == ["log events that expired meanwhile stay deleted"]
    assert logs.risk == "medium"
    assert logs.status == "needs testing"


def test_phases_titles_efforts_and_places_follow_the_settings(tmp_path):
    text = """\
[plan]
phases = ["now", "later"]
[plan.titles]
now = "Before the launch"
[plan.phase]
recovery-off = "later"
images-kept-for-ever = "now"
[plan.effort]
recovery-off = 7.5
"""
    made = planned(written(tmp_path, settings=text))
    assert [(one.id, one.title) for one in made.phases] == [("now", "Before the launch"), ("later", "Later")]
    assert names(made, "now") == ["images-kept-for-ever"]
    recovery = made.get("template.yaml:recovery-off")
    assert (recovery.phase, recovery.effort_hours, recovery.effort_basis) == (
        "later",
        "7.5",
        "stated in [plan.effort]",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[plan]\nphase = "x"\n', "no table"),
        ('[plan]\nphasess = ["x"]\n', "did you mean 'phases'"),
        ("[plan]\nphases = [1]\n", "no list of names"),
        ('[plan]\nphases = ["a", "a"]\n', "names one twice"),
        ('[plan.phase]\nrecovery-off = "quick-win"\n', "did you mean 'quick-wins'"),
        ("[plan.phase]\nrecovery-off = 1\n", "is no text"),
        ("[plan.effort]\nrecovery-off = -1\n", "no number of hours"),
        ("[plan.effort]\nrecovery-off = true\n", "no number of hours"),
        ("[plan.titles]\ncritical = 1\n", "is no text"),
        ('[plan]\ndearer_than_bill = "yes"\n', "neither true nor false"),
    ],
)
def test_settings_that_cannot_be_followed_are_refused_with_the_way_out(tmp_path, text, said):
    with pytest.raises(ConfigError, match=said):
        planned(written(tmp_path, settings=text))


def test_a_workload_that_cannot_be_followed_is_refused(tmp_path):
    with pytest.raises(UsageError):
        planned(written(tmp_path, settings='[workload]\nNobody = "1/month"\n'))


def test_a_patch_hides_secrets_and_says_so(tmp_path):
    template = TEMPLATE.replace(
        "      MemorySize: 512",
        "      MemorySize: 512\n      TracingConfig: {Mode: PassThrough}\n      Environment: {Variables: {API_PASSWORD: hunter2-hunter2}}",
    )
    made = planned(written(tmp_path, template))
    assert not any(
        "hunter2" in (one.patch.text + one.patch.reverse) for one in made.improvements if one.patch
    )
    tracing = made.get("template.yaml:tracing-off")
    assert tracing.patch.masked


def test_a_file_that_cannot_be_read_is_a_problem_of_the_plan_and_not_its_end(tmp_path):
    folder = written(tmp_path)
    (folder / "other").mkdir()
    (folder / "other" / "template.yaml").write_text(
        "AWSTemplateFormatVersion: '2010-09-09'\nResources: {A: {Type: AWS::S3::Bucket, \n"
    )
    made = planned(folder)
    assert made.stacks == ["template.yaml"]
    assert made.total > 0


def test_no_stack_makes_an_empty_plan(tmp_path):
    made = planned(tmp_path)
    assert (made.phases, made.total, made.cost.before) == ([], 0, "0.00")


def test_a_plan_tells_how_far_it_is(tmp_path):
    folder = written(tmp_path)
    made = planned(folder)
    found = load(folder, root=str(folder))
    before = {one.title: one for one in progress(made, folder, found)}
    assert not before["Recovery off"].done
    apply(folder, made.get("template.yaml:recovery-off").patch.text)
    after = {one.title: one for one in progress(made, folder, found)}
    assert after["Recovery off"].done
    assert sum(one.done for one in after.values()) == sum(one.done for one in before.values()) + 1


def test_a_stack_that_is_gone_meets_no_criterion(tmp_path):
    folder = written(tmp_path)
    made = planned(folder)
    (folder / "template.yaml").unlink()
    assert not any(one.done for one in progress(made, folder, load(folder, root=str(folder))))
