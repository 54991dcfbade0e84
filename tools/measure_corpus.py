"""Review repositories and print what the benchmarks page states of them: stacks, kinds, verdicts, findings, time.

    python tools/measure_corpus.py FOLDER [FOLDER ...] [--only-format FORMAT]
    python tools/measure_corpus.py FOLDER [FOLDER ...] --sample 60 --seed 1     # findings drawn at random, with their lines, to be read

The sample is drawn over all folders together; the same seed draws the same findings from the same input.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from pathlib import Path

from stackworthy.config import Settings
from stackworthy.core.review import FindingRecord, Review
from stackworthy.judge import review


def row(folder: str, made: Review) -> str:
    """One line of the table."""
    summary = made.summary
    states = summary.verdicts
    total = sum(states.values())
    assessed = total - states.get("not-assessed", 0)
    aws = [name for name in summary.unmapped if name.lower().startswith(("aws::", "aws_", "awscc_"))]
    share = f"{100 * assessed / total:.1f} %" if total else "none"
    return (
        f"| {Path(folder).name} | {summary.stacks} | {summary.resources:,} | {len(aws)} | {total:,} | {share} "
        f"| {sum(summary.findings.values()):,} | {summary.errors} | {summary.seconds:.2f} s |"
    )


def details(made: Review) -> None:
    """What the line hides: types without a kind, reasons, errors."""
    broken = Counter(item.reason for item in made.summary.not_assessed if "fault of the rule" in item.reason)
    for reason in broken:
        print(f"    rule broke: {reason}")
    for name, count in made.summary.unmapped.items():
        print(f"    no kind: {name} x{count}")
    for item in made.summary.not_assessed[:8]:
        print(f"    not assessed x{item.count}: {item.reason}")
    for stack in made.stacks:
        for problem in stack.diagnostics:
            if problem.level == "error":
                print(f"    {problem.file}:{problem.line}: {problem.message}")


def sample(reviews: list[tuple[str, Review]], count: int, seed: int) -> None:
    """Print findings drawn at random, each with its rule, message and lines."""
    found = [(folder, finding) for folder, made in reviews for finding in made.findings]
    for number, (folder, finding) in enumerate(random.Random(seed).sample(found, min(count, len(found))), 1):
        show(number, folder, finding)


def show(number: int, folder: str, finding: FindingRecord) -> None:
    """One finding with the lines around it."""
    print(f"\n#{number} {folder}/{finding.file}:{finding.line} {finding.rule} ({finding.severity})")
    print(f"   {finding.address} {finding.property}: {finding.message}")
    for step in finding.trail:
        print(f"   <- {step.what} {step.file}:{step.line}")
    lines = (Path(folder) / finding.file).read_text(errors="replace").splitlines()
    for index in range(max(0, finding.line - 3), min(len(lines), finding.line + 10)):
        print(f"   {index + 1:5} | {lines[index][:140]}")


def main() -> None:
    """Print the table, or the sample."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("folders", nargs="+")
    arguments.add_argument("--only-format", action="append", default=[])
    arguments.add_argument("--sample", type=int, default=0)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--details", action="store_true")
    chosen = arguments.parse_args()
    settings = Settings(only_formats=tuple(chosen.only_format))
    reviews = [(folder, review(folder, settings)) for folder in chosen.folders]
    if chosen.sample:
        sample(reviews, chosen.sample, chosen.seed)
        return
    print(
        "| repository | stacks | resources | AWS types without kind | verdicts | assessed | findings | errors | time |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for folder, made in reviews:
        print(row(folder, made))
        if chosen.details:
            details(made)


if __name__ == "__main__":
    main()
