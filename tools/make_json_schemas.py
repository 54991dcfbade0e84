"""Writes the published JSON Schemas from the structures that the reports are made of.

python tools/make_json_schemas.py          # write src/stackworthy/reports/schemas/
python tools/make_json_schemas.py --check  # fail when they are stale
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from stackworthy.core import cost, review
from stackworthy.plan import model as plan
from stackworthy.reports import bill_curve, bill_json, graph_json, workload_text

FOLDER = Path(__file__).parent.parent / "src/stackworthy/reports/schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
DOCUMENTS = {
    "review-1.schema.json": (review.Review, review.SCHEMA),
    "graph-1.schema.json": (graph_json.GraphDocument, graph_json.SCHEMA),
    "bill-1.schema.json": (cost.Bill, cost.SCHEMA),
    "bills-1.schema.json": (bill_json.Bills, bill_json.SCHEMA),
    "sweep-1.schema.json": (bill_curve.SweepDocument, bill_curve.SCHEMA),
    "plan-1.schema.json": (plan.Plan, plan.SCHEMA),
    "workload-1.schema.json": (workload_text.WorkloadDocument, workload_text.SCHEMA),
}


def schema(document: type, name: str) -> dict[str, Any]:
    """The JSON Schema of a document: every field is always written, so every field is required."""
    (top,), parts = msgspec.json.schema_components([document], ref_template="#/$defs/{name}")
    body = parts.pop(top["$ref"].rsplit("/", 1)[-1])
    body["properties"] = {"schema": {}} | body["properties"] | {"schema": {"const": name}}
    for part in (body, *parts.values()):
        _finish(part)
    title = body.pop("title", name)
    return {
        "$schema": DIALECT,
        "$id": f"urn:{name.replace('/', ':')}",
        "title": title,
        **body,
        "$defs": parts,
    }


def _finish(part: dict[str, Any]) -> None:
    part["required"] = list(part.get("properties", {}))
    for entry in part.get("properties", {}).values():
        entry.pop("default", None)
    if "description" in part:
        part["description"] = " ".join(part["description"].split())


def main() -> int:
    """Write the schemas, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is stale")
    check = parser.parse_args().check
    stale = []
    for file, (document, name) in DOCUMENTS.items():
        text = json.dumps(schema(document, name), indent=2, ensure_ascii=False) + "\n"
        path = FOLDER / file
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(file)
        if not check:
            path.write_text(text, encoding="utf-8")
    for file in stale:
        print(f"{file} is stale: run tools/make_json_schemas.py" if check else f"{file} is written")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
