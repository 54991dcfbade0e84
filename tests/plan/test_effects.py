"""What fixes do to the bill: known when a workload is stated, each on top of those before it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.plan.stacks import WORKLOAD, written

from stackworthy.cli import fix_output
from stackworthy.config import load
from stackworthy.plan.effects import effects
from stackworthy.remedy import Wanted, remedy


def found_in(folder):
    settings = load(folder, root=str(folder))
    return remedy(folder, settings, Wanted(unsafe=True)), settings


def test_a_fix_shows_what_it_adds_to_the_bill_under_the_stated_workload(tmp_path):
    found, settings = found_in(written(tmp_path, settings=WORKLOAD))
    bills = effects(found, settings)
    tracing = next(one.record.id for one in found.proposals if one.record.rule == "tracing-off")
    assert bills[tracing] > 0
    text = list(fix_output.text(found, colored=False, explain=False, unsafe=True, bills=bills))
    shown = f"          bill  +${bills[tracing].quantize(Decimal('0.01'))} a month"
    assert shown in text
    data = fix_output.data(found, bills)
    shown_as = {one["rule"]: one["bill"] for one in data["fixes"]}["tracing-off"]
    assert Decimal(shown_as) == bills[tracing]


def test_the_effects_of_all_fixes_add_up_to_the_bill_of_all_of_them(tmp_path):
    from tests.plan.test_plan import bill_of

    folder = written(tmp_path, settings=WORKLOAD)
    before = bill_of(folder)
    found, settings = found_in(folder)
    for file, content in found.edits.items():
        (folder / file).write_bytes(content)
    assert before + sum(effects(found, settings).values()) == pytest.approx(bill_of(folder))


def test_without_a_workload_no_effect_is_claimed(tmp_path):
    found, settings = found_in(written(tmp_path))
    assert effects(found, settings) == {}
    text = fix_output.text(found, colored=False, explain=False, unsafe=True, bills={})
    assert not any("bill  " in line for line in text)


def test_a_workload_that_cannot_be_followed_does_not_keep_fixes_from_being_shown(tmp_path):
    found, settings = found_in(written(tmp_path, settings='[workload]\nNobody = "1/month"\n'))
    assert found.proposals
    assert effects(found, settings) == {}
