"""What reading the source code of functions adds to the time of a review: the same files, with and without it.

    python bench/code.py FOLDER                       # a clone of aws-samples/serverless-patterns, say
    python bench/code.py FOLDER --only-format sam --only-format terraform --runs 5

Both sides are whole processes that take turns, without a cache. "Without" is the same program whose graphs know of no source code, so that
neither rules nor relations nor sites read any. Ends with status 1 when it adds more than 40 % of processor time.
"""

from __future__ import annotations

import argparse
import sys

from measure import paired

LIMIT = 0.4
"""Of the time of a review without source code, what reading it may add."""

_WITHOUT = """
import sys
from stackworthy import rules
from stackworthy.sources import stack
stack.with_code = lambda graph, workspace: None
del rules.MODULES["code_frontend"]
from stackworthy.cli import main
sys.exit(main())
"""


def main() -> None:
    """Print the table; fail when source code takes too much."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder")
    parser.add_argument("--only-format", action="append", default=[])
    parser.add_argument("--runs", type=int, default=5)
    chosen = parser.parse_args()
    review = ["review", chosen.folder, "--format", "json", "--fail-on", "never", "--no-cache"]
    for name in chosen.only_format:
        review += ["--only-format", name]
    ours = [sys.executable, "-m", "stackworthy", *review]
    without, with_code = paired([sys.executable, "-c", _WITHOUT, *review], ours, chosen.runs)
    print("| review | processor time | wall time | peak memory |")
    print("|---|---|---|---|")
    for name, cost in (("without source code", without), ("with source code", with_code)):
        print(f"| {name} | {cost.cpu:.2f} s | {cost.wall:.2f} s | {cost.memory:.0f} MB |")
    added, waited = with_code.cpu / without.cpu - 1, with_code.wall / without.wall - 1
    print(f"\nSource code adds {added:.0%} of processor time ({waited:.0%} of wall time).")
    if added > LIMIT:
        raise SystemExit(f"that is more than {LIMIT:.0%}")


if __name__ == "__main__":
    main()
