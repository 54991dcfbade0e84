"""The syntax of Go's regular expressions (RE2): text to a tree of nodes.

Source: https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

from stackworthy.core.value import NotKnown

_MAX_CODE = 0x10FFFF
_MAX_REPEAT = 1000
_MAX_DEPTH = 200

Ranges = tuple[tuple[int, int], ...]

_PERL: dict[str, Ranges] = {
    "d": ((48, 57),),
    "s": ((9, 10), (12, 13), (32, 32)),
    "w": ((48, 57), (65, 90), (95, 95), (97, 122)),
}
_POSIX: dict[str, Ranges] = {
    "alnum": ((48, 57), (65, 90), (97, 122)),
    "alpha": ((65, 90), (97, 122)),
    "ascii": ((0, 127),),
    "blank": ((9, 9), (32, 32)),
    "cntrl": ((0, 31), (127, 127)),
    "digit": ((48, 57),),
    "graph": ((33, 126),),
    "lower": ((97, 122),),
    "print": ((32, 126),),
    "punct": ((33, 47), (58, 64), (91, 96), (123, 126)),
    "space": ((9, 13), (32, 32)),
    "upper": ((65, 90),),
    "word": _PERL["w"],
    "xdigit": ((48, 57), (65, 70), (97, 102)),
}
_CATEGORIES = {
    *("C", "Cc", "Cf", "Co", "Cs", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd", "Nl", "No"),
    *("P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs"),
}  # fmt: skip
_SIMPLE_ESCAPES = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}
_REPEAT = re.compile(r"\{(\d+)(?:(,)(\d*))?\}", re.ASCII)
_GROUP_NAME = re.compile(r"\(\?P?<([^>]*)>")
_FLAGS = re.compile(r"\(\?([a-zA-Z]*)(?:(-)([a-zA-Z]*))?([:)])")


class BadPattern(ValueError):
    """The pattern is not a regular expression of RE2: a `code` and the `part` of the pattern that it is about."""

    def __init__(self, code: str, part: str) -> None:
        super().__init__(f"{code}: `{part}`")
        self.code = code
        self.part = part


class CharClass:
    """A set of characters: ranges of code points and general categories, or everything else."""

    __slots__ = ("categories", "ends", "negated", "starts")

    def __init__(
        self, ranges: Ranges, negated: bool = False, categories: tuple[tuple[str, bool], ...] = ()
    ) -> None:
        merged = merge(ranges)
        self.starts = [low for low, _ in merged]
        self.ends = [high for _, high in merged]
        self.negated = negated
        self.categories = categories

    def __contains__(self, character: str) -> bool:
        code = ord(character)
        index = bisect_right(self.starts, code) - 1
        found = index >= 0 and code <= self.ends[index]
        if not found and self.categories:
            category = unicodedata.category(character)
            found = any(category.startswith(name) != inverted for name, inverted in self.categories)
        return found != self.negated

    @property
    def only(self) -> str | None:
        """The single character of the set, if it has no other."""
        if self.negated or self.categories or len(self.starts) != 1 or self.starts != self.ends:
            return None
        return chr(self.starts[0])


def merge(ranges: Ranges) -> Ranges:
    """The same code points in ascending ranges that do not touch."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return tuple(merged)


def complement(ranges: Ranges) -> Ranges:
    """All other code points."""
    others, position = [], 0
    for low, high in merge(ranges):
        if low > position:
            others.append((position, low - 1))
        position = high + 1
    if position <= _MAX_CODE:
        others.append((position, _MAX_CODE))
    return tuple(others)


def _folded(ranges: Ranges) -> Ranges:
    """The ranges with the other cases of their letters."""
    extra: list[tuple[int, int]] = []
    for low, high in ranges:
        for code in range(low, min(high, low + 2000) + 1):
            character = chr(code)
            cases = (character.lower(), character.upper())
            extra += ((ord(other), ord(other)) for other in cases if len(other) == 1)
            if character in "kK":
                extra.append((0x212A, 0x212A))
            elif character in "sS":
                extra.append((0x17F, 0x17F))
    return ranges + tuple(extra)


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a pattern.

    `kind` is `chars` (with `chars`), `assert` (with `what`: `^ $ A z b B`), `group` (with `index`), `concat`, `alternate`
    or `repeat` (with `low`, `high` (None: unbounded), `greedy`); `items` are the parts it consists of.
    """

    kind: str
    items: tuple[Node, ...] = ()
    chars: CharClass | None = None
    what: str = ""
    index: int = 0
    low: int = 0
    high: int | None = None
    greedy: bool = True


EMPTY = Node("concat")


class Parser:
    """Parses one pattern; `names` are those of its groups, in order, "" for those without."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.position = 0
        self.flags = frozenset[str]()
        self.names: list[str] = []
        self.depth = 0

    def parse(self) -> Node:
        """The tree of the whole pattern; raises `BadPattern`."""
        node = self._alternatives()
        if self.position < len(self.pattern):
            raise BadPattern("unexpected )", self.pattern)
        return node

    def _peek(self, text: str) -> bool:
        return self.pattern.startswith(text, self.position)

    def _alternatives(self) -> Node:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise BadPattern("expression nests too deeply", self.pattern)
        branches = [self._concatenation()]
        while self._peek("|"):
            self.position += 1
            branches.append(self._concatenation())
        self.depth -= 1
        return branches[0] if len(branches) == 1 else Node("alternate", tuple(branches))

    def _concatenation(self) -> Node:
        items: list[Node] = []
        while self.position < len(self.pattern) and self.pattern[self.position] not in "|)":
            if self._peek("\\Q"):
                end = self.pattern.find("\\E", self.position)
                literal = self.pattern[self.position + 2 : end if end >= 0 else len(self.pattern)]
                items += (self._literal(ord(character)) for character in literal)
                self.position = end + 2 if end >= 0 else len(self.pattern)
                if self._repeat_starts() and items:
                    items[-1] = self._repeated(items[-1])
                continue
            if self._repeat_starts():
                raise BadPattern("missing argument to repetition operator", self._operator())
            atom = self._atom()
            if atom is not None:
                items.append(self._repeated(atom) if self._repeat_starts() else atom)
        return items[0] if len(items) == 1 else Node("concat", tuple(items))

    def _repeat_starts(self) -> bool:
        if self.position >= len(self.pattern):
            return False
        character = self.pattern[self.position]
        return character in "*+?" or (
            character == "{" and _REPEAT.match(self.pattern, self.position) is not None
        )

    def _operator(self) -> str:
        """Read a repetition operator, with the `?` that makes it lazy."""
        start = self.position
        match = _REPEAT.match(self.pattern, start)
        self.position = match.end() if match else start + 1
        if self._peek("?"):
            self.position += 1
        return self.pattern[start : self.position]

    def _repeated(self, item: Node) -> Node:
        start = self.position
        operator = self._operator()
        if self._repeat_starts():
            self._operator()
            raise BadPattern("invalid nested repetition operator", self.pattern[start : self.position])
        greedy = not (len(operator) > 1 and operator.endswith("?"))
        greedy = greedy != ("U" in self.flags)
        low, high = self._counts(operator)
        return Node("repeat", (item,), low=low, high=high, greedy=greedy)

    def _counts(self, operator: str) -> tuple[int, int | None]:
        if operator[0] in "*+?":
            return (1 if operator[0] == "+" else 0), (1 if operator[0] == "?" else None)
        match = _REPEAT.match(operator)
        assert match is not None
        text = match[0]
        if len(match[1]) > 4 or len(match[3] or "") > 4:
            raise BadPattern("invalid repeat count", text)
        low = int(match[1])
        high = low if match[2] is None else int(match[3]) if match[3] else None
        if low > _MAX_REPEAT or (high is not None and (high > _MAX_REPEAT or high < low)):
            raise BadPattern("invalid repeat count", text)
        return low, high

    def _atom(self) -> Node | None:
        character = self.pattern[self.position]
        if character == "(":
            return self._group()
        if character == "[":
            return self._class()
        if character == "\\":
            return self._escape()
        self.position += 1
        if character == ".":
            return Node("chars", chars=CharClass(() if "s" in self.flags else ((10, 10),), negated=True))
        if character in "^$":
            line = "m" in self.flags
            return Node("assert", what=character if line else "A" if character == "^" else "z")
        return self._literal(ord(character))

    def _literal(self, code: int) -> Node:
        return self._chars(((code, code),))

    def _chars(self, ranges: Ranges, negated: bool = False) -> Node:
        return Node("chars", chars=CharClass(_folded(ranges) if "i" in self.flags else ranges, negated))

    def _group(self) -> Node | None:
        start = self.position
        outer = self.flags
        name = ""
        if self._peek("(?P<") or self._peek("(?<"):
            match = _GROUP_NAME.match(self.pattern, start)
            if match is None or not re.fullmatch(r"\w+", match[1], re.ASCII):
                raise BadPattern("invalid named capture", match[0] if match else self.pattern[start:])
            name = match[1]
            self.position = match.end()
        elif self._peek("(?"):
            if not self._group_flags():
                return None
            return self._group_end(None, outer)
        else:
            self.position += 1
        self.names.append(name)
        return self._group_end(len(self.names), outer)

    def _group_flags(self) -> bool:
        """Read `(?flags)` or `(?flags:`; whether a group follows."""
        match = _FLAGS.match(self.pattern, self.position)
        known = frozenset("imsU")
        if match is None or not known.issuperset(match[1] + (match[3] or "")) or (match[2] and not match[3]):
            raise BadPattern("invalid or unsupported Perl syntax", self._bad_flags())
        if not match[1] and not match[3] and match[4] == ")":
            raise BadPattern("missing argument to repetition operator", "?")
        self.flags = (self.flags | set(match[1])) - set(match[3] or "")
        self.position = match.end()
        return match[4] == ":"

    def _bad_flags(self) -> str:
        end = self.position + 2
        while end < len(self.pattern) and self.pattern[end] in "imsU-":
            end += 1
        return self.pattern[self.position : end + 1]

    def _group_end(self, index: int | None, outer: frozenset[str]) -> Node:
        inner = self._alternatives()
        if not self._peek(")"):
            raise BadPattern("missing closing )", self.pattern)
        self.position += 1
        self.flags = outer
        return inner if index is None else Node("group", (inner,), index=index)

    def _escape(self) -> Node:
        following = self.pattern[self.position + 1 : self.position + 2]
        if following in ("A", "z", "b", "B") and following:
            self.position += 2
            return Node("assert", what=following)
        if following.lower() in _PERL and following:
            self.position += 2
            return self._chars(_PERL[following.lower()], negated=following.isupper())
        if following in ("p", "P") and following:
            category, negated = self._category()
            return Node("chars", chars=CharClass((), False, ((category, negated),)))
        return self._literal(self._escaped_code())

    def _category(self) -> tuple[str, bool]:
        start = self.position
        match = re.compile(r"\\([pP])(?:\{(\^?)(\w+)\}|(\w))", re.ASCII).match(self.pattern, start)
        if match is None:
            raise BadPattern("invalid character class range", self.pattern[start : start + 3])
        name = match[3] or match[4]
        self.position = match.end()
        if name == "Any":
            return "", match[1] == "P"
        if name not in _CATEGORIES:
            raise NotKnown(f"characters by script ({match[0]}) are not told apart")
        return name, (match[1] == "P") != bool(match[2])

    def _escaped_code(self) -> int:
        start = self.position
        if start + 1 >= len(self.pattern):
            raise BadPattern("trailing backslash at end of expression", "")
        match = re.compile(
            r"\\(?:x\{([0-9a-fA-F]+)\}|x([0-9a-fA-F]{2})|(0[0-7]{0,2}|[1-7][0-7]{1,2}))"
        ).match(self.pattern, start)
        if match is not None:
            code = int(match[1] or match[2], 16) if match[3] is None else int(match[3], 8)
            if code > _MAX_CODE:
                raise BadPattern("invalid escape sequence", match[0])
            self.position = match.end()
            return code
        character = self.pattern[start + 1]
        self.position = start + 2
        if character in _SIMPLE_ESCAPES:
            return _SIMPLE_ESCAPES[character]
        if character.isascii() and not character.isalnum():
            return ord(character)
        raise BadPattern("invalid escape sequence", self.pattern[start : start + 2])

    def _class(self) -> Node:
        start = self.position
        self.position += 1
        negated = self._peek("^")
        self.position += negated
        ranges: list[tuple[int, int]] = []
        categories: list[tuple[str, bool]] = []
        first = True
        while first or not self._peek("]"):
            if self.position >= len(self.pattern):
                raise BadPattern("missing closing ]", self.pattern[start:])
            first = False
            self._class_item(start, ranges, categories)
        self.position += 1
        final = tuple(ranges)
        if "i" in self.flags:
            final = _folded(final)
        return Node("chars", chars=CharClass(final, negated, tuple(categories)))

    def _class_item(
        self, start: int, ranges: list[tuple[int, int]], categories: list[tuple[str, bool]]
    ) -> None:
        if self._peek("[:"):
            end = self.pattern.find(":]", self.position)
            name = self.pattern[self.position + 2 : end] if end >= 0 else ""
            if end >= 0:
                if name.lstrip("^") not in _POSIX:
                    raise BadPattern("invalid character class range", self.pattern[self.position : end + 2])
                found = _POSIX[name.lstrip("^")]
                ranges += complement(found) if name.startswith("^") else found
                self.position = end + 2
                return
        if self._peek("\\"):
            following = self.pattern[self.position + 1 : self.position + 2]
            if following in ("p", "P") and following:
                categories.append(self._category())
                return
            if following and following.lower() in _PERL:
                found = _PERL[following.lower()]
                ranges += complement(found) if following.isupper() else found
                self.position += 2
                return
        begin = self.position
        low = high = self._class_character(start)
        if self._peek("-") and not self.pattern.startswith("-]", self.position):
            self.position += 1
            if self.position >= len(self.pattern):
                raise BadPattern("missing closing ]", self.pattern[start:])
            high = self._class_character(start)
        if high < low:
            raise BadPattern("invalid character class range", self.pattern[begin : self.position])
        ranges.append((low, high))

    def _class_character(self, start: int) -> int:
        if self.position >= len(self.pattern):
            raise BadPattern("missing closing ]", self.pattern[start:])
        if self._peek("\\"):
            return self._escaped_code()
        self.position += 1
        return ord(self.pattern[self.position - 1])
