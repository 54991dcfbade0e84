"""How time and memory grow with the number of stacks.

    python bench/monorepo.py                   # 10, 100, 1,000 and 5,000 stacks
    python bench/monorepo.py --sizes 10 1000

Each monorepo is generated into a temporary folder (half Terraform roots with shared modules, half SAM templates) and reviewed as a whole.
Memory is that of the largest process.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from generator import write
from measure import Cost, median, run

STACKWORTHY = str(Path(sys.executable).parent / "stackworthy")
SIZES = (10, 100, 1_000, 5_000)
SMALL = 1_000
"""Below so many stacks a run is repeated, and the median counts."""


def measured(stacks: int) -> tuple[int, Cost]:
    """The files of a monorepo of so many stacks, and what its review takes."""
    with tempfile.TemporaryDirectory() as folder:
        files = write(Path(folder), stacks)
        command = [STACKWORTHY, "review", folder, "--format", "json", "--fail-on", "never", "--no-cache"]
        run(command)
        return files, median([run(command) for _ in range(5 if stacks < SMALL else 1)])


def line(name: str, sizes: list[int], seconds: list[float]) -> str:
    """The straight line through the points, and how far from it they lie."""
    slope, start = statistics.linear_regression(sizes, seconds)
    off = [second - (start + slope * size) for size, second in zip(sizes, seconds, strict=True)]
    fit = statistics.correlation(sizes, seconds) ** 2
    return (
        f"{name}: {slope * 1000:.2f} ms per stack after {start:.2f} s; "
        f"the points lie at most {max(map(abs, off)):.2f} s off the line (R² {fit:.5f})"
    )


def main() -> None:
    """Print the table and the slopes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of stacks")
    sizes = list(parser.parse_args().sizes)
    costs: list[Cost] = []
    print("| stacks | files | wall time | processor time | per stack | peak memory |")
    print("|---|---|---|---|---|---|")
    for size in sizes:
        files, cost = measured(size)
        costs.append(cost)
        print(
            f"| {size:,} | {files:,} | {cost.wall:.2f} s | {cost.cpu:.2f} s | {cost.cpu / size * 1000:.2f} ms "
            f"| {cost.memory:.0f} MB |",
            flush=True,
        )
    if len(sizes) > 2:
        print()
        print(line("wall time", sizes, [cost.wall for cost in costs]))
        print(line("processor time", sizes, [cost.cpu for cost in costs]))


if __name__ == "__main__":
    main()
