"""A failure that was caught goes on to whoever retries the event."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.sources.code.writing.editing import Mended, run_python

from stackworthy.core.patch import CannotWrite

RULE = "failure-swallowed"
EVERY_HOUR = """
    Rule:
      Type: AWS::Events::Rule
      Properties: {EventPattern: {source: [shop]}, Targets: [{Id: fn, Arn: !GetAtt Function.Arn}]}
"""
CODE = """\
done = []

def work(event):
    done.append(event["id"])

def handler(event, context):
    try:
        work(event)
    except Exception as error:
        print(error)
BODY    return {"statusCode": 200}
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", "        raise\n"),
        ("        return {'statusCode': 200}\n", "        raise\n"),
        ("        pass\n", "        raise\n"),
    ],
)
def test_python_raises_again_and_answers_events_that_succeed_as_before(
    tmp_path: Path, body: str, expected: str
) -> None:
    code = CODE.replace("BODY", body)
    mended = Mended(RULE, code, stack=EVERY_HOUR)
    assert mended.text == CODE.replace("BODY", expected)
    assert not mended.still_found()
    driver = """
        import app, json
        answers = [app.handler({"id": 1}, None)]
        try:
            answers.append(app.handler({}, None))
        except KeyError as error:
            answers.append("raised")
        print(json.dumps([answers, app.done]))
    """
    assert run_python(mended.after, tmp_path, driver) == [[{"statusCode": 200}, "raised"], [1]]


def test_javascript_throws_again() -> None:
    code = """\
        import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";
        const client = new SQSClient({});
        export const handler = async (event) => {
          try {
            await client.send(new SendMessageCommand({ QueueUrl: "q", MessageBody: event.body }));
          } catch (error) {
            console.error(error);
          }
        };
    """
    mended = Mended(RULE, code, file="src/app.mjs", stack=EVERY_HOUR)
    assert "    console.error(error);\n    throw error;\n  }\n" in mended.text
    assert not mended.still_found()


def test_several_ways_out_are_left_to_people() -> None:
    body = "        if event:\n            return None\n        print(1)\n"
    with pytest.raises(CannotWrite, match="several ways"):
        Mended(RULE, CODE.replace("BODY", body), stack=EVERY_HOUR)
