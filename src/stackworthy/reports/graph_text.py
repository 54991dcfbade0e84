"""Pictures of stacks as text for other programs: Mermaid and Graphviz's dot."""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.reports.drawing import Node, Picture
from stackworthy.reports.terminal import harmless

_MERMAID_SHAPES = {
    "compute": ("[", "]"),
    "entry": ("([", "])"),
    "message": ("[[", "]]"),
    "data": ("[(", ")]"),
    "guard": ("{{", "}}"),
    "other": ("[", "]"),
}
_DOT_SHAPES = {
    "compute": "box",
    "entry": "cds",
    "message": "note",
    "data": "cylinder",
    "guard": "hexagon",
    "other": "box",
}
_DASHED = ("watches", "protects")


def mermaid(pictures: list[Picture]) -> Iterator[str]:
    """The lines of a Mermaid flowchart, one subgraph for each picture when there are several."""
    yield "flowchart LR"
    for number, picture in enumerate(pictures):
        ids = {node.address: f"n{number}_{index}" for index, node in enumerate(picture.nodes)}
        indent = "  "
        if len(pictures) > 1:
            yield f"  subgraph s{number}[{_quoted(picture.title)}]"
            indent = "    "
        for node in picture.nodes:
            left, right = _MERMAID_SHAPES[node.group]
            yield f"{indent}{ids[node.address]}{left}{_quoted(_label(node, '<br/>'))}{right}"
        for arrow in picture.arrows:
            line = "-.->" if arrow.kind in _DASHED else "-->"
            yield f"{indent}{ids[arrow.source]} {line}|{_quoted(arrow.label)}| {ids[arrow.target]}"
        if len(pictures) > 1:
            yield "  end"


def dot(pictures: list[Picture]) -> Iterator[str]:
    """The lines of a dot digraph, one cluster for each picture when there are several."""
    yield "digraph stackworthy {"
    yield '  rankdir=LR; node [fontname="sans-serif", fontsize=11]; edge [fontname="sans-serif", fontsize=9];'
    for number, picture in enumerate(pictures):
        ids = {node.address: f"n{number}_{index}" for index, node in enumerate(picture.nodes)}
        if len(pictures) > 1:
            yield f"  subgraph cluster_{number} {{"
            yield f"    label={_dot_quoted(picture.title)};"
        for node in picture.nodes:
            shape = _DOT_SHAPES[node.group]
            yield f"    {ids[node.address]} [shape={shape}, label={_dot_quoted(_label(node, chr(10)))}];"
        for arrow in picture.arrows:
            style = ", style=dashed" if arrow.kind in _DASHED else ""
            yield f"    {ids[arrow.source]} -> {ids[arrow.target]} [label={_dot_quoted(arrow.label)}{style}];"
        if len(pictures) > 1:
            yield "  }"
    yield "}"


def _label(node: Node, newline: str) -> str:
    return f"{_plain(node.address, newline)}{newline}{_plain(node.words, newline)}"


def _plain(text: str, newline: str) -> str:
    text = harmless(text)
    return text.replace("<", "#lt;").replace(">", "#gt;") if newline == "<br/>" else text


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "#quot;").replace("`", "#96;") + '"'


def _dot_quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
