"""Print our findings and checkov's side by side, resource by resource, and what becomes of each of its checks here.

    python tools/compare_noise.py CHECKOV FOLDER [FOLDER ...] [--resources]

CHECKOV is the program of checkov, which is run on each folder without network; ours runs with the default profile. Resources on which both
tools say the same are one row. A check of checkov is "told" when a rule of the default profile has it among its `equivalents`, "strict" when
only rules of the strict profile do, and otherwise left out for the reason that stands here.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from stackworthy.config import Settings
from stackworthy.core.review import FindingRecord
from stackworthy.core.rule import RECOMMENDED
from stackworthy.judge import review
from stackworthy.rules import rules_equivalent

LEFT_OUT = {
    "CKV_AWS_19": "S3 encrypts every object by itself since January 2023",
    "CKV_AWS_338": "a year of logs is right for an audit trail, and a bill without end for the logs of functions",
    "CKV_TF_1": "about Terraform modules, not about AWS",
}
"""Why no rule has a check."""

STRICT_BECAUSE = {
    "CKV_AWS_115": "reserving concurrency for every function takes it from all others, which share 1,000",
    "CKV_AWS_116": "only functions that are called asynchronously can use it; those get a rule of their own",
    "CKV_AWS_117": "a function in a VPC that needs nothing there costs a NAT gateway and gains nothing",
    "CKV_AWS_173": "variables are encrypted in any case; what must not be in them is a secret, which is told",
    "CKV_AWS_158": "logs are encrypted in any case; a key of one's own costs a dollar a month and must let CloudWatch in",
    "CKV_AWS_119": "tables are encrypted in any case; a key of one's own costs a dollar a month and each request",
    "CKV_AWS_272": "only signed code may run: a process for a whole organisation, not a line in a template",
    "CKV_AWS_18": "a log of every bucket is a second bucket that grows; worth it where data is sensitive",
    "CKV_AWS_21": "right for what cannot be made again, a growing bill for what can",
    "CKV_AWS_26": "a topic keeps nothing; a key of AWS's silences alarms and buckets that publish to it",
    "CKV_AWS_120": "a cache costs by the hour, from 14 dollars a month",
    "CKV2_AWS_34": "most parameters are no secrets; one that is is told",
    "CKV_AWS_144": "a second copy in another Region doubles the bill",
    "CKV_AWS_145": "objects are encrypted in any case; a KMS key bills requests",
    "CKV2_AWS_33": "a web ACL costs six dollars a month or more for each API",
    "CKV_AWS_297": "schedules are encrypted in any case; a key of one's own is a choice",
    "CKV2_AWS_64": "without a policy of its own a key has AWS's, which lets the account's IAM decide",
    "CKV_AWS_341": "containers on the machine may need the second hop",
}
"""Why a check is asked for in the strict profile only."""

Row = tuple[str, str]


def theirs(program: str, folder: Path) -> list[dict[str, Any]]:
    """The failed checks of checkov, each as it prints it."""
    command = [
        str(Path(program).absolute()) if "/" in program else program,
        "-d",
        ".",
        "--framework",
        "cloudformation",
        "terraform",
        "-o",
        "json",
        "--quiet",
        "--compact",
    ]
    command += ["--skip-download", "--download-external-modules", "false"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    reports = json.loads(done.stdout)
    return [
        check
        for report in (reports if isinstance(reports, list) else [reports])
        for check in report.get("results", {}).get("failed_checks", [])
    ]


def ours(folder: Path) -> list[FindingRecord]:
    """Our findings in the default profile."""
    made = review(folder, Settings(root=str(folder)))
    return [finding for stack in made.stacks for finding in stack.findings]


def short(address: str) -> str:
    """A resource's address without modules, instances and the type of a template's resource."""
    name = re.sub(r"\[[^\]]*\]", "", address)
    parts = name.split(".")
    if parts[0].startswith("AWS::"):
        return parts[-1]
    return ".".join(parts[-2:]) if "aws_" in name else name


def side_by_side(failed: list[dict[str, Any]], findings: list[FindingRecord]) -> dict[Row, list[set[str]]]:
    """Their checks and our rules, by file and resource."""
    rows: dict[Row, list[set[str]]] = defaultdict(lambda: [set(), set()])
    for check in failed:
        rows[(check["file_path"].lstrip("/"), short(check["resource"]))][0].add(check["check_id"])
    for finding in findings:
        place = finding.locations[0].file if finding.locations else ""
        for address in finding.instances or [finding.address]:
            name = short(address) or "(the stack)"
            above = [row for row in rows if row[1] == name and _is_above(row[0], place)]
            rows[above[0] if above else (place, name)][1].add(finding.rule)
    return rows


def _is_above(template: str, place: str) -> bool:
    """Whether a place, in the code of a function perhaps, is in the folder of a template or below it."""
    folder = str(Path(template).parent)
    return template == place or folder == "." or place.startswith(f"{folder}/")


def print_resources(rows: dict[Row, list[set[str]]]) -> None:
    """One line for all resources on which both tools say the same."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row, (checks, rules) in rows.items():
        groups[(", ".join(sorted(checks)) or "-", ", ".join(sorted(rules)) or "-")].append(row)
    print("| resources | checkov | stackworthy |\n|---|---|---|")
    for (checked, ruled), members in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
        named = "; ".join(f"{name} ({Path(file).parent or '.'})" for file, name in sorted(members)[:2])
        more = f" and {len(members) - 2} more" if len(members) > 2 else ""
        print(f"| {named}{more} | {checked} | {ruled} |")


def fate(check: str) -> str:
    """What becomes of a check of theirs."""
    rules = rules_equivalent(check)
    told = [rule.id for rule in rules if rule.profile == RECOMMENDED]
    if told:
        return "told: " + ", ".join(told[:2]) + (", …" if len(told) > 2 else "")
    if rules:
        return f"strict ({rules[0].id}): {STRICT_BECAUSE.get(check, 'a matter of taste or of money')}"
    return f"left out: {LEFT_OUT.get(check, 'no rule yet')}"


def main() -> None:
    """Print the totals, the fate of each check, and with --resources each application's rows."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("checkov")
    arguments.add_argument("folders", type=Path, nargs="+")
    arguments.add_argument("--resources", action="store_true")
    chosen = arguments.parse_args()
    counts: dict[str, Counter[str]] = {}
    names: dict[str, str] = {}
    for folder in chosen.folders:
        failed, findings = theirs(chosen.checkov, folder), ours(folder)
        rows = side_by_side(failed, findings)
        counts[folder.name] = Counter(check["check_id"] for check in failed)
        names.update({check["check_id"]: check["check_name"] for check in failed})
        both = sum(bool(checks) and bool(rules) for checks, rules in rows.values())
        print(f"\n### {folder.name}\n")
        print(
            f"{len(failed)} findings of checkov, {len(findings)} of ours; {len(rows)} resources, {both} with findings of both.\n"
        )
        if chosen.resources:
            print_resources(rows)
    total: Counter[str] = sum(counts.values(), Counter())
    print(
        "\n| check | asks for | " + " | ".join(counts) + " | here |\n|---|---|" + "---|" * (len(counts) + 1)
    )
    for check, _ in sorted(total.items(), key=lambda item: (-item[1], item[0])):
        each = " | ".join(str(count[check]) for count in counts.values())
        print(f"| {check} | {names[check]} | {each} | {fate(check)} |")
    blanket = sum(total[check] for check in ("CKV_AWS_115", "CKV_AWS_116", "CKV_AWS_117"))
    print(f"\nThree blanket checks make {blanket} of {total.total()} findings of checkov.")


if __name__ == "__main__":
    main()
