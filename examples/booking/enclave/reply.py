"""Answers those who mention the Enclave: planner, concierge and critic are one model with three prompts."""

import json
import os

import boto3

import slack

_bedrock = boto3.client("bedrock-runtime")

_ROLES = {
    "planner": "You plan the bookings of a small team. Answer in two sentences.",
    "concierge": "You help guests to find a slot. Be friendly and short.",
    "critic": "You look for what can go wrong with a plan. Name one risk.",
}


def handler(event, context):
    print("received", json.dumps(event))
    for record in event["Records"]:
        mention = json.loads(record["body"])
        try:
            slack.post(mention["channel"], mention.get("thread_ts", mention["ts"]), _answer(mention["text"]))
        except Exception as error:
            print("could not answer", error)


def _answer(text):
    role = next((name for name in _ROLES if name in text.lower()), "concierge")
    response = _bedrock.converse(
        modelId=os.environ["MODEL_ID"],
        system=[{"text": _ROLES[role]}],
        messages=[{"role": "user", "content": [{"text": text}]}],
        inferenceConfig={"maxTokens": 300},
    )
    return response["output"]["message"]["content"][0]["text"]
