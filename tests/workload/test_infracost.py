"""Usage files of Infracost are taken as they are."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.support.graphs import graph_of
from tests.workload.support import API, priced

from stackworthy.core.cost import Usage, UsageError
from stackworthy.workload.billing import UsageText
from stackworthy.workload.infracost import apply, known_keys, read

FILE = "infracost-usage.yml"
BUCKET = "Files: {Type: AWS::S3::Bucket, Properties: {}}\nFn: {Type: AWS::Lambda::Function, Properties: {MemorySize: 512}}"


def used(text: str, template: str = BUCKET) -> tuple[dict[tuple[str, str], Decimal], list[str]]:
    usage = Usage()
    warnings = apply(read(text, FILE), [graph_of(template)], usage)
    return {(address, key): given.value for _, address, key, given in usage.rows()}, warnings


def test_nested_keys_are_dotted_and_numbers_may_have_underscores() -> None:
    found, warnings = used(
        """
        version: 0.1
        resource_usage:
          Fn: {monthly_requests: 1_000_000, request_duration_ms: 250}
          Files:
            standard:
              storage_gb: 100  # of pictures
              monthly_tier_1_requests: 5000
        """
    )
    assert found["Fn", "monthly_requests"] == 1_000_000
    assert found["Files", "standard.storage_gb"] == 100
    assert warnings == []


def test_defaults_of_a_type_hold_for_all_its_resources_and_give_way_to_their_own() -> None:
    found, _ = used(
        """
        resource_type_default_usage:
          AWS::Lambda::Function: {monthly_requests: 5, request_duration_ms: 70}
        resource_usage:
          Fn: {monthly_requests: 9}
        """
    )
    assert found == {("Fn", "monthly_requests"): 9, ("Fn", "request_duration_ms"): 70}


def test_what_no_stack_has_is_named_and_does_no_harm() -> None:
    found, warnings = used("resource_usage:\n  Fnn: {monthly_requests: 5}\n")
    assert found == {}
    assert warnings == [f"{FILE}:2: no stack here has Fnn: did you mean Fn?"]


def test_data_transfer_is_that_of_the_stack() -> None:
    found, warnings = used(
        "resource_usage:\n  aws_data_transfer.out: {region: eu-west-1, monthly_outbound_internet_gb: 7}\n"
    )
    assert found == {("stack", "monthly_outbound_internet_gb"): 7}
    assert "region is not used" in warnings[0]


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("resource_usage:\n  Fn:\n    monthly_requets: 5\n", 3, "monthly_requets", "monthly_requests"),
        ("resource_usage:\n  Fn:\n    monthly_requests: -5\n", 3, "-5", "0 or more"),
        ("resource_usage:\n  Fn:\n    monthly_requests: lots\n", 3, "no number", "1000000"),
        ("resource_usage:\n  Fn:\n    monthly_requests: 1e30\n", 3, "beyond all measure", "1e18"),
        ("resource_usage:\n  Fn:\n    monthly_requests: [1]\n", 3, "no number", "number"),
        ("resource_usages: {}\n", 1, "resource_usages", "resource_usage"),
        ("resource_type_default_usage:\n  aws_lambda_functio: {monthly_requests: 5}\n", 2, "aws_lambda_functio", "aws_lambda_function"),
        ("resource_usage: [1, 2]\n", 1, "a map stands here", "number"),
        ("resource_usage:\n  Fn: {a: {b: {c: {d: {e: {f: 1}}}}}}\n", 2, "no number", "number"),
        ("resource_usage: {\n", 2, "is not YAML", "infracost"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_line(text: str, line: int, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        used(text)
    error = raised.value
    assert (error.file, error.line) == (FILE, line)
    assert message in error.message
    assert hint in error.hint


def test_an_empty_file_says_nothing() -> None:
    assert used("") == ({}, [])
    assert used("resource_usage:\n") == ({}, [])
    assert used("resource_usage:\n  Fn:\n") == ({}, [])


def test_the_carried_table_has_the_keys_of_all_types() -> None:
    assert len(known_keys()) > 80
    assert "monthly_requests" in known_keys()["aws_lambda_function"]


def test_usage_of_a_file_stands_over_the_workload_and_flows_on() -> None:
    text = "resource_usage:\n  Fn: {monthly_requests: 5000}\n"
    found = priced(API, {"GET /decks": "10/month"}, usage=(UsageText(FILE, text),))
    assert found.usage.of(found.flows[0].graph.path, "Fn")["monthly_requests"].value == 5000
    assert found.flows[0].loads["Decks"].reads == 5000


def test_a_file_that_names_itself_over_and_over_is_refused() -> None:
    wide = ", ".join(f"k{n}: 1" for n in range(80))
    text = f"resource_usage:\n  A: &a {{{wide}}}\n  B: &b {{{', '.join(f'm{n}: *a' for n in range(80))}}}\n"
    text += f"  C: {{{', '.join(f'n{n}: *b' for n in range(80))}}}\n"
    with pytest.raises(UsageError, match="more than"):
        read(text, FILE)
