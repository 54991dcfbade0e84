"""Amazon DynamoDB: indexes against the code that queries tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stackworthy.core.finding import Confidence, Finding, Pillar, Severity
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Rule, python, typescript
from stackworthy.rules._code import names_of_indexes, queries_of
from stackworthy.rules._reading import as_list, as_map, settled

_TABLE = """
    Orders:
      Type: AWS::DynamoDB::Table
      Properties:
        AttributeDefinitions: [{AttributeName: id, AttributeType: S}, {AttributeName: day, AttributeType: S}]
        KeySchema: [{AttributeName: id, KeyType: HASH}]
        GlobalSecondaryIndexes:
          - IndexName: by-day
            KeySchema: [{AttributeName: day, KeyType: HASH}]
            Projection: {ProjectionType: ALL}
    Role:
      Type: AWS::IAM::Role
      Properties:
        AssumeRolePolicyDocument: {}
        Policies:
          - PolicyName: table
            PolicyDocument:
              Statement:
                - {Effect: Allow, Action: 'dynamodb:Query', Resource: [!GetAtt Orders.Arn, !Sub '${Orders.Arn}/index/*']}
"""
_PROPERTIES = "Role: !GetAtt Role.Arn, Environment: {Variables: {TABLE: !Ref Orders}}"


class IndexNobodyQueries(Rule):
    """An index that no code queries is paid for with every write.

    Each item that has its key is stored a second time, and each change of it is written a second time, whether anybody reads it or not. The code of every function that may read the table was read,
    and none names this index.
    """

    on = "AWS::DynamoDB::Table"
    pillar, severity = Pillar.COST, Severity.LOW
    confidence = Confidence.MEDIUM
    message = "no code queries the index {index}: every write of the table pays for it"
    references = ("https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-indexes-general.html",)

    def check(self, table: Resource) -> Iterable[Finding]:
        """Compare the indexes with those that the queries of all readers name; not assessed when some reader cannot be read whole."""
        indexes = list(_names(table))
        queried = queries_of(table) if indexes else frozenset()
        for name in indexes:
            if name not in queried:
                yield table.finding(f"GlobalSecondaryIndexes[IndexName={name}]", index=name)

    bad = (
        python(
            """
            import os

            import boto3
            from boto3.dynamodb.conditions import Key

            table = boto3.resource("dynamodb").Table(os.environ["TABLE"])

            def handler(event, context):
                return table.query(KeyConditionExpression=Key("id").eq(event["id"]), Limit=10)["Items"]
            """,
            stack=_TABLE,
            properties=_PROPERTIES,
        ),
        typescript(
            """
            import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";

            const client = new DynamoDBClient({});

            export const handler = async () =>
              client.send(new QueryCommand({ TableName: process.env.TABLE, KeyConditionExpression: "id = :id", Limit: 10 }));
            """,
            stack=_TABLE,
            properties=_PROPERTIES,
        ),
    )
    good = (
        python(
            """
            import os

            import boto3
            from boto3.dynamodb.conditions import Key

            table = boto3.resource("dynamodb").Table(os.environ["TABLE"])

            def handler(event, context):
                return table.query(IndexName="by-day", KeyConditionExpression=Key("day").eq(event["day"]), Limit=10)["Items"]
            """,
            stack=_TABLE,
            properties=_PROPERTIES,
        ),
        typescript(
            """
            import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";

            const client = new DynamoDBClient({});

            export const handler = async () =>
              client.send(
                new QueryCommand({ TableName: process.env.TABLE, IndexName: "by-day", KeyConditionExpression: "day = :d" }),
              );
            """,
            stack=_TABLE,
            properties=_PROPERTIES,
        ),
    )


def _names(table: Resource) -> Iterator[str]:
    for entry in as_list(table["GlobalSecondaryIndexes"]):
        yield names_of_indexes(settled(as_map(entry)["IndexName"]))


RULES = (IndexNobodyQueries(),)
