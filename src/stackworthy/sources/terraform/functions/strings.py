"""String functions: known pieces of a text are answered for, the others stay unknown.

Source: https://developer.hashicorp.com/terraform/language/functions, "String functions"
"""

from __future__ import annotations

import re

from stackworthy.core.value import (
    List,
    Map,
    NotKnown,
    OpenList,
    OpenMap,
    Partial,
    Reference,
    Unknown,
    Value,
    joined,
    show,
)
from stackworthy.sources.terraform.bounds import check_elements, check_text
from stackworthy.sources.terraform.conversions import (
    cause_of,
    first_unknown,
    reason_of,
)
from stackworthy.sources.terraform.functions.contract import Failure, invalid
from stackworthy.sources.terraform.functions.graphemes import clusters
from stackworthy.sources.terraform.functions.pieces import (
    each_piece,
    known_text,
    made_of,
    pieces_of,
    whole,
)
from stackworthy.sources.terraform.functions.regex import BadPattern, Pattern, compile_pattern
from stackworthy.sources.terraform.types import EncodedJson, ScatteredList, TfList, TfSet

_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"


def _upper_character(character: str) -> str:
    upper = character.upper()
    return upper if len(upper) == 1 else _title_character(character)


def _lower_character(character: str) -> str:
    return "i" if character == "\u0130" else character.lower()


def _title_character(character: str) -> str:
    title = character.title()
    return title if len(title) == 1 else character


def _upper_text(text: str) -> str:
    return text.upper() if text.isascii() else "".join(map(_upper_character, text))


def _lower_text(text: str) -> str:
    return text.lower() if text.isascii() else "".join(map(_lower_character, text))


def upper(text: Value) -> Value:
    """`upper(str)`: character by character, so that "ß" stays."""
    return each_piece("upper", text, _upper_text)


def lower(text: Value) -> Value:
    """`lower(str)`."""
    return each_piece("lower", text, _lower_text)


def title(text: Value) -> Value:
    """`title(str)`: the first letter of each word in upper case, the others as they are."""
    made: list[str] = []
    before = " "
    for character in known_text(text):
        made.append(_title_character(character) if _separates(before) else character)
        before = character
    return "".join(made)


def _separates(character: str) -> bool:
    if character.isascii():
        return not (character.isalnum() or character == "_")
    return not (character.isalpha() or character.isdigit()) and character in _SPACES


def strrev(text: Value) -> Value:
    """`strrev(str)`: the user-perceived characters in reverse order."""
    return "".join(reversed(clusters(known_text(text))))


def _trimmed(function: str, value: Value, cutset: str, left: bool = True, right: bool = True) -> Value:
    """The text without the characters of the set at its ends; where an end is not known, what remains of it is not."""
    if isinstance(value, str):
        text = value.lstrip(cutset) if left and cutset else value
        return text.rstrip(cutset) if right and cutset else text
    parts = list(pieces_of(value))
    if left:
        _trim_end(function, parts, cutset, 0)
    if right:
        _trim_end(function, parts, cutset, -1)
    return joined(parts)


def _trim_end(function: str, parts: list[Value], cutset: str, end: int) -> None:
    """Trim the first (0) or last (-1) of the pieces; unknown ones there, with known ones that go if they do, become one."""
    taken: list[Value] = []
    while parts:
        part = parts[end]
        if isinstance(part, str):
            kept = part if not cutset else part.rstrip(cutset) if end else part.lstrip(cutset)
            if taken:
                taken.append(part[len(kept) :] if end else part[: len(part) - len(kept)])
            if kept:
                parts[end] = kept
                break
        else:
            taken.append(part)
        del parts[end]
    if taken:
        whole_text = joined(reversed(taken) if end else taken)
        arguments = (cutset,) if function == "trim" else ()
        parts.insert(len(parts) if end else 0, made_of(function, whole_text, *arguments))


def trimspace(text: Value) -> Value:
    """`trimspace(str)`."""
    return _trimmed("trimspace", text, _SPACES)


def trim(text: Value, cutset: Value) -> Value:
    """`trim(str, cutset)`."""
    return _trimmed("trim", text, known_text(cutset))


def chomp(text: Value) -> Value:
    """`chomp(str)`: without line ends at its end."""
    return _trimmed("chomp", text, "\r\n", left=False)


def trimprefix(text: Value, prefix: Value) -> Value:
    """`trimprefix(str, prefix)`."""
    start = known_text(prefix)
    if isinstance(text, str):
        return text.removeprefix(start)
    if not start or not _starts(text, start):
        return text
    return joined((text.prefix[len(start) :], *text.pieces[1:]))


def trimsuffix(text: Value, suffix: Value) -> Value:
    """`trimsuffix(str, suffix)`."""
    end = known_text(suffix)
    if isinstance(text, str):
        return text.removesuffix(end)
    if not end or not _ends(text, end):
        return text
    return joined((*text.pieces[:-1], text.suffix[: -len(end)]))


def _starts(text: Value, prefix: str) -> bool:
    if isinstance(text, (str, Partial)) and prefix:
        return text.startswith(prefix)
    if not prefix:
        return True
    raise NotKnown(reason_of(text))


def _ends(text: Value, suffix: str) -> bool:
    if isinstance(text, (str, Partial)) and suffix:
        return text.endswith(suffix)
    if not suffix:
        return True
    raise NotKnown(reason_of(text))


def startswith(text: Value, prefix: Value) -> bool:
    """`startswith(str, prefix)`."""
    return _starts(text, known_text(prefix))


def endswith(text: Value, suffix: Value) -> bool:
    """`endswith(str, suffix)`."""
    return _ends(text, known_text(suffix))


def strcontains(text: Value, part: Value) -> bool:
    """`strcontains(str, substr)`: true as soon as a known piece holds it."""
    wanted = known_text(part)
    if any(wanted in piece for piece in pieces_of(text) if isinstance(piece, str)):
        return True
    return False if isinstance(text, str) else _undecided(text)


def _undecided(value: Value) -> bool:
    raise NotKnown(reason_of(value))


def substr(text: Value, offset: Value, length: Value) -> Value:
    """`substr(str, offset, length)`, counted in user-perceived characters; a negative length takes the rest."""
    start, count = whole(offset), whole(length)
    if isinstance(text, Partial):
        return _partial_substr(text, start, count)
    characters = clusters(known_text(text))
    if start < 0:
        start = max(start + len(characters), 0)
        count = count or -1
    return "".join(characters[start:] if count < 0 else characters[start : start + count])


def _partial_substr(text: Partial, start: int, count: int) -> Value:
    if start >= 0 and count >= 0 and start + count <= len(text.prefix) and text.prefix.isascii():
        return text.prefix[start : start + count]
    if start < 0 and -start < len(text.suffix) and text.suffix.isascii():
        end = text.suffix[start:]
        return end[:count] if count > 0 else end
    raise NotKnown(text.reason)


def indent(spaces: Value, text: Value) -> Value:
    """`indent(spaces, str)`: every line but the first moved to the right."""
    width = whole(spaces)
    if width < 0:
        raise Failure("the number of spaces must not be negative")
    size = sum(piece.count("\n") * width + len(piece) for piece in pieces_of(text) if isinstance(piece, str))
    check_text(size)
    return each_piece("indent", text, lambda piece: piece.replace("\n", "\n" + " " * width), width)


def join(separator: Value, *lists: Value) -> Value:
    """`join(separator, lists...)`: a `Partial` when elements are not known."""
    if not lists:
        raise Failure("at least one list is required")
    parts: list[Value] = []
    for position, items in enumerate(lists):
        if not isinstance(items, list) or isinstance(items, ScatteredList):
            raise NotKnown(reason_of(items))
        if isinstance(items, TfSet) and len(items) > 1 and first_unknown(items) is not None:
            raise NotKnown(reason_of(items))
        known = items.known if isinstance(items, OpenList) else items
        for index, item in enumerate(known):
            if item is None:
                where = f"element {index} of list {position + 1}" if len(lists) > 1 else f"element {index}"
                raise invalid("lists", f"{where} is null; cannot concatenate null values")
        parts += known
        if isinstance(items, OpenList):
            rest = made_of("join", items.rest, show(separator))
            return joined(_interleaved(separator, parts, rest))
    return joined(_interleaved(separator, parts, None))


def _interleaved(separator: Value, parts: list[Value], rest: Unknown | None) -> list[Value]:
    size = len(separator) * len(parts) if isinstance(separator, str) else 0
    check_text(size + sum(len(part) for part in parts if isinstance(part, str)))
    check_elements(len(parts))
    made: list[Value] = []
    for part in parts:
        if made:
            made.append(separator)
        made.append(part)
    return made if rest is None else [*made, rest]


def split(separator: Value, text: Value) -> Value:
    """`split(separator, str)`: of a partial text, the parts before the first piece that is not known."""
    between = known_text(separator)
    if isinstance(text, str):
        check_elements(text.count(between) + 1 if between else len(text))
        return TfList(text.split(between) if between else text)
    if not isinstance(text, Partial) or not between:
        raise NotKnown(reason_of(text))
    first = text.prefix
    for length in range(1, len(between)):
        if first.endswith(between[:length]):
            first = first[:-length]
            break
    return OpenList(first.split(between)[:-1], cause_of(text))


def replace(text: Value, part: Value, new: Value) -> Value:
    """`replace(str, substr, replace)`: literally, or as a regular expression when `substr` stands between slashes."""
    old = known_text(part)
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        return _replace_pattern(text, old[1:-1], known_text(new))
    if isinstance(text, EncodedJson) and _PLACEHOLDER.fullmatch(old) and not _needs_escape(new):
        structure = _replace_within(text.value, part, new)
        whole = replace(Partial(text.pieces), part, new)
        return EncodedJson(tuple(pieces_of(whole)), structure) if isinstance(whole, Partial) else whole
    if isinstance(text, str):
        return (
            _put(text, old, new)
            if old and not isinstance(new, str)
            else _replace_literal(text, old, known_text(new))
        )
    if not isinstance(text, Partial) or not old:
        raise NotKnown(reason_of(text))
    parts = text.pieces
    for index, piece in enumerate(parts):
        if not isinstance(piece, str):
            continue
        before, after = index > 0, index + 1 < len(parts)
        if any(
            (after and piece.endswith(old[:length])) or (before and piece.startswith(old[-length:]))
            for length in range(1, len(old))
        ):
            raise NotKnown(text.reason)
    return joined(
        found
        for piece in parts
        for found in (
            pieces_of(_put(piece, old, new))
            if isinstance(piece, str)
            else (made_of("replace", piece, old, show(new)),)
        )
    )


def _put(text: str, old: str, new: Value) -> Value:
    """The text with another value where `old` stood, which may be known in part or not at all."""
    if isinstance(new, str):
        return _replace_literal(text, old, new)
    first, *rest = text.split(old)
    if not rest:
        return text
    check_elements(len(rest))
    return joined([first, *(piece for following in rest for piece in (*pieces_of(new), following))])


_PLACEHOLDER = re.compile(r"[A-Z_]*_[A-Z_]*")
"""What replacing in a structure is sure of: words that JSON has none of outside of its texts."""


def _needs_escape(new: Value) -> bool:
    return isinstance(new, str) and any(char in '"\\' or char < " " for char in new)


def _replace_within(value: Value, part: Value, new: Value) -> Value:
    """A structure whose JSON has another value where a placeholder stood, which can only be within its texts."""
    if isinstance(value, (OpenMap, OpenList)):
        raise NotKnown("what is replaced in is known only in part")
    if isinstance(value, Map):
        if any(known_text(part) in key for key in value):
            raise NotKnown(reason_of(new))
        return Map((key, _replace_within(item, part, new)) for key, item in value.items())
    if isinstance(value, (List, list)):
        return List(_replace_within(item, part, new) for item in value)
    if isinstance(value, (str, Partial)):
        return replace(value, part, new)
    if isinstance(value, (Unknown, Reference)):
        return made_of("replace", value, known_text(part), show(new))
    return value


def _replace_literal(text: str, old: str, new: str) -> str:
    matches = text.count(old) if old else len(text) + 1
    check_text(len(text) + matches * (len(new) - len(old)))
    return text.replace(old, new)


def _replace_pattern(text: Value, source: str, template: str) -> Value:
    try:
        pattern = compile_pattern(source)
    except BadPattern as error:
        raise Failure(f"error parsing regexp: {error}") from None
    if isinstance(text, str):
        return _replace_matches(pattern, text, template)
    if not pattern.single_character:
        raise NotKnown(reason_of(text))
    return each_piece(
        "replace", text, lambda piece: _replace_matches(pattern, piece, template), source, template
    )


def _replace_matches(pattern: Pattern, text: str, template: str) -> str:
    made: list[str] = []
    position = size = 0
    for match in pattern.matches(text):
        made += (text[position : match.start], pattern.expand(template, text, match))
        size += len(made[-1]) + len(made[-2])
        check_text(size)
        position = match.end
    made.append(text[position:])
    return "".join(made)


TABLE = {
    "chomp": chomp,
    "endswith": endswith,
    "indent": indent,
    "join": join,
    "lower": lower,
    "replace": replace,
    "split": split,
    "startswith": startswith,
    "strcontains": strcontains,
    "strrev": strrev,
    "substr": substr,
    "title": title,
    "trim": trim,
    "trimprefix": trimprefix,
    "trimspace": trimspace,
    "trimsuffix": trimsuffix,
    "upper": upper,
}
