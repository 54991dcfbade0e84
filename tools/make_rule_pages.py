"""Writes docs/rules/: one page for each rule, and their index, from the rules themselves.

python tools/make_rule_pages.py          # write them, and remove those of rules that are gone
python tools/make_rule_pages.py --check  # fail when a page is stale
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from stackworthy.reports.rule_pages import NOTE, pages
from stackworthy.rules import all_rules

FOLDER = Path(__file__).parent.parent / "docs/rules"


def main() -> int:
    """Write the pages, or compare them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is stale")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pages are")
    arguments = parser.parse_args()
    stale = update(arguments.folder, write=not arguments.check)
    for name in stale:
        print(f"{name} is stale: run tools/make_rule_pages.py" if arguments.check else f"{name} is updated")
    return 1 if arguments.check and stale else 0


def update(folder: Path, *, write: bool) -> list[str]:
    """The names of the pages that differ from the rules; they are brought up to date when `write` says so."""
    wanted = pages(all_rules())
    present = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    stale = [name for name, text in wanted.items() if present.get(name) != text]
    gone = [name for name, text in present.items() if name not in wanted and text.startswith(NOTE)]
    if write:
        folder.mkdir(parents=True, exist_ok=True)
        for name in stale:
            (folder / name).write_text(wanted[name], encoding="utf-8")
        for name in gone:
            (folder / name).unlink()
    return sorted(stale + gone)


if __name__ == "__main__":
    sys.exit(main())
