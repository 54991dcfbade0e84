"""`regex` and `regexall`.

Source: https://developer.hashicorp.com/terraform/language/functions/regex
"""

from __future__ import annotations

from stackworthy.core.value import List, Map, Value
from stackworthy.sources.terraform.functions.contract import Failure, invalid
from stackworthy.sources.terraform.functions.regex import BadPattern, Match, Pattern, compile_pattern
from stackworthy.sources.terraform.types import TfList


def _compiled(source: str) -> Pattern:
    try:
        pattern = compile_pattern(source)
    except BadPattern as error:
        raise invalid("pattern", f"invalid regexp pattern: {error.code} in {error.part}") from None
    if "" in pattern.names and any(pattern.names):
        raise invalid("pattern", "invalid regexp pattern: cannot mix both named and unnamed capture groups")
    return pattern


def _captured(pattern: Pattern, text: str, match: Match) -> Value:
    if not pattern.names:
        return text[match.start : match.end]
    groups = match.groups(text)
    if pattern.names[0]:
        return Map(zip(pattern.names, groups, strict=True))
    return List(groups)


def regex(source: str, text: str) -> Value:
    """`regex(pattern, string)`: the match, or its groups as a tuple, or its named groups as an object."""
    pattern = _compiled(source)
    match = pattern.search(text)
    if match is None:
        raise Failure("pattern did not match any part of the given string")
    return _captured(pattern, text, match)


def regexall(source: str, text: str) -> Value:
    """`regexall(pattern, string)`: the same for every match."""
    pattern = _compiled(source)
    return TfList(_captured(pattern, text, match) for match in pattern.matches(text))


TABLE = {"regex": regex, "regexall": regexall}
