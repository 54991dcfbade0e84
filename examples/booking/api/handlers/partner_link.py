"""POST /exports/link: a link to an export, signed as the partner, valid for a quarter of an hour."""

import os
import re

import boto3
from botocore.config import Config

from shared import http, partners
from shared.clients import sts


def _session_name(email):
    """A name that STS takes and that says in CloudTrail who it was: letters, digits and _=,.@- only, 64 at most."""
    return re.sub(r"[^\w=,.@-]", "-", email, flags=re.ASCII)[:64]


def handler(event, context):
    try:
        fields = http.body(event)
        role = partners.role(fields)
        key = http.text(fields, "key")
    except http.BadRequest as error:
        return http.answer(400, {"message": str(error)})
    claims = http.member(event)
    if not key.startswith(f"partners/{claims['sub']}/"):
        return http.answer(404, {"message": "No such export."})

    keys = sts.assume_role(RoleArn=role, RoleSessionName=_session_name(claims["email"]), DurationSeconds=900)[
        "Credentials"
    ]
    s3 = boto3.client(
        "s3",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
        config=Config(connect_timeout=1, read_timeout=2, signature_version="s3v4"),
    )
    link = s3.generate_presigned_url(
        "get_object", Params={"Bucket": os.environ["EXPORTS_BUCKET"], "Key": key}, ExpiresIn=900
    )
    return http.answer(200, {"link": link})
