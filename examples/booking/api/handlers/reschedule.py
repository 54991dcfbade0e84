"""POST /bookings/{bookingId}/reschedule: moves a booking of the caller to another slot."""

import os

from shared import http
from shared.clients import dynamodb

_bookings = dynamodb.Table(os.environ["BOOKINGS_TABLE"])


def handler(event, context):
    try:
        slot = http.text(http.body(event), "slotId")
    except http.BadRequest as error:
        return http.answer(400, {"message": str(error)})
    booking = _bookings.get_item(Key={"bookingId": event["pathParameters"]["bookingId"]}).get("Item")
    if booking is None or booking["guestEmail"] != http.member(event)["email"]:
        return http.answer(404, {"message": "No such booking."})
    if booking["status"] != "confirmed":
        return http.answer(409, {"message": "Only a confirmed booking can be moved."})
    booking["slotId"] = slot
    booking["startsAt"] = slot
    booking["day"] = slot[:10]
    booking["moves"] = booking.get("moves", 0) + 1
    _bookings.put_item(Item=booking)
    return http.answer(200, booking)
