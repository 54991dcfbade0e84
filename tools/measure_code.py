"""Measure what is made of the code of functions: handlers found, files not read, calls of AWS, time, findings of each rule.

    python tools/measure_code.py FOLDER [FOLDER ...] [--language python|nodejs] [--missing]
    python tools/measure_code.py FOLDER [FOLDER ...] --sample 40 --seed 1 [--rule ID]     # findings drawn at random, with their lines

A function has local code when the stack names a file or folder of the checkout, or holds the code itself, in a language that is read. Functions whose
code is a zip file count apart. `--missing` lists the functions whose handler was not found.
"""

from __future__ import annotations

import argparse
import random
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

from stackworthy.config import Settings
from stackworthy.judge import graphs, review
from stackworthy.rules import CODE, MODULES, rules_in
from stackworthy.sources.code.handler import Handler, code_of
from stackworthy.sources.code.handlers import has_code, language


def measure(folder: str, chosen: str, *, missing: bool) -> None:
    """Print the counts of one repository."""
    counts: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    for stack, _, graph in graphs(folder):
        for function in graph.of("AWS::Lambda::Function"):
            if not has_code(function) or (chosen and language(function) not in ("", chosen)):
                continue
            if (function.code or "").endswith((".zip", ".jar")):
                kind = "packed"
            else:
                kind = "local"
            counts[kind] += 1
            try:
                found = _timed(seconds, "programs", lambda function=function: code_of(function))
                if isinstance(found, Handler):
                    counts[f"{kind} found"] += 1
                    counts["without an entry function"] += found.entry.node is None
                    counts["functions"] += len(found.functions)
                    counts["calls of AWS"] += len(
                        _timed(seconds, "calls of AWS", lambda h=found: h.sdk_calls(init=True))
                    )
                    _timed(seconds, "taint", lambda h=found: h.taint)
                elif missing:
                    print(f"    {stack.path} {function.address}: {getattr(found, 'reason', 'out of reach')}")
            except Exception:  # noqa: BLE001  a measurement counts what breaks and goes on
                counts["crashes"] += 1
                print(f"    {stack.path} {function.address}")
                traceback.print_exc()
    share = 100 * counts["local found"] / max(1, counts["local"])
    print(
        f"{Path(folder).name}: {counts['local found']} of {counts['local']} functions with local code found ({share:.1f} %)"
    )
    print("   ", ", ".join(f"{name} {count}" for name, count in counts.most_common()))
    print("   ", ", ".join(f"{name} {1000 * spent:.0f} ms" for name, spent in seconds.most_common()))


def _timed(seconds: Counter[str], name: str, work: Any) -> Any:
    started = time.perf_counter()
    try:
        return work()
    finally:
        seconds[name] += time.perf_counter() - started  # type: ignore[assignment]


def findings(folders: list[str], chosen: list[str], count: int, seed: int, language_: str) -> None:
    """Print how often each rule found something, and a sample drawn over all folders together."""
    ids = chosen or [rule.id for name, needed in MODULES.items() if CODE in needed for rule in rules_in(name)]
    drawn: list[tuple[str, Any]] = []
    for folder in folders:
        made = review(folder, Settings(rules=tuple(ids)))
        drawn.extend((folder, finding) for finding in made.findings if _speaks(finding.file, language_))
        for problem in made.summary.not_assessed:
            print(f"    not assessed x{problem.count}: {problem.reason}")
    for rule, number in Counter(finding.rule for _, finding in drawn).most_common():
        print(f"{number:6} {rule}")
    picked = random.Random(seed).sample(drawn, min(count, len(drawn)))
    for number, (folder, finding) in enumerate(picked, 1):
        print(f"\n#{number} {folder}/{finding.file}:{finding.line} {finding.rule} ({finding.severity})")
        print(f"   {finding.address} {finding.property}: {finding.message}")
        lines = (Path(folder) / finding.file).read_text(errors="replace").splitlines()
        for index in range(max(0, finding.line - 9), min(len(lines), finding.line + 9)):
            print(f"   {'>' if index + 1 == finding.line else ' '}{index + 1:5} | {lines[index][:150]}")


def _speaks(file: str, chosen: str) -> bool:
    return not chosen or file.endswith(".py") == (chosen == "python")


def main() -> None:
    """Print the counts, or the sample."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("folders", nargs="+")
    arguments.add_argument("--language", choices=("python", "nodejs"), default="")
    arguments.add_argument("--missing", action="store_true")
    arguments.add_argument("--rule", action="append", default=[])
    arguments.add_argument("--sample", type=int, default=0)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    if given.sample or given.rule:
        findings(given.folders, given.rule, given.sample, given.seed, given.language)
        return
    for folder in given.folders:
        measure(folder, given.language, missing=given.missing)


if __name__ == "__main__":
    main()
