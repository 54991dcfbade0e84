"""JUnit XML: valid by the schemas of Ant and Jenkins."""

from datetime import datetime
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xmlschema
from hypothesis import given
from tests.reports import fakes, hostile

from stackworthy.core.review import StackReview, VerdictRecord
from stackworthy.reports.junit import lines

SCHEMAS = Path(__file__).parent.parent / "data/schemas"
NOW = datetime(2026, 3, 4, 5, 6, 7)


@cache
def schema(name):
    return xmlschema.XMLSchema(SCHEMAS / name)


def document(review):
    return "\n".join(lines(review, NOW))


def check(text):
    for name in ("ant-junit.xsd", "jenkins-junit-10.xsd"):
        schema(name).validate(text)


def cases(review):
    return {
        (case.get("classname"), case.get("name")): case
        for case in ElementTree.fromstring(document(review)).iter("testcase")
    }


@pytest.mark.parametrize("name", ["ant-junit.xsd", "jenkins-junit-10.xsd"])
def test_the_schemas_refuse_what_is_wrong(name):
    assert not schema(name).is_valid("<testsuites><testsuite/></testsuites>")


def test_the_document_is_valid():
    check(document(fakes.review()))
    check(document(fakes.review(stacks=[], diagnostics=[])))


def test_a_finding_fails_the_case_of_its_rule_and_resource():
    found = cases(fakes.review())["tracing-off", "DecksFunction"]
    (failure,) = found
    assert failure.get("type") == "low"
    assert failure.get("message") == "DecksFunction is not traced"
    assert failure.text.startswith("api/template.yaml:15: low tracing-off\nDecksFunction is not traced.")
    assert "fix (safe): set TracingConfig.Mode to Active" in failure.text


def test_what_passes_is_a_case_too_so_that_a_mended_one_is_seen():
    assert list(cases(fakes.review())["plain-text-secret", "Files"]) == []


def test_ignored_and_not_assessed_verdicts_are_skipped_with_their_reason():
    found = cases(fakes.review())
    (ignored,) = found["bucket-without-lifecycle", "Files"]
    (unknown,) = found["plain-text-secret", "DecksFunction"]
    assert (ignored.tag, ignored.get("message")) == ("skipped", "ignored: kept for ever by law")
    assert unknown.get("message") == "not assessed: Parameters.Stage has no value"


def test_a_file_that_cannot_be_read_is_an_error():
    (error,) = cases(fakes.review())["input", "broken.yaml:3"]
    assert error.tag == "error"
    assert error.get("message") == "is not valid YAML: a tab starts the line (use blanks)"


def test_suites_count_their_cases():
    for suite in ElementTree.fromstring(document(fakes.review())):
        assert int(suite.get("tests")) == len(suite.findall("testcase"))
        for counted, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(counted)) == len(list(suite.iter(tag)))


def test_the_worst_verdict_counts_where_environments_differ():
    verdicts = [
        VerdictRecord("tracing-off", "Fn", "pass", "", ["dev"]),
        VerdictRecord("tracing-off", "Fn", "fail", "", ["prod"]),
    ]
    finding = fakes.finding("tracing-off", "Fn", environments=["prod"])
    stack = StackReview("a.yaml", "sam", ["dev", "prod"], [], verdicts, [finding], [], [])
    found = cases(fakes.review(stacks=[stack], diagnostics=[]))
    assert list(found) == [("tracing-off", "Fn")]
    assert "in prod" in found["tracing-off", "Fn"][0].text


def test_a_fault_of_another_resource_than_the_one_judged_fails_once():
    verdicts = [VerdictRecord("route-open", "Fn", "fail")]
    stack = StackReview("a.yaml", "sam", [], [], verdicts, [fakes.finding("route-open", "Route")], [], [])
    assert list(cases(fakes.review(stacks=[stack], diagnostics=[]))) == [("route-open", "Route")]


def test_secrets_stay_out():
    assert "hunter2" not in document(fakes.review())


@hostile.attacked
@given(hostile.texts)
def test_hostile_text_leaves_the_document_valid(text):
    made = document(hostile.review(text))
    check(made)
    found = {case.get("classname") for case in ElementTree.fromstring(made).iter("testcase")}
    assert found == {"tracing-off", "plain-text-secret", "no-budget", "input"}
