"""Draft the mapping of a service's Terraform types from the provider's schema and CloudFormation's registry.

    python tools/draft_mapping.py tools/data/aws-provider-6.47.0.json.gz SERVICE PREFIX [PREFIX ...]

writes `mapping/data/SERVICE.json` with every type that starts with a prefix (`aws_lambda_`) and stands in no other file. What the file says
already stays as it is, so that people complete it and run this again. Printed is what has no place yet, and guesses to look at.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

from check_mapping import Field, needs_entry, provider, write_index
from stackworthy.aws.schemas import Schema, kinds, schema
from stackworthy.sources.terraform.mapping.awscc import snake
from stackworthy.sources.terraform.mapping.table import DATA

Entry = dict[str, Any]

SERVICES = {
    "api_gateway": "ApiGateway",
    "cloudwatch_event": "Events",
    "cloudwatch_log": "Logs",
    "cloudwatch_metric": "CloudWatch",
    "kinesis_firehose": "KinesisFirehose",
    "acm": "CertificateManager",
    "bedrockagent": "Bedrock",
    "sfn": "StepFunctions",
    "lb": "ElasticLoadBalancingV2",
    "alb": "ElasticLoadBalancingV2",
    "db": "RDS",
    "ebs": "EC2",
    "ses": "SES",
    "sesv2": "SES",
    "appautoscaling": "ApplicationAutoScaling",
    "opensearch": "OpenSearchService",
    "prometheus": "APS",
    "service_discovery": "ServiceDiscovery",
    "mq": "AmazonMQ",
    "kinesis_video": "KinesisVideo",
}
"""Services whose prefix in Terraform is not CloudFormation's name in lower case."""

ONLY = {
    "region": "the resource's region",
    "tags_all": "computed from tags and the provider's default tags",
    "timeouts": "how long Terraform waits",
    "force_destroy": "how Terraform deletes",
    "force_delete": "how Terraform deletes",
    "force_detach_policies": "how Terraform deletes",
    "force_new_deployment": "how Terraform deploys",
    "skip_destroy": "how Terraform deletes",
    "delete_automated_backups": "how Terraform deletes",
    "skip_final_snapshot": "how Terraform deletes",
    "final_snapshot_identifier": "how Terraform deletes",
    "apply_immediately": "when Terraform applies a change",
    "allow_overwrite": "how Terraform creates",
    "triggers": "makes Terraform create the resource anew",
    "keepers": "makes Terraform create the resource anew",
    "replace_triggered_by": "makes Terraform create the resource anew",
    "publish": "makes a version at each change",
}
NO_TAGS = "the kind has no tags"
ORDER = (
    "kind",
    "kind_by",
    "owner",
    "into",
    "code",
    "arguments",
    "only",
    "attributes",
    "fixed",
    "defaults",
    "also",
)
PREFIXED = "makes a name at deployment"
WAITS = "how long Terraform waits"
UNITS = {
    "in",
    "seconds",
    "second",
    "secs",
    "sec",
    "minutes",
    "minute",
    "mins",
    "days",
    "hours",
    "mb",
    "gb",
    "mib",
    "gib",
    "bytes",
}
WORDS = {
    "config": "configuration",
    "configs": "configuration",
    "conf": "configuration",
    "ids": "id",
    "identifier": "id",
    "identifiers": "id",
    "arns": "arn",
    "infos": "info",
    "params": "parameter",
    "param": "parameter",
    "max": "maximum",
    "min": "minimum",
    "settings": "setting",
    "addresses": "address",
    "policies": "policy",
    "properties": "property",
    "entries": "entry",
    "repositories": "repository",
    "proxies": "proxy",
    "caches": "cache",
    "num": "number",
    "desc": "description",
    "enable": "enabled",
    "enabling": "enabled",
    "encrypt": "encrypted",
    "db": "db",
    "cert": "certificate",
}
LOOSE = {"arn", "id", "name", "configuration", "setting", "list", "value", "type", "options", "specification"}
SURE, TAKEN, SHOWN = 88, 70, 40


def words(name: str) -> tuple[str, ...]:
    """The words of a name in a common spelling: `KMSKeyIds` and `kms_key_ids` are kms, key, id."""
    parts = name.lower().split("_") if "_" in name or name.islower() else snake(name).split("_")
    return tuple(_word(part) for part in parts if part)


def _word(part: str) -> str:
    if part in WORDS:
        return WORDS[part]
    return (
        part[:-1] if len(part) > 3 and part.endswith("s") and not part.endswith(("ss", "us", "is")) else part
    )


def score(ours: str, theirs: str, noun: str) -> int:
    """How well a CloudFormation name suits an argument, 100 at best; `noun` is what the resource is called."""
    if ours.replace("_", "") == theirs.lower():
        return 100
    one, other = words(ours), words(theirs)
    if "".join(one) == "".join(other):
        return 95
    bare, other_bare = _without(one, UNITS), _without(other, UNITS)
    if bare and "".join(bare) == "".join(other_bare):
        return 90
    for prefix in (words(noun), words(noun)[-1:]):
        if prefix and (
            "".join((*prefix, *one)) == "".join(other) or "".join(one) == "".join((*prefix, *other))
        ):
            return 88
    loose, other_loose = _without(bare, LOOSE), _without(other_bare, LOOSE)
    if loose and "".join(loose) == "".join(other_loose):
        return 75
    shared = set(one) & set(other)
    return int(70 * len(shared) / len(set(one) | set(other)))


def _without(parts: tuple[str, ...], dropped: set[str]) -> tuple[str, ...]:
    return tuple(part for part in parts if part not in dropped)


class Draft:
    """The draft of one type; `notes` tells what a person must look at."""

    def __init__(self, type_: str, fields: dict[str, Field], known: Entry) -> None:
        self.type = type_
        self.fields = fields
        self.entry = dict(known)
        self.notes: list[str] = []

    def run(self) -> Entry:
        """The entry, with what can be told added to what is known."""
        if "none" in self.entry:
            return self.entry
        if "kind" not in self.entry and "kind_by" not in self.entry:
            found = kind_of(self.type)
            if found is None:
                self.notes.append("no kind found")
                return self.entry
            self.entry = {"kind": found, **self.entry}
        name = self.entry.get("kind") or next(iter(self.entry["kind_by"]["kinds"].values()))
        found_schema = schema(name)
        if found_schema is None:
            self.notes.append(f"no schema for {name}")
            return self.entry
        self.schema: Schema = found_schema
        self.below = _children(self.schema)
        self.noun = snake(name.split("::")[2])
        arguments, only = self.block(
            tuple(self.fields.values()),
            self.entry.get("into", ""),
            self.entry.get("arguments", {}),
            self.entry.get("only", {}),
            "",
        )
        self.entry["arguments"], self.entry["only"] = arguments, only
        self.entry["attributes"] = {**self.attributes(), **self.entry.get("attributes", {})}
        return {key: self.entry[key] for key in ORDER if self.entry.get(key) not in (None, {}, "")}

    def block(
        self, fields: tuple[Field, ...], base: str, known: Entry, alone: dict[str, str], where: str
    ) -> tuple[Entry, dict[str, str]]:
        """The arguments and `only` of a block whose fields go to the object at `base`."""
        arguments: Entry = {}
        only = dict(alone)
        open_fields = [
            f for f in fields if needs_entry(f, not where) and f.name not in known and f.name not in only
        ]
        names = {field.name for field in fields}
        taken = {_goal(entry) for entry in known.values()}
        chosen = self.chosen(open_fields, base, taken)
        for field in fields:
            place = f"{where}.{field.name}"
            if field.name in known:
                arguments[field.name] = self.completed(field, base, known[field.name], place)
            elif field.name in chosen:
                arguments[field.name] = self.target(field, base, chosen[field.name], place)
            elif field in open_fields:
                reason = NO_TAGS if field.name == "tags" and not where else _only(field, names)
                if reason:
                    only[field.name] = reason
                else:
                    self.unplaced(field, base, place, arguments)
        return arguments, dict(sorted(only.items()))

    def chosen(self, fields: list[Field], base: str, taken: set[str]) -> dict[str, str]:
        """The best property for each argument, the surest pairs first; each property once."""
        children = self.below.get(base, {})
        pairs = sorted(
            (
                (score(field.name, name, self.noun), field.name, name)
                for field in fields
                for name in children
                if field.name not in ONLY
            ),
            reverse=True,
        )
        found: dict[str, str] = {}
        used = set(taken)
        for value, ours, theirs in pairs:
            if value >= TAKEN and ours not in found and theirs not in used:
                found[ours] = theirs
                used.add(theirs)
                if value < SURE:
                    self.notes.append(f"guess {base}: {ours} -> {theirs}")
        return found

    def completed(self, field: Field, base: str, entry: Any, place: str) -> Any:
        """A known entry; a block's fields are drafted where it leaves them out."""
        if field.type != "blocks" or (isinstance(entry, dict) and "as" in entry):
            return entry
        long = {"to": entry} if isinstance(entry, str) else dict(entry)
        path = ".".join(part for part in (base, long.get("to", "")) if part)
        if self.schema.type_of(path) == "list" and "list" not in long:
            long["list"] = True
        if self.schema.type_of(path) in ("json", "any", None) and "block" not in long:
            return entry
        inner = f"{path}[]" if long.get("list") else path
        if "switch" in long:
            long.setdefault("only", {})[long["switch"]] = "says whether the block counts"
        if "named_by" in long:
            inner = f"{path}.*"
            long.setdefault("only", {})[long["named_by"]] = "the entry's key"
        long["block"], only = self.block(
            field.fields, inner, long.get("block", {}), long.get("only", {}), place
        )
        if only:
            long["only"] = only
        return long

    def target(self, field: Field, base: str, name: str, place: str) -> Any:
        path = f"{base}.{name}" if base else name
        goal = self.schema.type_of(path) or ""
        if field.type == "blocks":
            if goal in ("object", "list"):
                return self.completed(field, base, {"to": name}, place)
            self.notes.append(f"blocks {place} -> {path} ({goal})")
            return name
        conversion = self.conversion(field, path, goal)
        if conversion is None:
            self.notes.append(f"type {place} ({field.type}) -> {path} ({goal})")
            return name
        return {"to": name, "as": conversion} if conversion else name

    def conversion(self, field: Field, path: str, goal: str) -> str | None:
        """The conversion that makes types fit; "" when none is needed, None when none is known."""
        if field.type == "map" and goal == "list":
            entry = self.below.get(f"{path}[]", {})
            return "tags" if {"Key", "Value"} <= entry.keys() else None
        if field.type == "string" and goal in ("json", "object", "map", "any"):
            return "json"
        if field.type == "bool" and goal == "string":
            return None
        if field.type in ("string", "number", "bool") and goal == "list":
            return "list"
        if field.type == "list":
            inner = self.schema.type_of(f"{path}[]")
            if goal == "list":
                return None if inner in ("object", "map") else ""
            return "first" if goal not in ("json", "any") else ""
        return ""

    def unplaced(self, field: Field, base: str, place: str, arguments: Entry) -> None:
        """Try deeper places, or the parent itself for a block; else say what comes near."""
        deeper = [
            path for path in self.deeper(base) if score(field.name, _tail(path, field), self.noun) >= 90
        ]
        if len(deeper) == 1:
            arguments[field.name] = self.target(field, base, deeper[0], place)
            self.notes.append(f"deep {place} -> {deeper[0]}")
            return
        children = self.below.get(base, {})
        near = sorted(children, key=lambda name: -score(field.name, name, self.noun))[:4]
        near = [name for name in near if score(field.name, name, self.noun) >= SHOWN]
        inner = " {" + ", ".join(f.name for f in field.fields) + "}" if field.fields else ""
        self.notes.append(f"UNPLACED {place} ({field.type}{inner}) in {base or '.'}; near {near} {deeper}")

    def deeper(self, base: str, depth: int = 3) -> Iterator[str]:
        """Property paths below objects, without lists, relative to `base`."""
        for name, goal in self.below.get(base, {}).items():
            path = f"{base}.{name}" if base else name
            if goal == "object" and depth > 1:
                yield from (f"{name}.{inner}" for inner in self.deeper(path, depth - 1) if inner)
            if depth < 3:
                yield name

    def attributes(self) -> dict[str, str]:
        """What references to attributes mean: `Ref`, or an attribute of `Fn::GetAtt`."""
        found = {}
        own = self.schema.identifier[0] if len(self.schema.identifier) == 1 else ""
        for field in self.fields.values():
            if field.type not in ("string", "number") or field.name in ("region", "tags_all"):
                continue
            name = self.attribute(field, own)
            if name:
                found[field.name] = name
        return found

    def attribute(self, field: Field, own: str) -> str | None:
        arguments = self.entry.get("arguments", {})
        if field.name == "id":
            return "Ref"
        goal = _goal(arguments[field.name]) if field.name in arguments else ""
        if goal and goal == own:
            return "Ref"
        if goal:
            return goal if goal in self.schema.attributes else None
        if field.stated:
            return None
        names = sorted(self.schema.attributes - {own}, key=lambda name: -score(field.name, name, self.noun))
        if own and score(field.name, own, self.noun) >= SURE:
            return "Ref"
        return names[0] if names and score(field.name, names[0], self.noun) >= SURE else None


def _goal(entry: Any) -> str:
    return entry if isinstance(entry, str) else str(entry.get("to", ""))


def _tail(path: str, field: Field) -> str:
    """The end of a path, as long as the argument's name needs: two names when it has their words."""
    parts = path.split(".")
    two = "".join(parts[-2:])
    return two if len(parts) > 1 and score(field.name, two, "") >= 90 else parts[-1]


def _only(field: Field, names: set[str]) -> str | None:
    if field.name in ONLY:
        return ONLY[field.name]
    if field.name.endswith("_prefix") and field.name.removesuffix("_prefix") in names:
        return PREFIXED
    return WAITS if field.name.startswith(("wait_for_", "wait_until_")) else None


def _children(found: Schema) -> dict[str, dict[str, str]]:
    """The properties of each object of a kind, with their types."""
    below: dict[str, dict[str, str]] = {}
    for path, type_ in found.paths():
        parent, _, name = path.rpartition(".")
        if not name.endswith("[]") and name != "*":
            below.setdefault(parent, {})[name] = type_
    return below


def kind_of(type_: str) -> str | None:
    """The kind whose name is the type's."""
    name = type_.removeprefix("aws_")
    for prefix in sorted(SERVICES, key=len, reverse=True):
        if name.startswith(prefix + "_"):
            name = SERVICES[prefix] + name.removeprefix(prefix)
            break
    wanted = name.replace("_", "").lower()
    found = [kind for kind in kinds() if kind.removeprefix("AWS::").replace("::", "").lower() == wanted]
    return found[0] if len(found) == 1 else None


def text(entries: Entry) -> str:
    """The file: one line for what is short, and everything else opened."""
    return _text(entries, "") + "\n"


def _text(value: Any, indent: str) -> str:
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict) or (indent and len(line) + len(indent) <= 130 and indent != "  "):
        return line
    inner = ",\n".join(
        f"{indent}  {json.dumps(key)}: {_text(item, indent + '  ')}" for key, item in value.items()
    )
    return "{\n" + inner + f"\n{indent}}}" if value else "{}"


def draft(path: str, service: str, prefixes: list[str]) -> None:
    """Write one service's file and the index, and print what is left to do."""
    file = DATA / f"{service}.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    elsewhere = {
        name
        for other in DATA.glob("*.json")
        if other not in (file, DATA / "index.json")
        for name in json.loads(other.read_text())
    }
    entries = {}
    types = provider(path)
    for name in sorted(types):
        ours = name in known or any(
            re.match(rf"{prefix}($|_)", name) or (prefix.endswith("_") and name.startswith(prefix))
            for prefix in prefixes
        )
        if ours and name not in elsewhere:
            drafted = Draft(name, types[name], known.get(name, {}))
            entries[name] = drafted.run()
            print(f"== {name}  {entries[name].get('kind', entries[name].get('none', '?'))}")
            print(*(f"   {note}" for note in drafted.notes), sep="\n") if drafted.notes else None
    file.write_text(text(entries))
    write_index()


if __name__ == "__main__":
    draft(sys.argv[1], sys.argv[2], sys.argv[3:])
