"""POST /bookings: books a slot for a guest and tells everybody who listens."""

import json
import os
import uuid

from botocore.exceptions import ClientError

from shared import http
from shared.clients import dynamodb, sns
from shared.log import logger

log = logger(__name__)

_bookings = dynamodb.Table(os.environ["BOOKINGS_TABLE"])
_holds = dynamodb.Table(os.environ["HOLDS_TABLE"])


def handler(event, context):
    try:
        fields = http.body(event)
        slot = http.text(fields, "slotId")
        booking = {
            "bookingId": str(uuid.uuid5(uuid.NAMESPACE_URL, slot)),
            "slotId": slot,
            "guestEmail": http.text(fields, "email").lower(),
            "guestName": http.text(fields, "name"),
            "day": slot[:10],
            "startsAt": slot,
            "status": "confirmed",
        }
    except http.BadRequest as error:
        return http.answer(400, {"message": str(error)})

    # the id comes from the slot, so the condition keeps a slot from being booked twice
    try:
        _bookings.put_item(Item=booking, ConditionExpression="attribute_not_exists(bookingId)")
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return http.answer(409, {"message": "This slot is taken."})
        raise

    _holds.delete_item(Key={"holdId": f"slot#{slot}"})
    sns.publish(
        TopicArn=os.environ["TOPIC_ARN"],
        Message=json.dumps({"bookingId": booking["bookingId"], "day": booking["day"]}),
        MessageAttributes={"type": {"DataType": "String", "StringValue": "booking.created"}},
    )
    log.info("booked", extra={"booking_id": booking["bookingId"], "day": booking["day"]})
    return http.answer(201, {"bookingId": booking["bookingId"]})
