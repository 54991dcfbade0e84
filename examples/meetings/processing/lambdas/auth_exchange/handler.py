"""POST /auth/exchange: a Google ID token for AWS credentials.

The macOS app signs the user in with Google and sends the ID token here. It gets temporary
credentials of the client role, with which it uploads large chunks (multipart) by itself.

Request:  {"id_token": "...", "session_name": "ann.example@mac-mini"}
Response: {"credentials": {...}, "expires_at": "2025-11-15T10:00:00+00:00", "user_id": "..."}
"""

import base64
import json
import logging
import os
import re
import urllib.error
import urllib.parse
import urllib.request

import boto3

logger = logging.getLogger()
logger.setLevel(os.environ.get("LOG_LEVEL", "INFO"))

sts = boto3.client("sts")

CLIENT_ROLE_ARN = os.environ["CLIENT_ROLE_ARN"]
GOOGLE_CLIENT_ID = os.environ["GOOGLE_CLIENT_ID"]
ALLOWED_DOMAIN = os.environ.get("ALLOWED_DOMAIN", "")

TOKEN_INFO_URL = "https://oauth2.googleapis.com/tokeninfo"
ISSUERS = ("accounts.google.com", "https://accounts.google.com")
SESSION_SECONDS = 3600


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status
        self.message = message


def lambda_handler(event, _context):
    text = event.get("body") or "{}"
    if event.get("isBase64Encoded"):
        text = base64.b64decode(text).decode()
    try:
        body = json.loads(text)
    except ValueError:
        return respond(400, {"error": "The body is not JSON"})
    if not isinstance(body, dict):
        return respond(400, {"error": "The body is not a JSON object"})
    try:
        return exchange(body)
    except Refused as refused:
        logger.warning("exchange refused: %s", refused.message)
        return respond(refused.status, {"error": refused.message})


def google_claims(id_token):
    """What Google says about the token; it checks signature and expiry."""
    query = urllib.parse.urlencode({"id_token": id_token})
    try:
        with urllib.request.urlopen(f"{TOKEN_INFO_URL}?{query}", timeout=5) as answer:
            claims = json.load(answer)
    except urllib.error.HTTPError:
        raise Refused(401, "The ID token is not valid") from None
    except (urllib.error.URLError, TimeoutError):
        raise Refused(503, "Google did not answer") from None
    if claims.get("aud") != GOOGLE_CLIENT_ID or claims.get("iss") not in ISSUERS:
        raise Refused(401, "The ID token is for somebody else")
    if claims.get("email_verified") != "true":
        raise Refused(403, "The e-mail address is not verified")
    if ALLOWED_DOMAIN and not claims["email"].endswith("@" + ALLOWED_DOMAIN):
        raise Refused(403, "This account may not record")
    return claims


def exchange(body):
    """Credentials for the user whom the ID token names."""
    id_token = body.get("id_token")
    if not isinstance(id_token, str) or not id_token:
        raise Refused(400, "id_token is missing")

    claims = google_claims(id_token)

    # The name shows up in CloudTrail and in the ARN of every call that the app makes,
    # so it has to be there and must not carry anything that STS or an ARN would choke on.
    session_name = body.get("session_name")
    if not isinstance(session_name, str):
        raise Refused(400, "session_name is missing")
    session_name = session_name.strip()
    if not session_name:
        raise Refused(400, "session_name is missing")

    # STS takes letters, digits and a few signs, 2 to 64 of them;
    # everything else becomes a dash
    session_name = re.sub(r"[^a-zA-Z0-9=,.@_-]", "-", session_name)
    session_name = session_name[:64]

    if len(session_name) < 2:
        raise Refused(400, "session_name is too short")

    logger.info("assuming the client role as %s", session_name)
    return assume(claims["sub"], session_name)


def assume(user_id, session_name):
    """Temporary credentials of the client role."""
    assumed = sts.assume_role(
        RoleArn=CLIENT_ROLE_ARN,
        RoleSessionName=session_name,
        DurationSeconds=SESSION_SECONDS,
    )
    credentials = assumed["Credentials"]
    return respond(
        200,
        {
            "user_id": user_id,
            "expires_at": credentials["Expiration"].isoformat(),
            "credentials": {
                "access_key_id": credentials["AccessKeyId"],
                "secret_access_key": credentials["SecretAccessKey"],
                "session_token": credentials["SessionToken"],
            },
        },
    )


def respond(status, body):
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", "cache-control": "no-store"},
        "body": json.dumps(body),
    }
