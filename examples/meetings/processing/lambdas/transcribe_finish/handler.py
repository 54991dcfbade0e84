"""Pipeline step: look at the transcription job; once it is done, store the readable transcript."""

import json
import os

import boto3

s3 = boto3.client("s3")
transcribe = boto3.client("transcribe")

BUCKET = os.environ["RECORDINGS_BUCKET"]


def lambda_handler(event, _context):
    user_id, meeting_id = event["user_id"], event["meeting_id"]
    job = transcribe.get_transcription_job(TranscriptionJobName=event["job"]["job_name"])["TranscriptionJob"]
    status = job["TranscriptionJobStatus"]
    if status == "FAILED":
        print(f"transcription of {meeting_id} failed: {job['FailureReason']}")
    if status == "COMPLETED":
        stored = s3.get_object(Bucket=BUCKET, Key=f"transcripts/{user_id}/{meeting_id}.json")
        text = readable(json.load(stored["Body"])["results"])
        s3.put_object(
            Bucket=BUCKET,
            Key=f"transcripts/{user_id}/{meeting_id}.txt",
            Body=text.encode(),
            ContentType="text/plain; charset=utf-8",
        )
    return {"status": status}


def readable(results):
    """One line for each turn of a speaker: "spk_0: Good morning."."""
    lines = []
    for segment in results.get("audio_segments", []):
        speaker, said = segment.get("speaker_label", "?"), segment["transcript"]
        if lines and lines[-1][0] == speaker:
            lines[-1][1].append(said)
        else:
            lines.append((speaker, [said]))
    return "\n".join(f"{speaker}: {' '.join(said)}" for speaker, said in lines)
