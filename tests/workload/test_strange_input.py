"""Input of strangers is understood or refused, never a crash."""

from __future__ import annotations

import contextlib
import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.graphs import graph_of
from tests.workload.support import API

from stackworthy.core.cost import Usage, UsageError
from stackworthy.workload import infracost, measured
from stackworthy.workload.billing import Stack, Table, Terms, price
from stackworthy.workload.scenario import scenarios, under

GRAPH = graph_of(API, region="us-east-1")
NAMES = st.sampled_from(
    ["GET /decks", "Fn", "Decks", "Api", "users", "curve", "calls", "resource", "defaults", "rate", "Fn -> Decks", "items",
     "monthly_requests", "duration_ms", "storage_gb", "reads", "set", "add", "remove", "workload", "scale", "Type", "MemorySize",
     "BillingMode", "Architectures", "Properties", "region"]
) | st.text(max_size=8)  # fmt: skip
PLAIN = (
    st.integers()
    | st.floats()
    | st.booleans()
    | st.sampled_from(
        ["5/s", "3/day/user", "1e9", "office", "AWS::S3::Bucket", "eu-west-1", "PROVISIONED", ""]
    )
    | st.text(max_size=12)
    | st.just(datetime.date(2026, 1, 1))
)
TABLES = st.dictionaries(
    NAMES,
    st.recursive(
        PLAIN,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
        max_leaves=12,
    ),
    max_size=5,
)


@given(TABLES)
@settings(max_examples=200, deadline=None)
def test_any_workload_is_priced_or_refused(table: dict[str, Any]) -> None:
    with contextlib.suppress(UsageError):
        price([Stack(GRAPH, Table(table, "s.toml", ""))], Terms())


@given(TABLES)
@settings(max_examples=200, deadline=None)
def test_any_scenario_is_priced_or_refused(table: dict[str, Any]) -> None:
    with contextlib.suppress(UsageError):
        for one in scenarios({"a": table}, "s.toml", ""):
            price(*under(one, [Stack(GRAPH, Table({"GET /decks": 5}, "s.toml", ""))], Terms()))


YAML = st.text(alphabet=":{}[]&*!|>-#,'\"\n ab1.%", max_size=60)


@given(YAML | st.binary(max_size=30).map(lambda raw: raw.decode("latin-1")))
@settings(max_examples=200, deadline=None)
def test_any_usage_file_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(UsageError):
        infracost.apply(infracost.read(f"resource_usage:\n  Fn: {text}", "u.yml"), [GRAPH], Usage())
    with contextlib.suppress(UsageError):
        infracost.read(text, "u.yml")


@given(st.text(max_size=60), st.sampled_from(["m.csv", "m.json"]))
@settings(max_examples=200, deadline=None)
def test_any_measurements_are_read_or_refused(text: str, file: str) -> None:
    for content in (text, f"address,quantity,value,period\nFn,Invocations,5,{text}\n{text}"):
        with contextlib.suppress(UsageError):
            measured.apply(measured.read(content, file), file, [GRAPH], Terms().hours, Usage())
