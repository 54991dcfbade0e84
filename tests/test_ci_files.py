"""The GitHub Action and the GitLab template: their scripts run here, with a stackworthy that notes what it is asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.repositories import ENVIRONMENT, Repository, function

ROOT = Path(__file__).parent.parent
STUB = """#!/bin/sh
echo "$1${GITHUB_TOKEN:+ with token}: $*" >> "$NOTED"
[ "$1" = comment ] && exit "${COMMENTED:-0}"
exit 0
"""


def action() -> Any:
    return yaml.safe_load((ROOT / "action.yml").read_text())


def template() -> list[Any]:
    return list(yaml.safe_load_all((ROOT / "templates/stackworthy.yml").read_text()))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "origin")
    made.commit({"template.yaml": function()})
    made.commit({"template.yaml": function(mode="PassThrough")})
    return made


def run(script: str, folder: Path, **variables: str) -> list[str]:
    """What the script asks stackworthy, line by line."""
    stub = folder.parent / "bin/stackworthy"
    stub.parent.mkdir(exist_ok=True)
    stub.write_text(STUB)
    stub.chmod(0o755)
    (stub.parent / "pip").write_text("#!/bin/sh\n")
    (stub.parent / "pip").chmod(0o755)
    if not (stub.parent / "python").exists():
        (stub.parent / "python").symlink_to(sys.executable)
    noted = folder.parent / "noted"
    noted.unlink(missing_ok=True)
    environment = {
        **ENVIRONMENT,
        **variables,
        "PATH": f"{stub.parent}:{os.environ['PATH']}",
        "NOTED": str(noted),
    }
    subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=folder, env=environment, check=True)
    return noted.read_text().splitlines()


def reviewed_by_action(folder: Path, *, target: str = "", **variables: str) -> list[str]:
    """What the Action asks for a pull request into this commit, or for a push."""
    event = folder.parent / "event.json"
    event.write_text(json.dumps({"pull_request": {"base": {"sha": target}}} if target else {"after": "abc"}))
    step = next(step for step in action()["runs"]["steps"] if step.get("name") == "Review")
    names = {**dict.fromkeys(step["env"], ""), "GITHUB_EVENT_PATH": str(event)}
    defaults = {
        "REVIEW_PATH": ".",
        "FAIL_ON": "high",
        "SARIF": "s.sarif",
        "COMMENT": "true",
        "GITHUB_TOKEN": "t",
    }
    return run(step["run"], folder, **{**names, **defaults, **variables})


def test_a_pull_request_is_held_against_its_target_and_commented_on(repository):
    base = repository.git("rev-parse", "HEAD~1").strip()
    assert reviewed_by_action(repository.folder, target=base) == [
        f"comment with token: comment --github . --new-since {base}",
        f"review: review . --fail-on high -o sarif=s.sarif --new-since {base}",
    ]


def test_a_shallow_clone_fetches_what_it_is_compared_with(repository, tmp_path):
    base = repository.git("rev-parse", "HEAD~1").strip()
    repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", f"file://{repository.folder}", "shallow"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        check=True,
    )
    reviewed_by_action(tmp_path / "shallow", target=base, COMMENT="false")
    subprocess.run(["git", "cat-file", "-e", base], cwd=tmp_path / "shallow", check=True)


def test_a_push_is_reviewed_as_it_is(repository):
    assert reviewed_by_action(repository.folder) == ["review: review . --fail-on high -o sarif=s.sarif"]


def test_the_inputs_reach_the_review_and_are_never_read_as_code(repository, tmp_path):
    evil = f"$(touch {tmp_path}/ran); `touch {tmp_path}/ran`"
    lines = reviewed_by_action(
        repository.folder,
        REVIEW_PATH=evil,
        BASELINE="b.json",
        ENVIRONMENTS="dev prod",
        NEW_SINCE="none",
        target="x",
    )
    assert lines == [
        f"review: review {evil} --fail-on high -o sarif=s.sarif --baseline b.json --environment dev --environment prod"
    ]
    assert not (tmp_path / "ran").exists()
    step = next(step for step in action()["runs"]["steps"] if step.get("name") == "Review")
    assert "${{" not in step["run"]


def test_a_comment_that_may_not_be_written_fails_no_job(repository):
    base = repository.git("rev-parse", "HEAD~1").strip()
    lines = reviewed_by_action(repository.folder, target=base, COMMENTED="2")
    assert lines[-1].startswith("review:")


def test_every_input_of_the_action_is_used(repository):
    text = (ROOT / "action.yml").read_text()
    assert [name for name in action()["inputs"] if f"inputs.{name}" not in text] == []


def reviewed_by_template(folder: Path, **variables: str) -> list[str]:
    job = template()[1]["stackworthy"]
    defaults = {"STACKWORTHY_PATH": ".", "STACKWORTHY_FAIL_ON": "high", "STACKWORTHY_PACKAGE": "stackworthy"}
    return run("\n".join(job["script"]), folder, **{**defaults, **variables})


def test_a_merge_request_is_held_against_its_target_and_commented_on(repository):
    asked = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": "abc", "CI_MERGE_REQUEST_IID": "7", "GITLAB_TOKEN": "t"}
    assert reviewed_by_template(repository.folder, **asked, STACKWORTHY_BASELINE="b.json") == [
        "comment: comment --gitlab . --new-since abc --baseline b.json",
        "review: review . --fail-on high -o gitlab=gl-code-quality-report.json --new-since abc --baseline b.json",
    ]


def test_a_branch_of_gitlab_is_reviewed_as_it_is(repository):
    assert reviewed_by_template(repository.folder) == [
        "review: review . --fail-on high -o gitlab=gl-code-quality-report.json"
    ]


def test_the_templates_inputs_are_used_and_stand_in_no_script():
    inputs, jobs = template()
    text = (ROOT / "templates/stackworthy.yml").read_text()
    assert all(f"$[[ inputs.{name} ]]" in text for name in inputs["spec"]["inputs"])
    assert "$[[" not in "\n".join(jobs["stackworthy"]["script"])
