"""Look at files that `measure_fixes.py --out COPY` mended with the tools of others: cfn-lint, `terraform fmt` and `terraform validate`.

    .venv/bin/python tools/check_fixes.py COPY [--templates 150] [--validate "COMMAND --many {} validate"]

A template may have no error of cfn-lint that it had not before, a Terraform file no line that `terraform fmt` would change and did
not before, a root that was valid must be valid. COMMAND gets a file with one folder per line in the place of {}, and prints one line
`FOLDER: ok` or `FOLDER: what is wrong` for each.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from stackworthy.remedy.outside import changed_lines

_LINE = re.compile(r" \(line \d+\)")


def pairs(copy: Path, kind: str) -> list[tuple[Path, Path]]:
    """The stacks of a kind before and after."""
    before, after = copy / f"{kind}-before.txt", copy / f"{kind}.txt"
    if not after.exists():
        return []
    return [
        (Path(one), Path(other))
        for one, other in zip(before.read_text().splitlines(), after.read_text().splitlines(), strict=True)
    ]


def lint(templates: list[Path]) -> dict[Path, Counter[str]]:
    """The errors that cfn-lint has for each template, without lines."""
    program = Path(sys.executable).with_name("cfn-lint")
    errors: dict[Path, Counter[str]] = {template: Counter() for template in templates}
    for first in range(0, len(templates), 50):
        some = templates[first : first + 50]
        done = subprocess.run(
            [program, "--format", "json", "--", *some], capture_output=True, text=True, check=False
        )
        for item in json.loads(done.stdout or "[]"):
            if item["Level"] == "Error":
                errors[Path(item["Filename"])][f"{item['Rule']['Id']}: {_LINE.sub('', item['Message'])}"] += 1
    return errors


def check_templates(copy: Path, number: int) -> int:
    """Lint a random choice of the templates, before and after."""
    found = [pair for pair in pairs(copy, "templates") if pair[1].is_file()]
    chosen = random.Random(6).sample(found, min(number, len(found)))
    errors = lint([template for pair in chosen for template in pair])
    worse = 0
    for before, after in chosen:
        new = errors[after] - errors[before]
        if new:
            worse += 1
            print(f"{after}: {dict(new)}", flush=True)
    print(f"cfn-lint: {len(chosen)} templates, {worse} with a new error")
    return worse


def formatted(data: bytes) -> bytes | None:
    """What `terraform fmt` makes of a file, None when it cannot read it."""
    done = subprocess.run(["terraform", "fmt", "-"], input=data, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None


def check_format(copy: Path) -> int:
    """Format each edited Terraform file."""
    clean = askew = worse = 0
    seen: set[Path] = set()
    for before, after in pairs(copy, "edited"):
        if after.suffix != ".tf" or after in seen:
            continue
        seen.add(after)
        old, new = before.read_bytes() if before.exists() else b"", after.read_bytes()
        laid_before, laid = formatted(old), formatted(new)
        if laid_before != old:
            askew += 1
            if laid is None and laid_before is not None:
                worse += 1
                print(f"{after}: terraform fmt cannot read it", flush=True)
            continue
        clean += 1
        if laid != new:
            worse += 1
            print(f"{after}: {list(changed_lines(new, laid or b''))[:4]}", flush=True)
    print(
        f"terraform fmt: {clean} files laid out by it ({askew} more were not), {worse} with a line that it would change"
    )
    return worse


def validated(command: str, folders: list[Path]) -> dict[Path, str]:
    """What Terraform says of each folder."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as listed:
        listed.write("".join(f"{folder}\n" for folder in folders))
        listed.flush()
        words = [listed.name if word == "{}" else word for word in shlex.split(command)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    said = (line.partition(": ") for line in done.stdout.splitlines())
    return {Path(folder): what for folder, _, what in said}


def check_roots(copy: Path, command: str) -> int:
    """Validate each patched root that was valid before."""
    found = list(dict.fromkeys(pairs(copy, "roots")))
    before = validated(command, [one for one, _ in found])
    valid = [(one, other) for one, other in found if before.get(one) == "ok"]
    after = validated(command, [other for _, other in valid])
    worse = [(other, after.get(other, "")) for _, other in valid if after.get(other) != "ok"]
    for root, what in worse:
        print(f"{root}: {what[:300]}", flush=True)
    print(
        f"terraform validate: {len(found)} roots patched, {len(valid)} valid before, {len(worse)} not after"
    )
    return len(worse)


def main() -> None:
    """Check and print; exit code 1 when anything became worse."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("copy", type=Path)
    parser.add_argument("--templates", type=int, default=150, metavar="NUMBER")
    parser.add_argument("--validate", default="", metavar="COMMAND")
    given = parser.parse_args()
    worse = check_format(given.copy)
    if given.validate:
        worse += check_roots(given.copy, given.validate)
    worse += check_templates(given.copy, given.templates)
    sys.exit(1 if worse else 0)


if __name__ == "__main__":
    main()
