"""Work is measured in the embedded metric format."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import pytest
from tests.sources.code.writing.editing import NODE, run_node, run_python

from stackworthy.core.finding import CodePlace
from stackworthy.core.fix import Rewrite
from stackworthy.core.patch import CannotWrite, spliced
from stackworthy.judge.example_stacks import graph_of_resources, resources
from stackworthy.sources.code.handler import code_of, span
from stackworthy.sources.code.parsing import parse
from stackworthy.sources.code.writing import patch


def measured(code: str, file: str = "src/app.py", namespace: str = "Shop/Orders") -> bytes:
    runtime = "python3.13" if file.endswith(".py") else "nodejs22.x"
    text = f"Function: {{Type: AWS::Lambda::Function, Properties: {{Runtime: {runtime}, Handler: app.handler, Code: src}}}}\n"
    content = textwrap.dedent(code).encode()
    graph = graph_of_resources(resources(text), {file: content})
    function = graph["Function"]
    handler: Any = code_of(function)
    entry = handler.entry
    place = CodePlace(span(entry.unit.module, entry.node), "handler")
    change = Rewrite(function, place, "emf", {"namespace": namespace})
    made = spliced(content, patch(graph.workspace, change))  # type: ignore[arg-type]
    assert not parse(file, made).problems
    return made


PYTHON = """\
    import json

    def handler(event, context):
        for record in event["Records"]:
            json.loads(record["body"])
        return {"statusCode": 200}
"""


def test_items_and_their_durations_are_measured_and_the_answer_stays(tmp_path: Path) -> None:
    driver = """
        import contextlib, io, json, os
        os.environ["AWS_LAMBDA_FUNCTION_NAME"] = "orders"
        import app
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            answer = app.handler({"Records": [{"body": "1"}, {"body": "2"}]}, None)
        print(json.dumps([answer, json.loads(said.getvalue())]))
    """
    answer, line = run_python(measured(PYTHON), tmp_path, driver)
    assert answer == {"statusCode": 200}
    assert (line["FunctionName"], line["Items"], len(line["ItemDuration"])) == ("orders", 2, 2)
    directive = line["_aws"]["CloudWatchMetrics"][0]
    assert directive == {
        "Namespace": "Shop/Orders",
        "Dimensions": [["FunctionName"]],
        "Metrics": [{"Name": "Items", "Unit": "Count"}, {"Name": "ItemDuration", "Unit": "Milliseconds"}],
    }


@pytest.mark.skipif(NODE is None, reason="node is not here")
def test_javascript_is_measured_too(tmp_path: Path) -> None:
    code = """\
        export const handler = async (event) => {
          for (const record of event.Records) {
            JSON.parse(record.body);
          }
          return "done";
        };
    """
    driver = """
        process.env.AWS_LAMBDA_FUNCTION_NAME = "orders";
        const said = [];
        const write = process.stdout.write.bind(process.stdout);
        process.stdout.write = (text) => said.push(text);
        const { handler } = await import("./app.mjs");
        const answer = await handler({ Records: [{ body: "1" }] });
        process.stdout.write = write;
        console.log(JSON.stringify([answer, said.join("")]));
    """
    answer, said = run_node(measured(code, "src/app.mjs"), tmp_path, driver)
    line = json.loads(said)
    assert answer == "done"
    assert (line["FunctionName"], line["Items"], len(line["ItemDuration"])) == ("orders", 1, 1)


def test_tokens_of_a_model_are_counted_where_its_answer_is_kept() -> None:
    code = """\
        import json
        import boto3

        bedrock = boto3.client("bedrock-runtime")

        def handler(event, context):
            answer = bedrock.converse(modelId="m", messages=event["messages"])
            return answer["output"]
    """
    text = measured(code).decode()
    line = '    put_metrics(InputTokens=answer["usage"]["inputTokens"], OutputTokens=answer["usage"]["outputTokens"])\n'
    assert f'messages=event["messages"])\n{line}' in text
    assert "import boto3\nimport os\nimport time\n\n\ndef put_metrics(**values):" in text


@pytest.mark.parametrize(
    "code",
    [
        "def handler(event, context):\n    return 1\n",
        "def handler(event, context):\n    for record in event['Records']:\n        if not record:\n            continue\n        print(record)\n",
        "def put_metrics():\n    pass\n\ndef handler(event, context):\n    for record in event['Records']:\n        print(record)\n",
    ],
)
def test_what_cannot_be_measured_plainly_is_refused(code: str) -> None:
    with pytest.raises(CannotWrite):
        measured(code)


def test_a_namespace_is_a_plain_name() -> None:
    with pytest.raises(CannotWrite):
        measured(PYTHON, namespace='x"; import os')
