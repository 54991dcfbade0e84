"""The text that a JavaScript string stands for."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(?:u\{([0-9A-Fa-f]{1,8})\}|u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|(\r\n|[\s\S]))|\\\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SIGNS = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "0": "\0",
    "\n": "",
    "\r\n": "",
    "\u2028": "",
    "\u2029": "",
}


def unescaped(text: str) -> str:
    """The text with its escape sequences resolved; halves of characters that do not meet become U+FFFD.

    Source: https://tc39.es/ecma262/#sec-literals-string-literals
    """
    plain = _ESCAPE.sub(_sign, text)
    if _SURROGATE.search(plain):
        return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return plain


def _sign(found: re.Match[str]) -> str:
    code = found[1] or found[2] or found[3]
    if code is not None:
        point = int(code, 16)
        return chr(point) if point <= 0x10FFFF else "\ufffd"
    sign = found[4] or ""
    return _SIGNS.get(sign, sign)
