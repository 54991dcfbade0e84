"""Base64, URL and CSV functions.

Source: https://developer.hashicorp.com/terraform/language/functions, "Encoding functions"
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from urllib.parse import quote_plus

from stackworthy.core.value import Map, Value
from stackworthy.sources.terraform.bounds import MAX_NODES, TooLarge
from stackworthy.sources.terraform.conversions import normalize
from stackworthy.sources.terraform.functions.contract import Failure, invalid
from stackworthy.sources.terraform.types import TfList

_CODECS = {
    **{f"iso-8859-{part}": f"iso8859_{part}" for part in (*range(1, 11), 13, 14, 15, 16)},
    **{f"windows-{page}": f"cp{page}" for page in range(1250, 1259)},
    "us-ascii": "ascii",
    "utf-8": "utf_8",
    "utf-16": "utf_16_be",
    "utf-16be": "utf_16_be",
    "utf-16le": "utf_16_le",
    "ibm437": "cp437",
    "ibm850": "cp850",
    "ibm852": "cp852",
    "ibm855": "cp855",
    "ibm00858": "cp858",
    "ibm866": "cp866",
    "koi8-r": "koi8_r",
    "koi8-u": "koi8_u",
    "macintosh": "mac_roman",
    "shift_jis": "cp932",
    "euc-jp": "euc_jp",
    "euc-kr": "cp949",
    "gbk": "gbk",
    "gb18030": "gb18030",
    "big5": "big5",
}
_ALIASES = {
    "latin1": "iso-8859-1",
    "l1": "iso-8859-1",
    "cp1252": "windows-1252",
    "ascii": "us-ascii",
    "cp437": "ibm437",
    "csutf16le": "utf-16le",
    "sjis": "shift_jis",
}


_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n")


def _official(name: str) -> str:
    """The name under which IANA registers the encoding."""
    years = {1: 1987, 2: 1987, 3: 1988, 4: 1988, 5: 1988, 6: 1987, 7: 1987, 8: 1988, 9: 1989}
    part = _ALIASES.get(name.lower(), name.lower()).removeprefix("iso-8859-")
    if part.isdecimal() and int(part) in years:
        return f"ISO_8859-{part}:{years[int(part)]}"
    return name


def base64encode(text: str) -> str:
    """`base64encode(str)`."""
    return base64.b64encode(text.encode()).decode()


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text.replace("\r", "").replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        return None


def base64decode(text: str) -> str:
    """`base64decode(str)`: only of what is UTF-8 text."""
    data = _decoded(text)
    if data is None:
        raise Failure(f'failed to decode base64 data "{text}"')
    try:
        return normalize(data.decode())
    except UnicodeDecodeError:
        raise Failure("the result of decoding the provided string is not valid UTF-8") from None


def _codec(name: str) -> str:
    known = name.lower()
    known = _ALIASES.get(known, known)
    if known not in _CODECS:
        raise invalid(
            "encoding",
            f'"{name}" is not a supported IANA encoding name or alias in this Terraform version',
        )
    return _CODECS[known]


def textencodebase64(text: str, encoding: str) -> str:
    """`textencodebase64(string, encoding)`."""
    codec = _codec(encoding)
    try:
        data = text.encode(codec)
    except UnicodeEncodeError:
        message = f"the given string contains characters that cannot be represented in {_official(encoding)}"
        raise invalid("string", message) from None
    start = b"\xfe\xff" if encoding.lower() == "utf-16" else b""
    return base64.b64encode(start + data).decode()


def textdecodebase64(source: str, encoding: str) -> str:
    """`textdecodebase64(source, encoding)`."""
    codec = _codec(encoding)
    data = _decoded(source)
    if data is None:
        offset = next(
            (index for index, symbol in enumerate(source) if symbol not in _BASE64), len(source.rstrip("="))
        )
        raise invalid("source", f"the given value is has an invalid base64 symbol at offset {offset}")
    if encoding.lower() == "utf-16" and data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        codec = "utf_16"
    try:
        return normalize(data.decode(codec))
    except UnicodeDecodeError:
        return normalize(data.decode(codec, "replace"))


def urlencode(text: str) -> str:
    """`urlencode(str)`: as in a query string."""
    return quote_plus(text, safe="~")


class _CsvError(Exception):
    """A line is not as RFC 4180 has it."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"CSV parse error on line {line}: {message}")


def csvdecode(text: str) -> TfList:
    """`csvdecode(str)`: one object per line after the header."""
    rows = _records(text.replace("\r\n", "\n"))
    try:
        header = next(rows, None)
        if header is None:
            raise Failure("missing header line")
        names: set[str] = set()
        for name in header[1]:
            if name in names:
                raise Failure(f'duplicate column name "{name}"')
            names.add(name)
        made = TfList()
        for line, row in rows:
            if len(row) != len(header[1]):
                raise _CsvError(line, "wrong number of fields")
            if (len(made) + 1) * len(row) > MAX_NODES:
                raise TooLarge("the table has too many cells")
            made.append(Map((name, normalize(cell)) for name, cell in zip(header[1], row, strict=True)))
    except _CsvError as error:
        raise Failure(str(error)) from None
    return made


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines with their numbers; empty ones are skipped."""
    position, line = 0, 1
    while position < len(text):
        if text[position] == "\n":
            position, line = position + 1, line + 1
            continue
        row: list[str] = []
        first = line
        while True:
            cell, position, line = _cell(text, position, line)
            row.append(cell)
            if position >= len(text) or text[position] == "\n":
                break
            position += 1
        yield first, row
        position, line = position + 1, line + 1


def _cell(text: str, position: int, line: int) -> tuple[str, int, int]:
    if not text.startswith('"', position):
        ends = [end for end in (text.find(",", position), text.find("\n", position)) if end >= 0]
        end = min(ends, default=len(text))
        cell = text[position:end]
        if '"' in cell:
            raise _CsvError(line, 'bare " in non-quoted-field')
        return cell, end, line
    parts: list[str] = []
    position += 1
    while True:
        end = text.find('"', position)
        if end < 0:
            lines = line + text.count("\n", position)
            raise _CsvError(lines, 'extraneous or missing " in quoted-field')
        parts.append(text[position:end])
        line += text.count("\n", position, end)
        if text.startswith('""', end):
            parts.append('"')
            position = end + 2
            continue
        if end + 1 < len(text) and text[end + 1] not in ",\n":
            raise _CsvError(line, 'extraneous or missing " in quoted-field')
        return "".join(parts), end + 1, line


TABLE: dict[str, Callable[..., Value]] = {
    "base64decode": base64decode,
    "base64encode": base64encode,
    "csvdecode": csvdecode,
    "textdecodebase64": textdecodebase64,
    "textencodebase64": textencodebase64,
    "urlencode": urlencode,
}
