"""Writes YAML as Terraform does: block style, texts between double quotes or as literal blocks, folded after 80 columns.

Terraform's writer descends from libyaml's; indentation, folding and hints follow it.
"""

from __future__ import annotations

from stackworthy.core.value import Value
from stackworthy.sources.terraform.conversions import to_string

_STEP = 2
_WIDTH = 80
_LONGEST_KEY = 128
_BREAKS = "\r\n\x85\u2028\u2029"
_ESCAPES = {
    "\0": "0",
    "\a": "a",
    "\b": "b",
    "\t": "t",
    "\n": "n",
    "\v": "v",
    "\f": "f",
    "\r": "r",
    "\x1b": "e",
    '"': '"',
    "\\": "\\",
    "\x85": "N",
    "\u2028": "L",
    "\u2029": "P",
}


def write_yaml(value: Value) -> str:
    """The document of a value that is wholly known."""
    writer = _Writer()
    writer.node(value, False)
    writer.line()
    if writer.open_ended:
        writer.mark("...", True)
        writer.line()
    return "".join(writer.made)


def _is_printable(character: str) -> bool:
    if character == "\n" or " " <= character <= "~":
        return True
    return "\xa0" <= character <= "\ufffd" and character != "\ufeff" and not "\ud800" <= character <= "\udfff"


def _fits_block(text: str) -> bool:
    """Whether the text can be a literal block."""
    if text.endswith(" ") or not all(map(_is_printable, text)):
        return False
    return not any(f" {line_break}" in text for line_break in _BREAKS)


class _Writer:
    def __init__(self) -> None:
        self.made: list[str] = []
        self.column = 0
        self.indent = -1
        self.after_space = True
        self.only_indented = True
        self.open_ended = False

    def put(self, text: str) -> None:
        self.made.append(text)
        self.column += len(text)

    def break_line(self) -> None:
        self.made.append("\n")
        self.column = 0

    def line(self) -> None:
        """Go to the indentation, on a new line unless this one is still empty."""
        indent = max(self.indent, 0)
        if not self.only_indented or self.column > indent or (self.column == indent and not self.after_space):
            self.break_line()
        self.put(" " * (indent - self.column))
        self.after_space = self.only_indented = True

    def mark(self, text: str, apart: bool, indents: bool = False) -> None:
        """Write an indicator: `apart` from what stands before it; `indents` when content may follow on its line."""
        if apart and not self.after_space:
            self.put(" ")
        self.put(text)
        self.after_space = False
        self.only_indented = self.only_indented and indents
        self.open_ended = False

    def node(self, value: Value, in_mapping: bool, is_key: bool = False) -> None:
        if isinstance(value, dict):
            self.mapping(value) if value else self.mark("{}", True)
        elif isinstance(value, list):
            self.sequence(value, in_mapping) if value else self.mark("[]", True)
        elif isinstance(value, str):
            outer = self._deeper()
            if "\n" in value and not is_key and _fits_block(value):
                self.literal(value)
            else:
                self.quoted(value, not is_key)
            self.indent = outer
        else:
            if not self.after_space:
                self.put(" ")
            self.put("null" if value is None else to_string(value))
            self.after_space = self.only_indented = False
            self.open_ended = self.indent < 0

    def _deeper(self) -> int:
        outer = self.indent
        self.indent = _STEP if outer < 0 else outer + _STEP
        return outer

    def mapping(self, value: dict[str, Value]) -> None:
        outer = self.indent
        self.indent = 0 if outer < 0 else outer + _STEP
        for key in sorted(value):
            self.line()
            if len(key.encode()) <= _LONGEST_KEY and not any(character in _BREAKS for character in key):
                self.node(key, True, is_key=True)
                self.mark(":", False)
            else:
                self.mark("?", True, indents=True)
                self.node(key, True)
                self.line()
                self.mark(":", True, indents=True)
            self.node(value[key], True)
        self.indent = outer

    def sequence(self, value: list[Value], in_mapping: bool) -> None:
        outer = self.indent
        if outer < 0:
            self.indent = 0
        elif not in_mapping or self.only_indented:
            self.indent += _STEP
        for item in value:
            self.line()
            self.mark("-", True, indents=True)
            self.node(item, False)
        self.indent = outer

    def quoted(self, text: str, folds: bool) -> None:
        self.mark('"', True)
        spaces = False
        for index, character in enumerate(text):
            if character == " ":
                inside = 0 < index < len(text) - 1
                if folds and not spaces and self.column > _WIDTH and inside:
                    self.line()
                    self.put("\\" if text[index + 1] == " " else "")
                else:
                    self.put(" ")
                spaces = True
                continue
            spaces = False
            if character in _ESCAPES or not _is_printable(character):
                self.put("\\" + (_ESCAPES.get(character) or _code(character)))
            else:
                self.put(character)
        self.mark('"', False)

    def literal(self, text: str) -> None:
        self.mark("|", True)
        if text[0] == " " or text[0] in _BREAKS:
            self.mark(str(_STEP), False)
        if text[-1] not in _BREAKS:
            self.mark("-", False)
        elif len(text) == 1 or text[-2] in _BREAKS:
            self.mark("+", False)
        self.break_line()
        self.after_space = self.only_indented = True
        starts = True
        for character in text:
            if character == "\n":
                self.break_line()
            elif character in _BREAKS:
                self.put(character)
                self.column = 0
            else:
                if starts:
                    self.line()
                self.put(character)
                self.only_indented = starts = False
                continue
            self.only_indented = starts = True


def _code(character: str) -> str:
    code = ord(character)
    return f"x{code:02X}" if code < 0x100 else f"u{code:04X}" if code < 0x10000 else f"U{code:08X}"
