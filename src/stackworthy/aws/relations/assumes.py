"""`assumes`: the source acts under the target, an IAM role, or AWS takes that role on to serve the source."""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.aws.names import ROLE
from stackworthy.aws.relations.links import Link, Links, follow, to
from stackworthy.aws.roles import ACTS_AS, SERVED_BY
from stackworthy.core.graph import Edge, Graph, LooseEnd


def _links() -> dict[str, tuple[Link, ...]]:
    links: dict[str, tuple[Link, ...]] = {}
    for table, by in ((ACTS_AS, "role"), (SERVED_BY, "service role")):
        for kind, paths in table.items():
            links[kind] = (*links.get(kind, ()), *(to(path, ROLE, by) for path in paths))
    return links


LINKS: Links = _links()
PATHS = ()


def find(graph: Graph) -> Iterator[Edge | LooseEnd]:
    """All roles that resources of the stack name."""
    return follow(graph, "assumes", LINKS)
