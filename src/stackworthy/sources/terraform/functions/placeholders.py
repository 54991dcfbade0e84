"""Stand-ins for the unknown pieces of a text while a parser reads it."""

from __future__ import annotations

import re

from stackworthy.core.value import NotKnown, Partial, Piece, Value, joined

_OPEN, _CLOSE, _BARE = "\ue000", "\ue001", "\ue002"
_MARK = re.compile(f"{_OPEN}{_BARE}?([0-9]+){_CLOSE}")


class Placeholders:
    """The pieces of one text; raises `NotKnown` for a text that holds the characters used as marks."""

    def __init__(self, text: Partial) -> None:
        self.text = text
        self.pieces: list[Piece] = []
        if any(
            mark in piece
            for piece in text.pieces
            if isinstance(piece, str)
            for mark in (_OPEN, _CLOSE, _BARE)
        ):
            raise NotKnown(text.reason)

    def _mark(self, piece: Piece, bare: str = "") -> str:
        self.pieces.append(piece)
        return f"{_OPEN}{bare}{len(self.pieces) - 1}{_CLOSE}"

    def inside_json(self) -> str:
        """The text with a mark for each unknown piece, which is put between quotes where it does not stand in a string."""
        made: list[str] = []
        in_string = False
        for piece in self.text.pieces:
            if isinstance(piece, str):
                made.append(piece)
                in_string = _ends_in_string(piece, in_string)
            elif in_string:
                made.append(self._mark(piece))
            else:
                made.append(f'"{self._mark(piece, _BARE)}"')
        return "".join(made)

    def marked(self) -> str:
        """The text with a mark for each unknown piece."""
        return "".join(piece if isinstance(piece, str) else self._mark(piece) for piece in self.text.pieces)

    def is_marked(self, text: str) -> bool:
        """Whether a mark stands in the text."""
        return _OPEN in text

    def is_bare(self, text: str) -> bool:
        """Whether the text is one mark that was put between quotes."""
        return text.startswith(_OPEN + _BARE) and _MARK.fullmatch(text) is not None

    def restored(self, text: str) -> Value:
        """The text with the pieces back in their places."""
        if _OPEN not in text:
            return text
        parts = _MARK.split(text)
        return joined(self.pieces[int(part)] if index % 2 else part for index, part in enumerate(parts))


def _ends_in_string(text: str, in_string: bool) -> bool:
    position = 0
    while position < len(text):
        if in_string and text[position] == "\\":
            position += 1
        elif text[position] == '"':
            in_string = not in_string
        position += 1
    return in_string
