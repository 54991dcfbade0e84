import pytest

from stackworthy.sources.cloudformation.sam.api_plan import api_place, plan_of
from stackworthy.sources.cloudformation.sam.context import Context
from stackworthy.sources.cloudformation.sam.expansion import Expansion

EVENT = ("Resources", "Fn", "Properties", "Events", "Get")


@pytest.fixture
def context():
    api = {"Type": "AWS::Serverless::Api", "Properties": {"Name": "n", "Auth": {"ApiKeyRequired": True}}}
    implicit = {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "Prod"}}
    template = {
        "Globals": {"Api": {"TracingEnabled": True, "Auth": {"Authorizers": {"A": {}}}}},
        "Resources": {"Api": api},
    }
    resources = {"Api": api, "ServerlessRestApi": implicit}
    made = Context(template, {}, "us-east-1", Expansion(), resources)
    plan_of(made).origins["ServerlessRestApi"] = EVENT
    return made


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), ("Resources", "Api")),
        (("Name",), ("Resources", "Api", "Properties", "Name")),
        (("TracingEnabled",), ("Globals", "Api", "TracingEnabled")),
        (("Auth", "ApiKeyRequired"), ("Resources", "Api", "Properties", "Auth", "ApiKeyRequired")),
        (("Auth", "Authorizers", "A"), ("Globals", "Api", "Auth", "Authorizers", "A")),
        (("Nowhere",), ("Resources", "Api", "Properties", "Nowhere")),
    ],
)
def test_a_property_is_placed_at_the_api_or_in_globals(path, place, context):
    assert api_place(context, "Api", *path) == place


def test_an_implicit_api_is_placed_at_its_event_unless_globals_say_more(context):
    assert api_place(context, "ServerlessRestApi") == EVENT
    assert api_place(context, "ServerlessRestApi", "StageName") == EVENT
    assert api_place(context, "ServerlessRestApi", "TracingEnabled") == ("Globals", "Api", "TracingEnabled")
