"""Pictures of the reviewed stacks, for a report that shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stackworthy.config import Settings
    from stackworthy.core.review import Review

MAX_PICTURES = 20
MAX_NODES = 150
"""More than that is no picture that anybody reads on a page; `stackworthy graph` draws it all."""


def drawn(path: str, settings: Settings, review: Review) -> dict[str, str]:
    """The SVG of the stacks with the most findings that are small enough, by the stack's path; of environments, the first."""
    from stackworthy.cli.graph import Graphs
    from stackworthy.reports.drawing import pictures
    from stackworthy.reports.graph_svg import inline

    made: dict[str, str] = {}
    graphs = Graphs(path, settings)
    most = sorted(review.stacks, key=lambda stack: -len(stack.findings))
    wanted = {stack.path for stack in most[:MAX_PICTURES]}
    graphs.stacks = [stack for stack in graphs.stacks if (graphs.relative(stack.path) or ".") in wanted]
    for stack in graphs:
        shown = [
            picture for picture in pictures([stack])[:1] if picture.arrows and len(picture.nodes) <= MAX_NODES
        ]
        if shown:
            made[stack.path or "."] = "\n".join(inline(shown, f"p{len(made)}-"))
    return made
