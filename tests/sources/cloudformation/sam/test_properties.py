import pytest

from stackworthy.sources.cloudformation.sam import shapes
from stackworthy.sources.cloudformation.sam.properties import (
    EVENT_TABLES,
    FUNCTION,
    STATE_MACHINE,
    TABLES,
    author_path,
    form,
    made_paths,
)

SHAPES = {
    FUNCTION: shapes.FUNCTION,
    STATE_MACHINE: shapes.STATE_MACHINE,
    "AWS::Serverless::SimpleTable": shapes.SIMPLE_TABLE,
    "AWS::Serverless::LayerVersion": shapes.LAYER_VERSION,
    "AWS::Serverless::Application": shapes.APPLICATION,
    "AWS::Serverless::Connector": shapes.CONNECTOR,
    "AWS::Serverless::CapacityProvider": shapes.CAPACITY_PROVIDER,
    "AWS::Serverless::NetworkConnector": shapes.NETWORK_CONNECTOR,
    "AWS::Serverless::MicrovmImage": shapes.MICROVM_IMAGE,
    "AWS::Serverless::WebFunction": shapes.WEB_FUNCTION,
}


@pytest.mark.parametrize("kind", SHAPES)
def test_the_author_can_write_every_property_that_the_table_names(kind):
    named = {own.split(".")[0] for table in TABLES[kind].values() for own in table.values()}
    assert named <= SHAPES[kind].keys()


@pytest.mark.parametrize(
    ("owner", "known"), [(FUNCTION, shapes.FUNCTION_EVENTS), (STATE_MACHINE, shapes.STATE_MACHINE_EVENTS)]
)
def test_the_author_can_write_every_property_of_an_event_that_the_table_names(owner, known):
    rules = {"RoleArn", "InputPath", "InputTransformer", "Target"}
    for event, tables in EVENT_TABLES[owner].items():
        named = {own.split(".")[0] for table in tables.values() for own in table.values()} - {""}
        allowed = known[event].keys() | (rules if "AWS::Events::Rule" in tables else set())
        assert named <= allowed, event


@pytest.mark.parametrize(
    ("made", "own"),
    [
        ("TracingConfig.Mode", "Tracing"),
        ("Environment.Variables.A", "Environment.Variables.A"),
        ("Code.ZipFile", "InlineCode"),
        ("Code.S3Bucket", "CodeUri.Bucket"),
        ("DeadLetterConfig.TargetArn", "DeadLetterQueue.TargetArn"),
        ("Layers.0", "Layers.0"),
        ("Nothing", None),
    ],
)
def test_a_path_on_a_function_leads_to_the_authors(made, own):
    assert author_path(TABLES[FUNCTION]["AWS::Lambda::Function"], made) == own


def test_a_property_of_a_sam_resource_leads_to_all_that_it_becomes():
    assert ("AWS::Lambda::Function", "TracingConfig.Mode") in made_paths(FUNCTION, "Tracing")
    assert ("AWS::Lambda::Function", "Environment.Variables") in made_paths(FUNCTION, "Environment.Variables")
    assert ("AWS::IAM::Role", "PermissionsBoundary") in made_paths(FUNCTION, "PermissionsBoundary")
    assert list(made_paths(FUNCTION, "Events")) == []
    assert list(made_paths("AWS::SQS::Queue", "QueueName")) == []


@pytest.mark.parametrize("kind", sorted(TABLES))
def test_both_directions_agree(kind):
    for made_kind, table in TABLES[kind].items():
        for made, own in table.items():
            assert (made_kind, made) in made_paths(kind, own)


def test_a_value_that_is_written_in_another_form_says_so():
    assert form(FUNCTION, "Tags") == "map of tags"
    assert form(FUNCTION, "Code.S3Bucket") == "s3 location"
    assert form(FUNCTION, "MemorySize") == "same"
