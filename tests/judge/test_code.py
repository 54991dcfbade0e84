"""Findings in code, from the function on the stack to the record: places, ids, suppressions, passes, what is not assessed."""

import json
from pathlib import Path

import pytest

from stackworthy.config import Settings
from stackworthy.core.review import FindingRecord, Review
from stackworthy.judge import review

TEMPLATE = """
Resources:
  Orders:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.13, Handler: app.handler, Code: src, Timeout: 10}
"""
CODE = """import boto3

def handler(event, context):
    return boto3.client("s3").list_buckets()
"""
RULE = "client-per-invocation"


def reviewed(folder: Path, files: dict[str, str], rule: str = RULE) -> Review:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return review(folder, Settings(rules=(rule,)))


def only(made: Review) -> FindingRecord:
    (finding,) = made.findings
    return finding


def test_a_finding_in_code_shows_the_line_of_code_and_names_the_function(tmp_path):
    finding = only(reviewed(tmp_path, {"template.yaml": TEMPLATE, "src/app.py": CODE}))
    assert (finding.address, finding.file, finding.line, finding.column) == ("Orders", "src/app.py", 4, 12)
    assert finding.locations[0].end_column == 30
    assert [(place.file, place.role) for place in finding.locations] == [
        ("src/app.py", "fault"),
        ("template.yaml", "function"),
    ]
    assert finding.property == "handler boto3.client"


def test_its_id_stays_when_lines_move(tmp_path):
    before = only(reviewed(tmp_path, {"template.yaml": TEMPLATE, "src/app.py": CODE}))
    moved = "# a comment\n\n" + CODE.replace("def handler", "LIMIT = 1\n\ndef handler")
    after = only(reviewed(tmp_path, {"src/app.py": moved}))
    assert (before.id, before.line) != (after.id, after.line)
    assert before.id == after.id


def test_the_same_part_twice_is_told_apart_by_order(tmp_path):
    code = "import requests\n\ndef handler(event, context):\n    requests.get('https://a.example')\n    requests.get('https://b.example')\n"
    made = reviewed(tmp_path, {"template.yaml": TEMPLATE, "src/app.py": code}, "http-call-outlives-function")
    assert [(item.line, item.property) for item in made.findings] == [
        (4, "handler requests.get"),
        (5, "handler requests.get #2"),
    ]
    assert len({item.id for item in made.findings}) == 2


def test_functions_that_share_a_line_share_the_finding(tmp_path):
    second = TEMPLATE.replace("Resources:\n", "").replace("Orders", "Invoices")
    finding = only(reviewed(tmp_path, {"template.yaml": TEMPLATE + second, "src/app.py": CODE}))
    assert finding.instances == ["Orders", "Invoices"]


def test_a_comment_beside_the_line_or_above_the_function_silences_it(tmp_path):
    beside = CODE.replace("list_buckets()", f"list_buckets()  # stackworthy: ignore[{RULE}] once a day")
    made = reviewed(tmp_path, {"template.yaml": TEMPLATE, "src/app.py": beside})
    assert not made.findings
    suppressed = made.stacks[0].suppressed[0].suppressed
    assert suppressed is not None
    assert (suppressed.reason, suppressed.file, suppressed.line) == ("once a day", "src/app.py", 4)
    above = CODE.replace("def handler", f"# stackworthy: ignore[{RULE}] once a day\ndef handler")
    assert not reviewed(tmp_path, {"src/app.py": above}).findings
    elsewhere = CODE + f"\n# stackworthy: ignore[{RULE}] of nothing\ndef other():\n    pass\n"
    assert reviewed(tmp_path, {"src/app.py": elsewhere}).findings


def test_a_suppression_in_script_is_a_comment_of_script(tmp_path):
    template = TEMPLATE.replace("python3.13", "nodejs22.x")
    code = (
        'import { S3Client } from "@aws-sdk/client-s3";\nexport const handler = async () => {\n'
        f"  // stackworthy: ignore[{RULE}] once a day\n  return new S3Client({{}});\n}};\n"
    )
    made = reviewed(tmp_path, {"template.yaml": template, "src/app.mjs": code})
    assert not made.findings
    assert len(made.stacks[0].suppressed) == 1


def test_a_comment_beside_the_resource_silences_the_code_too(tmp_path):
    template = TEMPLATE.replace("  Orders:", f"  # stackworthy: ignore[{RULE}] once a day\n  Orders:")
    assert not reviewed(tmp_path, {"template.yaml": template, "src/app.py": CODE}).findings


def test_inline_code_is_shown_at_its_line_of_the_template(tmp_path):
    template = """
Resources:
  Orders:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Code:
        ZipFile: |
          import boto3

          def handler(event, context):
              return boto3.client("s3").list_buckets()
"""
    finding = only(reviewed(tmp_path, {"template.yaml": template}))
    assert (finding.file, finding.line, finding.column) == ("template.yaml", 13, 22)


def test_a_pass_says_what_protects(tmp_path):
    code = (
        "import re\nimport boto3\n\nsts = boto3.client('sts')\n\ndef handler(event, context):\n"
        "    name = re.sub('[^a-z]', '', event['user'])\n    sts.assume_role(RoleArn='r', RoleSessionName=name)\n"
    )
    made = reviewed(tmp_path, {"template.yaml": TEMPLATE, "src/app.py": code}, "session-name-from-event")
    (verdict,) = made.stacks[0].verdicts
    assert (verdict.state, verdict.reason) == (
        "pass",
        "re.sub('[^a-z]', '', event['user']) cleans RoleSessionName (src/app.py:7)",
    )


def test_code_that_cannot_be_parsed_is_not_assessed_and_said_once(tmp_path):
    made = reviewed(tmp_path, {"template.yaml": TEMPLATE, "src/app.py": "print 'hello'\n"})
    (verdict,) = made.stacks[0].verdicts
    assert verdict.state == "not-assessed"
    assert verdict.reason.startswith("src/app.py line 1 ")
    (note,) = made.stacks[0].diagnostics
    assert (note.file, note.line, note.level) == ("src/app.py", 1, "warning")


def test_code_that_is_packed_is_said_once_for_all_rules(tmp_path):
    (tmp_path / "template.yaml").write_text(TEMPLATE.replace("Code: src", "Code: app.zip"))
    (tmp_path / "app.zip").write_bytes(b"PK")
    made = review(tmp_path, Settings())
    told = [verdict for verdict in made.stacks[0].verdicts if "packed" in verdict.reason]
    assert [verdict.reason for verdict in told] == [
        "its code is packed in app.zip; none of the rules on code could look"
    ]


def test_a_function_without_its_code_has_no_verdict_on_it(tmp_path):
    template = TEMPLATE.replace("Code: src", "Code: {S3Bucket: b, S3Key: k}")
    assert not reviewed(tmp_path, {"template.yaml": template}).stacks[0].verdicts


def test_nothing_that_reads_code_is_imported_when_there_is_none(tmp_path):
    import subprocess
    import sys

    (tmp_path / "template.json").write_text(json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}))
    script = (
        "import sys\nfrom stackworthy.judge import review\n"
        f"review({str(tmp_path)!r})\nprint([name for name in sys.modules if 'sources.code' in name or 'rules.code' in name])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


DEEP = {
    "calls": ("f(" * 180 + "event" + ")" * 180, "fail"),
    "additions": (" + ".join(["event['a']"] * 400), "fail"),
    "attributes": ("event" + ".a()" * 400, "not-assessed"),
    "spread": ("{**x}\n    x = {**x, **x}\n    boto3.client('s3').put_object(**x)", "pass"),
    "lists": ("[" * 90 + "event" + "]" * 90, "fail"),
}


@pytest.mark.parametrize("shape", DEEP)
def test_code_of_any_shape_is_judged_or_not_assessed(tmp_path, shape):
    value, state = DEEP[shape]
    code = f"import boto3\nimport os\n\ndef handler(event, context):\n    x = {value}\n    os.system(x)\n    return x\n"
    (tmp_path / "src").mkdir()
    (tmp_path / "src/app.py").write_text(code)
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    made = review(tmp_path, Settings(profile="strict"))
    states = {each.state for each in made.stacks[0].verdicts if each.rule == "command-from-event"}
    assert states == {state}
