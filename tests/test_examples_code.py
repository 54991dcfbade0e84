"""The faults in the code of the examples are found where they are, and nowhere else: what is right beside them is left alone."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from stackworthy import judge
from stackworthy.config import Options, load, merge
from stackworthy.core.review import FindingRecord

ROOT = Path(__file__).parent.parent

BOOKING = """
    secret-read-from-environment    enclave/slack.py:21 node/announce.js:9
    account-in-code                 node/cancel.js:6
    event-logged                    enclave/reply.py:20 node/cancel.js:15
    permission-missing              api/handlers/list_bookings.py:16 api/handlers/mailer.py:26
    permission-unused               functions.yaml:293 functions.yaml:462
    variable-nobody-reads           functions.yaml:58
    scan-filters-by-index-key       api/handlers/staff_day.py:19
    table-scanned-on-request        api/handlers/staff_day.py:19
    first-page-only                 api/handlers/list_bookings.py:16
    token-not-verified              node/meet-token.js:8
    any-origin-on-authorized-route  node/cancel.js:10
    waits-in-function               api/handlers/export_bookings.py:40 enclave/slack.py:32
    call-for-each-item              api/handlers/list_bookings.py:23
    write-undoes-other-write        api/handlers/reschedule.py:25
    lock-without-expiry             api/handlers/hold_slot.py:19
    sent-twice-when-retried         api/handlers/mailer.py:26
    index-nobody-queries            data.yaml:46
"""
"""Where the code of the booking is wrong."""

TIMESHEETS = """
    work-not-awaited                   Functions/EntriesBulk
    secret-read-from-environment       Functions/CustomAuthorizer
    region-in-code                     Functions/Performance
    event-logged                       Functions/UsersUpdate
    log-lines-without-fields           Functions/UsersUpdate Jobs/ReportsWorker
    permission-missing                 Functions/Performance Functions/ReportsList
    variable-nobody-reads              Functions/AuthRefresh
    sdk-not-in-runtime                 Functions/Performance
    list-outlives-invocation           Functions/TrackEvent
    scan-filters-by-index-key          Functions/UsersList
    table-scanned-on-request           Functions/UsersList
    first-page-only                    Functions/ReportsList Functions/UsersList
    token-expiry-ignored               Functions/CustomAuthorizer
    origin-reflected-with-credentials  Functions/EntriesBulk Functions/Performance Functions/UsersList Functions/UsersUpdate
    function-waits-for-function        Functions/ReportsGenerate
    call-for-each-item                 Functions/EntriesBulk Functions/ReportsList
    write-undoes-other-write           Functions/UsersUpdate
    index-nobody-queries               Data/TimeEntries Data/Users
"""
"""Where the code of the timesheets is wrong, by the paths of the constructs."""

NOWHERE = (
    "permission-unused",
    "waits-in-function",
    "token-not-verified",
    "token-lives-too-long",
    "token-without-expiry",
    "first-caller-remembered",
    "markup-from-event",
    "objects-from-outside",
    "lock-without-expiry",
    "failure-answered-to-nobody",
)
"""What is done right in the timesheets."""


@cache
def findings(example: str) -> list[FindingRecord]:
    """What every rule finds in an example."""
    settings = merge(load(ROOT / "examples" / example, root=str(ROOT)), Options(profile="strict"))
    stacks = judge.review(ROOT / "examples" / example, settings).stacks
    return [finding for stack in stacks for finding in stack.findings]


def rows(table: str) -> list[list[str]]:
    return [re.split(r"\s{2,}", line.strip()) for line in table.strip().splitlines()]


@pytest.mark.parametrize("row", rows(BOOKING), ids=lambda row: row[0])
def test_faults_in_the_code_of_the_booking_are_found_there_only(row: list[str]) -> None:
    rule, where = row
    found = {
        f"{place.file}:{place.line}".removeprefix("infrastructure/")
        for finding in findings("booking")
        if finding.rule == rule
        for place in finding.locations
        if place.role == "fault"
    }
    assert found == set(where.split())


@pytest.mark.parametrize("row", rows(TIMESHEETS), ids=lambda row: row[0])
def test_faults_in_the_code_of_the_timesheets_are_found_there_only(row: list[str]) -> None:
    rule, where = row
    found = {finding.address for finding in findings("timesheets") if finding.rule == rule}
    assert found == {f"Timesheets-prod/{path}/Resource" for path in where.split()}


@pytest.mark.parametrize("rule", NOWHERE)
def test_what_the_timesheets_do_right_is_left_alone(rule: str) -> None:
    assert [finding.address for finding in findings("timesheets") if finding.rule == rule] == []
