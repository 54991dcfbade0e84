"""Pictures of the reviewed stacks, for a report that shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stackworthy.config import Settings

MAX_PICTURES = 20
MAX_NODES = 150
"""More than that is no picture that anybody reads on a page; `stackworthy graph` draws it all."""


def drawn(path: str, settings: Settings) -> dict[str, str]:
    """The SVG of the first stacks below a path that are small enough, by the stack's path; of environments, the first."""
    from stackworthy.cli.graph import Graphs
    from stackworthy.reports.drawing import pictures
    from stackworthy.reports.graph_svg import inline

    made: dict[str, str] = {}
    for stack in Graphs(path, settings):
        shown = [
            picture for picture in pictures([stack])[:1] if picture.arrows and len(picture.nodes) <= MAX_NODES
        ]
        if shown:
            made[stack.path] = "\n".join(inline(shown, f"p{len(made)}-"))
        if len(made) == MAX_PICTURES:
            break
    return made
