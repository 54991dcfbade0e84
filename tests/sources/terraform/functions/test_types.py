"""What `try` and `can` need, and marks."""

from __future__ import annotations

import pytest

from stackworthy.core.value import NotKnown, Reference, Unknown
from stackworthy.sources.terraform.functions import FunctionError, call
from stackworthy.sources.terraform.functions.contract import Failure
from stackworthy.sources.terraform.functions.types import first_success, succeeds

NAME = Unknown("var.name has no value", "var.name")


def failing():
    raise FunctionError("no")


def unknown():
    raise NotKnown("not read")


def test_the_first_attempt_that_does_not_fail_wins_and_later_ones_are_not_made():
    assert first_success([failing, lambda: "a", unknown]) == "a"


def test_an_attempt_that_may_still_fail_leaves_the_answer_open():
    answer = first_success([lambda: NAME, lambda: "a"])
    assert (answer.reason, answer.expression) == ("var.name has no value", "try(var.name, …)")
    assert isinstance(first_success([unknown, lambda: "a"]), Unknown)


def test_a_reference_is_a_success():
    reference = Reference("aws_s3_bucket.b")
    assert first_success([lambda: reference, lambda: "a"]) is reference


def test_when_all_attempts_fail_so_does_try():
    with pytest.raises(Failure, match="no expression succeeded"):
        first_success([failing])


def test_can_is_whether_the_attempt_succeeds():
    assert succeeds(lambda: 1) is True
    assert succeeds(failing) is False
    assert isinstance(succeeds(lambda: NAME), Unknown)
    assert isinstance(succeeds(unknown), Unknown)


def test_marks_are_not_followed():
    assert call("sensitive", ["a"]) == "a"
    assert isinstance(call("issensitive", ["a"]), Unknown)
