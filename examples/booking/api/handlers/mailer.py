"""Sends the mails of the queue. A mail that fails comes back, those that went out do not."""

import json
import os

from botocore.exceptions import ClientError

from shared.clients import ses
from shared.log import logger

log = logger(__name__)


def handler(event, context):
    failed = []
    for record in event["Records"]:
        try:
            _send(json.loads(record["body"]))
        except (ClientError, KeyError, ValueError):
            log.exception("not sent")
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _send(mail):
    ses.send_email(
        FromEmailAddress=os.environ["SENDER"],
        Destination={"ToAddresses": [mail["to"]]},
        Content={"Simple": {"Subject": {"Data": mail["subject"]}, "Body": {"Text": {"Data": mail["text"]}}}},
    )
