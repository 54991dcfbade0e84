"""Pipeline step: start a transcription job for the audio track."""

import os

import boto3

transcribe = boto3.client("transcribe")

BUCKET = os.environ["RECORDINGS_BUCKET"]
MOST_SPEAKERS = 10


def lambda_handler(event, _context):
    user_id, meeting_id = event["user_id"], event["meeting_id"]
    job_name = f"meeting-{meeting_id}"
    transcribe.start_transcription_job(
        TranscriptionJobName=job_name,
        IdentifyLanguage=True,
        Media={"MediaFileUri": f"s3://{BUCKET}/audio/{user_id}/{meeting_id}.m4a"},
        OutputBucketName=BUCKET,
        OutputKey=f"transcripts/{user_id}/{meeting_id}.json",
        Settings={"ShowSpeakerLabels": True, "MaxSpeakerLabels": MOST_SPEAKERS},
    )
    return {"job_name": job_name}
