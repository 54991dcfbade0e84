"""JSON templates."""

from __future__ import annotations

import json
import time

import pytest

from stackworthy.sources.cloudformation.json_text import Positions, read, values
from stackworthy.sources.cloudformation.text import Malformed
from stackworthy.sources.cloudformation.yaml_text import MAX_DEPTH, Note

TEMPLATE = """{
\t"Mappings": {"Queue": {"x": {"y": 1}}},
\t"Resources": {
\t\t"Caf\\u00e9": {"Type": "AWS::SQS::Queue"},
\t\t"Queue": {
\t\t\t"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 5, "Tags": [{"Key": "a", "Value": "é😀"},
\t\t\t\t{"Key": "b",
\t\t\t\t "Value": "c"}]}
\t\t}
\t}
}
"""


def at(text: str, route: tuple[str | int, ...], role: str = "value") -> tuple[int, int, str]:
    """Line and column of a route, and the text there, which is the same by bytes and by columns."""
    content = text.encode()
    span = Positions("t.json", content).span(route, role)
    found = content[span.start_byte : span.end_byte].decode()
    assert span.end_line == span.line
    assert text.split("\n")[span.line - 1][span.column - 1 : span.end_column - 1] == found
    return span.line, span.column, found


def test_a_template_is_read_with_or_without_a_byte_order_mark() -> None:
    assert read(b'{"A": [1, 2.5, null, true, "x"]}') == {"A": [1, 2.5, None, True, "x"]}
    assert read(b'\xef\xbb\xbf{"A": 1}') == {"A": 1}


def test_an_empty_file_holds_nothing() -> None:
    assert read(b" \n") is None


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b'{\n "A": 1,\n}', 3, "not valid JSON"),
        (b'{\n "A": \n', 2, "not valid JSON"),
        (b'{"A": 1}\n{"B": 2}', 2, "not valid JSON"),
        (b'{\n "A": "caf\xe9"}', 2, "not UTF-8"),
        ('{"A": 1}'.encode("utf-16"), 0, "UTF-16"),
        (b'{"A": NaN}', 1, "not valid JSON"),
        (b"[" * 100_000, 0, f"deeper than {MAX_DEPTH}"),
        (b"[" * 200 + b"]" * 200, 0, f"deeper than {MAX_DEPTH}"),
        (b'{"a":' * 150 + b"1" + b"}" * 150, 0, f"deeper than {MAX_DEPTH}"),
    ],
)
def test_what_is_no_json_is_refused_with_its_line(content, line, message) -> None:
    with pytest.raises(Malformed) as caught:
        read(content)
    assert caught.value.line == line
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{\n "A": 1,\n "B": 2,\n "A": 3}', [(4, "A is stated twice; the last one counts")]),
        (b'{"A": {"B": 1, "B": 2}}', [(1, "B is stated twice; the last one counts")]),
        (b'{"A": "\\"B\\": 1, \\"B\\": 2"}', []),
        (b'{"A": "x\\\\", "B\\\\": 1}', []),
        (b'{"A" : 1, "B"\n:\n2}', []),
    ],
)
def test_a_key_that_is_stated_twice_is_noted(content, said) -> None:
    notes: list[Note] = []
    assert values(content, notes) == json.loads(content)
    assert [(note.line, note.message) for note in notes] == said


@pytest.mark.parametrize(
    ("route", "place"),
    [
        (("Resources", "Queue"), (5, 3, '"Queue"')),
        (("Resources", "Café"), (4, 3, '"Caf\\u00e9": {"Type": "AWS::SQS::Queue"}')),
        (("Resources", "Queue", "Type"), (6, 4, '"Type": "AWS::SQS::Queue"')),
        (("Resources", "Queue", "Properties", "DelaySeconds"), (6, 46, '"DelaySeconds": 5')),
        (("Resources", "Queue", "Properties", "Tags"), (6, 65, '"Tags"')),
        (
            ("Resources", "Queue", "Properties", "Tags", 0),
            (6, 74, '{"Key": "a", "Value": "é😀"}'),
        ),
        (("Resources", "Queue", "Properties", "Tags", 0, "Value"), (6, 87, '"Value": "é😀"')),
        (("Resources", "Queue", "Properties", "Tags", 1), (7, 5, '{"Key": "b",')),
        (("Resources", "Queue", "Properties", "Tags", 1, "Value", "deeper"), (8, 6, '"Value": "c"')),
        (("Nowhere",), (1, 1, "{")),
    ],
)
def test_a_route_leads_to_its_line_column_and_bytes(route, place) -> None:
    assert at(TEMPLATE, route) == place


def test_a_compact_template_has_all_places_on_its_one_line() -> None:
    text = json.dumps(json.loads(TEMPLATE), separators=(",", ":"), ensure_ascii=False)
    assert at(text, ("Resources", "Queue", "Properties", "Tags", 1, "Value"))[2] == '"Value":"c"'
    assert at(text, ("Resources", "Queue"))[0] == 1


def test_a_byte_order_mark_counts_in_bytes_but_not_in_columns() -> None:
    content = b'\xef\xbb\xbf{"A": 1}'
    span = Positions("t.json", content).span(("A",))
    assert (span.column, span.start_byte, content[span.start_byte : span.end_byte]) == (2, 4, b'"A": 1')


def test_a_key_is_shown_alone_when_only_the_key_is_meant() -> None:
    assert at(TEMPLATE, ("Resources", "Queue", "Properties", "DelaySeconds"), "key")[2] == '"DelaySeconds"'


def test_a_resource_is_not_mistaken_for_another_key_of_its_name() -> None:
    places = Positions("t.json", TEMPLATE.encode())
    assert places.line(("Resources", "Queue")) == 5
    assert places.line(("Mappings", "Queue")) == 2


def test_a_key_that_is_stated_twice_is_found_where_it_counts() -> None:
    assert at('{"A": 1,\n "A": 2}', ("A",)) == (2, 2, '"A": 2')


def test_the_region_of_a_resource_ends_with_its_bracket() -> None:
    assert Positions("t.json", TEMPLATE.encode()).region(("Resources", "Queue")) == (5, 9)
    assert Positions("t.json", TEMPLATE.encode()).region(("Resources", "Café")) == (4, 4)


def test_the_lines_of_ten_thousand_resources_are_found_in_a_moment() -> None:
    names = [f"Queue{index}" for index in range(10_000)]
    text = json.dumps({"Resources": {name: {"Type": "AWS::SQS::Queue"} for name in names}}, indent=1)
    started = time.process_time()
    places = Positions("t.json", text.encode())
    assert [places.line(("Resources", name)) for name in names] == list(range(3, 30_003, 3))
    assert time.process_time() - started < 3
