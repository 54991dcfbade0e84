"""Calls and clients get limits that end before the function does."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.sources.code.writing.editing import NODE, Mended, run_node, run_python

from stackworthy.core.patch import CannotWrite
from stackworthy.sources.code.writing.bound import Limits, limits

CLIENT = "aws-client-outlives-function"
HTTP = "http-call-outlives-function"


@pytest.mark.parametrize(
    ("timeout", "service", "expected"),
    [
        (30, "dynamodb", Limits(2, 7, 3)),
        (15, "s3", Limits(1, 3.5, 3)),
        (3, "s3", Limits(0.5, 0.8, 2)),
        (900, "s3", Limits(2, 60, 3)),
        (60, "bedrock-runtime", Limits(2, 52, 1)),
    ],
)
def test_limits_fit_into_the_timeout_of_the_function(timeout: float, service: str, expected: Limits) -> None:
    found = limits(timeout, service)
    assert found == expected
    assert found.attempts * (found.connect + found.read) <= timeout


def test_a_timeout_that_leaves_no_time_is_refused() -> None:
    with pytest.raises(CannotWrite):
        limits(1, "s3")


def test_clients_of_boto3_share_settings_and_are_called_as_before(tmp_path: Path) -> None:
    code = """\
        import json
        import boto3

        s3 = boto3.client("s3")
        sqs = boto3.client(
            "sqs",
            region_name="eu-west-1",  # there it is
        )

        def handler(event, context):
            return [s3.name, sqs.name, s3.config, sqs.config]
    """
    mended = Mended(CLIENT, code, properties="Timeout: 30")
    settings = 'Config(connect_timeout=2, read_timeout=7, retries={"max_attempts": 2, "mode": "standard"})'
    assert mended.text.startswith(
        "import json\nimport boto3\nfrom botocore.config import Config\n\n"
        f'CLIENT_CONFIG = {settings}\n\ns3 = boto3.client("s3", config=CLIENT_CONFIG)\n'
    )
    assert '    region_name="eu-west-1",  # there it is\n    config=CLIENT_CONFIG,\n)' in mended.text
    assert not mended.still_found()
    boto = "class client:\n    def __init__(self, name, region_name='', config=None):\n        self.name, self.config = name, config\n"
    result = run_python(
        mended.after,
        tmp_path,
        "import app, json\nprint(json.dumps(app.handler({}, None)))\n",
        boto3=boto,
        botocore__config="def Config(**given):\n    return given\n",
    )
    assert result[:2] == ["s3", "sqs"]
    assert (
        result[2]
        == result[3]
        == {
            "connect_timeout": 2,
            "read_timeout": 7,
            "retries": {"max_attempts": 2, "mode": "standard"},
        }
    )


def test_botocore_takes_the_settings(tmp_path: Path) -> None:
    code = 'import boto3\n\ns3 = boto3.client("s3", region_name="eu-west-1")\n\ndef handler(event, context):\n    return s3.list_buckets()\n'
    mended = Mended(CLIENT, code, properties="Timeout: 10")
    driver = "import app, json\nc = app.s3.meta.config\nprint(json.dumps([c.connect_timeout, c.read_timeout, c.retries]))\n"
    result = run_python(mended.after, tmp_path, driver)
    assert result == [1, 2, {"mode": "standard", "total_max_attempts": 3}]


def test_settings_that_are_there_get_what_they_lack() -> None:
    code = """\
        import boto3
        from botocore.config import Config

        client = boto3.client("s3", config=Config(region_name="eu-west-1", read_timeout=50))

        def handler(event, context):
            return client.list_buckets()
    """
    text = Mended(CLIENT, code, properties="Timeout: 30").text
    assert 'Config(region_name="eu-west-1", read_timeout=7, connect_timeout=2, retries={' in text


def test_a_client_of_javascript_gets_its_limits() -> None:
    code = """\
        import { S3Client, ListBucketsCommand } from "@aws-sdk/client-s3";

        const client = new S3Client({
          region: "eu-west-1",
        });

        export const handler = async () => client.send(new ListBucketsCommand({}));
    """
    mended = Mended(CLIENT, code, file="src/app.ts", properties="Timeout: 30")
    assert (
        '  region: "eu-west-1",\n  maxAttempts: 3,\n'
        "  requestHandler: { connectionTimeout: 2000, requestTimeout: 7000 },\n});\n"
    ) in mended.text
    assert not mended.still_found()


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('requests.get("https://a.example")', 'requests.get("https://a.example", timeout=7)'),
        (
            'requests.post("https://a.example", json=event,)',
            'requests.post("https://a.example", json=event, timeout=7,)',
        ),
        ('requests.get("https://a.example", timeout=30)', 'requests.get("https://a.example", timeout=7)'),
        (
            'urllib.request.urlopen("https://a.example", None, 60)',
            'urllib.request.urlopen("https://a.example", None, 7)',
        ),
    ],
)
def test_a_call_over_http_in_python_ends_before_the_function(call: str, expected: str) -> None:
    code = f"import requests\nimport urllib.request\n\ndef handler(event, context):\n    return {call}\n"
    mended = Mended(HTTP, code, properties="Timeout: 10")
    assert mended.text == code.replace(call, expected)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("fetch(event.url)", "fetch(event.url, { signal: AbortSignal.timeout(7000) })"),
        (
            'fetch(event.url, { method: "POST" })',
            'fetch(event.url, { method: "POST", signal: AbortSignal.timeout(7000) })',
        ),
        ("axios.get(event.url, {})", "axios.get(event.url, { timeout: 7000 })"),
        ("axios.post(event.url, event)", "axios.post(event.url, event, { timeout: 7000 })"),
        ("axios.get(event.url, { timeout: 20000 })", "axios.get(event.url, { timeout: 7000 })"),
    ],
)
def test_a_call_over_http_in_javascript_ends_before_the_function(call: str, expected: str) -> None:
    code = f'import axios from "axios";\n\nexport const handler = async (event) => {call};\n'
    mended = Mended(HTTP, code, properties="Timeout: 10", file="src/app.mjs")
    assert mended.text == code.replace(call, expected)


@pytest.mark.skipif(NODE is None, reason="node is not here")
def test_fetch_is_called_with_a_signal_and_answers_as_before(tmp_path: Path) -> None:
    code = "export const handler = async (event) => (await fetch(event.url, { method: 'PUT' })).status;\n"
    driver = """
        globalThis.fetch = async (url, options) => {
          globalThis.given = { url, method: options.method, signal: options.signal instanceof AbortSignal };
          return { status: 204 };
        };
        const { handler } = await import("./app.mjs");
        const answer = await handler({ url: "https://a.example" });
        console.log(JSON.stringify([answer, globalThis.given]));
    """
    mended = Mended(HTTP, code, file="src/app.mjs", properties="Timeout: 10")
    for name, text, signal in (("before", mended.before, False), ("after", mended.after, True)):
        (tmp_path / name).mkdir()
        answer, given = run_node(text, tmp_path / name, driver)
        assert answer == 204
        assert given == {"url": "https://a.example", "method": "PUT", "signal": signal}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (
            "const A = require('aws-sdk');\nconst s = new A.S3();\nexports.handler = async () => s.listBuckets().promise();\n",
            "version 2",
        ),
        (
            "const { S3Client, ListBucketsCommand } = require('@aws-sdk/client-s3');\nconst o = { requestHandler: { requestTimeout: 90000, connectionTimeout: 1 } };\nconst s = new S3Client(o);\nexports.handler = async () => s.send(new ListBucketsCommand({}));\n",
            "its limits were chosen",
        ),
    ],
)
def test_limits_that_cannot_be_set_are_refused_with_the_reason(code: str, reason: str) -> None:
    with pytest.raises(CannotWrite, match=reason):
        Mended(CLIENT, code, file="src/app.js", properties="Timeout: 30")
