"""Generates the AWS vocabulary from the CloudFormation registry schemas that the installed cfn-lint ships.

    python tools/make_schemas.py             writes src/stackworthy/aws/data/schemas/*.json
    python tools/make_schemas.py --check     exits with 1 when those files are stale

One file per service, one line per kind. A record keeps the schema's own `$ref` graph instead of a flat list of
paths, so recursive schemas (a WAF statement holds statements) need no cut: a path is resolved by walking, as deep as
the path itself. What each letter means stands in `aws/schemas.py`, which reads the files.

How JSON Schema becomes a node:
  `$ref`            "@Name" when the definition is an object, else the definition's own node in its place.
  `allOf`           properties united, required united.
  `oneOf`, `anyOf`  properties united; required is what every branch requires; enums united if every branch has one.
                    A list, or the same as JSON or as one element, is the list.
  several types     object or string without properties is json (a policy); a scalar or string is that scalar
                    (CloudFormation takes "5" for 5); anything wider is any.
  `if`, `dependencies`, and cfn-lint's requiredXor and requiredOr hold only under conditions and are left out.
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cfnlint  # type: ignore[import-untyped]
from cfnlint.schema import Schema  # type: ignore[import-untyped]
from cfnlint.schema._getatts import GetAtts  # type: ignore[import-untyped]

SCHEMAS = Path(cfnlint.__file__).parent / "data" / "schemas"
TARGET = Path(__file__).parent.parent / "src" / "stackworthy" / "aws" / "data" / "schemas"
REGION = "us-east-1"

Json = dict[str, Any]
Node = str | list[Any] | dict[str, Any]

SCALARS = {"string": "s", "integer": "i", "number": "n", "boolean": "b"}
# cfn-lint's own patterns for attributes that the template's author names.
NAMED_ELSEWHERE = {"Outputs\\..*": "Outputs.*", ".*": "*"}


class Shapes:
    """Turns the JSON Schema of one kind into nodes; `used` are the object definitions that nodes refer to."""

    def __init__(self, schema: Json) -> None:
        self.schema = schema
        self.used: dict[str, Node] = {}

    def node(self, schema: Json) -> Node:
        if "$ref" in schema:
            return self.reference(schema["$ref"])
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else [kind for kind in kinds if kind != "null"]
        if "array" in kinds and (len(kinds) == 1 or set(kinds) == {"array", "string"}):
            return {"l": self.node(schema.get("items", {}))}
        if not kinds:
            for branch in schema.get("oneOf", ()):
                if self.resolved(branch).get("type") == "array":
                    return self.node(branch)
        if "object" in kinds or not kinds:
            return self.container(schema, kinds)
        return scalar(schema, kinds)

    def reference(self, pointer: str) -> Node:
        """Objects stay references, so that recursion ends; what is no object stands in for its name."""
        name = pointer.removeprefix("#/definitions/")
        if name in self.used:
            return f"@{name}"
        self.used[name] = "a"  # met again while it is being read: a definition that holds itself
        node = self.node(self.resolve(pointer))
        if is_object(node):
            self.used[name] = node
            return f"@{name}"
        del self.used[name]
        return node

    def container(self, schema: Json, kinds: list[str]) -> Node:
        properties, required, entry = self.members(schema)
        if properties:
            node: Json = {"p": properties}
            if required:
                node["r"] = sorted(required)
            if entry is not None:
                node["m"] = entry
            return node
        if entry is not None:
            return {"m": entry}
        if "items" in schema:  # said of an object, once: its entries
            return {"m" if "object" in kinds else "l": self.node(schema["items"])}
        if kinds and not set(kinds) - {"object", "string"}:
            return {"p": {}} if schema.get("additionalProperties") is False and kinds == ["object"] else "j"
        return self.alternative(schema) if not kinds else "a"

    def members(self, schema: Json) -> tuple[dict[str, Node], set[str], Node | None]:
        """The properties, the required names and the free-form entry of an object, its branches included."""
        while "$ref" in schema:
            schema = self.resolve(schema["$ref"])
        properties = {name: self.node(value) for name, value in schema.get("properties", {}).items()}
        declared = set(properties)
        required = set(schema.get("required", ()))
        entries = list(schema.get("patternProperties", {}).values())
        if isinstance(schema.get("additionalProperties"), dict):
            entries.append(schema["additionalProperties"])
        entry: Node | None = None
        for value in entries:
            entry = merge(entry, self.node(value))
        for word in ("allOf", "oneOf", "anyOf"):
            branches = [self.members(branch) for branch in schema.get(word, ()) if "if" not in branch]
            for more, _, other in branches:
                for name, value in more.items():
                    if name not in declared:  # else the branch only narrows what the object itself declares
                        properties[name] = merge(properties.get(name), value)
                entry = merge(entry, other) if other is not None else entry
            if branches:
                every = [names for _, names, _ in branches]
                required |= set.union(*every) if word == "allOf" else set.intersection(*every)
        return properties, required, entry

    def resolved(self, schema: Json) -> Json:
        return self.resolve(schema["$ref"]) if "$ref" in schema else schema

    def resolve(self, pointer: str) -> Json:
        """`#/definitions/Tag` or, in four kinds, `#/properties/Arn`."""
        _, table, name = pointer.split("/")
        found: Json = self.schema[table][name]
        return found

    def alternative(self, schema: Json) -> Node:
        """A schema without a type: an enum alone is of strings, branches are merged, nothing at all is any."""
        if "enum" in schema:
            return scalar(schema, ["string"])
        merged: Node | None = None
        for word in ("allOf", "oneOf", "anyOf"):
            for branch in schema.get(word, ()):
                merged = merge(merged, self.node(branch))
        return "a" if merged is None else merged


def is_object(node: Node) -> bool:
    return isinstance(node, dict) and "l" not in node


def scalar(schema: Json, kinds: list[str]) -> Node:
    exact = [kind for kind in kinds if kind != "string"]
    if len(exact) > 1 or any(kind not in SCALARS for kind in exact):
        return "a"
    letter = SCALARS[exact[0]] if exact else "s"
    values = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    branches = schema.get("anyOf") or schema.get("oneOf") or []
    if not values and branches and all("enum" in branch for branch in branches):
        values = [value for branch in branches for value in branch["enum"]]
    return [letter, *dict.fromkeys(values)] if values else letter


def merge(one: Node | None, other: Node) -> Node:
    """One node for what may be either: enums are united, a free value swallows its enum, unlike things are any."""
    if one is None or one == other:
        return other
    if isinstance(one, list) and isinstance(other, list) and one[0] == other[0]:
        return list(dict.fromkeys([*one, *other[1:]]))
    letters = [node[0] if isinstance(node, list) else node for node in (one, other)]
    if letters[0] == letters[1]:
        return letters[0]
    if isinstance(one, dict) and isinstance(other, dict) and set(one) == set(other) == {"l"}:
        return {"l": merge(one["l"], other["l"])}
    return "a"


def step(node: Node, token: str, used: dict[str, Node]) -> tuple[str, Node] | None:
    """One token of a schema pointer: what it adds to the path, and the node it leads to."""
    while isinstance(node, str) and node.startswith("@"):
        node = used[node[1:]]
    if not isinstance(node, dict):
        return None
    if token in node.get("p", {}):
        return f".{token}", node["p"][token]
    if token in ("*", "items") and "l" in node:
        return "[]", node["l"]
    if token in ("*", "patternProperties") and "m" in node:
        return ".*", node["m"]
    if token == "properties":
        return "", node
    if "l" in node and (inner := step(node["l"], token, used)):
        return "[]" + inner[0], inner[1]
    return None


def path_of(pointer: str, root: Node, used: dict[str, Node]) -> str | None:
    """`/properties/Rules/*/Id` as `Rules[].Id`; None when the schema has no such property."""
    path, node = "", root
    for token in pointer.strip("/").split("/"):
        found = step(node, token, used)
        if found is None:
            return None
        path, node = path + found[0], found[1]
    return path.lstrip(".")


def record(kind: str, schema: Json) -> Json:
    shapes = Shapes(schema)
    root = shapes.container(schema, ["object"])
    if not isinstance(root, dict):
        root = {"p": {}}

    def paths(word: str) -> list[str]:
        found = (path_of(pointer, root, shapes.used) for pointer in schema.get(word, ()))
        return sorted({path for path in found if path})

    attributes = {NAMED_ELSEWHERE.get(name, name) for name in GetAtts(Schema(schema)).attrs.data}
    identifier = [path_of(pointer, root, shapes.used) for pointer in schema["primaryIdentifier"]]
    entry = {
        **root,
        "d": dict(sorted(shapes.used.items())),
        "c": paths("createOnlyProperties"),
        "k": paths("conditionalCreateOnlyProperties"),
        "o": paths("readOnlyProperties"),
        "w": paths("writeOnlyProperties"),
        "x": paths("deprecatedProperties"),
        "g": sorted(name for name in attributes if ".*." not in name),
        "i": [path for path in identifier if path],
        "t": path_of(schema.get("tagging", {}).get("tagProperty", ""), root, shapes.used) or "",
    }
    dangling = references(entry) - set(shapes.used)
    if dangling:
        raise ValueError(f"{kind}: no definition of {sorted(dangling)}")
    return {letter: value for letter, value in entry.items() if value or letter == "p"}


def references(node: object) -> set[str]:
    if isinstance(node, dict):
        node = list(node.values())
    if isinstance(node, list):
        return {name for inner in node for name in references(inner)}
    return {node[1:]} if isinstance(node, str) and node.startswith("@") else set()


def generate() -> dict[str, str]:
    """File name -> text, for every file of the data."""
    hashes = json.loads((SCHEMAS / "providers" / f"{REGION}.json").read_text())
    made = json.loads((SCHEMAS / "version.json").read_text())["schema_date"]
    how = f"tools/make_schemas.py from cfn-lint {version('cfn-lint')}, {REGION} schemas of {made[:10]}"
    services: dict[str, dict[str, Json]] = {}
    for kind in sorted(hashes):
        service = kind.split("::")[1]
        schema = json.loads((SCHEMAS / "resources" / f"{hashes[kind]}.json").read_text())
        services.setdefault(service, {})[kind] = record(kind, schema)
    files = {f"{service}.json": service_file(how, kinds) for service, kinds in services.items()}
    files["index.json"] = text({"how": how, "kinds": sorted(hashes)}) + "\n"
    return files


def service_file(how: str, kinds: dict[str, Json]) -> str:
    """One kind per line: the reader takes a kind's line and parses nothing else, and changes can be read as diffs."""
    lines = ",\n".join(f"{text(kind)}:{text(entry)}" for kind, entry in kinds.items())
    return f'{{"how":{text(how)},"kinds":{{\n{lines}\n}}}}\n'


def text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def stale(files: dict[str, str]) -> list[str]:
    present = {path.name for path in TARGET.glob("*.json")}
    changed = {name for name in present & set(files) if (TARGET / name).read_text() != files[name]}
    return sorted(changed | present ^ set(files))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 when the data is stale"
    )
    arguments = parser.parse_args()
    files = generate()
    old = stale(files)
    if arguments.check:
        print("\n".join(f"stale: {name}" for name in old) or "the schemas are up to date")
        return 1 if old else 0
    TARGET.mkdir(parents=True, exist_ok=True)
    for name in old:
        if name in files:
            (TARGET / name).write_text(files[name])
        else:
            (TARGET / name).unlink()
    print(f"{len(files)} files, {sum(map(len, files.values()))} characters, {len(old)} changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
