"""Handlers log and trace by Powertools, and answer as before."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.sources.code.writing.editing import Mended, run_python

from stackworthy.core.fix import Rewrite
from stackworthy.core.patch import CannotWrite, spliced
from stackworthy.sources.code.writing import patch

RULE = "log-lines-without-fields"
ROUTE = """
    Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: shop, ProtocolType: HTTP}}
    Route:
      Type: AWS::ApiGatewayV2::Route
      Properties: {ApiId: !Ref Api, RouteKey: GET /, Target: !Sub "integrations/${Integration}"}
    Integration:
      Type: AWS::ApiGatewayV2::Integration
      Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Function.Arn, PayloadFormatVersion: "2.0"}
"""
CODE = """\
import json


def ours(function):
    return function


@ours
def handler(event, context):
    print("order", event["id"])  # said
    print(f"all of {event['id']}")
    print(event["id"], "done")
    try:
        print(json.dumps(event), end="")
        return work(event)
    except KeyError:
        print("100% lost", event["id"])
        return None


def work(event):
    print("works")
    return event["key"]
"""
POWERTOOLS = """
    lines = []

    class Logger:
        def __init__(self, **given):
            self.given = given

        def inject_lambda_context(self, *function, **given):
            return function[0] if function else lambda function: function

        def info(self, message, *values):
            lines.append(["info", message % values if values else message])

        def exception(self, message, *values):
            lines.append(["exception", message % values if values else message])
"""
DRIVER = """
    import app, json
    answers = [app.handler({"id": 1, "key": "k"}, None), app.handler({"id": 2}, None)]
    try:
        from aws_lambda_powertools import lines
    except ImportError:
        lines = []
    print()
    print(json.dumps([answers, lines]))
"""


def test_lines_are_logged_with_their_values_and_the_answers_stay(tmp_path: Path) -> None:
    mended = Mended(RULE, CODE)
    assert (
        "import json\nfrom aws_lambda_powertools import Logger\n\nlogger = Logger(sampling_rate=0.01)\n"
        in mended.text
    )
    assert "@logger.inject_lambda_context\n@ours\ndef handler" in mended.text
    assert '    logger.info("order %s", event["id"])  # said\n' in mended.text
    assert 'print(json.dumps(event), end="")' in mended.text
    assert mended.files["src/requirements.txt"] == b"aws-lambda-powertools>=3,<4\n"
    assert not mended.still_found()
    results = []
    for name, text in (("before", mended.before), ("after", mended.after)):
        (tmp_path / name).mkdir()
        more = {"aws_lambda_powertools": POWERTOOLS} if name == "after" else {}
        results.append(run_python(text, tmp_path / name, DRIVER, **more))
    assert results[0][0] == results[1][0] == ["k", None]
    assert results[1][1][:4] == [
        ["info", "order 1"],
        ["info", "all of 1"],
        ["info", "1 done"],
        ["info", "works"],
    ]
    assert results[1][1][-1] == ["exception", "100% lost 2"]


def test_the_identifier_of_a_request_follows_it() -> None:
    text = Mended(RULE, CODE, stack=ROUTE).text
    assert (
        "@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_HTTP)\n@ours" in text
    )
    assert "from aws_lambda_powertools.logging import correlation_paths\n" in text


def test_a_logger_of_the_standard_library_gives_way() -> None:
    code = "import logging\n\nlogger = logging.getLogger()\nlogger.setLevel('INFO')\n\ndef handler(event, context):\n    print('x')\n"
    text = Mended(RULE, code).text
    assert "\nlogger = Logger(sampling_rate=0.01)\nlogger.setLevel('INFO')\n" in text


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("boto3\r\n", b"boto3\r\naws-lambda-powertools>=3,<4\r\n"),
        ("boto3", b"boto3\naws-lambda-powertools>=3,<4\n"),
        ("aws_lambda_powertools==3.1\n", b"aws_lambda_powertools==3.1\n"),
    ],
)
def test_requirements_keep_their_lines(given: str, expected: bytes) -> None:
    mended = Mended(RULE, CODE, src__requirements_dot_txt=given)
    assert mended.files["src/requirements.txt"] == expected


def test_a_handler_is_traced() -> None:
    mended = Mended(RULE, CODE, src__requirements_dot_txt="aws-lambda-powertools>=3\n")
    found = next(iter(mended.graph.of("AWS::Lambda::Function")))
    from stackworthy.judge.harness import findings

    place = findings(mended.rule, mended.graph)[0].code
    assert place is not None
    assert mended.graph.workspace is not None
    splices = patch(mended.graph.workspace, Rewrite(found, place, "trace"))
    text = spliced(mended.before, [item for item in splices if item.file == "src/app.py"]).decode()
    assert "from aws_lambda_powertools import Tracer\n\ntracer = Tracer()\n" in text
    assert "@tracer.capture_lambda_handler\n@ours\ndef handler" in text
    assert [item.text for item in splices if item.file != "src/app.py"] == [b"[tracer]"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("logger = 1\n\ndef handler(event, context):\n    print('x')\n", "another logger"),
        ("class Logger:\n    pass\n\ndef handler(event, context):\n    print('x')\n", "another Logger"),
        ("def handler(event):\n    print('x')\n", "no plain function"),
    ],
)
def test_names_that_are_taken_are_refused(code: str, reason: str) -> None:
    with pytest.raises(CannotWrite, match=reason):
        Mended(RULE, code)
