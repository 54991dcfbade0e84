"""Requests and responses of an HTTP API (payload format 2.0)."""

import base64
import json

from modules.errors import ApiError


def response(status, body):
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body),
    }


def json_body(event):
    text = event.get("body") or "{}"
    if event.get("isBase64Encoded"):
        text = base64.b64decode(text).decode()
    try:
        body = json.loads(text)
    except ValueError:
        raise ApiError(400, "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise ApiError(400, "The body must be a JSON object.")
    return body


def text_field(body, name, longest):
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ApiError(400, f"'{name}' is missing.")
    if len(value) > longest:
        raise ApiError(400, f"'{name}' is longer than {longest} characters.")
    return value.strip()


def number_in_path(event, name):
    try:
        return int(event["pathParameters"][name])
    except ValueError:
        raise ApiError(404, "Not found.") from None
