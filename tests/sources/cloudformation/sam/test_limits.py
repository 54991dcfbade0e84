import time

from stackworthy.sources.cloudformation.sam.expand import expand
from stackworthy.sources.cloudformation.sam.limits import MAX_DEPTH, fault


def nested(levels: int) -> dict:
    value: dict = {}
    for _ in range(levels):
        value = {"a": value}
    return value


def test_an_ordinary_template_has_no_fault():
    assert fault({"Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": nested(20)}}}) is None


def test_a_template_nested_too_deeply_is_a_problem_and_not_worked_on():
    expansion = expand({"Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": nested(MAX_DEPTH)}}}, {})
    assert [message for _route, message in expansion.problems] == [
        f"is nested deeper than {MAX_DEPTH} levels, or contains itself"
    ]
    assert expansion.resources == {}


def test_a_template_that_contains_itself_is_a_problem():
    template: dict = {"Resources": {"A": {"Type": "AWS::Serverless::Function"}}}
    template["Resources"]["A"]["Properties"] = template
    assert len(expand(template, {}).problems) == 1


def test_aliases_that_explode_when_written_out_are_a_problem_at_once():
    value: list = ["lol"]
    for _ in range(40):
        value = [value] * 10
    started = time.perf_counter()
    function = {"Type": "AWS::Serverless::Function", "Properties": {"Environment": value}}
    assert len(expand({"Resources": {"Fn": function}}, {}).problems) == 1
    assert time.perf_counter() - started < 1


def test_a_part_shared_many_times_is_no_fault():
    shared = {"a": ["b"] * 100}
    assert fault({"Resources": {str(number): shared for number in range(1000)}}) is None
