"""POST /exports: exports the bookings, and writes a note of it into the account of a partner."""

import json
import os
import time

import boto3
from botocore.config import Config

from shared import http, partners
from shared.clients import sts
from shared.log import logger

log = logger(__name__)

_dynamodb = boto3.client(
    "dynamodb", config=Config(connect_timeout=1, read_timeout=5, retries={"total_max_attempts": 2})
)


def handler(event, context):
    try:
        fields = http.body(event)
        partner = http.text(fields, "partner")
        role = partners.role(fields)
    except http.BadRequest as error:
        return http.answer(400, {"message": str(error)})

    started = _dynamodb.export_table_to_point_in_time(
        TableArn=os.environ["BOOKINGS_TABLE_ARN"],
        S3Bucket=os.environ["EXPORTS_BUCKET"],
        S3Prefix=f"partners/{http.member(event)['sub']}",
        ExportFormat="DYNAMODB_JSON",
    )
    arn = started["ExportDescription"]["ExportArn"]
    while True:
        export = _dynamodb.describe_export(ExportArn=arn)["ExportDescription"]
        if export["ExportStatus"] != "IN_PROGRESS":
            break
        time.sleep(10)

    log.info("exported", extra={"partner": partner, "status": export["ExportStatus"]})
    taken = sts.assume_role(RoleArn=role, RoleSessionName=f"booking-{partner}", DurationSeconds=900)
    keys = taken["Credentials"]
    events = boto3.client(
        "events",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
        config=Config(connect_timeout=1, read_timeout=5),
    )
    told = events.put_events(
        Entries=[
            {
                "Source": "booking",
                "DetailType": "export",
                "Detail": json.dumps({"manifest": export["ExportManifest"]}),
            }
        ]
    )
    if told["FailedEntryCount"]:
        return http.answer(502, {"message": "The partner's account did not take the note."})
    return http.answer(201, {"manifest": export["ExportManifest"]})
