"""The GitHub Action: its script does what its inputs say, and passes the exit code on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
TEMPLATE = """\
Resources:
  Worker:
    Type: AWS::Lambda::Function
    Properties: {TracingConfig: {Mode: PassThrough}, Handler: a.b}
"""


@pytest.fixture
def action(tmp_path):
    """Runs the script of the review, in a folder with one template; the inputs that are given replace the defaults."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin/stackworthy"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nfrom stackworthy.cli import main\nsys.exit(main())\n"
    )
    program.chmod(0o755)
    (tmp_path / "work").mkdir()
    (tmp_path / "work/template.yaml").write_text(TEMPLATE)
    described = yaml.safe_load((ROOT / "action.yml").read_text())
    (step,) = (step for step in described["runs"]["steps"] if step.get("name") == "Review")

    def run(**given):
        inputs = {name: entry["default"] for name, entry in described["inputs"].items()}
        inputs.update({name.replace("_", "-"): value for name, value in given.items()})
        environment = {
            **os.environ,
            "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "src"),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        }
        for name, value in step["env"].items():
            environment[name] = inputs[value.removeprefix("${{ inputs.").removesuffix(" }}")]
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=tmp_path / "work",
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    run.folder = tmp_path
    return run


def test_findings_fail_the_job_annotate_it_and_stand_on_its_page(action):
    done = action(fail_on="low", html="report.html")
    assert done.returncode == 1, done.stderr
    assert "::notice file=template.yaml,line=4" in done.stdout
    assert "## stackworthy: " in (action.folder / "summary.md").read_text()
    assert (action.folder / "work/stackworthy.sarif").exists()
    assert (action.folder / "work/report.html").read_text().startswith("<!DOCTYPE html>")


def test_what_is_not_wanted_is_not_written(action):
    done = action(fail_on="never", annotations="false", summary="false")
    assert done.returncode == 0, done.stderr
    assert "::notice" not in done.stdout
    assert sorted(os.listdir(action.folder)) == ["bin", "work"]
    assert sorted(os.listdir(action.folder / "work")) == ["stackworthy.sarif", "template.yaml"]


def test_bad_use_fails_the_job(action):
    assert action(path="nowhere").returncode == 2
