"""Hold our verdicts against resources that another team labelled, check by check.

    python tools/compare_labels.py CASES.json REPOSITORY [--show] [--check ID]

CASES.json lists `check_id`, `address`, `expected` ("pass" or "fail"), and the `folder` or `file` in REPOSITORY that holds the resource. A rule covers
a check when its `equivalents` name it. A check is "found" where any of its rules fails the resource, "clean" where one passes it and none
fails; no verdict at all counts as a miss of a "fail" and as right for a "pass".
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from stackworthy.config import Settings
from stackworthy.core.review import Review
from stackworthy.judge import review
from stackworthy.rules import rules_equivalent


class Reviews:
    """The review of each folder, with every rule on, made once."""

    def __init__(self, repository: Path) -> None:
        self.repository = repository
        self._known: dict[str, Review] = {}

    def of(self, place: str) -> Review:
        """The review of a folder or file of the repository."""
        if place not in self._known:
            path = self.repository / place
            root = str(path if path.is_dir() else path.parent)
            self._known[place] = review(path, Settings(root=root, profile="strict"))
        return self._known[place]


def verdict(made: Review, rules: set[str], address: str) -> str:
    """What our rules say of an address: "fail", "pass", "not-assessed" or "none"."""
    states = {
        record.state
        for stack in made.stacks
        for record in stack.verdicts
        if record.rule in rules and record.address == address
    }
    for finding in (finding for stack in made.stacks for finding in stack.findings):
        if finding.rule in rules and address in finding.instances:
            states.add("fail")
    return next(
        (state for state in ("fail", "suppressed", "not-assessed", "pass") if state in states), "none"
    )


def address_of(case: dict[str, Any]) -> str:
    """The address as ours are: others put the type before a template's logical id, and leave out Terraform's `data.`."""
    address: str = case["address"]
    if address.startswith("aws_iam_policy_document."):
        return f"data.{address}"
    return address.rsplit(".", 1)[-1] if case["framework"] == "cloudformation" else address


def main() -> None:
    """Print coverage, precision and recall, and with --show each case that differs."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("cases", type=Path)
    arguments.add_argument("repository", type=Path)
    arguments.add_argument("--show", action="store_true")
    arguments.add_argument("--check")
    chosen = arguments.parse_args()
    cases = json.loads(chosen.cases.read_text())["cases"]
    if chosen.check:
        cases = [case for case in cases if case["check_id"] == chosen.check]
    reviews = Reviews(chosen.repository)
    counts: Counter[str] = Counter()
    differing: dict[str, list[str]] = defaultdict(list)
    uncovered: Counter[str] = Counter()
    for case in cases:
        rules = {rule.id for rule in rules_equivalent(case["check_id"])}
        if not rules:
            uncovered[f"{case['check_id']} {case['check_name']}"] += 1
            continue
        ours = verdict(reviews.of(case.get("folder") or case["file"]), rules, address_of(case))
        found = ours == "fail"
        wanted = case["expected"] == "fail"
        counts["true" if found == wanted else "false", "positive" if found else "negative"] += 1  # type: ignore[index]
        if found != wanted:
            place = f"{case['file']}:{case['line']}"
            differing[case["check_id"]].append(
                f"{case['address']} expected {case['expected']}, ours {ours} ({place})"
            )
    checks = {case["check_id"] for case in cases}
    covered = len(checks) - len(uncovered)
    tp, fp = counts["true", "positive"], counts["false", "positive"]  # type: ignore[index]
    fn, tn = counts["false", "negative"], counts["true", "negative"]  # type: ignore[index]
    print(f"checks covered: {covered} of {len(checks)} ({100 * covered / len(checks):.0f} %)")
    print(f"cases: {tp} found, {tn} clean, {fp} found though labelled pass, {fn} missed")
    print(f"precision {100 * tp / max(tp + fp, 1):.1f} %, recall {100 * tp / max(tp + fn, 1):.1f} %")
    if chosen.show:
        for check, lines in sorted(differing.items()):
            for line in lines:
                print(f"  {check}: {line}")
        for name, count in sorted(uncovered.items()):
            print(f"  no rule: {name} ({count} cases)")


if __name__ == "__main__":
    main()
