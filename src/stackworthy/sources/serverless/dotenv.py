"""The `.env` files beside a service, which the framework loads as environment variables.

https://www.serverless.com/framework/docs/environment-variables
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stackworthy.core.workspace import Unreadable
from stackworthy.sources.cloudformation.documents import Documents

MAX_LINES = 2_000
_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=(.*)")
_COMMENT = re.compile(r"\s#.*")


def read_dotenv(documents: Documents, file: str, raw: Any, stage: str | None) -> Mapping[str, str]:
    """The variables of `.env` and of the stage's own file, where the service asks for them: `useDotenv`, or version 4."""
    if not isinstance(raw, dict):
        return {}
    if raw.get("useDotenv") is not True and not str(raw.get("frameworkVersion")).lstrip("^~>=< v").startswith(
        "4"
    ):
        return {}
    found: dict[str, str] = {}
    for name in (".env", f".env.{stage or 'dev'}"):
        try:
            content = documents.workspace.read(documents.beside(file, name))
        except Unreadable:
            continue
        found.update(parsed(content.decode("utf-8", "replace")))
    return found


def parsed(text: str) -> dict[str, str]:
    """The variables of one file: `NAME=value`, quoted or not, with comments."""
    found: dict[str, str] = {}
    for line in text.splitlines()[:MAX_LINES]:
        match = _LINE.match(line) if len(line) < 10_000 else None
        if match is None:
            continue
        name, value = match.group(1), match.group(2).strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        else:
            value = _COMMENT.sub("", value, count=1).strip()
        found[name] = value
    return found
