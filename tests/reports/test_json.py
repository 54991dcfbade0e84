"""The review as JSON, and its published schema."""

import json
import time
from importlib import resources

import jsonschema
import msgspec
import pytest
from tests.reports import fake_graphs, fakes

from stackworthy.core.review import Review
from stackworthy.reports import graph_json
from stackworthy.reports.json import chunks
from stackworthy.reports.masking import masked_stack


def published(name):
    text = resources.files("stackworthy.reports").joinpath(f"schemas/{name}.schema.json").read_text()
    schema = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_it_reads_back_as_the_same_review_without_its_secrets():
    review = fakes.review()
    read = msgspec.json.decode(b"".join(chunks(review)), type=Review)
    review.stacks = [masked_stack(stack) for stack in review.stacks]
    assert msgspec.to_builtins(read) == msgspec.to_builtins(review)


def test_it_fits_the_published_schema():
    published("review-1").validate(json.loads(b"".join(chunks(fakes.review()))))


def test_a_review_of_nothing_fits_too():
    published("review-1").validate(json.loads(b"".join(chunks(fakes.review(stacks=[], diagnostics=[])))))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda review: review.update(schema="stackworthy.review/2"),
        lambda review: review.pop("summary"),
        lambda review: review["stacks"][0]["findings"][0].update(severity="fatal"),
        lambda review: review["stacks"][0]["findings"][0].pop("line"),
        lambda review: review["stacks"][0]["verdicts"][0].update(state="maybe"),
    ],
)
def test_the_schema_refuses_what_is_no_review(spoil):
    review = json.loads(b"".join(chunks(fakes.review())))
    spoil(review)
    with pytest.raises(jsonschema.ValidationError):
        published("review-1").validate(review)


def test_secrets_stay_out():
    assert b"hunter2" not in b"".join(chunks(fakes.review()))


def test_ten_thousand_findings_come_in_pieces_and_at_once():
    template = fakes.review().stacks[0]
    stacks = [
        msgspec.structs.replace(template, findings=[fakes.finding("r", f"Fn{index}") for index in range(500)])
        for _ in range(20)
    ]
    started = time.perf_counter()
    pieces = list(chunks(fakes.review(stacks=stacks)))
    assert time.perf_counter() - started < 10
    assert max(map(len, pieces)) < 500_000
    assert len(json.loads(b"".join(pieces))["stacks"][7]["findings"]) == 500


def test_the_graph_fits_its_published_schema():
    document = json.loads(b"".join(graph_json.chunks([fake_graphs.shop()], [], "/root")))
    published("graph-1").validate(document)
    assert document["schema"] == "stackworthy.graph/1"
    assert len(document["stacks"][0]["environments"][0]["resources"]) == 61
