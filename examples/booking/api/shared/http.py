"""Requests and answers of the API."""

import json
import os
from decimal import Decimal


class BadRequest(Exception):
    """What the caller did wrong, in words for the caller."""


def _plain(value):
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def answer(status, body):
    return {
        "statusCode": status,
        "headers": {
            "Content-Type": "application/json",
            "Access-Control-Allow-Origin": os.environ["ALLOWED_ORIGIN"],
            "Vary": "Origin",
        },
        "body": json.dumps(body, default=_plain),
    }


def body(event):
    try:
        parsed = json.loads(event.get("body") or "")
    except ValueError:
        raise BadRequest("The body is not JSON.") from None
    if not isinstance(parsed, dict):
        raise BadRequest("The body is not an object.")
    return parsed


def text(fields, name, longest=200):
    value = fields.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise BadRequest(f"{name} is missing or longer than {longest} characters.")
    return value.strip()


def member(event):
    """The verified claims of the caller, from the API's Cognito authorizer."""
    return event["requestContext"]["authorizer"]["claims"]
