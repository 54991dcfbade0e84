import pytest

from stackworthy.sources.cloudformation.sam.expand import expand
from stackworthy.sources.cloudformation.sam.facts import _facts

OTHERS = """
  Fn: {Type: AWS::Serverless::Function, Properties: {Runtime: r, Handler: h, InlineCode: a}}
  Fn2: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn}}
  Role: {Type: AWS::IAM::Role}
  Machine: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: 's3://a/b'}}
  Machine2: {Type: AWS::StepFunctions::StateMachine, Properties: {RoleArn: !GetAtt Role.Arn}}
  Table: {Type: AWS::Serverless::SimpleTable}
  Queue: {Type: AWS::SQS::Queue}
  Topic: {Type: AWS::SNS::Topic}
  Bucket: {Type: AWS::S3::Bucket}
  Bus: {Type: AWS::Events::EventBus}
  Places: {Type: AWS::Location::PlaceIndex}
  Rest: {Type: AWS::ApiGateway::RestApi}
  Http: {Type: AWS::ApiGatewayV2::Api}
  Graph: {Type: AWS::AppSync::GraphQLApi}
  Data: {Type: AWS::AppSync::DataSource, Properties: {ServiceRoleArn: !GetAtt Role.Arn}}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      Targets:
        - {Arn: !Ref Topic}
        - {Arn: !GetAtt Bus.Arn, RoleArn: !GetAtt Role.Arn}
        - {Arn: !Ref Machine2, RoleArn: !GetAtt Role.Arn}
"""

IDS = {
    "AWS::Lambda::Function": "Fn2",
    "AWS::StepFunctions::StateMachine": "Machine2",
    "AWS::DynamoDB::Table": "Table",
    "AWS::SQS::Queue": "Queue",
    "AWS::SNS::Topic": "Topic",
    "AWS::S3::Bucket": "Bucket",
    "AWS::Events::EventBus": "Bus",
    "AWS::Location::PlaceIndex": "Places",
    "AWS::ApiGateway::RestApi": "Rest",
    "AWS::ApiGatewayV2::Api": "Http",
    "AWS::AppSync::GraphQLApi": "Graph",
    "AWS::AppSync::DataSource": "Data",
    "AWS::Events::Rule": "Rule",
}


def template(connector: str, further: str = "") -> str:
    return (
        f"Resources:\n  C: {{Type: AWS::Serverless::Connector, Properties: {connector}}}\n{further}{OTHERS}"
    )


@pytest.mark.parametrize("pair", _facts("connectors")["grants"])
def test_every_connector_that_there_is_grants_what_aws_grants(pair, same_as_aws):
    source, destination = pair.split(" > ")
    access = ", ".join(_facts("connectors")["grants"][pair]["access"])
    same_as_aws(
        template(
            f"{{Source: {{Id: {IDS[source]}}}, Destination: {{Id: {IDS[destination]}}}, Permissions: [{access}]}}"
        )
    )


LIKE_AWS = {
    "of SAM resources": "{Source: {Id: Fn}, Destination: {Id: Table}, Permissions: [Write]}",
    "to several destinations": """
        {Source: {Id: Fn}, Destination: [{Id: Table}, {Id: Queue}], Permissions: [Read, Write, Read]}
    """,
    "of resources elsewhere": """
        {Source: {Type: AWS::Serverless::Function, RoleName: r}, Destination: {Type: AWS::SQS::Queue, Arn: a, QueueUrl: u},
         Permissions: [Write]}
    """,
    "of one path of an API": """
        {Source: {Id: Rest, Qualifier: Prod/GET/a}, Destination: {Id: Fn}, Permissions: [Write]}
    """,
    "from a topic elsewhere": """
        {Source: {Type: AWS::SNS::Topic, Arn: !Sub 'arn:${A}'}, Destination: {Id: Queue}, Permissions: [Write]}
    """,
}


@pytest.mark.parametrize("connector", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_a_connector_becomes_what_aws_makes_of_it(connector, same_as_aws):
    same_as_aws(template(" ".join(connector.split())))


def test_what_waits_for_a_connector_waits_for_all_that_it_becomes(same_as_aws):
    connector = "{Source: {Id: Fn}, Destination: [{Id: Table}, {Id: Queue}], Permissions: [Read]}"
    expansion = same_as_aws(template(connector, "  Late: {Type: AWS::SNS::Topic, DependsOn: [C, Fn]}\n"))
    assert expansion.resources["Late"]["DependsOn"] == ["Fn", "CPolicyDestination0", "CPolicyDestination1"]


def test_a_mapping_waits_for_the_policy_that_lets_its_function_read(same_as_aws):
    mapping = (
        "  Pull: {Type: AWS::Lambda::EventSourceMapping, Properties: "
        "{FunctionName: !Ref Fn2, EventSourceArn: !GetAtt Queue.Arn}}\n"
    )
    connector = "{Source: {Id: Queue}, Destination: {Id: Fn2}, Permissions: [Read, Write]}"
    assert same_as_aws(template(connector, mapping)).resources["Pull"]["DependsOn"] == ["CPolicy"]


EMBEDDED = """
    Fn:
      Type: AWS::Serverless::Function
      Connectors:
        Data:
          DependsOn: Queue
          Metadata: {a: b}
          Properties: {Destination: {Id: Table}, Permissions: [Read]}
      Properties: {Runtime: r, Handler: h, InlineCode: a}
    Table: {Type: AWS::Serverless::SimpleTable}
    Queue:
      Type: AWS::SQS::Queue
    Topic:
      Type: AWS::SNS::Topic
      Connectors:
        Out: {Properties: {Destination: [{Id: Queue}, {Id: Fn}], Permissions: [Write]}}
    Rest:
      Type: AWS::ApiGateway::RestApi
      Connectors:
        Out:
          Properties: {SourceReference: {Qualifier: Prod/GET/a}, Destination: {Id: Fn}, Permissions: [Write]}
"""


def test_connectors_below_their_source_become_what_aws_makes_of_them(same_as_aws):
    expansion = same_as_aws(EMBEDDED)
    assert "Connectors" not in expansion.resources["Topic"]


def test_what_a_connector_below_its_source_becomes_leads_to_it(template_of):
    made = expand(template_of(EMBEDDED), {}).made["FnDataPolicy"]
    assert made.by == "Fn"
    assert made.route == ("Resources", "Fn", "Connectors", "Data")
    assert made.properties["PolicyDocument"] == ("Connectors", "Data", "Properties", "Permissions")


REFUSED = {
    "{Source: {Id: Fn}, Destination: {Id: Nobody}, Permissions: [Read]}": ("Destination", "Id"),
    "{Source: {Id: Fn, Arn: a}, Destination: {Id: Table}, Permissions: [Read]}": ("Source",),
    "{Source: {Arn: a}, Destination: {Id: Table}, Permissions: [Read]}": ("Source", "Type"),
    "{Source: {Id: Fn}, Destination: [], Permissions: [Read]}": ("Destination",),
    "{Source: {Id: Fn}, Destination: {Id: Table}, Permissions: []}": ("Permissions",),
    "{Source: {Id: Fn}, Destination: {Id: Topic}, Permissions: [Read]}": ("Permissions",),
    "{Source: {Id: Queue}, Destination: {Id: Fn}, Permissions: [Read]}": ("Permissions",),
    "{Source: {Id: Fn}, Permissions: [Read]}": ("Destination",),
}


@pytest.mark.parametrize(("connector", "route"), REFUSED.items(), ids=REFUSED.keys())
def test_a_connector_that_aws_refuses_is_a_problem(connector, route, refused_by_both):
    refused_by_both(template(connector), "Resources", "C", "Properties", *route)


@pytest.mark.parametrize(
    "connector",
    [
        "{Source: {Id: Table}, Destination: {Id: Queue}, Permissions: [Read]}",
        "{Source: {Type: AWS::Lambda::Function}, Destination: {Id: Table}, Permissions: [Read]}",
        "{Source: {Id: Topic}, Destination: {Type: AWS::SQS::Queue, Arn: a}, Permissions: [Write]}",
        "{Source: {Type: AWS::SNS::Topic}, Destination: {Id: Fn}, Permissions: [Write]}",
    ],
)
def test_ends_that_cannot_be_connected_are_a_problem_of_the_connector(connector, refused_by_both):
    refused_by_both(template(connector), "Resources", "C")
