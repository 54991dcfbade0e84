"""What rules on code leave alone, and what they find all the same, beyond their own examples."""

from __future__ import annotations

import pytest
from tests.support.code import javascript, python

from stackworthy.core.finding import Finding
from stackworthy.rules import rule_named
from stackworthy.sources.code.handler import Handler

URL = "Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !GetAtt Function.Arn, AuthType: NONE}}\n"
QUEUE = """
Jobs: {Type: AWS::SQS::Queue}
Pull:
  Type: AWS::Lambda::EventSourceMapping
  Properties: {FunctionName: !Ref Function, EventSourceArn: !GetAtt Jobs.Arn}
"""


def found(rule: str, handler: Handler) -> list[Finding]:
    known = rule_named(rule)
    assert known is not None
    return [item for item in known.check(handler) if isinstance(item, Finding)]


def body(text: str, before: str = "") -> str:
    """A handler in Python with these lines."""
    lines = "\n".join(f"    {line}" for line in text.strip().splitlines())
    return f"import boto3\n{before}\n\ndef handler(event, context):\n{lines}\n"


LEFT_ALONE = {
    "first-page-only of which the first entry is used": (
        "first-page-only",
        body(
            "page = table.query(KeyConditionExpression='k')\nitems = page['Items']\nreturn items[0]",
            "table = boto3.resource('dynamodb').Table('t')",
        ),
    ),
    "first-page-only that is only printed": (
        "first-page-only",
        body("page = table.scan()\nprint(page)", "table = boto3.resource('dynamodb').Table('t')"),
    ),
    "first-page-only of what is named": (
        "first-page-only",
        body(
            "return logs.describe_log_groups(logGroupNamePrefix=event['name'])['logGroups']",
            "logs = boto3.client('logs')",
        ),
    ),
    "tmp-files-pile-up that a shell deletes": (
        "tmp-files-pile-up",
        body("os.system('rm -rf /tmp/*')\nopen('/tmp/' + event['name'], 'w').write('x')", "import os"),
    ),
    "waits-in-function that tries again after an error": (
        "waits-in-function",
        body(
            "for attempt in range(3):\n    try:\n        return s3.get_object(Bucket='b', Key='k')\n    except Exception:\n        time.sleep(1)",
            "import time\ns3 = boto3.client('s3')",
        ),
    ),
    "call-for-each-item of a list that is written down": (
        "call-for-each-item",
        body(
            "for name in ('a', 'b'):\n    s3.delete_object(Bucket='b', Key=name)", "s3 = boto3.client('s3')"
        ),
    ),
    "write-undoes-other-write into another table": (
        "write-undoes-other-write",
        body(
            "item = table.get_item(Key={'id': 1})['Item']\nhistory.put_item(Item=item)",
            "table = boto3.resource('dynamodb').Table('t')\nhistory = boto3.resource('dynamodb').Table('h')",
        ),
    ),
    "account-in-code of AWS's own example": (
        "account-in-code",
        body("return 'arn:aws:sns:eu-west-1:123456789012:topic'"),
    ),
    "objects-from-outside of the package's own file": (
        "objects-from-outside",
        body("return pickle.load(open('model.pkl', 'rb'))", "import pickle"),
    ),
    "token-without-expiry whose claims are set later": (
        "token-without-expiry",
        body("claims = {'sub': 'a'}\nclaims['exp'] = 1\nreturn jwt.encode(claims, 'k')", "import jwt"),
    ),
    "first-caller-remembered that is no caller's": (
        "first-caller-remembered",
        "table = None\n\ndef handler(event, context):\n    global table\n    if table is None:\n        table = 'orders'\n    return table\n",
    ),
}


@pytest.mark.parametrize("case", LEFT_ALONE, ids=lambda case: case.replace(" ", "-"))
def test_what_is_right_is_left_alone(case: str) -> None:
    rule, code = LEFT_ALONE[case]
    assert found(rule, python(code)) == []


def test_a_payload_that_is_taken_apart_by_hand_is_a_token_that_nobody_verified() -> None:
    code = """
export const handler = async (event) => {
  const token = event.headers.authorization;
  const claims = JSON.parse(Buffer.from(token.split(".")[1], "base64").toString());
  return { statusCode: 200, body: claims.sub };
};
"""
    assert len(found("token-not-verified", javascript(code, stack=URL))) == 1
    assert found("token-not-verified", javascript(code, stack=URL.replace("NONE", "AWS_IAM"))) == []


def test_a_text_between_other_signs_is_no_token() -> None:
    code = """
export const handler = async (event) => Buffer.from(event.headers.authorization.split(" ")[1], "base64").toString();
"""
    assert found("token-not-verified", javascript(code, stack=URL)) == []


@pytest.mark.parametrize(
    ("life", "hours"),
    [('"2h"', 1), ('"90m"', 1), ("7200", 1), ('"1 day"', 1), ('"1h"', 0), ('"45 minutes"', 0), ("900", 0)],
)
def test_lives_of_tokens_are_read_in_every_unit(life: str, hours: int) -> None:
    code = f"""
import jwt from "jsonwebtoken";
export const handler = async (event) => jwt.sign({{ sub: event.user }}, "k", {{ expiresIn: {life} }});
"""
    assert len(found("token-lives-too-long", javascript(code))) == hours


def test_an_event_of_a_schedule_may_be_logged() -> None:
    code = "def handler(event, context):\n    print(event)\n"
    schedule = "Daily: {Type: AWS::Events::Rule, Properties: {ScheduleExpression: rate(1 day), Targets: [{Id: a, Arn: !GetAtt Function.Arn}]}}"
    assert found("event-logged", python(code, stack=schedule)) == []
    assert len(found("event-logged", python(code, stack=QUEUE))) == 1


def test_one_finding_tells_of_all_pauses_of_a_function() -> None:
    code = "import time\n\ndef handler(event, context):\n    time.sleep(2)\n    time.sleep(3)\n"
    assert len(found("waits-in-function", python(code))) == 1


def test_a_function_that_others_call_may_answer_with_a_failure() -> None:
    code = """
def handler(event, context):
    try:
        return work(event)
    except Exception:
        return {"statusCode": 500}

def work(event):
    return event["a"]
"""
    assert len(found("failure-answered-to-nobody", python(code, stack=QUEUE))) == 1
    assert found("failure-answered-to-nobody", python(code, stack=QUEUE + URL)) == []


def test_a_variable_that_may_be_read_by_any_name_is_read() -> None:
    variables = "Environment: {Variables: {TABLE: orders}}"
    by_name = "import os\n\ndef handler(event, context):\n    return os.environ[event['name']]\n"
    assert found("variable-nobody-reads", python(by_name, properties=variables)) == []
    copied = "import os\n\ndef handler(event, context):\n    return dict(os.environ)\n"
    assert found("variable-nobody-reads", python(copied, properties=variables)) == []
    none = "import os\n\ndef handler(event, context):\n    return os.environ['OTHER']\n"
    assert len(found("variable-nobody-reads", python(none, properties=variables))) == 1


def test_an_unawaited_function_that_waits_for_nothing_is_left_alone() -> None:
    code = """
const note = async (text) => console.log(text);
export const handler = async (event) => { note("called"); return 1; };
"""
    assert found("work-not-awaited", javascript(code)) == []


def test_a_promise_that_is_kept_and_awaited_later_is_left_alone() -> None:
    code = """
import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";
const sqs = new SQSClient({});
export const handler = async (event) => {
  const sent = sqs.send(new SendMessageCommand({ QueueUrl: "q", MessageBody: "b" }));
  await sent;
};
"""
    assert found("work-not-awaited", javascript(code)) == []
