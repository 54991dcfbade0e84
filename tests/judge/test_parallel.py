"""Two processes give what one gives, in the same order."""

from __future__ import annotations

import os

import pytest

from stackworthy.core.review import DiagnosticRecord, StackReview
from stackworthy.judge import parallel


def _one(name: str) -> StackReview:
    return StackReview(name, "sam", [], [], [], [], [], [DiagnosticRecord("f", 1, "note", str(os.getpid()))])


@pytest.mark.parametrize("count", [0, 1, parallel.MUCH - 1, parallel.MUCH, parallel.MUCH + 1])
def test_every_stack_is_reviewed_once_and_in_order(count):
    names = [f"stack {number}" for number in range(count)]
    told: list[int] = []
    assert [review.path for review in parallel.review_each(names, _one, told.append, StackReview)] == names
    assert not names or told[-1] == count


def test_much_work_is_shared_by_two_processes():
    reviews = parallel.review_each(
        [str(number) for number in range(parallel.MUCH)], _one, lambda _: None, StackReview
    )
    assert len({review.diagnostics[0].message for review in reviews}) == 2


def test_the_work_of_a_process_that_died_is_done_again():
    parent = os.getpid()

    def dies_elsewhere(name: str) -> StackReview:
        if os.getpid() != parent:
            os._exit(7)
        return _one(name)

    names = [str(number) for number in range(parallel.MUCH)]
    assert [
        review.path for review in parallel.review_each(names, dies_elsewhere, lambda _: None, StackReview)
    ] == names
