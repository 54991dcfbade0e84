"""Speed and memory against checkov on the same files, as ratios within one run.

    python bench/run.py                                   # start-up, the flashcards template and the flashcards root
    python bench/run.py --templates path/to/repository    # all its templates, for example of aws-samples/serverless-patterns
    python bench/run.py --terraform path/to/repository    # all its .tf files
    python bench/run.py --repository path/to/repository   # the folder as it is, where both must find the templates by themselves

checkov is installed into a virtual environment of its own, `.venv-checkov`, on the first run. Templates and .tf files are copied into a
temporary folder, so that both tools read the same files and no others. Memory is that of the largest process of each tool. The tools
take turns; checkov runs over a whole repository only once, which takes a minute.
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
    """The same folder reviewed by both; with a single run of checkov, three of ours."""
    ours = [STACKWORTHY, "review", str(folder), "--format", "json", "--fail-on", "never", "--no-cache"]
    ours += ["--only-format", framework]
    theirs = [checkov(), "-d", str(folder), "--framework", framework]
    theirs += ["--skip-download", "--compact", "--quiet"]
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


def terraform_of(repository: Path, into: Path) -> int:
    """Copy every .tf file below a folder; how many there are."""
    count = 0
    for file in repository.rglob("*.tf"):
        inner = file.relative_to(repository)
        if file.is_file() and not any(part.startswith(".") for part in inner.parts):
            target = into / inner
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
            count += 1
    return count


def arguments() -> argparse.Namespace:
    """What to measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    metavar = "FOLDER"
    parser.add_argument("--templates", type=Path, metavar=metavar, help="compare on copies of its templates")
    parser.add_argument("--terraform", type=Path, metavar=metavar, help="compare on copies of its .tf files")
    parser.add_argument("--repository", type=Path, metavar=metavar, help="compare on the whole folder")
    parser.add_argument("--runs", type=int, default=5, help="of the small inputs (default: 5)")
    return parser.parse_args()


def main() -> None:
    """Print the tables."""
    chosen = arguments()
    start_up(chosen.runs)
    print("| input | stackworthy | checkov | ratio | memory | checkov's | share |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        template, root = Path(scratch) / "template", Path(scratch) / "root"
        template.mkdir()
        shutil.copyfile(ROOT / "examples/flashcards/sam/template.yaml", template / "template.yaml")
        against_checkov("one SAM template", template, "cloudformation", chosen.runs)
        terraform_of(ROOT / "examples/flashcards/terraform", root)
        against_checkov("one Terraform root", root, "terraform", chosen.runs)
        if chosen.templates:
            templates = Path(scratch) / "templates"
            count = templates_of(chosen.templates, templates)
            against_checkov(f"{count} templates", templates, "cloudformation", 1)
        if chosen.terraform:
            configuration = Path(scratch) / "terraform"
            count = terraform_of(chosen.terraform, configuration)
            against_checkov(f"{count} .tf files", configuration, "terraform", 1)
    if chosen.repository:
        against_checkov("a whole repository", chosen.repository, "cloudformation", 1)


if __name__ == "__main__":
    main()
