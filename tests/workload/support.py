"""Flows and bills of small stacks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.support.graphs import graph_of

from stackworthy.core.cost import Usage
from stackworthy.core.graph import Graph
from stackworthy.workload.billing import Priced, Stack, Table, Terms, price
from stackworthy.workload.flow import Flow, flow
from stackworthy.workload.keys import usage_of
from stackworthy.workload.parse import parse

HOURS = Decimal(730)
API = """
Api:    {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP}}
Link:   {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Fn.Arn}}
Get:    {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: GET /decks, Target: !Sub "integrations/${Link}"}}
Post:   {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: POST /decks, Target: !Sub "integrations/${Link}"}}
Fn:     {Type: AWS::Lambda::Function, Properties: {MemorySize: 1024, Role: !GetAtt Role.Arn}}
Decks:  {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST}}
Role:
  Type: AWS::IAM::Role
  Properties:
    Policies:
      - PolicyName: data
        PolicyDocument:
          Statement: [{Effect: Allow, Action: [dynamodb:GetItem, dynamodb:PutItem], Resource: !GetAtt Decks.Arn}]
"""
QUEUE = """
Jobs:  {Type: AWS::SQS::Queue, Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 5}}}
Dead:  {Type: AWS::SQS::Queue, Properties: {}}
Work:  {Type: AWS::Lambda::Function, Properties: {}}
Pull:
  Type: AWS::Lambda::EventSourceMapping
  Properties: {EventSourceArn: !GetAtt Jobs.Arn, FunctionName: !Ref Work, BatchSize: 10, MaximumBatchingWindowInSeconds: 5}
"""


def flow_of(text: str | Graph, table: dict[str, Any], usage: Usage | None = None) -> Flow:
    graph = graph_of(text, region="us-east-1") if isinstance(text, str) else text
    return flow(graph, parse(table, "stackworthy.toml", HOURS * 3600), HOURS, None, usage)


def keys_of(text: str | Graph, table: dict[str, Any]) -> dict[str, dict[str, Decimal]]:
    """The usage that comes of a workload, by address and key."""
    made = flow_of(text, table)
    found: dict[str, dict[str, Decimal]] = {}
    for _, address, key, given in usage_of(made).rows():
        found.setdefault(address, {})[key] = given.value
    return found


def priced(text: str | Graph, table: dict[str, Any], **terms: Any) -> Priced:
    graph = graph_of(text, region="us-east-1") if isinstance(text, str) else text
    return price([Stack(graph, Table(table, "stackworthy.toml", ""))], Terms(**terms))
