import pytest

from stackworthy.sources.cloudformation.sam.context import Context, Unexpandable
from stackworthy.sources.cloudformation.sam.expansion import Expansion
from stackworthy.sources.cloudformation.sam.shapes import checked

SHAPES = {
    "Name": "text!",
    "Tags": "map",
    "Size": "number",
    "On": "flag",
    "Both": "text or map",
    "Many": "texts",
}


@pytest.fixture
def context():
    return Context({}, {}, "us-east-1", Expansion(), {})


def test_properties_that_fit_are_returned_as_they_are(context):
    given = {
        "Name": {"Ref": "A"},
        "Tags": {"a": "b", "c": "d"},
        "Size": 1,
        "On": None,
        "Both": "x",
        "Many": ["a", {}],
    }
    assert checked(context, given, SHAPES, ("R",)) is given
    assert context.expansion.problems == []


def test_properties_that_do_not_fit_are_problems_and_left_out(context):
    given = {"Name": "n", "Tags": [], "Size": True, "On": "yes", "Both": 5, "Many": [1], "Other": 1, 7: 8}
    assert checked(context, given, SHAPES, ("R",)) == {"Name": "n"}
    assert context.expansion.problems == [
        (("R", "Tags"), "must be a map"),
        (("R", "Size"), "must be a whole number"),
        (("R", "On"), "must be true or false"),
        (("R", "Both"), "must be a string or a map"),
        (("R", "Many"), "must be a list of strings"),
        (("R", "Other"), "is not a property that SAM knows here"),
        (("R", "7"), "is not a property that SAM knows here"),
    ]


@pytest.mark.parametrize("given", [None, {}, {"Name": None}, {"Name": 5}])
def test_a_missing_required_property_refuses_the_resource(given, context):
    with pytest.raises(Unexpandable) as refusal:
        checked(context, given, SHAPES, ("R",))
    assert refusal.value.route == ("R", "Name")


def test_properties_that_are_no_map_refuse_the_resource(context):
    with pytest.raises(Unexpandable):
        checked(context, "text", SHAPES, ("R",))
