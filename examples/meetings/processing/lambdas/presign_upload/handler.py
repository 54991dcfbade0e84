"""POST /meetings and POST /meetings/{meetingId}/chunks: where to upload a recording.

The app cuts a recording into chunks of a few minutes and uploads each to its own URL. Last it
uploads manifest.json, the list of chunks; that starts the processing.
"""

import json
import os
import uuid
from datetime import UTC, datetime

import boto3

s3 = boto3.client("s3")
table = boto3.resource("dynamodb").Table(os.environ["MEETINGS_TABLE"])

BUCKET = os.environ["RECORDINGS_BUCKET"]
URL_SECONDS = 3600
MOST_CHUNKS = 500


def lambda_handler(event, _context):
    user_id = event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"]
    try:
        body = json.loads(event.get("body") or "{}")
    except ValueError:
        return respond(400, {"error": "The body is not JSON"})
    if event["routeKey"] == "POST /meetings":
        return create_meeting(user_id, body)
    return presign_chunks(user_id, event["pathParameters"]["meetingId"], body)


def create_meeting(user_id, body):
    title = str(body.get("title") or "Untitled meeting")[:200]
    participants = [str(name)[:100] for name in body.get("participants") or []][:50]
    meeting_id = uuid.uuid4().hex
    table.put_item(
        Item={
            "pk": f"USER#{user_id}",
            "sk": f"MEETING#{meeting_id}",
            "user_id": user_id,
            "meeting_id": meeting_id,
            "title": title,
            "participants": participants,
            "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "status": "recording",
        }
    )
    return respond(201, {"meeting_id": meeting_id})


def presign_chunks(user_id, meeting_id, body):
    count = body.get("count")
    if not isinstance(count, int) or not 1 <= count <= MOST_CHUNKS:
        return respond(400, {"error": f"count is a number from 1 to {MOST_CHUNKS}"})
    meeting = table.get_item(Key={"pk": f"USER#{user_id}", "sk": f"MEETING#{meeting_id}"}).get("Item")
    if meeting is None:
        return respond(404, {"error": "No such meeting"})
    folder = f"chunks/{user_id}/{meeting_id}"
    return respond(
        200,
        {
            "chunks": [presign(f"{folder}/{number:05}.mp4", "video/mp4") for number in range(count)],
            "manifest": presign(f"{folder}/manifest.json", "application/json"),
        },
    )


def presign(key, content_type):
    url = s3.generate_presigned_url(
        "put_object",
        Params={"Bucket": BUCKET, "Key": key, "ContentType": content_type},
        ExpiresIn=URL_SECONDS,
    )
    return {"key": key, "url": url}


def respond(status, body):
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body),
    }
