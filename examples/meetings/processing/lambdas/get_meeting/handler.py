"""GET /meetings/{meetingId}: one meeting, with links to its recording and transcript."""

import json
import os

import boto3

s3 = boto3.client("s3")
table = boto3.resource("dynamodb").Table(os.environ["MEETINGS_TABLE"])

BUCKET = os.environ["RECORDINGS_BUCKET"]
URL_SECONDS = 900
FILES = {"video": "video/{}/{}.mp4", "audio": "audio/{}/{}.m4a", "transcript": "transcripts/{}/{}.txt"}


def lambda_handler(event, _context):
    user_id = event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"]
    meeting_id = event["pathParameters"]["meetingId"]
    meeting = table.get_item(Key={"pk": f"USER#{user_id}", "sk": f"MEETING#{meeting_id}"}).get("Item")
    if meeting is None:
        return respond(404, {"error": "No such meeting"})
    del meeting["pk"], meeting["sk"]
    if meeting["status"] == "ready":
        meeting["links"] = {
            name: s3.generate_presigned_url(
                "get_object",
                Params={"Bucket": BUCKET, "Key": key.format(user_id, meeting_id)},
                ExpiresIn=URL_SECONDS,
            )
            for name, key in FILES.items()
        }
    return respond(200, meeting)


def respond(status, body):
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body, default=str),
    }
