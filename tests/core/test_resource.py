"""What may be assumed of a resource, and the faults of a whole stack."""

from __future__ import annotations

import pytest
from tests.support.templates import graph_of_resources

from stackworthy.core.value import ABSENT, NotKnown, Unknown

BUCKET = """
    Reports:
      Type: AWS::S3::Bucket
      Properties:
        LifecycleConfiguration: {Rules: [{Id: old, Status: Enabled}, {Id: new, Status: Disabled}]}
"""


def test_what_is_assumed_is_seen_from_the_parents_too() -> None:
    bucket = graph_of_resources(BUCKET)["Reports"]
    bucket.assume("LifecycleConfiguration.Rules[0].Status", Unknown("the test says so"))
    with pytest.raises(NotKnown):
        assert bucket["LifecycleConfiguration.Rules"][0]["Status"] == "Enabled"
    assert bucket["LifecycleConfiguration.Rules[1].Status"] == "Disabled"


def test_an_element_is_assumed_by_its_name_as_well() -> None:
    bucket = graph_of_resources(BUCKET)["Reports"]
    bucket.assume("LifecycleConfiguration.Rules[Id=new].Status", "Enabled")
    assert bucket["LifecycleConfiguration.Rules[1].Status"] == "Enabled"
    assert bucket["LifecycleConfiguration.Rules[0].Status"] == "Enabled"


def test_what_nobody_stated_may_be_assumed() -> None:
    bucket = graph_of_resources(BUCKET)["Reports"]
    bucket.assume("LoggingConfiguration.DestinationBucketName", "logs")
    assert bucket.stated("LoggingConfiguration")["DestinationBucketName"] == "logs"


def test_a_later_assumption_keeps_an_earlier_one() -> None:
    bucket = graph_of_resources(BUCKET)["Reports"]
    bucket.assume("BucketName", "reports")
    bucket.assume("AccessControl", "Private")
    assert bucket["BucketName"] == "reports"
    assert bucket["AccessControl"] == "Private"


def test_assuming_leaves_other_resources_alone() -> None:
    graph = graph_of_resources(BUCKET + "    Other: {Type: AWS::S3::Bucket}\n")
    graph["Reports"].assume("BucketName", "reports")
    assert graph["Other"]["BucketName"] is ABSENT


def test_a_finding_of_the_whole_stack_has_no_address_and_stands_at_the_start_of_its_file() -> None:
    finding = graph_of_resources(BUCKET).finding(what="1 bucket")
    assert finding.resource.address == ""
    assert finding.resource.origin == ("template.yaml", (), "value")
    assert finding.resource.properties.origin("") == finding.resource.origin
    assert finding.evidence == {"what": "1 bucket"}


FUNCTION = {"Timeout": "30", "Environment": {"Variables": {"A": "1"}}, "Layers": ["x", "y"]}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("Timeout", 30),
        ("MemorySize", 128),
        ("TracingConfig.Mode", "PassThrough"),
        ("Environment.Variables.A", "1"),
        ("Environment.Variables.B", ABSENT),
        ("Layers[1]", "y"),
        ("Layers[2]", ABSENT),
        ("Handler", ABSENT),
    ],
)
def test_a_value_is_what_was_stated_else_the_documented_default(path: str, value: object) -> None:
    text = {"Fn": {"Type": "AWS::Lambda::Function", "Properties": FUNCTION}}
    assert graph_of_resources(text)["Fn"][path] == value


def test_defaults_are_not_stated() -> None:
    function = graph_of_resources("Fn: {Type: AWS::Lambda::Function}")["Fn"]
    assert (function["Timeout"], function.stated("Timeout")) == (3, ABSENT)
    assert function.all_properties() == {}


def test_an_element_is_found_by_a_key() -> None:
    bucket = graph_of_resources(BUCKET)["Reports"]
    assert bucket["LifecycleConfiguration.Rules[Id=new].Status"] == "Disabled"
    assert bucket["LifecycleConfiguration.Rules[Id=none].Status"] is ABSENT


def test_an_element_whose_key_is_not_known_may_be_the_one() -> None:
    bucket = graph_of_resources(BUCKET)["Reports"]
    bucket.assume("LifecycleConfiguration.Rules[0].Id", Unknown("who knows"))
    assert bucket["LifecycleConfiguration.Rules[Id=new].Status"] == "Disabled"
    with pytest.raises(NotKnown, match="who knows"):
        assert bucket["LifecycleConfiguration.Rules[Id=none].Status"]


def test_a_path_through_a_value_without_parts_is_not_known() -> None:
    function = graph_of_resources({"Fn": {"Type": "AWS::Lambda::Function", "Properties": FUNCTION}})["Fn"]
    with pytest.raises(NotKnown, match="has no parts"):
        assert function["Timeout.Seconds"]
    with pytest.raises(ValueError, match="starts with a property name"):
        function.stated("[0].Timeout")


def test_a_resource_is_called_by_the_end_of_its_address() -> None:
    bucket = graph_of_resources(BUCKET)["Reports"]
    for address, name in {
        "App/Data/Table": "Table",
        "Api GET /users/{id}": "GET /users/{id}",
        "Fn": "Fn",
        "App/Data/Users/Resource": "Users",
        "Resource": "Resource",
    }.items():
        bucket.address = address
        assert bucket.name == name
