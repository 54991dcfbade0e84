"""Mend every stack below folders on a copy, and count: how many findings have a fix, which are refused and why, what a second run offers.

    .venv/bin/python tools/measure_fixes.py FOLDER... [--safe] [--out COPY] [--refused RULE]

With `--out`, the files as mended are written below COPY (the folders themselves stay as they are), with lists of the Terraform roots
and templates that were touched and of the edited files, for `check_fixes.py`.

Fixes must lead from the files as they are to the files as mended, each from where the one before it ended.
"""

from __future__ import annotations

import argparse
import shutil
import time
from collections import Counter
from pathlib import Path

from stackworthy.config import Options, load, merge
from stackworthy.core.workspace import Disk, Overlay, find_root
from stackworthy.remedy import Remedy, Wanted, mend
from stackworthy.sources.find import find


class Counts:
    """What was found over all folders."""

    def __init__(self) -> None:
        self.findings: Counter[str] = Counter()
        self.offered: Counter[str] = Counter()
        self.refused: Counter[tuple[str, str]] = Counter()
        self.none: Counter[str] = Counter()
        self.again: list[str] = []
        self.loose: list[str] = []
        self.stacks = 0
        self.files = 0


def measure(folder: Path, counts: Counts, *, unsafe: bool, out: Path | None, shown: str) -> None:
    """Mend the stacks of one folder, each by itself."""
    settings = merge(load(str(folder), root=None), Options())
    workspace = Disk(find_root(folder))
    target = str(folder.resolve().relative_to(workspace.root))
    for stack in find(workspace, "" if target == "." else target, settings).stacks:
        found = mend(workspace, [stack], settings, Wanted(unsafe=unsafe))
        counts.stacks += 1
        for mended in found.stacks:
            assert mended.before is not None
            offered = {item.record.id for item in mended.proposals}
            offered |= {identity for item in mended.proposals for identity in item.also}
            refused = {item.record.id: item for item in mended.refused}
            for record in mended.before.review.findings:
                counts.findings[record.rule] += 1
                if record.id in offered:
                    counts.offered[record.rule] += 1
                elif record.id in refused:
                    item = refused[record.id]
                    counts.refused[(record.rule, item.reason)] += 1
                    if record.rule == shown:
                        print(f"{stack.path}: {record.address}: {item.reason}")
                else:
                    counts.none[record.rule] += 1
        counts.loose += _loose(found)
        if found.edits:
            counts.files += len(found.edits)
            again = mend(Overlay(workspace, dict(found.edits)), [stack], settings, Wanted(unsafe=unsafe))
            if again.edits:
                counts.again.append(
                    f"{stack.path}: {', '.join(item.record.rule for item in again.proposals)}"
                )
            if out is not None:
                _keep(Path(workspace.root), out, stack.path, stack.format, found.edits)


def _loose(found: Remedy) -> list[str]:
    """The files whose difference is not exactly what the fixes come to."""
    now = dict(found.originals)
    for proposal in found.proposals:
        for file, (before, after) in proposal.edits.items():
            if (now.get(file) or b"") != (before or b""):
                return [f"{file}: {proposal.record.rule} does not begin where the fix before it ended"]
            now[file] = after
    return [
        f"{file}: differs from what its fixes come to"
        for file in found.edits
        if now.get(file) != found.edits[file]
    ]


def _keep(root: Path, out: Path, path: str, format: str, edits: dict[str, bytes]) -> None:
    """Write the mended files of a stack into a copy of the repository, and note the stack."""
    copy = out / root.name
    if not copy.exists():
        shutil.copytree(root, copy, symlinks=True, ignore=shutil.ignore_patterns(".git", "node_modules"))
    for file, content in edits.items():
        target = copy / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        _note(out / "edited.txt", target)
        _note(out / "edited-before.txt", root / file)
    kind = "roots" if format == "terraform" else "templates"
    _note(out / f"{kind}.txt", copy / path)
    _note(out / f"{kind}-before.txt", root / path)


def _note(listed: Path, path: Path) -> None:
    with listed.open("a") as stream:
        stream.write(f"{path}\n")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--safe", action="store_true", help="leave out the unsafe fixes")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--refused", default="", metavar="RULE", help="print each refusal of this rule")
    given = parser.parse_args()
    counts = Counts()
    started = time.perf_counter()
    if given.out is not None:
        given.out.mkdir(parents=True, exist_ok=True)
    for folder in given.folders:
        measure(folder, counts, unsafe=not given.safe, out=given.out, shown=given.refused)
    total, offered = sum(counts.findings.values()), sum(counts.offered.values())
    print(
        f"{counts.stacks} stacks, {total} findings, {offered} with a proven fix ({offered / max(total, 1):.1%}), "
        f"{counts.files} files edited, {time.perf_counter() - started:.0f} s"
    )
    print(f"a second run offers something for {len(counts.again)} stacks")
    print(f"{len(counts.loose)} files differ from what their fixes come to")
    for line in (*counts.again[:10], *counts.loose[:10]):
        print(f"  {line}")
    print("refused:")
    for (rule, reason), number in counts.refused.most_common(40):
        print(f"  {number:5} {rule}: {reason}")
    print("no fix:")
    for rule, number in counts.none.most_common(40):
        print(f"  {number:5} {rule}")


if __name__ == "__main__":
    main()
