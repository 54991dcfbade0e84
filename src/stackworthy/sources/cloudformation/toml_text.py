"""TOML of strangers: samconfig.toml."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from stackworthy.sources.cloudformation.text import Malformed, decoded

MAX_PARTS = 100
"""Parts of a dotted name. The standard library's parser takes memory with the square of their number."""

_QUOTED = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*')
_LINE = re.compile(r" \(at line (\d+), column \d+\)")


def read(content: bytes) -> Any:
    """The document as plain values; raises `Malformed`."""
    text = decoded(content)
    for number, line in enumerate(_QUOTED.sub('""', text).split("\n"), 1):
        if line.count(".") > MAX_PARTS:
            raise Malformed(
                number, f"a name of more than {MAX_PARTS} parts", "no configuration needs that depth"
            )
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        line_number = int(found.group(1)) if found else 0
        raise Malformed(
            line_number, f"not valid TOML: {_LINE.sub('', str(error))}", "mend the file"
        ) from None
    except RecursionError:
        raise Malformed(0, "is nested too deep", "mend the file") from None
