"""The sessions table: which container has a user's database open.

A container claims the session with every request. While the claim lasts, other containers
answer 409 and the page tries again.
"""

import time
import uuid

import boto3
from botocore.exceptions import ClientError

from modules import config
from modules.errors import ApiError

CONTAINER = uuid.uuid4().hex

_table = boto3.resource("dynamodb").Table(config.SESSIONS_TABLE)


def claim(username):
    """Claim the session. True if this container held it before, so that its copy is current."""
    now = int(time.time())
    try:
        before = _table.update_item(
            Key={"username": username},
            UpdateExpression="SET container = :me, expires_at = :until",
            ConditionExpression="attribute_not_exists(username) OR container = :me OR expires_at < :now",
            ExpressionAttributeValues={
                ":me": CONTAINER,
                ":until": now + config.SESSION_SECONDS,
                ":now": now,
            },
            ReturnValues="ALL_OLD",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            raise ApiError(409, "Your cards are open elsewhere. Please try again in a moment.") from None
        raise
    return before.get("Attributes", {}).get("container") == CONTAINER


def find(username):
    return _table.get_item(Key={"username": username}, ConsistentRead=True).get("Item")


def release(username):
    _table.delete_item(
        Key={"username": username},
        ConditionExpression="container = :me",
        ExpressionAttributeValues={":me": CONTAINER},
    )
