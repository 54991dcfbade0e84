"""Every day at 16:00 UTC: a mail to everybody who has a booking tomorrow."""

import json
import os
import time
from datetime import UTC, datetime, timedelta

from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

from shared.clients import dynamodb, sqs
from shared.log import logger

log = logger(__name__)

_bookings = dynamodb.Table(os.environ["BOOKINGS_TABLE"])
_holds = dynamodb.Table(os.environ["HOLDS_TABLE"])

_LOCK_SECONDS = 300


def handler(event, context):
    day = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    if not _first(f"reminders#{day}", context.aws_request_id):
        return
    bookings = [each for each in _of(day) if each["status"] == "confirmed"]
    rooms = _rooms(bookings)
    for start in range(0, len(bookings), 10):
        batch = bookings[start : start + 10]
        sqs.send_message_batch(
            QueueUrl=os.environ["MAIL_QUEUE_URL"],
            Entries=[
                {"Id": str(number), "MessageBody": json.dumps(_mail(each, rooms))}
                for number, each in enumerate(batch)
            ],
        )
    log.info("reminded", extra={"day": day, "count": len(bookings)})


def _first(name, owner):
    """Whether this run is the only one; the lock frees itself if the run dies."""
    now = int(time.time())
    try:
        _holds.put_item(
            Item={"holdId": name, "owner": owner, "expiresAt": now + _LOCK_SECONDS},
            ConditionExpression="attribute_not_exists(holdId) OR expiresAt < :now",
            ExpressionAttributeValues={":now": now},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True


def _of(day):
    start = {}
    while True:
        page = _bookings.query(IndexName="by-day", KeyConditionExpression=Key("day").eq(day), **start)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def _rooms(bookings):
    """The room of each slot, a hundred slots a request."""
    table = os.environ["SLOTS_TABLE"]
    keys = [{"day": each["day"], "slotId": f"slot#{each['slotId']}"} for each in bookings]
    rooms = {}
    while keys:
        page = dynamodb.batch_get_item(RequestItems={table: {"Keys": keys[:100]}})
        for slot in page["Responses"].get(table, []):
            rooms[slot["slotId"]] = slot.get("room", "")
        keys = keys[100:] + page["UnprocessedKeys"].get(table, {}).get("Keys", [])
    return rooms


def _mail(booking, rooms):
    room = rooms.get(f"slot#{booking['slotId']}", "")
    return {
        "to": booking["guestEmail"],
        "subject": "See you tomorrow",
        "text": f"Hello {booking['guestName']}, we meet tomorrow at {booking['startsAt']} in {room or 'our usual room'}.",
    }
