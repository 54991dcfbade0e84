"""Write the tables of facts that the SAM transform needs, from the data files that AWS publishes with its transform.

    make_sam_facts.py SAMTRANSLATOR_FOLDER

The folder is the package `samtranslator` of github.com/aws/serverless-application-model. Three files are written to
`src/stackworthy/sources/cloudformation/sam/data/`, each with its version under "made_from":

* policy_templates.json: name -> {"parameters": [...], "statements": [{"Action", "Resource", "Condition"}]}; a text with `${...}` stands
  for an `Fn::Sub`, whose variables are parameters (compared without case).
* connectors.json: "source kind > destination kind" -> how a connector is granted; `<Source.Arn>` is a placeholder.
* managed_policies.json: path -> bit mask of partitions -> names of AWS managed policies.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent.parent / "src/stackworthy/sources/cloudformation/sam/data"


def policy_templates(folder: Path) -> dict[str, Any]:
    published = json.loads((folder / "policy_templates_data/policy_templates.json").read_text())
    made: dict[str, Any] = {}
    for name, body in sorted(published["Templates"].items()):
        statements = []
        for statement in body["Definition"]["Statement"]:
            if statement.pop("Effect") != "Allow":
                raise SystemExit(f"{name} has an effect other than Allow")
            statements.append(_plain(name, statement, {key.lower() for key in body["Parameters"]}))
        made[name] = {"parameters": list(body["Parameters"]), "statements": statements}
    return made


def _plain(name: str, value: Any, parameters: set[str]) -> Any:
    """`value` with each `Fn::Sub` written as its text; refuses what the reader could not restore."""
    if isinstance(value, dict) and "Fn::Sub" in value:
        text = value["Fn::Sub"]
        if isinstance(text, list):
            text, variables = text
            for variable, source in variables.items():
                if source["Ref"].lower() != variable.lower() or variable.lower() not in parameters:
                    raise SystemExit(f"{name}: variable {variable} is not its parameter")
        return text
    if isinstance(value, dict):
        return {key: _plain(name, item, parameters) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(name, item, parameters) for item in value]
    if isinstance(value, str) and "${" in value:
        raise SystemExit(f"{name}: {value} would become an Fn::Sub")
    return value


def connectors(folder: Path) -> dict[str, Any]:
    text = (folder / "model/connector_profiles/profiles.json").read_text()
    published = json.loads(re.sub(r"%\{([\w.]+)\}", r"<\1>", text))
    grants = {}
    for source, destinations in published["Permissions"].items():
        for destination, profile in destinations.items():
            properties = profile["Properties"]
            grant: dict[str, Any] = {
                "grant": profile["Type"],
                "on": "Source" if properties["SourcePolicy"] else "Destination",
            }
            if "DependedBy" in properties:
                grant["depended_by"] = properties["DependedBy"]
            if "ValidAccessCategories" in properties:
                grant["together"] = properties["ValidAccessCategories"]
            grant["access"] = {
                name: access.get("Statement", access)
                for name, access in properties["AccessCategories"].items()
            }
            grants[f"{source} > {destination}"] = grant
    ends = {
        kind: {"role": body.get("Inputs", {}).get("Role"), **body["Outputs"]}
        for kind, body in published["CfnResourceProperties"].items()
    }
    return {"grants": grants, "ends": ends}


def managed_policies(folder: Path) -> dict[str, Any]:
    published = json.loads((folder / "internal/data/aws_managed_policies.json").read_text())
    partitions = sorted(published)
    masks: dict[tuple[str, str], int] = defaultdict(int)
    for bit, partition in enumerate(partitions):
        start = f"arn:{partition}:iam::aws:policy/"
        for name, arn in published[partition].items():
            if not (arn.startswith(start) and arn.endswith(name)):
                raise SystemExit(f"{arn} is not made as expected")
            masks[arn[len(start) : -len(name)], name] |= 1 << bit
    paths: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for (path, name), mask in sorted(masks.items()):
        paths[path][str(mask)].append(name)
    grouped = {
        path: {mask: " ".join(names) for mask, names in by_mask.items()} for path, by_mask in paths.items()
    }
    return {"partitions": partitions, "paths": grouped}


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    folder = Path(sys.argv[1])
    version = re.search(r'"(.+)"', (folder / "__init__.py").read_text())
    source = f"github.com/aws/serverless-application-model {version.group(1) if version else ''}, Apache-2.0"
    DATA.mkdir(exist_ok=True)
    for make in (policy_templates, connectors, managed_policies):
        made = {"made_by": "tools/make_sam_facts.py", "made_from": source, "facts": make(folder)}
        (DATA / f"{make.__name__}.json").write_text(json.dumps(made, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
