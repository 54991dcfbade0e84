"""Carries the keys of Infracost's usage files into src/stackworthy/workload/data/infracost-keys.json.

python tools/make_infracost_keys.py usage-keys.json           # write
python tools/make_infracost_keys.py usage-keys.json --check   # fail when it is stale

The input has the keys of infracost-usage-example.yml by resource type, with their meaning, and three sizes of defaults.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "src/stackworthy/workload/data/infracost-keys.json"


def table(source: dict[str, Any]) -> dict[str, Any]:
    """The keys of each resource type."""
    return {
        "made_by": "tools/make_infracost_keys.py",
        "source": source["meta"]["source"],
        "license": source["meta"]["license"],
        "keys": {name: sorted(entry["keys"]) for name, entry in sorted(source["resources"].items())},
    }


def main() -> int:
    """Write the table, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the file is stale")
    arguments = parser.parse_args()
    made = json.dumps(table(json.loads(arguments.source.read_text(encoding="utf-8"))), indent=1) + "\n"
    if TARGET.exists() and TARGET.read_text(encoding="utf-8") == made:
        return 0
    if not arguments.check:
        TARGET.write_text(made, encoding="utf-8")
    print(f"{TARGET.name} is {'stale' if arguments.check else 'written'}")
    return 1 if arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())
