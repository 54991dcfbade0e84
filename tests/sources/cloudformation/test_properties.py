"""Where properties were written, and how their values came to be."""

from __future__ import annotations

import textwrap

import pytest
from tests.sources.cloudformation.reading import TEMPLATE, reading

from stackworthy.config import Environment


def places(template: str, others=None, **settings):
    """Reads a template and gives a function from address and path to file, line, role and the text that is shown."""
    found = reading(template, others, **settings)
    files = {
        TEMPLATE: textwrap.dedent(template),
        **{n: textwrap.dedent(t) for n, t in (others or {}).items()},
    }

    def at(address: str, path: str = "") -> tuple[str, int, str, str]:
        origin = found.graph[address].properties.origin(path)
        span = found.locator.span(origin)
        shown = files[span.file].encode()[span.start_byte : span.end_byte].decode()
        return span.file, span.line, origin.role, shown

    return at


PLAIN = """\
Parameters:
  Stage: {Type: String, Default: dev}
Conditions:
  Dev: !Equals [!Ref Stage, dev]
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !If [Dev, small, large]
      LifecycleConfiguration:
        Rules:
          - !If [Dev, !Ref AWS::NoValue, {Id: gone, Status: Enabled}]
          - {Id: chunks, Status: Enabled, ExpirationInDays: 1}
          - Id: !Sub "${Stage}-logs"
            Status: Disabled
      VersioningConfiguration:
        Fn::If:
          - Dev
          - Status: Suspended
          - Status: Enabled
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("", (6, "resource", "Bucket")),
        ("Tags", (6, "resource", "Bucket")),
        ("BucketName", (9, "value", "small")),
        ("LifecycleConfiguration", (10, "value", "LifecycleConfiguration")),
        ("LifecycleConfiguration.Rules[0].Status", (13, "value", "Status: Enabled")),
        ("LifecycleConfiguration.Rules[1].Status", (15, "value", "Status: Disabled")),
        ("LifecycleConfiguration.Rules[Id=chunks].ExpirationInDays", (13, "value", "ExpirationInDays: 1")),
        ("LifecycleConfiguration.Rules[Id=dev-logs].Status", (15, "value", "Status: Disabled")),
        ("LifecycleConfiguration.Rules[Id=none].Status", (11, "key", "Rules")),
        (
            "LifecycleConfiguration.Rules[Id=chunks].Prefix",
            (13, "key", "{Id: chunks, Status: Enabled, ExpirationInDays: 1}"),
        ),
        ("VersioningConfiguration.Status", (19, "value", "Status: Suspended")),
    ],
)
def test_a_property_is_found_where_it_was_written(path, place) -> None:
    assert places(PLAIN)("Bucket", path) == (TEMPLATE, *place)


SAM = """\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.12
    Timeout: 5
    Environment:
      Variables:
        SHARED: a
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      CodeUri: src/
      Tracing: Active
      Environment:
        Variables:
          OWN: b
      Policies:
        - Version: "2012-10-17"
          Statement: [{Effect: Allow, Action: "*", Resource: "*"}]
      Events:
        Jobs:
          Type: SQS
          Properties:
            Queue: !GetAtt Queue.Arn
            BatchSize: 10
        Daily:
          Type: Schedule
          Properties: {Schedule: rate(1 day)}
        Get:
          Type: Api
          Properties: {Path: /a, Method: get}
  Queue:
    Type: AWS::SQS::Queue
    Properties: {DelaySeconds: 1}
"""


@pytest.mark.parametrize(
    ("address", "path", "place"),
    [
        ("Fn", "", (10, "resource", "Fn")),
        ("Fn", "Handler", (13, "value", "Handler: app.handler")),
        ("Fn", "TracingConfig.Mode", (15, "value", "Tracing: Active")),
        ("Fn", "Timeout", (5, "value", "Timeout: 5")),
        ("Fn", "Runtime", (4, "value", "Runtime: python3.12")),
        ("Fn", "Environment.Variables.OWN", (18, "value", "OWN: b")),
        ("Fn", "Environment.Variables.SHARED", (8, "value", "SHARED: a")),
        ("Fn", "MemorySize", (10, "resource", "Fn")),
        ("FnRole", "", (10, "resource", "Fn")),
        ("FnRole", "Policies[0].PolicyDocument.Statement[0].Action", (20, "key", 'Version: "2012-10-17"')),
        ("FnJobs", "", (23, "resource", "Jobs")),
        ("FnJobs", "BatchSize", (27, "value", "BatchSize: 10")),
        ("FnJobs", "FunctionResponseTypes", (23, "resource", "Jobs")),
        ("FnDaily", "ScheduleExpression", (30, "value", "Schedule: rate(1 day)")),
        ("Queue", "DelaySeconds", (36, "value", "DelaySeconds: 1")),
    ],
)
def test_a_property_that_sam_made_is_found_where_its_author_wrote_it(address, path, place) -> None:
    assert places(SAM)(address, path) == (TEMPLATE, *place)


def test_a_resource_that_sam_made_says_of_what() -> None:
    graph = reading(SAM).graph
    assert graph["Fn"].made_by is None
    assert (graph["Fn"].kind, graph["Fn"].type) == ("AWS::Lambda::Function", "AWS::Serverless::Function")
    assert (graph["FnJobs"].made_by.address, graph["FnJobs"].made_by.path) == ("Fn", "Events.Jobs")
    assert (graph["FnRole"].made_by.address, graph["FnRole"].made_by.path) == ("Fn", None)
    assert graph["FnRole"].type == graph["FnRole"].kind == "AWS::IAM::Role"
    assert graph["Queue"].made_by is None


def trail(template: str, address: str, path: str, others=None, **settings):
    found = reading(template, others, **settings)
    return [
        (step.what, step.origin.file, found.locator.line(step.origin), step.users)
        for step in found.graph[address].properties.trail(path)
    ]


TRAILS = """\
Parameters:
  Memory: {Type: Number, Default: 128}
  Delay: {Type: Number}
Mappings:
  Sizes: {dev: {Memory: 256}}
Conditions:
  Always: !Equals [a, a]
Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      MemorySize: !Ref Memory
      Timeout: 3
      Description: !Sub "${Memory}"
      Handler: !Sub "${Memory} and ${Memory}"
      EphemeralStorage: {Size: !FindInMap [Sizes, dev, Memory]}
      ReservedConcurrentExecutions: !If [Always, !Ref Memory, 1]
      Role: !FindInMap [Sizes, prod, Memory]
  Queue: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: !Ref Delay}}
"""


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("MemorySize", [("Parameters.Memory", TEMPLATE, 2, 5)]),
        ("Timeout", []),
        ("Description", [("Parameters.Memory", TEMPLATE, 2, 5)]),
        ("Handler", []),
        ("EphemeralStorage.Size", [("Mappings.Sizes.dev.Memory", TEMPLATE, 5, 1)]),
        ("ReservedConcurrentExecutions", [("Parameters.Memory", TEMPLATE, 2, 5)]),
        ("Role", []),
        ("Nothing.At.All", []),
        ("", []),
    ],
)
def test_a_value_is_followed_to_the_literal_that_it_comes_from(path, steps) -> None:
    assert trail(TRAILS, "Fn", path) == steps


def test_a_value_that_is_given_is_followed_to_the_file_that_gives_it() -> None:
    given = {"samconfig.toml": '[default.deploy.parameters]\nparameter_overrides = "Delay=5"\n'}
    assert trail(TRAILS, "Queue", "DelaySeconds", given) == [
        ("Parameters.Delay", TEMPLATE, 3, 1),
        ("Delay in samconfig.toml", "samconfig.toml", 2, 1),
    ]
    environment = Environment("dev", parameter_files=("dev.json",))
    given = {"dev.json": '[\n {"ParameterKey": "Delay",\n  "ParameterValue": "7"}]\n'}
    assert trail(TRAILS, "Queue", "DelaySeconds", given, environment=environment)[1:] == [
        ("Delay in dev.json", "dev.json", 3, 1)
    ]


def test_a_value_that_nobody_gives_ends_at_the_declaration() -> None:
    assert trail(TRAILS, "Queue", "DelaySeconds") == [("Parameters.Delay", TEMPLATE, 3, 1)]
    assert trail(TRAILS, "Queue", "DelaySeconds", parameters={"Delay": "5"}) == [
        ("Parameters.Delay", TEMPLATE, 3, 1)
    ]


def test_a_value_that_is_passed_down_is_followed_through_every_template() -> None:
    template = """\
    Parameters:
      Size: {Type: Number, Default: 1024}
    Resources:
      Child:
        Type: AWS::CloudFormation::Stack
        Properties:
          TemplateURL: child.yaml
          Parameters:
            Memory: !Ref Size
    """
    child = """\
    Parameters: {Memory: {Type: Number}}
    Resources:
      Fn: {Type: AWS::Lambda::Function, Properties: {MemorySize: !Ref Memory}}
    """
    assert trail(template, "Child/Fn", "MemorySize", {"child.yaml": child}) == [
        ("Parameters.Memory", "child.yaml", 1, 1),
        ("Child.Properties.Parameters.Memory", TEMPLATE, 9, 1),
        ("Parameters.Size", TEMPLATE, 2, 1),
    ]


def test_a_sam_resource_made_by_a_loop_is_found_in_the_loop() -> None:
    template = """\
    Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
    Resources:
      Fn::ForEach::Fns:
        - Name
        - [One, Two]
        - Fn${Name}:
            Type: AWS::Serverless::Function
            Properties:
              Runtime: python3.12
              Handler: app.${Name}
              InlineCode: "x"
              Events: {Daily: {Type: Schedule, Properties: {Schedule: rate(1 day)}}}
    """
    at = places(template)
    assert at("FnTwo", "Handler") == (TEMPLATE, 10, "value", "Handler: app.${Name}")
    assert at("FnTwo") == (TEMPLATE, 6, "resource", "Fn${Name}")
    assert at("FnOneDaily", "ScheduleExpression") == (TEMPLATE, 12, "value", "Schedule: rate(1 day)")
    assert at("FnTwoRole") == (TEMPLATE, 6, "resource", "Fn${Name}")


def test_scalars_have_the_types_of_the_kinds_schema() -> None:
    fn = reading(
        """
        Resources:
          Fn:
            Type: AWS::Lambda::Function
            Properties:
              MemorySize: "256"
              Timeout: 3.0
              FunctionName: 123
              Description: true
              Layers: one
              TracingConfig: text
              EphemeralStorage: {Size: many}
              Tags: {Key: a}
          Queue: {Type: AWS::SQS::Queue, Properties: {FifoQueue: "true", DelaySeconds: [1]}}
        """
    ).graph
    found = fn["Fn"]
    assert found["MemorySize"] == 256
    assert found["Timeout"] == 3
    assert found["FunctionName"] == "123"
    assert found["Description"] == "true"
    assert found["Layers"] == ["one"]
    assert found["TracingConfig"].reason == "TracingConfig should be of type object"
    assert found["EphemeralStorage.Size"].reason == "EphemeralStorage.Size should be of type integer"
    assert fn["Queue"]["FifoQueue"] is True
    assert fn["Queue"]["DelaySeconds"].reason == "DelaySeconds should be of type integer"


def test_metadata_is_that_of_the_author_also_for_what_sam_makes_of_a_resource() -> None:
    text = SAM.replace(
        "    Type: AWS::Serverless::Function\n", "    Type: AWS::Serverless::Function\n    Metadata: {a: b}\n"
    )
    graph = reading(text).graph
    assert graph["Fn"].properties.metadata() == {"a": "b"}
    assert graph["FnJobs"].properties.metadata() == {"a": "b"}
    assert graph["Queue"].properties.metadata() is None
