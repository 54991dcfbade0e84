"""Which files are configurations of the Serverless Framework."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Mapping
from itertools import islice

NAMES = ("serverless.yml", "serverless.yaml", "serverless.json")
CODE_NAMES = ("serverless.ts", "serverless.js", "serverless.cjs", "serverless.mjs")
ENDINGS = (".yml", ".yaml", ".json")
MAX_BYTES = 100_000
MAX_NAMED = 1_000

_SERVICE = re.compile(rb"""^["']?service["']?\s*:|^[ \t]*"service"\s*:""", re.MULTILINE)
_PROVIDER = re.compile(rb"""^["']?provider["']?\s*:|^[ \t]*"provider"\s*:""", re.MULTILINE)
_OTHERS = re.compile(rb"""^["']?(?:functions|resources|frameworkVersion)["']?\s*:""", re.MULTILINE)
_BLOCK = re.compile(rb"""^["']?provider["']?\s*:[ \t]*["']?([a-z][a-z-]*)?""", re.MULTILINE)
_ENTRY = re.compile(rb"""[ \t]+["']?name["']?[ \t]*:[ \t]*["']?([a-z][a-z-]*)""")
_JSON_BLOCK = re.compile(rb'"provider"\s*:\s*(?:"([a-z-]+)"|\{)')
_JSON_ENTRY = re.compile(rb'"name"\s*:\s*"([a-z-]+)"')


def is_configuration(file: str, content: bytes) -> bool:
    """Whether a file is a service's configuration: by its usual name, or by its content under another."""
    if posixpath.basename(file) in NAMES:
        return b"provider" in content and b"service" in content
    if not posixpath.basename(file).startswith("serverless") or not file.endswith(ENDINGS):
        return False
    return all(pattern.search(content) is not None for pattern in (_SERVICE, _PROVIDER, _OTHERS))


def other_cloud(content: bytes) -> str | None:
    """The name of the provider when it is another one than AWS; None for AWS and where it cannot be told."""
    name = (_name(content) or b"").decode()
    return name if name and name != "aws" else None


_FILE = re.compile(rb"file\(([^()\n]{1,300})\)")
_VARIABLE = re.compile(r"\$\{[^{}]*\}")


def taken_in(file: str, content: bytes, others: Mapping[str, bytes]) -> set[str]:
    """Those of other files that a configuration names with `${file(…)}`, directly or through one that it names."""
    folder, found = posixpath.dirname(file), set[str]()
    pending = [content]
    while pending:
        for match in islice(_FILE.finditer(pending.pop()), MAX_NAMED):
            named = match.group(1).decode("utf-8", "replace").strip().strip("'\"")
            location = posixpath.normpath(posixpath.join(folder, named))
            pattern = _VARIABLE.sub("*", location)
            names = [pattern] if "*" not in pattern else fnmatch.filter(others, pattern)
            for name in names:
                if name in others and name not in found:
                    found.add(name)
                    pending.append(others[name])
    return found


def is_program(content: bytes) -> bool:
    """Whether code configures a service: files of these names may be anything."""
    return b"provider" in content and b"service" in content


def _name(content: bytes) -> bytes | None:
    """The provider's name: a word after `provider`, or the entry `name` below it."""
    block = _BLOCK.search(content)
    if block is None:
        block = _JSON_BLOCK.search(content)
        if block is None or block.group(1):
            return block.group(1) if block else None
        named = _JSON_ENTRY.search(content[block.end() : block.end() + MAX_BYTES].split(b"}", 1)[0])
        return named.group(1) if named else None
    if block.group(1):
        return block.group(1)
    for line in content[block.end() : block.end() + MAX_BYTES].splitlines()[1:]:
        entry = _ENTRY.match(line)
        if entry is not None:
            return entry.group(1)
        if line[:1] not in (b" ", b"\t", b"#", b""):
            break
    return None


def is_code(file: str) -> bool:
    """Whether a file is a configuration written as code, which a review does not run."""
    return posixpath.basename(file) in CODE_NAMES
