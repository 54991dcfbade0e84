"""User-perceived characters (extended grapheme clusters), which Terraform counts instead of code points.

Source: https://www.unicode.org/reports/tr29/ (Unicode annex 29), without its rules for Indic conjuncts and prepended marks.
"""

from __future__ import annotations

import unicodedata

_JOINER = "\u200d"


def clusters(text: str) -> list[str]:
    """The clusters of the text, in order."""
    if text.isascii():
        return list(text) if "\r\n" not in text else _ascii_clusters(text)
    found: list[str] = []
    start = 0
    for index in range(1, len(text)):
        if _breaks(text, start, index):
            found.append(text[start:index])
            start = index
    found.append(text[start:])
    return found


def count(text: str) -> int:
    """The number of clusters."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    return len(clusters(text))


def _ascii_clusters(text: str) -> list[str]:
    lines = text.split("\r\n")
    found = list(lines[0])
    for line in lines[1:]:
        found.append("\r\n")
        found += line
    return found


def _breaks(text: str, start: int, index: int) -> bool:
    before, after = text[index - 1], text[index]
    if before == "\r" and after == "\n":
        return False
    if _is_control(before) or _is_control(after):
        return True
    if _joins_hangul(ord(before), ord(after)):
        return False
    if after == _JOINER or _extends(after):
        return False
    if before == _JOINER and _is_pictograph(after):
        return not _pictograph_leads(text, start, index - 1)
    if _is_regional(before) and _is_regional(after):
        return (index - start) % 2 == 0
    return True


def _is_control(character: str) -> bool:
    category = unicodedata.category(character)
    return category in ("Cc", "Zl", "Zp") or (category == "Cf" and character not in "\u200c\u200d")


def _extends(character: str) -> bool:
    if unicodedata.category(character) in ("Mn", "Me", "Mc"):
        return True
    return character == "\u200c" or "\U0001f3fb" <= character <= "\U0001f3ff" or character in "\uff9e\uff9f"


def _is_regional(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _is_pictograph(character: str) -> bool:
    return unicodedata.category(character) == "So" or "\U0001f000" <= character <= "\U0001faff"


def _pictograph_leads(text: str, start: int, joiner: int) -> bool:
    index = joiner - 1
    while index > start and _extends(text[index]):
        index -= 1
    return index >= start and _is_pictograph(text[index])


def _joins_hangul(before: int, after: int) -> bool:
    if 0x1100 <= before <= 0x115F:
        return 0x1100 <= after <= 0x11A7 or 0xAC00 <= after <= 0xD7A3
    syllable = 0xAC00 <= before <= 0xD7A3
    if (syllable and (before - 0xAC00) % 28 == 0) or 0x1160 <= before <= 0x11A7:
        return 0x1160 <= after <= 0x11FF
    if syllable or 0x11A8 <= before <= 0x11FF:
        return 0x11A8 <= after <= 0x11FF
    return False
