"""Which files are configurations of the Serverless Framework."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Mapping

NAMES = ("serverless.yml", "serverless.yaml", "serverless.json")
CODE_NAMES = ("serverless.ts", "serverless.js", "serverless.cjs", "serverless.mjs")
ENDINGS = (".yml", ".yaml", ".json")

_SERVICE = re.compile(rb"""^["']?service["']?\s*:|^\s*"service"\s*:""", re.MULTILINE)
_PROVIDER = re.compile(rb"""^["']?provider["']?\s*:|^\s*"provider"\s*:""", re.MULTILINE)
_OTHERS = re.compile(rb"""^["']?(?:functions|resources|frameworkVersion)["']?\s*:""", re.MULTILINE)
_NAME = re.compile(
    rb"""^["']?provider["']?\s*:\s*(?:["']?([a-z][a-z-]*)["']?\s*(?:#.*)?$|(?:#.*)?(?:\r?\n(?:[ \t]*#.*|[ \t]*|[ \t]+.*))*?\r?\n[ \t]+["']?name["']?\s*:\s*["']?([a-z][a-z-]*))""",
    re.MULTILINE,
)
_JSON_NAME = re.compile(rb'"provider"\s*:\s*(?:"([a-z-]+)"|\{[^{}]*?"name"\s*:\s*"([a-z-]+)")')


def is_configuration(file: str, content: bytes) -> bool:
    """Whether a file is a service's configuration: by its usual name, or by its content under another."""
    if posixpath.basename(file) in NAMES:
        return b"provider" in content and b"service" in content
    if not posixpath.basename(file).startswith("serverless") or not file.endswith(ENDINGS):
        return False
    return all(pattern.search(content) is not None for pattern in (_SERVICE, _PROVIDER, _OTHERS))


def other_cloud(content: bytes) -> str | None:
    """The name of the provider when it is another one than AWS; None for AWS and where it cannot be told."""
    found = _NAME.search(content[:200_000]) or _JSON_NAME.search(content[:200_000])
    name = next((group for group in found.groups() if group), b"").decode() if found else ""
    return name if name and name != "aws" else None


_FILE = re.compile(rb"file\(([^()\n]{1,300})\)")
_VARIABLE = re.compile(r"\$\{[^{}]*\}")


def taken_in(file: str, content: bytes, others: Mapping[str, bytes]) -> set[str]:
    """Those of other files that a configuration names with `${file(…)}`, directly or through one that it names."""
    folder, found = posixpath.dirname(file), set[str]()
    pending = [content]
    while pending:
        for match in _FILE.finditer(pending.pop()):
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


def is_code(file: str) -> bool:
    """Whether a file is a configuration written as code, which a review does not run."""
    return posixpath.basename(file) in CODE_NAMES
