"""Every capability on small stacks in each format: what comes out is proven, laid out as the format's own tools would, and asked for once."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib import import_module
from pathlib import Path

import pytest
from tests.capabilities.stacks import CLOUDFORMATION, SAM, TERRAFORM
from tests.support.generated import generation, on

from stackworthy.capabilities.registry import CAPABILITIES
from stackworthy.remedy.generate import Generation

CASES = [
    pytest.param("template.yaml", CLOUDFORMATION, id="cloudformation"),
    pytest.param("template.yaml", SAM, id="sam"),
    pytest.param("main.tf", TERRAFORM, id="terraform"),
]

WRITTEN = {
    CLOUDFORMATION: frozenset(CAPABILITIES) - {"custom-metrics", "model-choice", "nat-gateway"},
    SAM: frozenset(CAPABILITIES)
    - {
        *("api-caching", "batch-spot-migration", "canary-deployment", "cloudfront-caching", "custom-metrics"),
        *(
            "dynamodb-autoscaling",
            "iam-tightening",
            "managed-key",
            "model-choice",
            "retry-and-circuit-breaker",
        ),
        *("nat-gateway", "unused-indexes", "vpc-endpoints"),
    },
    TERRAFORM: frozenset(CAPABILITIES)
    - {
        *(
            "batch-spot-migration",
            "custom-metrics",
            "iam-tightening",
            "managed-key",
            "model-choice",
            "nat-gateway",
        ),
        *("retry-and-circuit-breaker", "unused-indexes"),
    },
}
"""What changes the files of each stack; the others have nothing to do there, or leave it to people."""


def laid(folder: Path, file: str, stack: str, name: str) -> Generation:
    (folder / file).write_text(stack)
    return generation(folder, name)


def write(folder: Path, made: Generation) -> None:
    for path, content in made.edits.items():
        (folder / Path(path).name).write_bytes(content)


@pytest.mark.parametrize("name", CAPABILITIES)
@pytest.mark.parametrize(("file", "stack"), CASES)
def test_what_is_offered_holds_its_proof(file: str, stack: str, name: str, tmp_path: Path) -> None:
    made = laid(tmp_path, file, stack, name)
    assert [item.refused for item in made.found if item.refused] == []
    assert bool(made.edits) == (name in WRITTEN[stack])
    for item in made.found:
        improvement = item.improvement
        assert improvement.title
        assert bool(improvement.done) != bool(improvement.why)
        assert bool(improvement.done) != bool(improvement.changes or improvement.steps)


@pytest.mark.parametrize("name", sorted(WRITTEN[CLOUDFORMATION] | WRITTEN[TERRAFORM]))
@pytest.mark.parametrize(("file", "stack"), CASES)
def test_a_second_run_writes_nothing(file: str, stack: str, name: str, tmp_path: Path) -> None:
    write(tmp_path, laid(tmp_path, file, stack, name))
    assert generation(tmp_path, name).edits == {}


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_terraform_lays_all_of_it_out_the_same(tmp_path: Path) -> None:
    for name in sorted(WRITTEN[TERRAFORM]):
        folder = tmp_path / name
        folder.mkdir()
        write(folder, laid(folder, "main.tf", TERRAFORM, name))
    found = subprocess.run(
        [str(shutil.which("terraform")), "fmt", "-check", "-recursive", str(tmp_path)],
        capture_output=True,
        check=False,
    )
    assert found.stdout == b""


@pytest.mark.parametrize("name", CAPABILITIES)
def test_a_stack_that_it_is_not_for_is_left_alone(name: str, tmp_path: Path) -> None:
    template = "Resources:\n  Wait:\n    Type: AWS::CloudFormation::WaitConditionHandle\n"
    made = on(tmp_path, name, template__yaml=template)
    for_any_stack = {"budget", "cost-anomaly-detection"}
    assert bool(made.found) == (name in for_any_stack)


@pytest.mark.parametrize("name", CAPABILITIES)
def test_each_capability_lives_in_the_module_of_its_name(name: str) -> None:
    module = import_module(f"stackworthy.capabilities.{name.replace('-', '_')}")
    assert module.__doc__
    assert callable(module.improvements)


@pytest.mark.parametrize("name", CAPABILITIES)
def test_each_capability_is_described_for_users(name: str) -> None:
    page = Path(__file__).parents[2] / "docs" / "generate.md"
    assert f"| `{name}` |" in page.read_text()


@pytest.mark.parametrize("name", CAPABILITIES)
def test_odd_values_are_no_accident(name: str, tmp_path: Path) -> None:
    kinds = sorted(set(re.findall(r"Type: (AWS::\w+::\w+)", CLOUDFORMATION)))
    for properties in (
        "text",
        "[1, 2]",
        "{Rules: text, Policies: text, Definition: [1], Environment: [a], Events: 3}",
    ):
        odd = "".join(
            f"  R{number}: {{Type: {kind}, Properties: {properties}}}\n" for number, kind in enumerate(kinds)
        )
        (tmp_path / "template.yaml").write_text(f"Resources:\n{odd}")
        assert generation(tmp_path, name).unread == []
