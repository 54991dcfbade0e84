"""Graphs as plain data, and as pictures."""

import json
import re
import xml.etree.ElementTree as ElementTree
from html import unescape
from itertools import pairwise

import msgspec
import pytest
from tests.reports.fake_graphs import relation, resource, shop, stack
from tests.support.graphs import graph_with

from stackworthy.core.graph import Edge, LooseEnd
from stackworthy.core.value import Map, OpenList, OpenMap, Partial, Reference, Unknown
from stackworthy.reports.drawing import Node, Picture, pictures
from stackworthy.reports.graph_json import environment_graph
from stackworthy.reports.graph_svg import svg
from stackworthy.reports.graph_text import dot, mermaid
from stackworthy.reports.layout import place


def shown(graph):
    made = environment_graph(graph, "prod", lambda _: 7, lambda file: "shown/" + file)
    return json.loads(msgspec.json.encode(made))


def test_what_is_not_known_says_so_and_what_is_secret_is_masked():
    graph = graph_with(
        {
            "Fn": (
                "AWS::Lambda::Function",
                {
                    "Role": Reference("Role", "Arn"),
                    "Timeout": Unknown("parameter Timeout has no value"),
                    "FunctionName": Partial(("api-", Reference("Stage"))),
                    "Layers": OpenList(["a"], Unknown("a loop")),
                    "Environment": Map(
                        Variables=OpenMap([("DB_PASSWORD", "hunter2"), ("MODE", "a")], Unknown("a macro"))
                    ),
                },
            )
        }
    )
    graph.relators = {}
    (entry,) = shown(graph)["resources"]
    assert entry["properties"] == {
        "Role": {"$ref": ["Role", "Arn"]},
        "Timeout": {"$unknown": "parameter Timeout has no value"},
        "FunctionName": {"$partial": ["api-", {"$ref": ["Stage", "Ref"]}]},
        "Layers": ["a", {"$unknown": "a loop"}],
        "Environment": {"Variables": {"DB_PASSWORD": "****", "MODE": "a", "$rest": {"$unknown": "a macro"}}},
    }
    assert (entry["file"], entry["line"]) == ("shown/template.yaml", 7)


def test_relations_say_what_makes_them_and_loose_ends_why_they_are_loose():
    def find(graph):
        queue, worker, pull = graph["Queue"], graph["Worker"], graph["Pull"]
        yield Edge(queue, worker, "triggers", "event source mapping", pull, {"batch": 5, "token": "hunter2"})
        yield LooseEnd("triggers", "a name is not known", target=worker, kinds=frozenset({"B", "A"}))

    kinds = {
        "Queue": "AWS::SQS::Queue",
        "Worker": "AWS::Lambda::Function",
        "Pull": "AWS::Lambda::EventSourceMapping",
    }
    graph = graph_with({address: (kind, {}) for address, kind in kinds.items()})
    graph.relators = {"triggers": find}
    made = shown(graph)
    assert made["relations"] == [
        {
            "source": "Queue",
            "target": "Worker",
            "kind": "triggers",
            "via": {
                "by": "event source mapping",
                "resource": "Pull",
                "details": {"batch": 5, "token": "****"},
            },
        }
    ]
    assert made["loose"] == [
        {
            "source": None,
            "target": "Worker",
            "kind": "triggers",
            "kinds": ["A", "B"],
            "reason": "a name is not known",
        }
    ]


def picture_of(*arguments, **more):
    (picture,) = pictures([stack(*arguments, **more)])
    return picture


def test_satellites_are_drawn_as_their_owners_and_their_arrows_are_counted():
    picture = picture_of(
        [
            resource("Api", "AWS::ApiGatewayV2::Api"),
            resource("Api/A", "AWS::ApiGatewayV2::Route", part_of="Api"),
            resource("Api/B", "AWS::ApiGatewayV2::Route", part_of="Api"),
            resource("Fn"),
        ],
        [
            relation("Api/A", "invokes", "Fn"),
            relation("Api/B", "invokes", "Fn"),
            relation("Api", "routes", "Api/A"),
        ],
    )
    assert [node.address for node in picture.nodes] == ["Api", "Fn"]
    assert [(arrow.source, arrow.target, arrow.label) for arrow in picture.arrows] == [
        ("Api", "Fn", "invokes ×2")
    ]


def test_routes_that_only_name_their_api_are_drawn_as_it():
    route = resource("Route", "AWS::ApiGatewayV2::Route", properties={"ApiId": {"$ref": ["Api", "Ref"]}})
    picture = picture_of(
        [resource("Api", "AWS::ApiGatewayV2::Api"), route, resource("Fn")],
        [relation("Route", "routes", "Fn")],
    )
    assert [(arrow.source, arrow.target) for arrow in picture.arrows] == [("Api", "Fn")]


def test_what_only_states_a_relation_is_left_out_and_what_is_absent_too():
    picture = picture_of(
        [
            resource("Fn"),
            resource("Role", "AWS::IAM::Role"),
            resource("Allow", "AWS::Lambda::Permission"),
            resource("Gone", present=False),
            resource("Macro", None),
            resource("Table", "AWS::DynamoDB::Table"),
        ],
        [relation("Fn", "assumes", "Role"), relation("Gone", "reads", "Table")],
    )
    assert [node.address for node in picture.nodes] == ["Fn", "Table"]
    assert picture.arrows == []


def test_a_circle_of_owners_ends():
    picture = picture_of(
        [resource("A", part_of="B"), resource("B", part_of="A"), resource("C")], [relation("A", "reads", "C")]
    )
    assert {node.address for node in picture.nodes} == {"B", "C"}


def test_kinds_are_written_in_words():
    picture = picture_of(
        [
            resource("A", "AWS::ApiGateway::RestApi"),
            resource("B", "AWS::DSQL::Cluster"),
            resource("C", "AWS::WAFv2::WebACL"),
        ],
        [],
    )
    assert [node.words for node in picture.nodes] == ["API Gateway rest API", "DSQL cluster", "WAFv2 web ACL"]


def test_the_layout_points_right_and_keeps_resources_apart():
    (picture,) = pictures([shop()])
    arrows = [(arrow.source, arrow.target) for arrow in picture.arrows]
    placed = place([node.address for node in picture.nodes], arrows)
    right = [placed.layer[source] < placed.layer[target] for source, target in arrows]
    assert right.count(False) == 1, "only the arrow that closes the circle points left"
    by_layer = {}
    for node, layer in placed.layer.items():
        by_layer.setdefault(layer, []).append(placed.top[node])
    for tops in by_layer.values():
        tops.sort()
        assert all(below - above >= 1.4 for above, below in pairwise(tops))
    assert max(placed.top.values()) + 1 <= placed.height


@pytest.mark.parametrize(
    "arrows",
    [[("a", "a")], [("a", "b"), ("b", "a")], [("a", "b"), ("b", "c"), ("c", "a"), ("a", "c")], []],
)
def test_circles_and_lonely_nodes_are_placed(arrows):
    placed = place(["a", "b", "c"], arrows)
    assert placed.layer.keys() == placed.top.keys() == {"a", "b", "c"}


def test_a_thousand_resources_are_placed_without_trouble():
    nodes = [f"n{index}" for index in range(1000)]
    arrows = [(f"n{index}", f"n{(index * 7 + 3) % 1000}") for index in range(1000)]
    assert len(place(nodes, arrows).top) == 1000


HOSTILE = '<script>alert("x")</script>\x1b[31m`]'


def hostile():
    return pictures(
        [stack([resource(HOSTILE), resource("B")], [relation(HOSTILE, "reads", "B")], path=HOSTILE)]
    )


def test_svg_is_well_formed_and_shows_every_resource():
    (picture,) = pictures([shop()])
    tree = ElementTree.fromstring("\n".join(svg([picture])))
    titles = {title.text for title in tree.iter("{http://www.w3.org/2000/svg}title")}
    assert {f"{node.address} ({node.words})" for node in picture.nodes} <= titles
    assert "OrderWorker invokes Checkout" in titles


def test_svg_takes_hostile_names_as_text():
    text = "\n".join(svg(hostile()))
    tree = ElementTree.fromstring(text)
    assert not list(tree.iter("{http://www.w3.org/2000/svg}script"))
    assert "\x1b" not in text


def test_an_empty_svg_is_one():
    assert ElementTree.fromstring("\n".join(svg([]))).tag.endswith("svg")


def test_mermaid_names_every_resource_once_and_draws_every_relation():
    (picture,) = pictures([shop()])
    lines = list(mermaid([picture]))
    assert lines[0] == "flowchart LR"
    assert sum("-->" in line or "-.->" in line for line in lines) == len(picture.arrows)
    assert '  n0_5[["Orders<br/>SQS queue"]]' in lines


def test_mermaid_and_dot_take_hostile_names_as_text():
    for line in mermaid(hostile()):
        assert "<script" not in line
        assert line.count('"') in (0, 2)
    for line in dot(hostile()):
        assert len(re.findall(r'(?<!\\)"', line)) % 2 == 0


def test_several_stacks_are_groups_of_their_own():
    both = pictures([shop(), stack([resource("Only")], [], path="other.yaml", environment="prod")])
    text = "\n".join(mermaid(both))
    assert 'subgraph s1["other.yaml · prod"]' in text
    assert text.count("  end") == 2
    text = "\n".join(dot(both))
    assert "subgraph cluster_1" in text
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("aws_lambda_function.get_meeting", "get_meeting"),
        ("module.orders.aws_sqs_queue.jobs[0]", "jobs[0]"),
        ('module.a["x.y"].module.b.aws_sqs_queue.this["eu.west"]', 'this["eu.west"]'),
        ("Stack/Orders/Resource", "Orders"),
        ("DynamoDBThrottlesAlarm", "Dynamo…ThrottlesAlarm"),
    ],
)
def test_a_box_shows_the_name_and_not_what_all_addresses_share(address, shown):
    picture = Picture("s", [Node(address, "a queue", "message"), Node("B", "b", "data")], [])
    drawn = "\n".join(svg([picture]))
    name = re.findall(r'font-weight="bold" fill="#1f2328">([^<]*)</text>', drawn)[0]
    assert unescape(name) == shown
