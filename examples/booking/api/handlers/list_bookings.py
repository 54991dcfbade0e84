"""GET /bookings: the caller's own bookings, with what is known of their slots."""

import os

from boto3.dynamodb.conditions import Key

from shared import http
from shared.clients import dynamodb

_bookings = dynamodb.Table(os.environ["BOOKINGS_TABLE"])
_slots = dynamodb.Table(os.environ["SLOTS_TABLE"])


def handler(event, context):
    email = http.member(event)["email"]
    found = _bookings.query(
        IndexName="by-guest",
        KeyConditionExpression=Key("guestEmail").eq(email),
        ScanIndexForward=False,
    )
    bookings = []
    for booking in found["Items"]:
        slot = _slots.get_item(Key={"day": booking["day"], "slotId": f"slot#{booking['slotId']}"})
        bookings.append({**booking, "slot": slot.get("Item")})
    return http.answer(200, {"bookings": bookings})
