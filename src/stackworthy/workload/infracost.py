"""Usage files of Infracost (`infracost-usage.yml`), taken as they are.

    version: 0.1
    resource_type_default_usage:
      aws_lambda_function: {monthly_requests: 100000}
    resource_usage:
      aws_lambda_function.api:
        monthly_requests: 1000000
        request_duration_ms: 250

Keys that Infracost knows and no price here depends on are named in a warning; keys that nobody knows are errors.
https://www.infracost.io/docs/features/usage_based_resources/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from stackworthy.core.cost import Usage, UsageError, quantity
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.prices import functions, usage_keys

DATA = Path(__file__).parent / "data" / "infracost-keys.json"
LARGEST = 5 * 1024 * 1024
MOST_LINES = 200_000
TOP = ("version", "resource_type_default_usage", "resource_usage")
TRANSFER = "aws_data_transfer"
STACK = "stack"


@cache
def known_keys() -> dict[str, list[str]]:
    """The keys of each of Infracost's resource types."""
    found: dict[str, list[str]] = msgspec.json.decode(DATA.read_bytes())["keys"]
    return found


class Line(msgspec.Struct, frozen=True):
    """One stated key: the address (or type) it stands under, and its line."""

    name: str
    key: str
    value: Any
    line: int


class UsageFile(msgspec.Struct):
    """What a usage file says, by address and by type."""

    file: str
    resources: dict[str, list[Line]]
    types: dict[str, list[Line]]


def read(text: str, file: str) -> UsageFile:
    """The content of a usage file. Raises `UsageError` that names file and line."""
    import yaml

    if len(text) > LARGEST:
        raise UsageError("is larger than 5 MB", "is this the right file?", file=file)
    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        said = str(getattr(error, "problem", "") or "is nested too deep")
        raise UsageError(
            f"is not YAML: {said}", "see infracost-usage.yml", file=file, line=mark.line + 1 if mark else 0
        ) from None
    made = UsageFile(file, {}, {})
    if node is None:
        return made
    count = 0
    for name, value in _pairs(node, file):
        if name.value not in TOP:
            raise _unknown(name, TOP, "there is no part", file)
        if name.value != "version" and not _empty(value):
            into = made.resources if name.value == "resource_usage" else made.types
            for address, keys in _pairs(value, file):
                if _empty(keys):
                    continue
                lines = into.setdefault(address.value, [])
                for line in _flat(address.value, keys, "", file, 0):
                    count += 1
                    if count > MOST_LINES:
                        raise UsageError(
                            f"states more than {MOST_LINES} figures", "is this the right file?", file=file
                        )
                    lines.append(line)
    return made


def _empty(node: Any) -> bool:
    return node.id == "scalar" and node.value in ("", "null", "~")


def _pairs(node: Any, file: str) -> Iterator[tuple[Any, Any]]:
    if node.id != "mapping":
        raise UsageError(
            "a map stands here in a usage file",
            "write name: number pairs",
            file=file,
            line=node.start_mark.line + 1,
        )
    for key, value in node.value:
        if key.id != "scalar":
            raise UsageError("a key is text", "write name: number", file=file, line=key.start_mark.line + 1)
        yield key, value


def _flat(address: str, node: Any, prefix: str, file: str, depth: int) -> Iterator[Line]:
    for key, value in _pairs(node, file):
        name = f"{prefix}{key.value}"
        if value.id == "mapping" and depth < 4:
            yield from _flat(address, value, f"{name}.", file, depth + 1)
        elif value.id != "scalar":
            raise UsageError(
                f"{address}.{name} is no number", "write a number", file=file, line=key.start_mark.line + 1
            )
        elif not _empty(value):
            yield Line(address, name, value.value, key.start_mark.line + 1)


def _unknown(node: Any, known: tuple[str, ...], what: str, file: str) -> UsageError:
    near = get_close_matches(node.value, known, 1, 0.5)
    hint = f"did you mean {near[0]}?" if near else f"it may have {', '.join(known)}"
    return UsageError(
        f"{what} {node.value!r}", hint, key=node.value, file=file, line=node.start_mark.line + 1
    )


def apply(content: UsageFile, graphs: list[Graph], usage: Usage) -> list[str]:
    """Add what a usage file says of the resources of graphs, and tell what of it is not used. Raises `UsageError`."""
    warnings: list[str] = []
    for name, lines in content.types.items():
        if name not in known_keys() and not any(
            one.type == name or one.kind == name for graph in graphs for one in graph
        ):
            raise _wrong(f"there is no resource type {name!r}", name, list(known_keys()), content.file, lines)
        for graph in graphs:
            for resource in graph:
                if name in (resource.type, resource.kind):
                    _add(content.file, lines, resource, usage, warnings)
    for name, lines in content.resources.items():
        found = list(_named(graphs, name))
        if name.partition(".")[0] == TRANSFER:
            for graph in graphs[:1]:
                _transfer(content.file, lines, graph, usage, warnings)
            continue
        if not found:
            line = lines[0].line if lines else 0
            warnings.append(f"{content.file}:{line}: no stack here has {name}{_near(graphs, name)}")
        for resource in found:
            _add(content.file, lines, resource, usage, warnings)
    return list(dict.fromkeys(warnings))


def _named(graphs: list[Graph], name: str) -> Iterator[Resource]:
    pattern = name.replace("[*]", "[[]*]") if "[*]" in name else ""
    for graph in graphs:
        exact = graph.get(name)
        if exact is not None:
            yield exact
        elif pattern:
            yield from (one for one in graph if fnmatchcase(one.address, pattern))


def _near(graphs: list[Graph], name: str) -> str:
    close = get_close_matches(name, [one.address for graph in graphs for one in graph], 1, 0.6)
    return f": did you mean {close[0]}?" if close else ""


def _add(file: str, lines: list[Line], resource: Resource, usage: Usage, warnings: list[str]) -> None:
    kind = resource.kind or resource.type
    owner = resource.graph.get(resource.part_of) if resource.part_of else None
    keys = {**usage_keys(kind), **(usage_keys(owner.kind or "") if owner is not None else {})}
    theirs = set(known_keys().get(resource.type, ()))
    for line in lines:
        if line.key in keys:
            usage.add(
                resource.address,
                line.key,
                line.value,
                stack=resource.graph.path,
                file=file,
                line=line.line,
                why=f"stated in {file}",
            )
        elif line.key in theirs or not functions(kind):
            warnings.append(
                f"{file}:{line.line}: {resource.address}.{line.key} is not used: no price here depends on it"
            )
        else:
            known = sorted({*keys, *theirs})
            raise _wrong(f"{resource.address} has no usage key {line.key!r}", line.key, known, file, [line])
        _number(line, file, line.key in keys)


def _number(line: Line, file: str, wanted: bool) -> Decimal | None:
    """Check what is not used too, as far as it is a number: a negative one is a mistake anywhere."""
    try:
        return quantity(line.value, f"{line.name}.{line.key}", file, line.line)
    except UsageError:
        if wanted or str(line.value).lstrip().startswith("-"):
            raise
        return None


def _transfer(file: str, lines: list[Line], graph: Graph, usage: Usage, warnings: list[str]) -> None:
    for line in lines:
        if line.key in usage_keys("Stack"):
            usage.add(
                STACK,
                line.key,
                line.value,
                stack=graph.path,
                file=file,
                line=line.line,
                why=f"stated in {file}",
            )
        elif line.key != "region":
            raise _wrong(f"{TRANSFER} has no {line.key!r}", line.key, known_keys()[TRANSFER], file, [line])
        else:
            warnings.append(
                f"{file}:{line.line}: {line.name}.region is not used: data leaves from the stack's region"
            )


def _wrong(message: str, name: str, known: list[str], file: str, lines: list[Line]) -> UsageError:
    close = get_close_matches(name, known, 1, 0.5)
    hint = f"did you mean {close[0]}?" if close else f"it may have {', '.join(known[:10])}"
    return UsageError(message, hint, key=name, file=file, line=lines[0].line if lines else 0)


def stated_of(usage: Usage, path: str) -> Mapping[str, dict[str, Decimal]]:
    """What usage says of the resources of one stack: numbers by address and key."""
    found: dict[str, dict[str, Decimal]] = {}
    for stack, address, key, given in usage.rows():
        if stack in ("", path):
            found.setdefault(address, {})[key] = given.value
    return found
