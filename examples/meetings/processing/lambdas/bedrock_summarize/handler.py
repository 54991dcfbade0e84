"""Pipeline step: summary, action items and tags of a meeting, by Claude on Bedrock."""

import json
import os

import boto3

bedrock = boto3.client("bedrock-runtime")
s3 = boto3.client("s3")
table = boto3.resource("dynamodb").Table(os.environ["MEETINGS_TABLE"])

BUCKET = os.environ["RECORDINGS_BUCKET"]
MODEL_ID = os.environ["BEDROCK_MODEL_ID"]

SUMMARY_PROMPT = """Summarise the meeting for somebody who was not there: what was discussed, what was
decided and why. Use at most 300 words and no headings.

<transcript>
{transcript}
</transcript>"""

ACTIONS_PROMPT = """List the action items of the meeting and up to five tags for it. Answer with JSON only:
{{"action_items": [{{"task": "...", "owner": "... or null", "due": "ISO date or null"}}], "tags": ["..."]}}

<transcript>
{transcript}
</transcript>"""


def lambda_handler(event, _context):
    user_id, meeting_id = event["user_id"], event["meeting_id"]
    stored = s3.get_object(Bucket=BUCKET, Key=f"transcripts/{user_id}/{meeting_id}.txt")
    transcript = stored["Body"].read().decode()

    summary = ask(SUMMARY_PROMPT.format(transcript=transcript))
    actions = json_in(ask(ACTIONS_PROMPT.format(transcript=transcript)))
    tags = [str(tag).lower() for tag in actions.get("tags", [])][:5]

    meeting = table.update_item(
        Key={"pk": f"USER#{user_id}", "sk": f"MEETING#{meeting_id}"},
        UpdateExpression="SET summary = :summary, action_items = :items, tags = :tags, #status = :ready",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={
            ":summary": summary,
            ":items": actions.get("action_items", []),
            ":tags": tags,
            ":ready": "ready",
        },
        ReturnValues="ALL_NEW",
    )["Attributes"]
    write_search_items(meeting)
    return {"meeting_id": meeting_id}


def ask(prompt):
    answer = bedrock.converse(
        modelId=MODEL_ID,
        messages=[{"role": "user", "content": [{"text": prompt}]}],
        inferenceConfig={"maxTokens": 2000, "temperature": 0.2},
    )
    return answer["output"]["message"]["content"][0]["text"]


def json_in(text):
    """The JSON object in an answer that may have words or a code fence around it."""
    return json.loads(text[text.index("{") : text.rindex("}") + 1])


def write_search_items(meeting):
    """One item per participant and per tag, so that the indexes can find the meeting by them."""
    found = {name: meeting[name] for name in ("meeting_id", "title", "started_at", "summary")}
    with table.batch_writer() as batch:
        for participant in set(meeting.get("participants", [])):
            key = {"pk": meeting["pk"], "sk": f"{meeting['sk']}#PARTICIPANT#{participant}"}
            batch.put_item(Item={**key, **found, "participant": participant})
        for tag in set(meeting["tags"]):
            key = {"pk": meeting["pk"], "sk": f"{meeting['sk']}#TAG#{tag}"}
            batch.put_item(Item={**key, **found, "tag": tag})
