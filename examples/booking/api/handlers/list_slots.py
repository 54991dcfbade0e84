"""GET /slots?day=2026-11-20: what can still be booked on a day."""

import os

import boto3
from boto3.dynamodb.conditions import Key

from shared import http


def handler(event, context):
    day = (event.get("queryStringParameters") or {}).get("day", "")
    if len(day) != 10:
        return http.answer(400, {"message": "Which day? ?day=YYYY-MM-DD"})
    table = boto3.resource("dynamodb").Table(os.environ["SLOTS_TABLE"])
    found = table.query(
        KeyConditionExpression=Key("day").eq(day) & Key("slotId").begins_with("slot#"),
        Limit=96,
    )
    free = [
        {**slot, "slotId": slot["slotId"].removeprefix("slot#")}
        for slot in found["Items"]
        if not slot.get("bookingId")
    ]
    return http.answer(200, {"day": day, "slots": free})
