"""After a cancellation: a mail to those who wait for a slot on that day."""

import json
import os

from boto3.dynamodb.conditions import Key

from shared.clients import dynamodb, sqs
from shared.log import logger

log = logger(__name__)

_slots = dynamodb.Table(os.environ["SLOTS_TABLE"])


class NotSent(Exception):
    """Some mails were not taken by the queue; the invocation is retried."""


def handler(event, context):
    for record in event["Records"]:
        offer(json.loads(record["Sns"]["Message"])["day"])


def offer(day):
    waiting = _slots.query(
        KeyConditionExpression=Key("day").eq(day) & Key("slotId").begins_with("waiting#"), Limit=10
    )["Items"]
    if not waiting:
        return
    sent = sqs.send_message_batch(
        QueueUrl=os.environ["MAIL_QUEUE_URL"],
        Entries=[
            {
                "Id": str(number),
                "MessageBody": json.dumps(
                    {
                        "to": each["email"],
                        "subject": f"A slot on {day} is free",
                        "text": "Be quick: book it now.",
                    }
                ),
            }
            for number, each in enumerate(waiting)
        ],
    )
    if sent.get("Failed"):
        raise NotSent(f"{len(sent['Failed'])} of {len(waiting)} mails")
    log.info("offered", extra={"day": day, "count": len(waiting)})
