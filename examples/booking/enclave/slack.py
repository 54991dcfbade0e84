"""What the Enclave says in Slack."""

import json
import os
import time
import urllib.error
import urllib.request

_POST = "https://slack.com/api/chat.postMessage"


class SlackError(Exception):
    """Slack did not take a message."""


def post(channel, thread, text):
    request = urllib.request.Request(
        _POST,
        data=json.dumps({"channel": channel, "thread_ts": thread, "text": text}).encode(),
        headers={
            "Authorization": f"Bearer {os.environ['SLACK_BOT_TOKEN']}",
            "Content-Type": "application/json; charset=utf-8",
        },
    )
    for _ in range(3):
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            if error.code != 429:
                raise
            time.sleep(int(error.headers.get("Retry-After", "30")))
            continue
        if not answer["ok"]:
            raise SlackError(answer["error"])
        return
    raise SlackError("too many messages")
