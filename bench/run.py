"""Speed and memory against checkov on the same files, as ratios within one run.

    python bench/run.py                                  # start-up, and the flashcards template
    python bench/run.py --templates path/to/repository   # all templates of a repository, for example aws-samples/serverless-patterns

checkov is installed into a virtual environment of its own, `.venv-checkov`, on the first run. The templates of a repository are copied
into a temporary folder, so that both tools read the same files and no others.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import Cost, median, paired, run

ROOT = Path(__file__).resolve().parent.parent
CHECKOV = ROOT / ".venv-checkov"
STACKWORTHY = str(Path(sys.executable).parent / "stackworthy")
VERSION = "3.3.30"


def checkov() -> str:
    """The checkov command, installed when it is not there."""
    command = CHECKOV / "bin" / "checkov"
    if not command.exists():
        subprocess.run([sys.executable, "-m", "venv", str(CHECKOV)], check=True)
        pip = [
            str(CHECKOV / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]
        subprocess.run([*pip, f"checkov=={VERSION}"], check=True)
    return str(command)


def row(name: str, ours: Cost, theirs: Cost) -> None:
    """One line of the table."""
    print(
        f"| {name} | {ours.wall:.2f} s | {theirs.wall:.2f} s | {theirs.wall / ours.wall:.1f}x "
        f"| {ours.memory:.0f} MB | {theirs.memory:.0f} MB | {ours.memory / theirs.memory:.2f} |"
    )


def start_up(runs: int) -> None:
    """`stackworthy --version` against a bare interpreter."""
    bare = [sys.executable, "-c", "pass"]
    ours, python = paired([STACKWORTHY, "--version"], bare, runs)
    allowed = 4 * python.wall + 0.030
    print(
        f"`stackworthy --version`: {ours.wall * 1000:.0f} ms; bare `python -c pass`: {python.wall * 1000:.0f} ms; "
        f"allowed (4x + 30 ms): {allowed * 1000:.0f} ms\n"
    )


def against_checkov(name: str, folder: Path, framework: str, runs: int) -> None:
    """The same folder reviewed by both."""
    ours = [STACKWORTHY, "review", str(folder), "--format", "json", "--fail-on", "never", "--no-cache"]
    theirs = [
        checkov(),
        "-d",
        str(folder),
        "--framework",
        framework,
        "--skip-download",
        "--compact",
        "--quiet",
    ]
    if runs == 1:
        row(name, median([run(ours) for _ in range(3)]), run(theirs))
    else:
        row(name, *paired(ours, theirs, runs))


def templates_of(repository: Path, into: Path) -> int:
    """Copy every template that a review finds below a repository; how many there are."""
    sys.path.insert(0, str(ROOT / "src"))
    from stackworthy.config import Settings
    from stackworthy.core.workspace import Disk
    from stackworthy.sources.find import find

    workspace = Disk(repository)
    stacks = find(workspace, "", Settings(only_formats=("cloudformation", "sam"))).stacks
    for stack in stacks:
        target = into / stack.path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(repository / stack.path, target)
    return len(stacks)


def main() -> None:
    """Print the tables."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument(
        "--templates", type=Path, help="a repository with CloudFormation and SAM templates"
    )
    arguments.add_argument("--runs", type=int, default=5)
    chosen = arguments.parse_args()
    start_up(chosen.runs)
    print("| input | stackworthy | checkov | ratio | memory | checkov's | share |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        small = Path(scratch) / "small"
        small.mkdir()
        shutil.copyfile(ROOT / "examples/flashcards/sam/template.yaml", small / "template.yaml")
        against_checkov("one template", small, "cloudformation", chosen.runs)
        if chosen.templates:
            many = Path(scratch) / "many"
            count = templates_of(chosen.templates, many)
            against_checkov(f"{count} templates", many, "cloudformation", 1)


if __name__ == "__main__":
    main()
