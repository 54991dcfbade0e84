"""What a fix means to change on the graph, and how far what it did change goes beyond that."""

from __future__ import annotations

import re
from collections.abc import Iterable

from stackworthy.core.fix import AddResource, Allow, Always, Change, Remove, Rewrite, Set
from stackworthy.core.graph import Graph
from stackworthy.core.path import Path, parse
from stackworthy.core.resource import Resource
from stackworthy.remedy.beside import kept
from stackworthy.remedy.difference import Difference

_KEY = re.compile(r"\[[^\]]*\]\Z")


class Intent:
    """The resources and properties that changes may touch in one environment's graph.

    Instances of one block share its text, so a change of one is a change of all. What a resource makes (a role that SAM
    generates) and the satellites that state parts of it follow it.
    """

    def __init__(self, graph: Graph, changes: Iterable[Change]) -> None:
        self.graph = graph
        self.properties: set[tuple[str, str]] = set()
        self.families: set[str] = set()
        self.kinds: set[str | None] = set()
        self.kept: set[str] = set()
        self.alike: set[tuple[str | None, str]] = set()
        self.paths: dict[tuple[str, str], list[Path]] = {}
        for change in changes:
            self._take(change)

    def _take(self, change: Change) -> None:
        if isinstance(change, (Set, Remove)):
            self.alike.add((change.resource.kind, str(parse(change.path)[0])))
            top, *below = parse(change.path)
            for address in self.instances(change.resource):
                self.properties.add((address, str(top)))
                self.paths.setdefault((address, str(top)), []).append(tuple(below))
                self.families.add(address)
            self._take_source(change)
        elif isinstance(change, AddResource):
            self.kinds.add(change.kind)
        elif isinstance(change, Always):
            self.kept.add(_KEY.sub("", change.resource.address))
            self.families.add(change.resource.address)
        elif isinstance(change, Rewrite):
            self.families.add(change.function.address)
        elif isinstance(change, Allow):
            self.families.add(change.principal.address)
            self.kinds.update(("AWS::IAM::Policy", "AWS::IAM::RolePolicy"))
            for address in self.instances(change.principal):
                self.properties.update({(address, "Policies"), (address, "ManagedPolicyArns")})

    def _take_source(self, change: Set | Remove) -> None:
        """The property of another resource that the value is taken from, as a nested stack takes its parameters."""
        for step in change.resource.properties.trail(change.path):
            file, route = step.origin.file, step.origin.route
            if len(route) < 4 or route[2] != "Properties":
                continue
            for other in self.graph:
                if other.origin.file == file and other.origin.route == route[:2]:
                    self.properties.add((other.address, str(route[3])))

    def instances(self, resource: Resource) -> list[str]:
        """The addresses that the text of this resource makes."""
        here = self.graph.get(resource.address)
        if here is None:
            return [resource.address]
        origin = here.origin
        return [
            other.address
            for other in self.graph
            if other.origin.file == origin.file
            and other.origin.route == origin.route
            and other.type == here.type
        ]

    def allows(self, difference: Difference, after: Graph) -> bool:
        """Whether the difference is meant, or follows from what is."""
        if difference.what == "changed" and (difference.address, difference.property) in self.properties:
            return self._kept(difference, after)
        if self.kept and self._is_kept(difference, after):
            return True
        graph = self.graph if difference.what == "removed" else after
        resource = graph.get(difference.address)
        if resource is None:
            return False
        if _is_deployment(resource, difference):
            return True
        if (
            difference.what == "changed"
            and not resource.present
            and (resource.kind, difference.property) in self.alike
        ):
            # The other resource of a choice (`count = var.x ? 0 : 1`) takes its settings from the same place.
            return True
        if difference.what == "added" and (resource.kind in self.kinds or resource.type in self.kinds):
            return True
        if resource.part_of in self.families:
            return True
        maker = resource.made_by.address if resource.made_by else None
        if maker is None:
            return False
        return maker in self.families or maker in self._makers() or self._shared_role(resource, difference)

    def _kept(self, difference: Difference, after: Graph) -> bool:
        """Whether a property that was to be changed says the same as before beside that."""
        paths = self.paths.get((difference.address, difference.property))
        one, other = self.graph.get(difference.address), after.get(difference.address)
        if paths is None or one is None or other is None or one.made_by is not None:
            return True
        return kept(one[difference.property], other[difference.property], paths)

    def _is_kept(self, difference: Difference, after: Graph) -> bool:
        """Whether this is a resource that exists in more environments now, or what it states of its owner."""
        if _KEY.sub("", difference.address) in self.kept:
            return True
        for address in self.kept:
            resource = after.get(address)
            if resource is not None and resource.part_of == difference.address:
                return difference.property in resource.properties.names()
        return False

    def _shared_role(self, resource: Resource, difference: Difference) -> bool:
        """Whether this is what changed functions need of the role that a service makes for all of its functions."""
        if resource.kind != "AWS::IAM::Role" or difference.property != "Policies":
            return False
        assumes = self.graph.edges("assumes").by_target.get(resource.address, ())
        made_by = resource.made_by.address if resource.made_by else ""
        return self.graph.get(made_by) is None and any(
            edge.source.address in self.families for edge in assumes
        )

    def _makers(self) -> set[str]:
        """Who makes the resources that are changed: what else they make may follow."""
        found = set()
        for address in self.families:
            resource = self.graph.get(address)
            if resource is not None and resource.made_by is not None:
                found.add(resource.made_by.address)
        return found


def _is_deployment(resource: Resource, difference: Difference) -> bool:
    """Whether this is the deployment of an API, which SAM names after all that the API says, or a stage's word of it."""
    if resource.made_by is None:
        return False
    return resource.kind == "AWS::ApiGateway::Deployment" or (
        resource.kind == "AWS::ApiGateway::Stage" and difference.property == "DeploymentId"
    )
