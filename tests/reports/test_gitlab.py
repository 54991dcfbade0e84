"""GitLab's code quality report."""

import json

from hypothesis import given
from tests.reports import fakes, hostile

from stackworthy.core.review import StackReview
from stackworthy.reports.gitlab import encoded, entries

FORMAT = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!\\./|/)"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
"""What GitLab's documentation says of the format, as a schema of our own."""


def check(data):
    import jsonschema

    jsonschema.validate(data, FORMAT)
    fingerprints = [entry["fingerprint"] for entry in data]
    assert len(set(fingerprints)) == len(fingerprints)


def test_every_finding_is_an_entry_and_ignored_ones_are_not():
    data = json.loads(encoded(fakes.review()))
    check(data)
    assert [entry["check_name"] for entry in data].count("tracing-off") == 3
    assert "bucket-without-lifecycle" not in {entry["check_name"] for entry in data}
    assert len(data) == 6


def test_severities_are_gitlabs():
    severities = {entry["check_name"]: entry["severity"] for entry in entries(fakes.review())}
    assert severities["plain-text-secret"] == "critical"
    assert severities["function-memory-too-low"] == "major"
    assert severities["tracing-off"] == "minor"


def test_paths_are_named_from_the_root_of_the_repository():
    (entry,) = (e for e in entries(fakes.review(), "infra") if e["check_name"] == "plain-text-secret")
    assert entry["location"] == {"path": "infra/api/template.yaml", "lines": {"begin": 13}}


def test_a_finding_without_a_line_stands_on_the_first():
    (entry,) = (e for e in entries(fakes.review()) if e["check_name"] == "no-budget")
    assert entry["location"]["lines"] == {"begin": 1}


def test_a_fingerprint_outlives_a_moved_line_and_differs_between_stacks():
    def printed(path, line):
        stack = StackReview(path, "sam", [], [], [], [fakes.finding("tracing-off", "Fn", line=line)], [], [])
        (entry,) = entries(fakes.review(stacks=[stack]))
        return entry["fingerprint"]

    assert printed("a.yaml", 3) == printed("a.yaml", 30)
    assert printed("a.yaml", 3) != printed("b.yaml", 3)


def test_the_same_finding_twice_has_two_fingerprints():
    finding = fakes.finding("tracing-off", "Fn")
    stack = StackReview("a.yaml", "sam", [], [], [], [finding, finding], [], [])
    check(entries(fakes.review(stacks=[stack])))


def test_the_description_says_the_fault_and_the_way_out():
    (entry,) = (e for e in entries(fakes.review()) if e["check_name"] == "function-memory-too-low")
    assert entry["description"] == (
        "CardsFunction: MemorySize is 128, and the function waits for its processor. "
        "Fix (unsafe): Set MemorySize to 512."
    )


def test_secrets_stay_out():
    assert b"hunter2" not in encoded(fakes.review())


@hostile.attacked
@given(hostile.texts)
def test_hostile_text_is_a_string_on_one_line(text):
    data = json.loads(encoded(hostile.review(text)))
    check(data)
    assert all("\n" not in entry["description"] for entry in data)
