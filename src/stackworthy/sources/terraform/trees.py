"""Syntax trees of HCL, parsed in bounded time.

Source: https://github.com/tree-sitter-grammars/tree-sitter-hcl
"""

from __future__ import annotations

import time
from typing import Any

import tree_sitter
import tree_sitter_hcl

from stackworthy.sources.terraform.syntax import MAX_BYTES, Problem

MAX_SECONDS = 3.0
"""Parsing stops here: recovery from errors in hostile text takes time that grows with its square."""
UNTIMED_BYTES = 4096
"""A text this short cannot take long."""

_language = tree_sitter.Language(tree_sitter_hcl.language())
_parser = tree_sitter.Parser(_language)


def parse(data: bytes, part: tree_sitter.Range | None = None, deadline: float = 0) -> Any:
    """The tree of the text, or of a part of it; raises `Problem` when it is no text, too large, or takes too long."""
    if len(data) > MAX_BYTES:
        raise Problem(
            0, f"is {len(data) / 2**20:.0f} MB of configuration, more than is read", "split the file"
        )
    if b"\0" in data:
        raise Problem(data.count(b"\n", 0, data.index(b"\0")) + 1, "is a binary file", "remove or rename it")
    parser = _parser if part is None else tree_sitter.Parser(_language, included_ranges=[part])
    if part is None and len(data) <= UNTIMED_BYTES:
        return parser.parse(data)
    end = deadline or time.monotonic() + MAX_SECONDS

    def read(offset: int, _: object) -> bytes:
        return data[offset:] if offset else data

    def late(_: int, __: bool) -> bool:
        return time.monotonic() > end

    try:
        return parser.parse(read, progress_callback=late)
    except ValueError:
        parser.reset()
        raise Problem(
            1, f"takes longer than {MAX_SECONDS:.0f} s to parse", "run `terraform fmt` to find the fault"
        ) from None


def first_error(node: tree_sitter.Node) -> tree_sitter.Node:
    """The innermost node that holds the first error."""
    while True:
        inner = next(
            (
                child
                for child in node.children
                if child.has_error or child.is_missing or child.type == "ERROR"
            ),
            None,
        )
        if inner is None or node.type == "ERROR":
            return node
        node = inner
