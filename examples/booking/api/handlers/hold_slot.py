"""POST /slots/hold: keeps a slot for the guest who is filling in the form."""

import os

from botocore.exceptions import ClientError

from shared import http
from shared.clients import dynamodb

_holds = dynamodb.Table(os.environ["HOLDS_TABLE"])


def handler(event, context):
    try:
        slot = http.text(http.body(event), "slotId")
    except http.BadRequest as error:
        return http.answer(400, {"message": str(error)})
    try:
        _holds.put_item(
            Item={"holdId": f"slot#{slot}", "locked": True},
            ConditionExpression="attribute_not_exists(holdId)",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return http.answer(409, {"message": "Somebody else is booking this slot."})
        raise
    return http.answer(201, {"slotId": slot})
