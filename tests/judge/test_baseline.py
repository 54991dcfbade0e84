"""The baseline's file: what it takes, how it is damaged, and what it looks like."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from stackworthy.judge import baseline
from stackworthy.judge.baseline import Baseline, Damaged, Entry

DAY = datetime.date(2026, 3, 1)


def entry(rule: str = "tracing-off", resource: str = "Worker") -> Entry:
    return Entry(rule, "api/template.yaml", resource, "TracingConfig.Mode", DAY, "Ada", "später")


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "b.json"
    path.write_text(text)
    return str(path)


def test_a_baseline_is_read_as_it_was_written(tmp_path):
    made = Baseline([entry(), entry("sns-open", "Topic")])
    path = tmp_path / "b.json"
    path.write_bytes(made.encoded())
    assert baseline.read(str(path)).entries == made.entries


def test_an_empty_baseline_is_one(tmp_path):
    path = tmp_path / "b.json"
    path.write_bytes(Baseline().encoded())
    assert baseline.read(str(path)).entries == {}
    assert json.loads(path.read_text()) == {"schema": "stackworthy.baseline/1", "findings": []}


def test_each_entry_has_a_line_of_its_own_and_the_order_is_settled():
    one = Baseline([entry(resource="B"), entry(resource="A")]).encoded().decode()
    assert one == Baseline([entry(resource="A"), entry(resource="B")]).encoded().decode()
    lines = one.splitlines()
    assert [json.loads(line.rstrip(","))["resource"] for line in lines[3:5]] == ["A", "B"]
    assert len(lines) == 7
    assert "später" in lines[3]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "is not valid JSON"),
        ('{\n  "schema": "stackworthy.baseline/1",\n  "findings": [\n    {,\n  ]\n}', 4, "is not valid JSON"),
        ("[]", 0, "is no baseline"),
        ('{"schema": "stackworthy.review/1"}', 0, "is no baseline"),
        ('{"schema": "stackworthy.baseline/2"}', 0, "is a stackworthy.baseline/2"),
        ('{"schema": "stackworthy.baseline/1"}', 0, "has no list"),
        ('{"schema": "stackworthy.baseline/1", "findings": {}}', 0, "has no list"),
        ("[" * 100_000, 0, "is nested too deeply"),
    ],
)
def test_a_damaged_file_is_told_with_its_line(tmp_path, text, line, message):
    with pytest.raises(Damaged) as raised:
        baseline.read(written(tmp_path, text))
    assert raised.value.message.startswith(message)
    assert raised.value.line == line
    assert raised.value.hint


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('"rule": "tracing-off"', '"rule": 7', "entry 2: Expected `str`, got `int` - at `$.rule`"),
        ('"date": "2026-03-01"', '"date": "soon"', "entry 2: Invalid RFC3339"),
        ('"reason": ', '"raeson": ', "entry 2: Object contains unknown field `raeson`"),
        (', "author": "Ada"', "", "entry 2: Object missing required field `author`"),
    ],
)
def test_a_wrong_entry_is_told_with_its_line(tmp_path, before, after, message):
    lines = Baseline([entry("a-rule"), entry()]).encoded().decode().splitlines(keepends=True)
    lines[4] = lines[4].replace(before, after)
    with pytest.raises(Damaged) as raised:
        baseline.read(written(tmp_path, "".join(lines)))
    assert raised.value.message.startswith(message)
    assert raised.value.line == 5


def test_a_conflict_of_a_merge_is_named(tmp_path):
    text = Baseline([entry()]).encoded().decode().replace("    {", "<<<<<<< HEAD\n    {")
    with pytest.raises(Damaged) as raised:
        baseline.read(written(tmp_path, text))
    assert (raised.value.line, raised.value.hint) == (4, "resolve the merge: both sides' lines may stay")


def test_what_is_no_text_is_no_baseline(tmp_path):
    path = tmp_path / "b.json"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(Damaged, match="is not UTF-8"):
        baseline.read(str(path))
