"""The request's id is logged in place of the event."""

from __future__ import annotations

import pytest
from tests.sources.code.writing.editing import Mended

from stackworthy.core.patch import CannotWrite

RULE = "event-logged"
URL = "Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !GetAtt Function.Arn, AuthType: NONE}}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("print(event)", 'print(f"request {context.aws_request_id}")'),
        ('print("got", json.dumps(event, indent=2))', 'print("got", context.aws_request_id)'),
        ('logger.info(f"got {json.dumps(event)}")', 'logger.info(f"got {context.aws_request_id}")'),
        ("print(json.dumps(event))", 'print(json.dumps({"requestId": context.aws_request_id}))'),
        ('print("got " + str(event))', 'print("got " + context.aws_request_id)'),
        ('logger.info({"event": event, "n": 1})', 'logger.info({"event": context.aws_request_id, "n": 1})'),
    ],
)
def test_python_logs_the_id(line: str, expected: str) -> None:
    code = f'import json\nimport logging\n\nlogger = logging.getLogger()\n\ndef handler(event, context):\n    {line}  # seen\n    return "ok"\n'
    mended = Mended(RULE, code, stack=URL)
    assert mended.text == code.replace(line, expected)
    assert not mended.still_found()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("console.log(event)", "console.log(`request ${context.awsRequestId}`)"),
        ('console.log("got", JSON.stringify(event, null, 2))', 'console.log("got", context.awsRequestId)'),
        (
            "console.log(JSON.stringify(event))",
            "console.log(JSON.stringify({ requestId: context.awsRequestId }))",
        ),
        ("console.log(`got ${JSON.stringify(event)}`)", "console.log(`got ${context.awsRequestId}`)"),
        ("console.log({ event })", "console.log({ requestId: context.awsRequestId })"),
        ("console.log({ event: event })", "console.log({ event: context.awsRequestId })"),
    ],
)
@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("event: any", "event: any, context: { awsRequestId: string }"),
        ("event", "event, context"),
        ("event, context", "event, context"),
    ],
)
def test_typescript_logs_the_id_and_takes_the_context(
    line: str, expected: str, given: str, taken: str
) -> None:
    code = f"export const handler = async ({given}) => {{\n  {line};\n  return 1;\n}};\n"
    mended = Mended(RULE, code, file="src/app.ts", stack=URL)
    assert mended.text == code.replace(line, expected).replace(f"({given})", f"({taken})", 1)
    assert not mended.still_found()


def test_every_line_of_the_handler_that_holds_the_event_is_mended() -> None:
    code = "def handler(event, context):\n    print(event)\n    print('x', event)\n"
    assert Mended(RULE, code, stack=URL).text.count("event") == code.count("event") - 2


def test_the_context_is_told_from_a_stream() -> None:
    code = "export const handler = awslambda.streamifyResponse(async (event, responseStream, _context) => {\n  console.log(event);\n});\n"
    text = Mended(RULE, code, file="src/app.mjs", stack=URL).text
    assert "console.log(`request ${_context.awsRequestId}`)" in text


@pytest.mark.parametrize(
    "code",
    [
        "from durable import step\n\ndef handler(event, context):\n    print(event)\n",
        "def handler(event, _):\n    print(event)\n",
        "def show(what):\n    print(what)\n    return what\n\ndef handler(event, context):\n    it = event\n    print(it)\n",
    ],
)
def test_what_cannot_be_told_is_refused(code: str) -> None:
    with pytest.raises(CannotWrite):
        Mended(RULE, code, stack=URL)
