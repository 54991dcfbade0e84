"""The places of routes in YAML."""

from __future__ import annotations

import pytest

from stackworthy.sources.cloudformation.yaml_positions import Positions

Route = tuple[str | int, ...]

TEMPLATE = """\
# é😀 comments and letters of several bytes
Shared: &shared {Memory: 128, Tags: [a, b]}
Resources:
  Function:            # the handler
    Type: AWS::Lambda::Function
    Properties:
      Description: "é😀 first"   # said in bytes
      MemorySize: !Ref Memory
      Timeout: !If [Slow, 30, 3]
      Layers:
        - !Ref One
        - Fn::Sub: "${Two}"
      Code: {ZipFile: "é", S3Key: key}
      Inline: |
        # not a comment
        print("é")

      Folded: >-
        one
        two
    # trailing comment of the function

  # comment of the queue
  Queue:
    Type: AWS::SQS::Queue
    Properties: &queue
      DelaySeconds: 5
      Empty:
  Copy:
    Type: AWS::SQS::Queue
    Properties:
      <<: *queue
      Own: 1
  Alias:
    Properties: *queue
Last: *shared
"""


def at(route: Route, text: str = TEMPLATE, role: str = "value") -> tuple[int, int, str]:
    """Line and column of a route, and the text there, which is the same by bytes and by columns."""
    content = text.encode()
    span = Positions("t.yaml", content).span(route, role)
    found = content[span.start_byte : span.end_byte].decode()
    assert span.end_line == span.line
    assert text.split("\n")[span.line - 1][span.column - 1 : span.end_column - 1] == found
    return span.line, span.column, found


@pytest.mark.parametrize(
    ("route", "place"),
    [
        (("Resources",), (3, 1, "Resources")),
        (("Resources", "Function"), (4, 3, "Function")),
        (("Resources", "Function", "Type"), (5, 5, "Type: AWS::Lambda::Function")),
        (
            ("Resources", "Function", "Properties", "Description"),
            (7, 7, 'Description: "é😀 first"'),
        ),
        (("Resources", "Function", "Properties", "MemorySize"), (8, 7, "MemorySize: !Ref Memory")),
        (("Resources", "Function", "Properties", "MemorySize", "Ref"), (8, 7, "MemorySize: !Ref Memory")),
        (("Resources", "Function", "Properties", "Timeout", "Fn::If", 1), (9, 27, "30")),
        (("Resources", "Function", "Properties", "Layers"), (10, 7, "Layers")),
        (("Resources", "Function", "Properties", "Layers", 0), (11, 11, "!Ref One")),
        (("Resources", "Function", "Properties", "Layers", 1), (12, 11, 'Fn::Sub: "${Two}"')),
        (("Resources", "Function", "Properties", "Layers", 1, "Fn::Sub"), (12, 11, 'Fn::Sub: "${Two}"')),
        (("Resources", "Function", "Properties", "Code"), (13, 7, 'Code: {ZipFile: "é", S3Key: key}')),
        (("Resources", "Function", "Properties", "Code", "S3Key"), (13, 28, "S3Key: key")),
        (("Resources", "Function", "Properties", "Inline"), (14, 7, "Inline")),
        (("Resources", "Function", "Properties", "Folded"), (18, 7, "Folded")),
        (("Resources", "Queue", "Properties", "Empty"), (28, 7, "Empty:")),
        (("Resources", "Queue", "Nothing", "Deeper"), (24, 3, "Queue")),
        (("Resources", "Function", "Properties", "Layers", 9), (10, 7, "Layers")),
        (("Resources", "Copy", "Properties", "DelaySeconds"), (27, 7, "DelaySeconds: 5")),
        (("Resources", "Copy", "Properties", "Own"), (33, 7, "Own: 1")),
        (("Resources", "Alias", "Properties"), (35, 5, "Properties")),
        (("Last", "Tags", 1), (2, 41, "b")),
        (("Last",), (36, 1, "Last")),
        ((), (2, 1, "Shared: &shared {Memory: 128, Tags: [a, b]}")),
    ],
)
def test_a_route_leads_to_its_line_column_and_bytes(route: Route, place: tuple[int, int, str]) -> None:
    assert at(route) == place


def test_windows_line_ends_and_a_byte_order_mark_move_bytes_only() -> None:
    content = b"\xef\xbb\xbf" + TEMPLATE.replace("\n", "\r\n").encode()
    span = Positions("t.yaml", content).span(("Resources", "Function", "Properties", "Description"))
    assert (span.line, span.column, span.end_line, span.end_column) == (7, 7, 7, 30)
    assert content[span.start_byte : span.end_byte].decode() == 'Description: "é😀 first"'


def test_only_line_feeds_end_lines() -> None:
    text = "A: 'one\u2028two\u2029three\u0085four'\nB: 1\n"
    assert Positions("t.yaml", text.encode()).line(("B",)) == 2


def test_a_key_is_shown_alone_when_only_the_key_is_meant() -> None:
    assert at(("Resources", "Function", "Type"), role="key") == (5, 5, "Type")


def test_a_value_in_a_flow_map_ends_where_it_ends() -> None:
    text = "A: {B: [1, {C: 2}], D: &d x, E: *d}\n"
    assert at(("A", "B", 1, "C"), text) == (1, 13, "C: 2")
    assert at(("A", "B"), text) == (1, 5, "B: [1, {C: 2}]")
    assert at(("A", "D"), text) == (1, 21, "D: &d x")
    assert at(("A", "E"), text) == (1, 30, "E")


def test_a_long_value_without_a_key_is_shown_by_its_first_line() -> None:
    text = "A:\n  - B: 1   # why\n    C: 2\n  - |\n    text\n  - [1,\n     2]\n"
    assert at(("A", 0), text) == (2, 5, "B: 1   # why")
    assert at(("A", 1), text) == (4, 5, "|")
    assert at(("A", 2), text) == (6, 5, "[1,")


@pytest.mark.parametrize(
    ("route", "region"),
    [
        (("Resources", "Function"), (4, 20)),
        (("Resources", "Function", "Properties", "Inline"), (14, 16)),
        (("Resources", "Queue"), (24, 28)),
        (("Resources", "Copy"), (29, 33)),
        (("Resources", "Alias"), (34, 35)),
        (("Shared",), (2, 2)),
        (("Last",), (36, 36)),
        ((), (2, 36)),
        (("Nothing",), (2, 36)),
    ],
)
def test_a_region_ends_with_the_last_thing_in_it(route: Route, region: tuple[int, int]) -> None:
    assert Positions("t.yaml", TEMPLATE.encode()).region(route) == region


def test_a_region_that_ends_with_an_alias_ends_there() -> None:
    text = "A: &a\n  X: 1\nB:\n  C: 1\n  D: *a\n\n# end\nE:\n  - 1\n  - *a\nF: 1\nG:\n  <<: *a\nH: 1\n"
    places = Positions("t.yaml", text.encode())
    assert places.region(("B",)) == (3, 5)
    assert places.region(("E",)) == (8, 9)
    assert places.region(("G",)) == (12, 13)


def test_an_empty_file_has_one_place() -> None:
    places = Positions("t.yaml", b"")
    assert places.span(("A",)).line == 1
    assert places.region(("A",)) == (1, 1)
    assert places.line(("A",)) == 1


def test_the_last_of_two_equal_keys_is_the_one_that_counts() -> None:
    assert at(("A",), "A: 1\nA: 2\n") == (2, 1, "A: 2")


def test_lines_of_many_resources_are_found_in_a_moment() -> None:
    import time

    names = [f"Queue{index}" for index in range(10_000)]
    text = "Resources:\n" + "".join(f"  {name}: {{Type: AWS::SQS::Queue}}\n" for name in names)
    places = Positions("t.yaml", text.encode())
    started = time.process_time()
    assert [places.line(("Resources", name)) for name in names] == list(range(2, 10_002))
    assert time.process_time() - started < 3
