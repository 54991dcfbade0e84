from tests.support.code import javascript, python

from stackworthy.core.graph import Graph
from stackworthy.sources.code.permissions import compare

STACK = """
Orders: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [{AttributeName: id, KeyType: HASH}]}}
Bus: {Type: AWS::Events::EventBus, Properties: {Name: shop}}
Role:
  Type: AWS::IAM::Role
  Properties:
    Policies:
      - PolicyName: own
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: [dynamodb:PutItem, dynamodb:DeleteItem, 'logs:PutLogEvents'], Resource: !GetAtt Orders.Arn}
"""
PROPERTIES = "Role: !GetAtt Role.Arn, Environment: {Variables: {TABLE: !Ref Orders}}"
CODE = """
import os
import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
events = boto3.client("events")

def handler(event, context):
    table.put_item(Item=event)
    table.get_item(Key=event)
    events.put_events(Entries=[{"EventBusName": "shop", "Detail": "{}"}])
"""


def edges(graph: Graph, relation: str) -> list[tuple[str, str, tuple[str, ...]]]:
    return [
        (edge.target.address, edge.by, edge.details.get("code", edge.details)["operations"])
        for edge in graph.edges(relation).all
        if edge.by == "code" or "code" in edge.details
    ]


def test_calls_of_the_stacks_resources_become_relations():
    graph = python(CODE, properties=PROPERTIES, stack=STACK).graph
    assert edges(graph, "reads") == [("Orders", "code", ("dynamodb:GetItem",))]
    assert edges(graph, "writes") == [
        ("Orders", "permission", ("dynamodb:PutItem",)),
        ("Bus", "code", ("events:PutEvents",)),
    ]
    (edge,) = [edge for edge in graph.edges("reads").all if edge.by == "code"]
    assert (edge.details["file"], edge.details["line"]) == ("src/app.py", 10)


def test_they_do_in_javascript_too():
    code = """
import { LambdaClient, InvokeCommand } from "@aws-sdk/client-lambda";
const client = new LambdaClient({});
export const handler = async () => client.send(new InvokeCommand({ FunctionName: process.env.OTHER }));
"""
    stack = "Other: {Type: AWS::Lambda::Function, Properties: {Runtime: java21}}"
    graph = javascript(
        code, properties="Environment: {Variables: {OTHER: !GetAtt Other.Arn}}", stack=stack
    ).graph
    assert edges(graph, "invokes") == [("Other", "code", ("lambda:Invoke",))]


def test_permissions_are_compared_with_calls():
    found = compare(python(CODE, properties=PROPERTIES, stack=STACK))
    assert [use.action for use in found.used] == ["dynamodb:PutItem", "dynamodb:GetItem", "events:PutEvents"]
    assert [use.action for use in found.missing] == ["dynamodb:GetItem", "events:PutEvents"]
    assert [grant.action for grant in found.excess] == ["dynamodb:DeleteItem"]
    assert found.is_whole


def test_nothing_is_in_excess_when_other_code_may_use_it():
    layers = PROPERTIES + ", Layers: ['arn:aws:lambda:eu-west-1:111122223333:layer:x:1']"
    assert not compare(python(CODE, properties=layers, stack=STACK)).excess
    library = "import some_library\n" + CODE
    assert not compare(python(library, properties=PROPERTIES, stack=STACK)).excess
    handed_on = CODE.replace("events.put_events", "[events].append")
    assert not compare(python(handed_on, properties=PROPERTIES, stack=STACK)).excess


def test_a_client_at_the_top_that_nobody_takes_hides_no_excess():
    idle = CODE.replace("events.put_events", "print")
    found = compare(python(idle, properties=PROPERTIES, stack=STACK))
    assert [grant.action for grant in found.excess] == ["dynamodb:DeleteItem"]


def test_what_reports_failures_for_the_function_is_not_in_excess():
    policy = STACK.replace("dynamodb:DeleteItem", "sqs:SendMessage")
    queue = ", DeadLetterConfig: {TargetArn: 'arn:aws:sqs:eu-west-1:111122223333:failed'}"
    assert not compare(python(CODE, properties=PROPERTIES + queue, stack=policy)).excess
    assert [grant.action for grant in compare(python(CODE, properties=PROPERTIES, stack=policy)).excess] == [
        "sqs:SendMessage"
    ]


def test_nothing_is_missing_when_the_policies_are_not_all_known():
    stack = STACK + "      - !If [Unknown, {PolicyName: more}, !Ref 'AWS::NoValue']\n"
    assert not compare(python(CODE, properties=PROPERTIES, stack=stack)).missing


def test_a_client_with_credentials_of_its_own_needs_no_permission_of_the_function():
    code = CODE.replace('boto3.client("events")', 'boto3.client("events", aws_access_key_id="a")')
    assert [use.action for use in compare(python(code, properties=PROPERTIES, stack=STACK)).missing] == [
        "dynamodb:GetItem"
    ]
