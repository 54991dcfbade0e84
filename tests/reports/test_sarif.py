"""SARIF: what code scanning needs of it."""

import json
from functools import cache
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from tests.reports import fakes, hostile

from stackworthy.core.finding import Pillar, Severity
from stackworthy.core.fix import Unsafe
from stackworthy.core.rule import Rule
from stackworthy.reports.sarif import encoded, log

SCHEMA = Path(__file__).parent.parent / "data/schemas/sarif-schema-2.1.0.json"


@cache
def validator():
    return jsonschema.Draft4Validator(
        json.loads(SCHEMA.read_text()), format_checker=jsonschema.FormatChecker()
    )


class PlainTextSecret(Rule):
    """Whoever may read the function's configuration
    reads the secret.

    A second paragraph.
    """

    on = "AWS::Lambda::Function"
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "{name} is {actual}"
    references = ("https://example.com/secrets",)
    equivalents = ("CKV_AWS_45",)
    aliases = ("secret-in-environment",)
    tags = ("secrets",)
    fix_safety = Unsafe("it asks for a deployment")
    bad = good = "Fn: {Type: AWS::Lambda::Function}"


def made(prefix=""):
    def lookup(name):
        return PlainTextSecret() if name == "plain-text-secret" else None

    (run,) = log(fakes.review(), lookup, prefix)["runs"]
    return run


def result(run, rule):
    return next(entry for entry in run["results"] if entry["ruleId"] == rule)


def test_every_result_points_at_its_rule():
    run = made()
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == 7
    assert all(rules[entry["ruleIndex"]]["id"] == entry["ruleId"] for entry in run["results"])


def test_a_rule_brings_its_help():
    rule = next(entry for entry in made()["tool"]["driver"]["rules"] if entry["id"] == "plain-text-secret")
    assert rule["name"] == "PlainTextSecret"
    assert (
        rule["shortDescription"]["text"] == "Whoever may read the function's configuration reads the secret."
    )
    assert "A second paragraph." in rule["fullDescription"]["text"]
    assert rule["helpUri"] == "https://example.com/secrets"
    assert "CKV_AWS_45" in rule["help"]["markdown"]
    assert "Fix: unsafe: it asks for a deployment." in rule["help"]["text"]
    assert rule["deprecatedIds"] == ["secret-in-environment"]
    assert rule["properties"]["security-severity"] == "8.0"
    assert rule["properties"]["tags"] == ["security", "secrets"]
    assert rule["defaultConfiguration"] == {"level": "error"}


def test_a_rule_that_is_not_known_here_is_named_all_the_same():
    rule = next(entry for entry in made()["tool"]["driver"]["rules"] if entry["id"] == "tracing-off")
    assert rule == {"id": "tracing-off", "defaultConfiguration": {"level": "note"}}


def test_places_are_named_from_the_root_of_the_repository():
    found = result(made("in fra"), "plain-text-secret")
    place = found["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "in%20fra/api/template.yaml", "uriBaseId": "SRCROOT"}
    assert place["region"] == {"startLine": 13, "startColumn": 24, "endLine": 13, "endColumn": 31}
    assert found["locations"][0]["logicalLocations"] == [
        {"fullyQualifiedName": "CardsFunction", "kind": "resource"}
    ]
    (related,) = found["relatedLocations"]
    assert related["message"]["text"] == "the bucket that it opens"


def test_a_finding_of_the_whole_stack_has_a_file_and_no_region():
    place = result(made(), "no-budget")["locations"][0]
    assert place == {
        "physicalLocation": {"artifactLocation": {"uri": "api/template.yaml", "uriBaseId": "SRCROOT"}}
    }


def test_fingerprints_come_from_the_findings_id_and_differ_between_stacks():
    found = result(made("infra"), "plain-text-secret")
    assert found["partialFingerprints"] == {
        "stackworthyFinding/v1": "plain-text-secret-CardsFunction",
        "primaryLocationLineHash": "plain-text-secret-CardsFunction:infra/api/template.yaml",
    }


def test_what_is_ignored_is_a_suppressed_result():
    (suppression,) = result(made(), "bucket-without-lifecycle")["suppressions"]
    assert (suppression["kind"], suppression["justification"]) == ("inSource", "kept for ever by law")
    assert suppression["location"]["physicalLocation"]["region"] == {"startLine": 18}
    assert "suppressions" not in result(made(), "tracing-off")


def test_diagnostics_are_notifications():
    (invocation,) = made()["invocations"]
    texts = [entry["message"]["text"] for entry in invocation["toolExecutionNotifications"]]
    assert texts == [
        "is not valid YAML: a tab starts the line (use blanks)",
        "Parameters.Memory is never checked (give it AllowedValues)",
    ]


def test_secrets_stay_out():
    text = encoded(fakes.review(), lambda _: None)
    assert b"hunter2" not in text
    assert json.loads(text)["version"] == "2.1.0"


def test_the_log_is_valid_by_the_schema_of_oasis():
    validator().validate(log(fakes.review(), lambda name: PlainTextSecret() if "secret" in name else None))


def test_the_schema_refuses_what_is_wrong():
    wrong = log(fakes.review(), lambda _: None)
    wrong["runs"][0]["results"][0]["level"] = "high"
    with pytest.raises(jsonschema.ValidationError):
        validator().validate(wrong)


def test_a_fix_is_told_in_the_message_and_kept_whole_in_the_properties():
    found = result(made(), "function-memory-too-low")
    assert found["message"]["text"] == (
        "MemorySize is 128, and the function waits for its processor. Fix (unsafe): Set MemorySize to 512."
    )
    assert found["properties"]["fix"] == {
        "safety": "unsafe",
        "why": "a higher price per second",
        "changes": ["set MemorySize to 512"],
        "steps": [],
    }
    assert "fix" not in result(made(), "no-budget")["properties"]


@hostile.attacked
@given(hostile.texts)
def test_hostile_text_leaves_the_log_valid_and_makes_no_links(text):
    written = json.loads(encoded(hostile.review(text), lambda _: None))
    validator().validate(written)
    for entry in written["runs"][0]["results"]:
        assert "](" not in entry["message"]["text"]
        assert "\n" not in entry["message"]["text"]
