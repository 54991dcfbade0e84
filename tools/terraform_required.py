"""Write sources/terraform/writing/required.json: the arguments without which the AWS provider refuses a resource.

    python tools/terraform_required.py aws-provider-VERSION.json.gz

The input is the output of `terraform providers schema -json` (gzipped) for one version of the provider.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parents[1] / "src/stackworthy/sources/terraform/writing/required.json"


def required(block: dict[str, Any]) -> list[str]:
    """The arguments and nested blocks that a block cannot do without."""
    arguments = [name for name, entry in block.get("attributes", {}).items() if entry.get("required")]
    blocks = [name for name, entry in block.get("block_types", {}).items() if entry.get("min_items")]
    return sorted([*arguments, *blocks])


def main(path: str) -> None:
    """Read the schema and write the table."""
    with gzip.open(path, "rt") as stream:
        providers = json.load(stream)["provider_schemas"]
    table = {
        type_: names
        for provider in providers.values()
        for type_, entry in sorted(provider["resource_schemas"].items())
        if (names := required(entry["block"]))
    }
    lines = ",\n".join(f"{json.dumps(type_)}: {json.dumps(names)}" for type_, names in table.items())
    TARGET.write_text(f"{{\n{lines}\n}}\n")


if __name__ == "__main__":
    main(sys.argv[1])
