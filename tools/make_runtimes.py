"""Generates the table of Lambda runtimes and their three dates from the one that the installed cfn-lint ships.

    python tools/make_runtimes.py --as-of 2026-11-20    writes src/stackworthy/aws/data/runtimes.json

AWS moves these dates often: `--as-of` is the day on which the table was last compared with AWS's own,
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
"""

from __future__ import annotations

import argparse
import datetime
import json
from importlib.metadata import version
from pathlib import Path

import cfnlint  # type: ignore[import-untyped]

SOURCE = Path(cfnlint.__file__).parent / "data" / "AdditionalSpecs" / "LmbdRuntimeLifecycle.json"
TARGET = Path(__file__).parent.parent / "src" / "stackworthy" / "aws" / "data" / "runtimes.json"


def table(as_of: datetime.date) -> str:
    """The text of the data file, one runtime per line."""
    head = {
        "made_by": f"tools/make_runtimes.py from cfn-lint {version('cfn-lint')}",
        "source": "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",
        "as_of": as_of.isoformat(),
    }
    lines = [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    entries = []
    for name, dates in sorted(json.loads(SOURCE.read_bytes()).items()):
        row = {
            "deprecated": dates["deprecated"],
            "create_blocked": dates["create-block"],
            "update_blocked": dates["update-block"],
            "successor": dates["successor"],
        }
        entries.append(f"  {json.dumps(name)}: {json.dumps({k: v for k, v in row.items() if v})}")
    return "\n".join(["{", *lines, ' "runtimes": {', ",\n".join(entries), " }", "}"]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--as-of", type=datetime.date.fromisoformat, required=True)
    TARGET.write_text(table(parser.parse_args().as_of), encoding="utf-8")


if __name__ == "__main__":
    main()
