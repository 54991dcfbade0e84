"""GET /staff/bookings?day=2026-11-20: everything that is booked on a day."""

import os

from boto3.dynamodb.conditions import Attr

from shared import http
from shared.clients import dynamodb

_bookings = dynamodb.Table(os.environ["BOOKINGS_TABLE"])


def handler(event, context):
    if "staff" not in http.member(event).get("cognito:groups", "").split(","):
        return http.answer(403, {"message": "For staff only."})
    day = (event.get("queryStringParameters") or {}).get("day", "")
    bookings, start = [], {}
    while True:
        page = _bookings.scan(FilterExpression=Attr("day").eq(day), **start)
        bookings += page["Items"]
        if "LastEvaluatedKey" not in page:
            return http.answer(200, {"day": day, "bookings": bookings})
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
