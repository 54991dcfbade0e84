"""GET /bookings/{bookingId}: one booking of the caller."""

import os

from shared import http
from shared.clients import dynamodb

_bookings = dynamodb.Table(os.environ["BOOKINGS_TABLE"])


def handler(event, context):
    booking = _bookings.get_item(Key={"bookingId": event["pathParameters"]["bookingId"]}).get("Item")
    if booking is None or booking["guestEmail"] != http.member(event)["email"]:
        return http.answer(404, {"message": "No such booking."})
    return http.answer(200, booking)
