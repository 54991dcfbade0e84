"""GET /meetings: the user's meetings, newest first, with ?from= and ?to= as ISO dates.

The app filters by participant and tag itself, over the list that it gets here.
"""

import json
import os

import boto3
from boto3.dynamodb.conditions import Key

table = boto3.resource("dynamodb").Table(os.environ["MEETINGS_TABLE"])

SHOWN = ("meeting_id", "title", "started_at", "status", "participants", "tags", "summary")


def lambda_handler(event, _context):
    user_id = event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"]
    query = event.get("queryStringParameters") or {}
    first = query.get("from", "2000-01-01")
    last = query.get("to", "2999-12-31") + "T23:59:59"
    answer = table.query(
        IndexName="DateSearch",
        KeyConditionExpression=Key("user_id").eq(user_id) & Key("started_at").between(first, last),
        ScanIndexForward=False,
    )
    meetings = [{name: item[name] for name in SHOWN if name in item} for item in answer["Items"]]
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"meetings": meetings}),
    }
