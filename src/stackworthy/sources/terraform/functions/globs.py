"""File patterns of `fileset`: `*`, `?`, `[...]`, `{a,b}`, and `**` as a whole part of a path for any number of parts.

Source: https://developer.hashicorp.com/terraform/language/functions/fileset
"""

from __future__ import annotations

import re

from stackworthy.sources.terraform.functions.regex import Pattern, compile_pattern

_TOKEN = re.compile(r"\*+|\?|\[[!^]?(?:\\.|[^\]\\])+\]|\[|\{|\}|,|\\.|\\|[^*?\[{},\\]+", re.DOTALL)


class BadGlob(ValueError):
    """The file pattern is malformed."""


def glob_pattern(glob: str) -> Pattern:
    """A pattern that matches exactly the paths that the file pattern matches; raises `BadGlob`."""
    return compile_pattern("(?s)^" + _translated(glob) + "$")


def _translated(glob: str) -> str:
    made: list[str] = []
    depth = 0
    position = 0
    for match in _TOKEN.finditer(glob):
        part = match[0]
        before, after = glob[: match.start()], glob[match.end() :]
        if part == "{":
            depth += 1
            made.append("(?:")
        elif part == "}" and depth:
            depth -= 1
            made.append(")")
        elif part == "," and depth:
            made.append("|")
        elif part in ("[", "\\"):
            raise BadGlob(glob)
        else:
            made.append(_plain(part, before, after))
        position = match.end()
    if depth or position != len(glob):
        raise BadGlob(glob)
    return _join_double_stars("".join(made))


_DOUBLE = "\0"


def _plain(part: str, before: str, after: str) -> str:
    if part == "**" and (not before or before[-1] in "/{,") and (not after or after[0] in "/},"):
        return _DOUBLE
    if part.startswith("*"):
        return "[^/]*"
    if part == "?":
        return "[^/]"
    if part.startswith("["):
        inner = "^" + part[2:-1] if part[1] in "!^" else part[1:-1]
        return f"[{inner}]"
    text = part[1:] if part.startswith("\\") else part
    return re.sub(r"([.+*?()|\[\]{}^$\\])", r"\\\1", text)


def _join_double_stars(source: str) -> str:
    return source.replace(_DOUBLE + "/", "(?:.*/)?").replace("/" + _DOUBLE, "(?:/.*)?").replace(_DOUBLE, ".*")
