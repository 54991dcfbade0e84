"""The locks table: only one container uploads a user's database at a time."""

import time
from contextlib import contextmanager

import boto3
from botocore.exceptions import ClientError

from modules import config
from modules.errors import ApiError
from modules.sessions import CONTAINER

LEASE_SECONDS = 10

_table = boto3.resource("dynamodb").Table(config.LOCKS_TABLE)


@contextmanager
def held(username):
    now = int(time.time())
    try:
        _table.put_item(
            Item={"username": username, "holder": CONTAINER, "expires_at": now + LEASE_SECONDS},
            ConditionExpression="attribute_not_exists(username) OR holder = :me OR expires_at < :now",
            ExpressionAttributeValues={":me": CONTAINER, ":now": now},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            raise ApiError(409, "Your cards are being saved. Please try again in a moment.") from None
        raise
    try:
        yield
    finally:
        _table.delete_item(Key={"username": username})
