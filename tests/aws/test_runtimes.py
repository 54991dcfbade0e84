from __future__ import annotations

import datetime

from stackworthy.aws import runtimes
from stackworthy.aws.runtimes import runtime


def test_the_dates_of_a_long_dead_runtime_are_in_order_and_past() -> None:
    found = runtime("python2.7")
    assert found is not None
    assert found.deprecated == datetime.date(2021, 7, 15)
    assert found.update_blocked == datetime.date(2022, 5, 30)
    assert found.successor is not None
    assert found.successor.startswith("python3.")


def test_a_runtime_that_aws_does_not_have_has_no_dates() -> None:
    assert runtime("cobol85") is None


def test_no_runtime_is_blocked_for_creation_after_it_is_for_updates() -> None:
    for name, found in runtimes._table().runtimes.items():
        if found.create_blocked and found.update_blocked:
            assert found.create_blocked <= found.update_blocked, name


def test_every_successor_is_in_the_table_and_has_none_itself() -> None:
    for found in runtimes._table().runtimes.values():
        if found.successor is not None:
            successor = runtime(found.successor)
            assert successor is not None
            assert successor.successor is None
