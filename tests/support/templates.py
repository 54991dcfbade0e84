"""Graphs read by the real reader from the text of a template's resources, and plain data to change and read again."""

from __future__ import annotations

from stackworthy.judge.example_stacks import (
    TEMPLATE,
    Files,
    code_of,
    graph_of_resources,
    graph_of_template,
    maybe,
    resources,
)

__all__ = [
    "TEMPLATE",
    "Files",
    "code_of",
    "graph_of_resources",
    "graph_of_template",
    "maybe",
    "resources",
]
