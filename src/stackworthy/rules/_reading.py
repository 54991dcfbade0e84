"""Questions that a rule may not ask a value itself: each answers for what is known, and raises `NotKnown` for the rest."""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.aws.arns import resolve
from stackworthy.aws.documents import document
from stackworthy.aws.names import Kinds
from stackworthy.core.resource import Resource
from stackworthy.core.value import (
    ABSENT,
    List,
    Map,
    NotKnown,
    OpenList,
    OpenMap,
    Reference,
    Unknown,
    Value,
    is_stated,
    known,
    show,
)


def settled(value: Value) -> Value:
    """The value, if anything is known of it; raises `NotKnown`."""
    if isinstance(value, Unknown):
        raise NotKnown(value.reason)
    return value


def known_text(value: Value) -> str:
    """The text that a value surely is, "" for anything else; never raises."""
    return value if isinstance(value, str) else ""


def named(resource: Resource, value: Value, kinds: Kinds | None = None) -> Resource | None:
    """The resource of the same stack that a value names, or None; raises `NotKnown` when that cannot be told."""
    found = resolve(resource.graph, value, kinds)
    if isinstance(found, Unknown):
        raise NotKnown(found.reason)
    return found


def surely_named(resource: Resource, value: Value, kinds: Kinds | None = None) -> Resource | None:
    """As `named`, but None too when it cannot be told."""
    found = resolve(resource.graph, value, kinds)
    return found if isinstance(found, Resource) else None


def read_document(value: Value) -> Value:
    """The map that a document stands for, as a map or as JSON; raises `NotKnown`."""
    return settled(document(value))


def is_map(value: Value) -> bool:
    """Whether a value is a map, all of whose keys are known."""
    return isinstance(value, Map) and not isinstance(value, OpenMap)


def runs_at_edge(function: Resource) -> bool:
    """Whether a distribution surely runs a function at its edges: there it has no tracing, and logs in every Region of a viewer."""
    callers = function.graph.edges_to(function, "invokes")
    return any(edge.source.kind == "AWS::CloudFront::Distribution" for edge in list.__iter__(callers))


def as_map(value: Value) -> Map:
    """A map; an empty one in place of what is none; raises `NotKnown`."""
    return value if isinstance(settled(value), Map) else Map()


def as_list(value: Value) -> List:
    """A list; an empty one in place of what is none; raises `NotKnown` when that is not known."""
    if value is ABSENT:
        return List()
    return value if isinstance(settled(value), List) else List()


def is_open(value: Value) -> bool:
    """Whether a list may have more items than those seen."""
    return isinstance(value, OpenList)


def is_known_list(value: Value) -> bool:
    """Whether a value is a list of which everything is known."""
    return isinstance(value, List) and known(value)


def lowered(value: Value) -> Value:
    """A text in lower case, and everything else as it is: `TRUE` and `true` are one value of an attribute."""
    return value.lower() if isinstance(value, str) else value


def expression_of(value: Value) -> str:
    """What a value is, or for one that is not known what would have to be evaluated, in the source's own words."""
    return value.expression if isinstance(value, Unknown) else show(value)


def names_something(value: Value) -> bool:
    """Whether a value is an attribute of a resource, or something of which nothing is known."""
    return isinstance(value, (Reference, Unknown))


def service_of_endpoint(name: Value) -> str:
    """The last part of the name of an endpoint's service: `s3` of `com.amazonaws.eu-west-1.s3`; raises `NotKnown`."""
    if names_something(name):
        raise NotKnown("the service of an endpoint is not known")
    return show(name).rpartition(".")[2]


def maps_within(value: Value, depth: int = 0) -> Iterator[Map]:
    """A map and those inside the lists and maps of its entries, as far down as statements are nested; raises `NotKnown`."""
    if isinstance(settled(value), Map) and depth < 20:
        yield value
        for inner in value.values():
            for held in inner.values() if isinstance(inner, Map) else ():
                for entry in held if isinstance(held, List) else (held,):
                    if isinstance(entry, Map):
                        yield from maps_within(entry, depth + 1)


def texts_of_secret(value: Value) -> list[tuple[str, Value]]:
    """The named values of a secret that is stated as JSON; any other text is one password."""
    if not is_stated(value):
        return []
    found = document(value)
    if isinstance(found, Map) and not isinstance(found, OpenMap):
        return [(str(name), entry) for name, entry in found.items()]
    return [("password", value)]


def variables(entries: Value) -> Iterator[tuple[int, str, Value]]:
    """The stated variables of a list of names and values: their places, names and values; raises `NotKnown`."""
    for index, entry in enumerate(entries):
        if is_stated(entry["Value"]):
            yield index, show(entry["Name"]), entry["Value"]
