"""The functions against the recorded answers of `terraform console`, and the recording against a real Terraform."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest
from tests.sources.terraform.functions.oracle import Answer, answers, computed, recorded_files, recording

from stackworthy.sources.terraform.functions import FUNCTIONS

ANSWERS = [answer for answer in answers() if answer.function]
BY_FUNCTION: dict[str, list[Answer]] = defaultdict(list)
for one in ANSWERS:
    BY_FUNCTION[one.function].append(one)

DIFFERENT = {
    'coalescelist(null, ["a"])': "null without a type fails there; one with a type, which is not told apart, does not",
    'element(["a", "b", "c"], -1)': "1.11 crashes; later versions count from the end",
    "log(-1, 10)": "1.11 crashes, with another message",
    "log(1, 1)": "1.11 crashes, with another message",
    "pow(-2, 0.5)": "1.11 crashes, with another message",
    'sensitive("a")': "marks are not followed",
    'yamldecode("a:\\n  <<: [{b: 1}, {b: 2, c: 3}]\\n  c: 4")': "later versions merge sequences",
    'yamldecode("- .inf")': "only the notation of the recording differs",
    'cidrhost("::ffff:10.0.0.0/104", 1)': "unknown here: 1.11 miscounts",
    'cidrsubnet("10.1.2.0/24", 4, -1)': "unknown here: 1.11 miscounts",
    'provider::nosuch::thing("x")': "unknown here: other providers are not asked",
}


def _disagreement(answer: Answer) -> str | None:
    ours = computed(answer, recorded_files())
    if answer.json is not None:
        agrees = ours.get("json") == answer.json
    elif answer.error:
        agrees = ours.get("error") == answer.error
    else:
        agrees = ours.get("shown") == answer.shown
    return (
        None
        if agrees
        else f"{answer.expression}: {answer.json or answer.error or answer.shown!r}, not {ours}"
    )


@pytest.mark.parametrize("function", sorted(BY_FUNCTION))
def test_a_function_answers_and_complains_as_terraform_does(function):
    asked = [answer for answer in BY_FUNCTION[function] if answer.expression not in DIFFERENT]
    assert [found for answer in asked if (found := _disagreement(answer))] == []


def test_the_known_differences_are_all_that_there_are():
    asked = {answer.expression: answer for answer in ANSWERS}
    assert [expression for expression in DIFFERENT if _disagreement(asked[expression]) is None] == []


def test_answers_have_the_types_that_terraform_gives_them_as_far_as_values_tell():
    wrong = []
    for answer in ANSWERS:
        ours = computed(answer, recorded_files())
        if answer.json is None or ours.get("json") != answer.json:
            continue
        pattern = re.escape(str(ours["type"])).replace("dynamic", r"[\s\S]+")
        if not re.fullmatch(pattern, answer.type):
            wrong.append((answer.expression, ours["type"], answer.type))
    assert wrong == []


def test_every_function_is_recorded_but_those_whose_answer_is_never_known():
    never = {name for name, function in FUNCTIONS.items() if function.impure}
    unrecorded = {"issensitive", "templatestring", "provider::terraform::decode_tfvars"}
    assert set(FUNCTIONS) - never - unrecorded - set(BY_FUNCTION) == set()
    assert len(ANSWERS) > 1200


def _console(directory: Path, line: str) -> str:
    environment = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
    done = subprocess.run(
        ["terraform", "console", "-no-color"],
        input=line + "\n",
        capture_output=True,
        text=True,
        cwd=directory,
        env=environment,
        timeout=15,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def _recorded_version() -> bool:
    if shutil.which("terraform") is None:
        return False
    done = subprocess.run(
        ["terraform", "version", "-json"], capture_output=True, text=True, timeout=15, check=False
    )
    version = recording()["terraform"].rpartition(".")[0]
    return f'"terraform_version": "{version}.' in done.stdout


@pytest.mark.skipif(not _recorded_version(), reason="no Terraform of the recorded version is on the PATH")
def test_a_real_terraform_still_gives_the_recorded_answers(tmp_path):
    files = recorded_files().contents
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data if name != "main.tf" else b"")
    asked = [
        answer
        for answer in answers()
        if (answer.json is not None or answer.error) and "provider::" not in answer.expression
    ]
    wrong = []
    for start in range(0, len(asked), 300):
        batch = asked[start : start + 300]
        tries = ", ".join(f"try([jsonencode({answer.expression})], [])" for answer in batch)
        line = f"base64encode(jsonencode([{tries}]))"
        assert len(line.encode()) < 60_000
        found = json.loads(base64.b64decode(_console(tmp_path, line).strip().strip('"')))
        for answer, texts in zip(batch, found, strict=True):
            if texts != ([] if answer.json is None else [answer.json]):
                wrong.append((answer.expression, texts))
    assert wrong == []
