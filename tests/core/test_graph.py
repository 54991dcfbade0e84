"""Resources by address and kind, relations by their ends, and what is open about them."""

from __future__ import annotations

import pytest
from tests.support.graphs import graph_with

from stackworthy.core.graph import Edge, Graph, LooseEnd
from stackworthy.core.origin import Origin
from stackworthy.core.resource import Resource, When
from stackworthy.core.value import ABSENT, NotKnown, OpenList


class Nothing:
    """Knows no defaults and changes no value."""

    def default(self, kind: str, path: str, given: str) -> object:
        return ABSENT

    def coerce(self, kind: str, name: str, value: object) -> object:
        return value


def graph(*found: Edge | LooseEnd) -> Graph:
    made = Graph(Nothing(), {"feeds": lambda _: found})
    for end in {id(end): end for item in found for end in (item.source, item.target) if end}.values():
        made.add(end)
    return made


def resource(address: str, kind: str | None = "Tank", **more: object) -> Resource:
    properties = graph_with({address: ("Tank", {})})[address].properties
    return Resource(address, kind, "tank", properties, Origin("f", (address,)), **more)  # type: ignore[arg-type]


A, B, C = (lambda: resource("A")), (lambda: resource("B")), (lambda: resource("C", "Tap"))


def test_an_address_is_taken_once() -> None:
    made = graph()
    made.add(A())
    with pytest.raises(ValueError, match="two resources with the address A"):
        made.add(A())


def test_resources_are_found_by_address_and_kind_in_their_order() -> None:
    made = graph()
    for each in (B(), C(), A(), resource("D", None)):
        made.add(each)
    assert [each.address for each in made] == ["B", "C", "A", "D"]
    assert [each.address for each in made.of("Tank")] == ["B", "A"]
    assert [each.address for each in made.of("Tap", "Tank")] == ["C", "B", "A"]
    assert list(made.kinds()) == ["Tank", "Tap"]
    assert (made["A"].graph is made, made.get("Z"), len(made)) == (True, None, 4)


@pytest.mark.parametrize(("holds", "present"), [(True, True), (None, True), (False, False)])
def test_what_surely_does_not_exist_is_of_no_kind(holds: bool | None, present: bool) -> None:
    made = graph()
    made.add(resource("A", when=When("IsProd", holds)))
    assert made["A"].present is present
    assert [each.address for each in made.of("Tank")] == (["A"] if present else [])


def test_a_satellite_is_seen_in_its_owner_only() -> None:
    made = graph()
    made.add(A())
    made.add(resource("A.policy", part_of="A"))
    made.add(resource("A.tap", "Tap", part_of="A"))
    assert [each.address for each in made.of("Tank", "Tap")] == ["A", "A.tap"]


def test_relations_are_found_by_either_end() -> None:
    a, b, c = A(), B(), C()
    made = graph(Edge(a, c, "feeds", "pipe", b), Edge(b, c, "feeds", "pipe"))
    assert [each.address for each in made.sources(c, "feeds")] == ["A", "B"]
    assert [each.address for each in made.targets(a, "feeds")] == ["C"]
    assert [each.source.address for each in made.edges_to(c, "feeds")] == ["A", "B"]
    assert list(made.edges_from(c, "feeds")) == []
    assert made.edges("drains").all == []


def test_relations_are_worked_out_once() -> None:
    asked: list[Graph] = []
    made = Graph(Nothing(), {"feeds": lambda whole: asked.append(whole) or ()})
    assert asked == []
    assert made.edges("feeds") is made.edges("feeds")
    assert asked == [made]


def test_an_edge_is_read_through_what_states_it() -> None:
    found = graph_with({"Pull": ("AWS::Lambda::EventSourceMapping", {"BatchSize": 7})})
    a, b = A(), B()
    assert Edge(a, b, "feeds", "mapping", found["Pull"])["BatchSize"] == 7
    assert Edge(a, b, "feeds", "name")["BatchSize"] is ABSENT


@pytest.mark.parametrize(
    ("kinds", "open_"), [(frozenset(), True), (frozenset({"Tap"}), True), (frozenset({"Tank"}), False)]
)
def test_a_loose_end_leaves_open_what_may_be_its_other_end(kinds: frozenset[str], open_: bool) -> None:
    a, c = A(), C()
    made = graph(LooseEnd("feeds", "who knows", source=a, kinds=kinds))
    made.add(c)
    found = made.edges_to(c, "feeds")
    assert isinstance(found, OpenList) is open_
    assert isinstance(made.sources(c, "feeds"), OpenList) is open_
    assert isinstance(made.edges_from(a, "feeds"), OpenList)
    assert not isinstance(made.edges_from(c, "feeds"), OpenList)
    if open_:
        with pytest.raises(NotKnown, match="who knows"):
            bool(found)


def test_what_is_known_of_an_open_end_answers() -> None:
    a, b, c = A(), B(), C()
    made = graph(Edge(a, c, "feeds", "pipe"), LooseEnd("feeds", "who knows", source=b))
    assert made.sources(c, "feeds")
    assert made.sources(c, "feeds").any_of(lambda each: each.address == "A")
    with pytest.raises(NotKnown):
        made.sources(c, "feeds").any_of(lambda each: each.address == "B")
