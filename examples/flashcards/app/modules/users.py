"""The users table: one item per user name."""

import time

import boto3
from botocore.exceptions import ClientError

from modules import config
from modules.errors import ApiError

_table = boto3.resource("dynamodb").Table(config.USERS_TABLE)


def add(username, password_hash):
    try:
        _table.put_item(
            Item={"username": username, "password_hash": password_hash, "created_at": int(time.time())},
            ConditionExpression="attribute_not_exists(username)",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            raise ApiError(409, "This user name is taken.") from None
        raise


def find(username):
    return _table.get_item(Key={"username": username}).get("Item")
