"""How long a bill under a workload, and a sweep over nine decades of traffic with all other designs, take once the stack is read.

python bench/sweep.py                          # the examples
python bench/sweep.py examples/meetings --runs 9
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "src")]
EXAMPLES = ("examples/flashcards/sam", "examples/meetings")


def median(run: Callable[[], object], runs: int) -> float:
    """The median of some runs, in seconds."""
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        run()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def main() -> int:
    """Print the medians; a first run warms the caches of properties and code."""
    from stackworthy.config import load
    from stackworthy.judge import place
    from stackworthy.workload.billing import Terms, price
    from stackworthy.workload.reading import read
    from stackworthy.workload.sweep import range_of, sweep

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="*", default=[str(ROOT / example) for example in EXAMPLES])
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    over = range_of("requests=1..1e9")
    for path in arguments.paths:
        settings = load(path)
        workspace, base, target = place(path, settings)
        found = read(workspace, target, base, settings)
        stacks = found.by_environment[found.chosen()]
        resources = sum(len(stack.graph) for stack in stacks)
        price(stacks, Terms())
        bill = median(lambda: price(stacks, Terms()), arguments.runs)  # noqa: B023
        curve = sweep(stacks, Terms(), over)
        swept = median(lambda: sweep(stacks, Terms(), over), arguments.runs)  # noqa: B023
        print(
            f"{path}: {resources} resources, bill {bill * 1000:.1f} ms, "
            f"{len(curve.points)} points and {len(curve.crossings)} designs in {swept:.3f} s"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
