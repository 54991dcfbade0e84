"""Handlers of batches name the records that failed, and do everything else as before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.sources.code.writing.editing import NODE, Mended, run_node, run_python

from stackworthy.core.fix import Rewrite, Set
from stackworthy.judge.example_stacks import graph_of_resources
from stackworthy.judge.harness import findings
from stackworthy.rules import rule_named

RULE = "partial-batch-failures-off"
QUEUE = """
    Jobs: {Type: AWS::SQS::Queue}
    Pull:
      Type: AWS::Lambda::EventSourceMapping
      Properties: {FunctionName: !Ref Function, EventSourceArn: !GetAtt Jobs.Arn}
"""
STREAM = QUEUE.replace("AWS::SQS::Queue", "AWS::Kinesis::Stream, Properties: {ShardCount: 1}")
EXPECTING = QUEUE.replace("Jobs.Arn}", "Jobs.Arn, FunctionResponseTypes: [ReportBatchItemFailures]}")
DRIVER = """
    import json
    import app

    def answer(*bodies):
        records = [
            {"messageId": body, "body": body, "kinesis": {"sequenceNumber": body}} for body in bodies
        ]
        app.done.clear()
        try:
            return [app.handler({"Records": records}, None), list(app.done)]
        except ValueError as error:
            return [str(error), list(app.done)]

    print(json.dumps([answer("a", "bad", "c"), answer("a")]))
"""
PLAIN = b'''\
import json

done = []


def handler(event, context):
\tprint("batch")
\t# every record
\tfor record in event["Records"]:
\t\t# the work
\t\tif record["body"] == "bad":
\t\t\traise ValueError("bad")

\t\tdone.append("""x
  y""" + record["body"])
\treturn {"statusCode": 200}
'''


def both(code: bytes, folder: Path, **given: Any) -> tuple[Mended, Any, Any]:
    mended = Mended(RULE, code, **given)
    results = []
    for name, text in (("before", mended.before), ("after", mended.after)):
        (folder / name).mkdir()
        results.append(run_python(text, folder / name, DRIVER))
    return mended, results[0], results[1]


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_what_fails_is_named_and_the_rest_is_done(tmp_path: Path, newline: bytes) -> None:
    mended, before, after = both(PLAIN.replace(b"\n", newline), tmp_path, stack=QUEUE)
    assert before == [["bad", ["x\n  ya"]], [{"statusCode": 200}, ["x\n  ya"]]]
    assert after == [
        [{"batchItemFailures": [{"itemIdentifier": "bad"}]}, ["x\n  ya", "x\n  yc"]],
        [{"batchItemFailures": []}, ["x\n  ya"]],
    ]
    assert mended.after.count(newline) == mended.after.count(b"\n")
    assert mended.after.replace(newline, b"\n") == (
        b'import logging\nimport json\n\ndone = []\n\n\ndef handler(event, context):\n\tprint("batch")\n'
        b'\tbatch_item_failures = []\n\t# every record\n\tfor record in event["Records"]:\n\t\ttry:\n'
        b'\t\t\t# the work\n\t\t\tif record["body"] == "bad":\n\t\t\t\traise ValueError("bad")\n\n'
        b'\t\t\tdone.append("""x\n  y""" + record["body"])\n\t\texcept Exception:\n'
        b'\t\t\tlogging.exception("a record failed: %s", record["messageId"])\n'
        b'\t\t\tbatch_item_failures.append({"itemIdentifier": record["messageId"]})\n'
        b'\treturn {"batchItemFailures": batch_item_failures}\n'
    )


def test_a_stream_stops_at_the_first_record_that_fails(tmp_path: Path) -> None:
    _, before, after = both(PLAIN, tmp_path, stack=STREAM)
    assert before[1][1] == after[1][1]
    assert after[0] == [{"batchItemFailures": [{"itemIdentifier": "bad"}]}, ["x\n  ya"]]
    assert after[1][0] == {"batchItemFailures": []}


def test_a_handler_that_catches_already_gets_one_line(tmp_path: Path) -> None:
    code = b"""\
done = []

def handler(event, context):
    for record in event["Records"]:
        try:
            work(record)
        except Exception as error:
            print(error)

def work(record):
    if record["body"] == "bad":
        raise ValueError("bad")
    done.append(record["body"])
"""
    mended = Mended("failed-records-forgotten", code, stack=EXPECTING)
    assert mended.text == code.decode().replace(
        "    for record", "    batch_item_failures = []\n    for record"
    ).replace(
        "            print(error)\n",
        "            print(error)\n"
        '            batch_item_failures.append({"itemIdentifier": record["messageId"]})\n'
        '    return {"batchItemFailures": batch_item_failures}\n',
    )
    result = run_python(mended.after, tmp_path, DRIVER)
    assert result[0] == [{"batchItemFailures": [{"itemIdentifier": "bad"}]}, ["a", "c"]]


@pytest.mark.skipif(NODE is None, reason="node is not here")
def test_a_handler_of_javascript_names_what_failed(tmp_path: Path) -> None:
    code = b"""\
export const done = [];

export const handler = async (event) => {
  for (const record of event.Records) {
    if (record.body === "bad") throw new Error("bad");
    done.push(record.body);
  }
};
"""
    driver = """
        import { done, handler } from "./app.mjs";
        const answer = await handler({ Records: ["a", "bad", "c"].map((body) => ({ messageId: body, body })) });
        console.log(JSON.stringify([answer, done]));
    """
    mended = Mended(RULE, code, file="src/app.mjs", stack=QUEUE)
    assert run_node(mended.after, tmp_path, driver) == [
        {"batchItemFailures": [{"itemIdentifier": "bad"}]},
        ["a", "c"],
    ]
    assert mended.text == (
        "export const done = [];\n\nexport const handler = async (event) => {\n  const batchItemFailures = [];\n"
        "  for (const record of event.Records) {\n    try {\n"
        '      if (record.body === "bad") throw new Error("bad");\n      done.push(record.body);\n'
        "    } catch (error) {\n      console.error(record.messageId, error);\n"
        "      batchItemFailures.push({ itemIdentifier: record.messageId });\n    }\n  }\n"
        "  return { batchItemFailures };\n};\n"
    )


def test_the_mapping_and_the_code_are_changed_by_the_same_fix() -> None:
    rule = rule_named(RULE)
    assert rule is not None
    code = {"src/app.py": PLAIN}
    text = "Function: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13, Handler: app.handler, Code: src}}\n"
    from textwrap import dedent

    from stackworthy.judge.example_stacks import resources

    graph = graph_of_resources(resources(text + dedent(QUEUE)), code)
    fix = rule.fix(findings(rule, graph)[0])
    assert fix is not None
    assert [type(change).__name__ for change in fix.changes] == ["Set", "Rewrite"]


@pytest.mark.parametrize(
    "body",
    [
        "for record in event['Records']:\n        return work(record)",
        "for record in event['Records']: work(record)",
        "for number, record in enumerate(event['Records']):\n        work(record)",
        "list(map(work, event['Records']))",
        "if not event:\n        return 1\n    for record in event['Records']:\n        work(record)",
        "batch_item_failures = 1\n    for record in event['Records']:\n        work(record)",
    ],
)
def test_code_of_another_shape_is_left_to_people(body: str) -> None:
    rule = rule_named(RULE)
    assert rule is not None
    from textwrap import dedent

    from stackworthy.judge.example_stacks import resources

    text = "Function: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13, Handler: app.handler, Code: src}}\n"
    code = {
        "src/app.py": f"def work(r):\n    print(r)\n\ndef handler(event, context):\n    {body}\n".encode()
    }
    fix = rule.fix(findings(rule, graph_of_resources(resources(text + dedent(QUEUE)), code))[0])
    assert fix is not None
    assert not any(isinstance(change, Rewrite) for change in fix.changes)


def test_functions_of_one_file_are_told_together() -> None:
    rule = rule_named(RULE)
    assert rule is not None
    from textwrap import dedent

    from stackworthy.judge.example_stacks import resources

    own = "{Type: AWS::Lambda::Function, Properties: {Runtime: python3.13, Handler: app.handler, Code: src}}"
    other = (
        dedent(QUEUE)
        .replace("Function}", "Other}")
        .replace("Pull:", "More:")
        .replace("!Ref Function", "!Ref Other")
    )
    text = f"Function: {own}\nOther: {own}\n{dedent(QUEUE)}{other.split(chr(10), 2)[2]}"
    found = findings(rule, graph_of_resources(resources(text), {"src/app.py": PLAIN}))
    fix = rule.fix(found[0])
    assert fix is not None
    told = {change.resource.address for change in fix.changes if isinstance(change, Set)}
    assert told == {"Pull", "More"}


def test_a_turn_that_ends_in_a_plain_statement_is_caught_as_a_whole() -> None:
    code = "def handler(event, context):\n    for record in event['Records']:\n        print(record)\n        del record\n"
    text = Mended(RULE, code, stack=QUEUE).text
    assert "            print(record)\n            del record\n        except Exception:\n" in text
