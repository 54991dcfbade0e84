"""Measurements take the place of assumptions."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.support.graphs import graph_of
from tests.workload.support import API, HOURS, priced

from stackworthy.core.cost import Usage, UsageError
from stackworthy.workload.billing import UsageText
from stackworthy.workload.measured import apply, read


def used(text: str, file: str = "m.csv") -> tuple[dict[tuple[str, str], Decimal], list[str]]:
    usage = Usage()
    warnings = apply(read(text, file), file, [graph_of(API)], HOURS, usage)
    return {(address, key): round(given.value, 3) for _, address, key, given in usage.rows()}, warnings


def test_counts_are_brought_to_a_month_and_sizes_are_not() -> None:
    found, warnings = used(
        "address,quantity,value,period\n"
        "Fn,Invocations,1000,1 day\n"
        "Fn,Duration,83,1 day\n"
        "Decks,TableSizeBytes,2147483648,2026-10-01/2026-10-08\n"
        "Decks,monthly_reads,24,2026-10-01/2026-10-02\n"
    )
    assert found["Fn", "monthly_requests"] == round(Decimal(1000) * 730 / 24, 3)
    assert found["Fn", "request_duration_ms"] == 83
    assert found["Decks", "storage_gb"] == 2
    assert found["Decks", "monthly_reads"] == 730
    assert warnings == []


def test_json_says_the_same_as_csv() -> None:
    rows = '[{"address": "Fn", "quantity": "Invocations", "value": 1000, "period": "month"}]'
    assert used(rows, "m.json") == used(f'{{"measurements": {rows}}}', "m.json")
    assert used(rows, "m.json")[0] == {("Fn", "monthly_requests"): 1000}


def test_a_measurement_stands_over_the_workload() -> None:
    text = "address,quantity,value\nFn,Invocations,7\n"
    found = priced(
        API,
        {"GET /decks": "1000/month", "resource": {"Fn": {"duration_ms": 9}}},
        usage=(UsageText("m.csv", text),),
    )
    lines = {line.component: line for line in found.bill.stacks[0].components if line.address == "Fn"}
    assert lines["Requests"].quantity == "7"
    assert "(measured" in lines["Requests"].assumption


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("adress,quantity,value\n", 1, "'adress'", "did you mean address?"),
        ("address,quantity\n", 1, "value is missing", "columns are"),
        ("address,quantity,value\nFn,Invocation,5\n", 2, "'Invocation'", "did you mean Invocations?"),
        ("address,quantity,value\nFn,Invocations,-5\n", 2, "-5", "0 or more"),
        ("address,quantity,value,period\nFn,Invocations,5,0 days\n", 2, "period of nothing", "longer than 0"),
        ("address,quantity,value,period\nFn,Invocations,5,soon\n", 2, "'soon' is no period", "7 days"),
        (
            "address,quantity,value,period\nFn,Invocations,5,2026-10-02/2026-10-01\n",
            2,
            "period of nothing",
            "longer",
        ),
        ("address,quantity,value,period\nFn,Invocations,5,a/b/c\n", 2, "is no period", "7 days"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(text: str, line: int, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        used(text)
    assert (raised.value.file, raised.value.line) == ("m.csv", line)
    assert message in raised.value.message
    assert hint in raised.value.hint


@pytest.mark.parametrize("text", ["{", "3", '{"measurements": 3}', "[3]", '[{"address": "Fn"}]'])
def test_json_that_holds_no_rows_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        read(text, "m.json")


def test_rows_that_no_stack_has_are_named() -> None:
    assert used("address,quantity,value\nFm,Invocations,5\n")[1] == [
        "m.csv:2: no stack here has Fm: did you mean Fn?"
    ]
