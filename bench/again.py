"""What the second review of an unchanged monorepo takes, and a review after one file changed, against the first.

    python bench/again.py                 # 1,000 stacks
    python bench/again.py --stacks 100

The monorepo is that of `monorepo.py`; each run is a process of its own with one cache folder, empty at first.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from generator import write
from measure import Cost, median, run
from monorepo import STACKWORTHY

LIMIT = 0.1
"""A second review may take this share of the first."""


def main() -> None:
    """Print the table; fail when the second review takes too long."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stacks", type=int, default=1_000)
    stacks = parser.parse_args().stacks
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        write(tree, stacks)
        command = [
            STACKWORTHY,
            "review",
            str(tree),
            "--root",
            str(tree),
            "--format",
            "json",
            "--fail-on",
            "never",
        ]
        environment = {**os.environ, "XDG_CACHE_HOME": str(Path(folder) / "cache")}
        run([*command, "--no-cache"], env=environment)
        without = run([*command, "--no-cache"], env=environment)
        first = run(command, env=environment)
        second = run(command, env=environment)
        later = median([run(command, env=environment) for _ in range(5)])
        template = next(tree.glob("services/**/template.yaml"))
        template.write_text(template.read_text() + "\n# changed\n")
        one = run(command, env=environment)
        size = sum(file.stat().st_size for file in (Path(folder) / "cache").rglob("*.reviews"))
    print(f"{stacks:,} stacks; the cache takes {size / 2**20:.0f} MB")
    print("| review | wall time | processor time | of the first | peak memory |")
    print("|---|---|---|---|---|")
    for name, cost in (
        ("without the cache", without),
        ("the first", first),
        ("the second", second),
        ("later ones (median of 5)", later),
        ("after one template changed", one),
    ):
        print(_row(name, cost, first))
    if second.wall > LIMIT * first.wall:
        raise SystemExit(f"the second review takes more than {LIMIT:.0%} of the first")


def _row(name: str, cost: Cost, first: Cost) -> str:
    return f"| {name} | {cost.wall:.2f} s | {cost.cpu:.2f} s | {cost.wall / first.wall:.1%} | {cost.memory:.0f} MB |"


if __name__ == "__main__":
    main()
