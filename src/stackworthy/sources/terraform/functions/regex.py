"""Regular expressions as Go matches them (RE2): leftmost, first alternative, in time linear in the text.

The pattern becomes a small program of which all alternatives are followed side by side, so that no pattern can be
made to backtrack for ever; what would still take too many steps raises `NotKnown`.

Source: https://swtch.com/~rsc/regexp/regexp2.html (the virtual machine approach)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from stackworthy.core.value import NotKnown
from stackworthy.sources.terraform.bounds import MAX_ELEMENTS, TooLarge
from stackworthy.sources.terraform.functions.regex_syntax import BadPattern, CharClass, Node, Parser

__all__ = ["BadPattern", "Match", "Pattern", "compile_pattern"]

_MAX_PROGRAM = 10_000
_MAX_PATTERN = 10_000
_MAX_STEPS = 400_000

_CHARS, _SPLIT, _JUMP, _SAVE, _ASSERT, _MATCH = range(6)
_REFERENCE = re.compile(r"\$(?:\$|\{(\w+)\}|(\w+))", re.ASCII)
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")

Slots = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Where a pattern matched: `slots` are start and end of the whole and of each group, -1 for a group that took no part."""

    slots: Slots

    @property
    def start(self) -> int:
        """Where the match begins."""
        return self.slots[0]

    @property
    def end(self) -> int:
        """Where the match ends."""
        return self.slots[1]

    def groups(self, text: str) -> list[str | None]:
        """What each group matched."""
        pairs = zip(self.slots[2::2], self.slots[3::2], strict=True)
        return [text[start:end] if start >= 0 and end >= 0 else None for start, end in pairs]


class Pattern:
    """A compiled regular expression."""

    def __init__(self, source: str) -> None:
        if len(source) > _MAX_PATTERN:
            raise NotKnown("the regular expression is too long")
        parser = Parser(source)
        tree = parser.parse()
        self.names = parser.names
        self.single_character = tree.kind == "chars"
        self._program: list[tuple[int, int, int, CharClass | None, str]] = []
        self._emit(Node("group", (tree,), index=0))
        self._add(_MATCH)
        self._prefix = _literal_prefix(tree)
        self._width = 2 * (len(self.names) + 1)

    def _add(self, op: int, x: int = 0, y: int = 0, chars: CharClass | None = None, what: str = "") -> int:
        if len(self._program) >= _MAX_PROGRAM:
            raise NotKnown("the regular expression is too large")
        self._program.append((op, x, y, chars, what))
        return len(self._program) - 1

    def _split(self, at: int, greedy: bool, inside: int, after: int) -> None:
        first, second = (inside, after) if greedy else (after, inside)
        self._program[at] = (_SPLIT, first, second, None, "")

    def _emit(self, node: Node) -> None:
        if node.kind == "chars":
            self._add(_CHARS, chars=node.chars)
        elif node.kind == "assert":
            self._add(_ASSERT, what=node.what)
        elif node.kind == "group":
            self._add(_SAVE, 2 * node.index)
            self._emit(node.items[0])
            self._add(_SAVE, 2 * node.index + 1)
        elif node.kind == "concat":
            for item in node.items:
                self._emit(item)
        elif node.kind == "alternate":
            self._emit_alternatives(node.items)
        else:
            self._emit_repeat(node)

    def _emit_alternatives(self, items: tuple[Node, ...]) -> None:
        jumps = []
        for item in items[:-1]:
            split = self._add(_SPLIT)
            self._emit(item)
            jumps.append(self._add(_JUMP))
            self._split(split, True, split + 1, len(self._program))
        self._emit(items[-1])
        for jump in jumps:
            self._program[jump] = (_JUMP, len(self._program), 0, None, "")

    def _emit_repeat(self, node: Node) -> None:
        item = node.items[0]
        for _ in range(node.low if node.high is not None else node.low - 1):
            self._emit(item)
        if node.high is None:
            skip = None
            if node.low == 0:
                skip = self._add(_SPLIT)
            body = len(self._program)
            self._emit(item)
            again = self._add(_SPLIT)
            self._split(again, node.greedy, body, again + 1)
            if skip is not None:
                self._split(skip, node.greedy, body, again + 1)
            return
        splits = []
        for _ in range(node.high - node.low):
            splits.append(self._add(_SPLIT))
            self._emit(item)
        for split in splits:
            self._split(split, node.greedy, split + 1, len(self._program))

    def search(self, text: str, position: int = 0, budget: list[int] | None = None) -> Match | None:
        """The leftmost match at or after the position."""
        budget = [_MAX_STEPS] if budget is None else budget
        threads: list[tuple[int, Slots]] = []
        best: Slots | None = None
        unset = (-1,) * self._width
        while True:
            if not threads and best is None and self._prefix:
                position = text.find(self._prefix, position)
                if position < 0:
                    return None
            character = text[position] if position < len(text) else ""
            marks = bytearray(len(self._program))
            current: list[tuple[int, Slots]] = []
            for pc, slots in threads:
                self._follow(pc, slots, text, position, current, marks)
            if best is None:
                self._follow(0, unset, text, position, current, marks)
            threads = []
            budget[0] -= len(current) + 1
            if budget[0] < 0:
                raise TooLarge("the regular expression takes too many steps")
            for pc, slots in current:
                chars = self._program[pc][3]
                if chars is None:
                    best = slots
                    break
                if character and character in chars:
                    threads.append((pc + 1, slots))
            if not character or (not threads and best is not None):
                return None if best is None else Match(best)
            position += 1

    def _follow(
        self,
        pc: int,
        slots: Slots,
        text: str,
        position: int,
        found: list[tuple[int, Slots]],
        marks: bytearray,
    ) -> None:
        """Add the instructions that look at a character and are reached from `pc`, the preferred ones first."""
        stack = [(pc, slots)]
        while stack:
            pc, slots = stack.pop()
            while not marks[pc]:
                marks[pc] = 1
                op, x, y, _, what = self._program[pc]
                if op in (_CHARS, _MATCH):
                    found.append((pc, slots))
                    break
                if op == _SPLIT:
                    stack.append((y, slots))
                    pc = x
                elif op == _JUMP:
                    pc = x
                elif op == _SAVE:
                    slots = (*slots[:x], position, *slots[x + 1 :])
                    pc += 1
                elif _holds(what, text, position):
                    pc += 1
                else:
                    break

    def matches(self, text: str) -> Iterator[Match]:
        """All matches that do not overlap, without an empty one right after another match."""
        budget = [_MAX_STEPS]
        position, before = 0, -1
        for _ in range(MAX_ELEMENTS):
            match = self.search(text, position, budget) if position <= len(text) else None
            if match is None:
                return
            accepted = match.end > position or match.start != before
            position = match.end if match.end > position else position + 1
            before = match.end
            if accepted:
                yield match
        raise TooLarge("the regular expression matches too often")

    def expand(self, template: str, text: str, match: Match) -> str:
        """The template with `$1`, `${1}` and `${name}` replaced by what the groups matched, and `$$` by a dollar."""
        if "$" not in template:
            return template
        groups = [text[match.start : match.end], *match.groups(text)]

        def group(reference: re.Match[str]) -> str:
            name = reference[1] or reference[2]
            if name is None:
                return "$"
            if name.isdecimal():
                number = int(name) if len(name) < 6 else len(groups)
                return (groups[number] or "") if number < len(groups) else ""
            return (groups[self.names.index(name) + 1] or "") if name in self.names else ""

        return _REFERENCE.sub(group, template)


def _holds(what: str, text: str, position: int) -> bool:
    if what == "A":
        return position == 0
    if what == "z":
        return position == len(text)
    if what == "^":
        return position == 0 or text[position - 1] == "\n"
    if what == "$":
        return position == len(text) or text[position] == "\n"
    before = position > 0 and text[position - 1] in _WORD
    after = position < len(text) and text[position] in _WORD
    return (before != after) == (what == "b")


def _literal_prefix(tree: Node) -> str:
    """The characters that every match starts with."""
    prefix = ""
    items = list(tree.items) if tree.kind == "concat" else [tree]
    for item in items:
        while item.kind == "group":
            inner = item.items[0]
            if inner.kind not in ("chars", "group"):
                return prefix
            item = inner
        only = item.chars.only if item.kind == "chars" and item.chars is not None else None
        if only is None:
            return prefix
        prefix += only
    return prefix


@lru_cache(maxsize=256)
def compile_pattern(source: str) -> Pattern:
    """The pattern, compiled; raises `BadPattern`, or `NotKnown` for what is too large."""
    return Pattern(source)
