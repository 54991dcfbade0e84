"""Combine the chunks of a recording into one video, and take out its audio track.

Runs as a Fargate task, started by the pipeline with USER_ID and MEETING_ID.
"""

import json
import os
import subprocess
import tempfile
from pathlib import Path

import boto3

s3 = boto3.client("s3")

BUCKET = os.environ["RECORDINGS_BUCKET"]
USER_ID = os.environ["USER_ID"]
MEETING_ID = os.environ["MEETING_ID"]


def main():
    folder = f"chunks/{USER_ID}/{MEETING_ID}"
    manifest = json.load(s3.get_object(Bucket=BUCKET, Key=f"{folder}/manifest.json")["Body"])
    with tempfile.TemporaryDirectory() as work:
        work = Path(work)
        chunks = []
        for name in manifest["chunks"]:
            chunk = work / Path(name).name
            s3.download_file(BUCKET, f"{folder}/{chunk.name}", str(chunk))
            chunks.append(chunk)
        video, audio = work / "video.mp4", work / "audio.m4a"
        combine(chunks, video)
        extract_audio(video, audio)
        s3.upload_file(str(video), BUCKET, f"video/{USER_ID}/{MEETING_ID}.mp4")
        s3.upload_file(str(audio), BUCKET, f"audio/{USER_ID}/{MEETING_ID}.m4a")


def combine(chunks, video):
    playlist = video.with_suffix(".txt")
    playlist.write_text("".join(f"file '{chunk}'\n" for chunk in chunks))
    ffmpeg(
        "-f", "concat", "-safe", "0", "-i", str(playlist),
        "-c:v", "libx264", "-preset", "medium", "-crf", "26", "-c:a", "aac", "-movflags", "+faststart",
        str(video),
    )  # fmt: skip


def extract_audio(video, audio):
    # Transcribe does not need more than 16 kHz mono
    ffmpeg("-i", str(video), "-vn", "-ac", "1", "-ar", "16000", "-c:a", "aac", "-b:a", "64k", str(audio))


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "warning", "-y", *arguments], check=True)


if __name__ == "__main__":
    main()
