"""Clients move to the top of the file, and the handler answers as before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.sources.code.writing.editing import NODE, Mended, run_node, run_python

from stackworthy.core.patch import CannotWrite

RULE = "client-per-invocation"
BOTO = """
    made = []

    class Client:
        def __init__(self, service):
            made.append(service)
            self.service = service

        def __getattr__(self, name):
            return lambda *args, **kwargs: {"called": [self.service, name, list(args), kwargs]}

        def Table(self, name):
            return Client(f"{self.service} {name}")

    def client(service, **kwargs):
        return Client(service)

    resource = client
"""
DRIVER = """
    import json, os
    os.environ["TABLE"] = "orders"
    import app, boto3
    answers = [app.handler({"id": number, "key": "k"}, None) for number in range(2)]
    print(json.dumps([answers, boto3.made]))
"""


def both(code: str | bytes, folder: Path, **given: Any) -> tuple[Mended, Any, Any]:
    """The mended code, and what it and the code before it answer."""
    mended = Mended(RULE, code, **given)
    results = []
    for name, text in (("before", mended.before), ("after", mended.after)):
        (folder / name).mkdir()
        results.append(run_python(text, folder / name, DRIVER, boto3=BOTO))
    return mended, results[0], results[1]


def test_a_client_moves_with_its_comment_and_the_handler_answers_as_before(tmp_path: Path) -> None:
    code = """\
        import os
        import boto3


        def handler(event, context):
            \"\"\"Answers.\"\"\"
            # the client of the table
            table = boto3.resource("dynamodb").Table(os.environ["TABLE"])

            key = {"id": event["id"]}
            return table.get_item(Key=key)
    """
    mended, before, after = both(code, tmp_path, properties="Environment: {Variables: {TABLE: orders}}")
    assert mended.text == (
        "import os\nimport boto3\n\n# the client of the table\n"
        'table = boto3.resource("dynamodb").Table(os.environ["TABLE"])\n\n\n'
        'def handler(event, context):\n    """Answers."""\n\n'
        '    key = {"id": event["id"]}\n    return table.get_item(Key=key)\n'
    )
    assert not mended.still_found()
    assert before[0] == after[0]
    assert before[1] == ["dynamodb", "dynamodb orders"] * 2
    assert after[1] == ["dynamodb", "dynamodb orders"]


def test_carriage_returns_tabs_decorators_and_comments_stay(tmp_path: Path) -> None:
    code = (
        b"\xef\xbb\xbf# shop\r\nimport boto3\r\n\r\ndef logged(f):\r\n\treturn f\r\n\r\n@logged  # ours\r\n"
        b"def handler(event, context):\r\n\ts3 = boto3.client('s3')  # kept\r\n\tname = \"a\\\r\nb\"\r\n\treturn s3.head_object(Key=name)\r\n"
    )
    mended, before, after = both(code, tmp_path)
    assert mended.after == (
        b"\xef\xbb\xbf# shop\r\nimport boto3\r\n\r\ns3 = boto3.client('s3')  # kept\r\n\r\ndef logged(f):\r\n\treturn f\r\n\r\n@logged  # ours\r\n"
        b'def handler(event, context):\r\n\tname = "a\\\r\nb"\r\n\treturn s3.head_object(Key=name)\r\n'
    )
    assert before[0] == after[0]


def test_a_client_without_a_variable_gets_one(tmp_path: Path) -> None:
    code = """\
        import boto3

        def handler(event, context):
            return boto3.client("secretsmanager").get_secret_value(SecretId=event["key"])
    """
    mended, before, after = both(code, tmp_path)
    assert 'import boto3\n\nsecretsmanager = boto3.client("secretsmanager")\n\ndef handler' in mended.text
    assert "    return secretsmanager.get_secret_value(" in mended.text
    assert before[0] == after[0]
    assert after[1] == ["secretsmanager"]


def test_only_what_does_not_hang_on_the_event_moves(tmp_path: Path) -> None:
    code = """\
        import boto3

        def handler(event, context):
            table = boto3.resource("dynamodb").Table(event["key"])
            return table.get_item(Key={"id": event["id"]})
    """
    mended, before, after = both(code, tmp_path)
    assert '\ndynamodb = boto3.resource("dynamodb")\n' in mended.text
    assert '    table = dynamodb.Table(event["key"])\n' in mended.text
    assert before[0] == after[0]


def test_all_clients_of_a_function_move_together_beside_those_that_stand_there(tmp_path: Path) -> None:
    code = """\
        import boto3

        sqs = boto3.client("sqs")

        def handler(event, context):
            if event["id"]:
                s3 = boto3.client("s3")
                sns = boto3.client("sns")
                return [s3.list_buckets(), sns.list_topics()]
            return sqs.list_queues()
    """
    mended, before, after = both(code, tmp_path)
    assert (
        'sqs = boto3.client("sqs")\ns3 = boto3.client("s3")\nsns = boto3.client("sns")\n\ndef' in mended.text
    )
    assert before[0] == after[0]


def test_two_functions_share_a_client_that_they_made_alike(tmp_path: Path) -> None:
    code = """\
        import boto3

        def one():
            s3 = boto3.client("s3")
            return s3.list_buckets()

        def handler(event, context):
            s3 = boto3.client("s3")
            return [s3.list_buckets(), one()]
    """
    once = Mended(RULE, code)
    twice = Mended(RULE, once.after)
    assert twice.text.count("boto3.client") == 1
    assert not twice.still_found()
    assert twice.text.endswith("def handler(event, context):\n    return [s3.list_buckets(), one()]\n")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('import boto3 as b\n    client = b.client("s3")', "b is imported in the function"),
        ('region = "eu-west-1"\n    client = boto3.client("s3", region_name=region)', "it depends on region"),
        ('client = boto3.client("s3", region_name=where())', "its arguments call where"),
        ('client = boto3.client("s3", region_name=os.environ["PLACE"])', "the stack sets no PLACE"),
        ('client = boto3.client("s3"); other = 1', "it shares its line"),
        ('client = boto3.client("s3")\n    client = client or None', "client is given several values"),
        ('s3 = boto3.client("s3")\n    client = s3', "the file has another s3"),
        ("client = psycopg2.connect('db')", "a connection that outlives an event"),
        (
            'if event:\n        client = boto3.client("s3")\n    client = None',
            "client is given several values",
        ),
        ('with x() as y:\n        client = boto3.client("s3")', "the block around it does nothing else"),
        ('class A:\n        pass\n    client = A()\n    client.it = boto3.client("s3")', "kept in an object"),
    ],
)
def test_what_cannot_move_is_refused_with_the_reason(body: str, reason: str) -> None:
    code = f"import os\nimport boto3\nimport psycopg2\n\ns3 = 1\n\ndef where():\n    return 'x'\n\ndef handler(event, context):\n    {body}\n    return client\n"
    with pytest.raises(CannotWrite) as refused:
        Mended(RULE, code)
    assert reason in refused.value.reason


SDK = """
    export const made = [];
    export class DynamoDBClient {
      constructor(options) { made.push(options ?? null); }
      async send(command) { return { called: command.input }; }
    }
    export class GetItemCommand { constructor(input) { this.input = input; } }
"""
NODE_DRIVER = """
    import { handler } from "./app.mjs";
    import { made } from "@aws-sdk/client-dynamodb";
    const answers = [await handler({ id: "1" }), await handler({ id: "2" })];
    console.log(JSON.stringify([answers, made]));
"""


@pytest.mark.skipif(NODE is None, reason="node is not here")
def test_a_client_of_javascript_moves_and_the_handler_answers_as_before(tmp_path: Path) -> None:
    code = """\
        import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

        export const handler = async (event) => {
          // the client
          const client = new DynamoDBClient({
            region: process.env.AWS_REGION,
          });
          return client.send(new GetItemCommand({ TableName: "orders", Key: event.id }));
        };
    """
    mended = Mended(RULE, code, file="src/app.mjs")
    assert mended.text == (
        'import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";\n\n// the client\n'
        "const client = new DynamoDBClient({\n  region: process.env.AWS_REGION,\n});\n\n"
        "export const handler = async (event) => {\n"
        '  return client.send(new GetItemCommand({ TableName: "orders", Key: event.id }));\n};\n'
    )
    results = []
    for name, text in (("before", mended.before), ("after", mended.after)):
        (tmp_path / name).mkdir()
        results.append(
            run_node(text, tmp_path / name, NODE_DRIVER, **{"AT" + "aws_sdk__client_dynamodb": SDK})
        )
    assert results[0][0] == results[1][0]
    assert [len(result[1]) for result in results] == [2, 1]


def test_a_client_that_the_top_configures_moves_below_its_configuration() -> None:
    code = "const AWS = require('aws-sdk');\nAWS.config.update({ region: 'eu-west-1' });\n\nexports.handler = async (event) => {\n  const s3 = new AWS.S3();\n  return s3.listBuckets().promise();\n};\n"
    text = Mended(RULE, code, file="src/app.js").text
    assert text.index("config.update") < text.index("const s3") < text.index("exports.handler")


def test_a_variable_that_was_never_declared_stays() -> None:
    code = "const AWS = require('aws-sdk');\nexports.handler = async (event) => {\n  s3 = new AWS.S3();\n  return s3.listBuckets().promise();\n};\n"
    with pytest.raises(CannotWrite, match="s3 is never declared"):
        Mended(RULE, code, file="src/app.js")
