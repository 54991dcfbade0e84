"""Documents with unknown parts survive being written and read back."""

from __future__ import annotations

import pickle

import pytest

from stackworthy.core.value import (
    List,
    Map,
    OpenList,
    OpenMap,
    Partial,
    Reference,
    Unknown,
    references,
    same,
    show,
)
from stackworthy.sources.terraform.functions import FunctionError, call
from stackworthy.sources.terraform.types import EncodedJson, EncodedYaml, ScatteredList, TfSet

ARN = Reference("aws_s3_bucket.b", "Arn")
NAME = Unknown("var.name has no value", "var.name")
POLICY = Map(
    Version="2012-10-17",
    Statement=List(
        [Map(Effect="Allow", Action=List(["s3:GetObject"]), Resource=List([Partial((ARN, "/*")), ARN]))]
    ),
)


def test_a_policy_with_references_is_written_with_them_and_read_back_whole():
    text = call("jsonencode", [POLICY])
    assert isinstance(text, EncodedJson)
    assert show(text) == (
        '{"Statement":[{"Action":["s3:GetObject"],"Effect":"Allow",'
        '"Resource":["${aws_s3_bucket.b.Arn}/*",${aws_s3_bucket.b.Arn}]}],"Version":"2012-10-17"}'
    )
    assert list(references(text)) == [ARN, ARN]
    assert same(call("jsondecode", [text]), POLICY)


def test_a_policy_whose_text_was_joined_with_other_text_is_read_back_from_its_pieces():
    text = call("jsonencode", [POLICY])
    wrapped = call("format", ['{"Policy": %s, "Name": "p"}', text])
    assert same(call("jsondecode", [wrapped]), Map(Policy=POLICY, Name="p"))


def test_a_written_document_is_a_text_with_known_start_and_end():
    text = call("jsonencode", [Map(a=NAME)])
    assert (text.prefix, text.suffix) == ('{"a":', "}")
    assert call("startswith", [text, "{"]) is True


def test_a_heredoc_with_references_between_quotes_is_read():
    text = Partial(('{"Resource": "', ARN, '/*", "Sid": "', NAME, '", "Count": ', NAME, "}"))
    answer = call("jsondecode", [text])
    assert same(answer["Resource"], Partial((ARN, "/*")))
    assert answer["Sid"] is NAME
    assert answer["Count"] is NAME


def test_a_key_that_is_not_known_leaves_the_object_open():
    text = Partial(
        (
            '{"StringEquals": {"',
            NAME,
            ':sub": "x", "aws:SourceAccount": "1"}}',
        )
    )
    answer = call("jsondecode", [text])["StringEquals"]
    assert isinstance(answer, OpenMap)
    assert answer["aws:SourceAccount"] == "1"
    assert isinstance(answer["other"], Unknown)


def test_a_bare_unknown_inside_a_list_may_stand_for_several_elements():
    answer = call("jsondecode", [Partial(('["a", ', NAME, "]"))])
    assert isinstance(answer, ScatteredList)
    assert answer.known == ["a"]
    assert same(call("jsondecode", [Partial(('["a", ', ARN, "]"))]), List(["a", ARN]))


@pytest.mark.parametrize("pieces", [('{"a": 1 ', NAME, "}"), (NAME, "x"), ("[1", ARN, "]"), ("\ue000", NAME)])
def test_a_text_that_cannot_be_read_around_its_unknown_pieces_is_unknown(pieces):
    assert isinstance(call("jsondecode", [Partial(pieces)]), Unknown)


def test_open_lists_and_maps_are_written_as_far_as_they_are_known():
    value = Map(a=OpenList(["x"], NAME), b=OpenMap([("k", 1)], NAME), c=TfSet([ARN, NAME]))
    text = call("jsonencode", [value])
    assert show(text) == (
        '{"a":["x"${jsonencode(var.name)}],"b":{${jsonencode(var.name)}},"c":${jsonencode(aws_s3_bucket.b.Arn)}}'
    )
    read = call("jsondecode", [text])
    assert read["a"].known == ["x"]
    assert read["b"].known == {"k": 1}


def test_quotes_and_breaks_in_known_pieces_are_escaped():
    assert show(call("jsonencode", [Partial(('a"\n<', NAME))])) == '"a\\"\\n\\u003c${var.name}"'


def test_an_encoded_document_survives_pickling():
    text = call("jsonencode", [POLICY])
    again = pickle.loads(pickle.dumps(text))
    assert isinstance(again, EncodedJson)
    assert same(again.value, POLICY)


def test_infinity_is_refused():
    with pytest.raises(FunctionError, match="infinity"):
        call("jsonencode", [float("inf")])


def test_json_nested_too_deeply_is_unknown():
    assert isinstance(call("jsondecode", ["[" * 100_000 + "]" * 100_000]), Unknown)


def test_yaml_with_unknown_parts_keeps_its_structure():
    text = call("yamlencode", [POLICY])
    assert isinstance(text, EncodedYaml)
    assert list(references(text)) == [ARN, ARN]
    assert same(call("yamldecode", [text]), POLICY)


def test_a_yaml_text_with_unknown_pieces_in_its_scalars_is_read():
    text = Partial(
        ("Resource: ", ARN, "/*\nCount: ", NAME, "\nNotes: |\n  about ", NAME, "\nList: [", ARN, ", x]\n")
    )
    answer = call("yamldecode", [text])
    assert same(answer["Resource"], Partial((ARN, "/*")))
    assert answer["Count"] is NAME
    assert same(answer["Notes"], Partial(("about ", NAME, "\n")))
    assert same(answer["List"], List([ARN, "x"]))


def test_a_yaml_key_that_is_not_known_leaves_the_mapping_open():
    answer = call("yamldecode", [Partial((NAME, ": 1\nb: 2\n"))])
    assert isinstance(answer, OpenMap)
    assert answer["b"] == 2


@pytest.mark.parametrize(
    "pieces", [("a: 1\n", NAME), ("a: !Ref ", NAME), ("a: x\n  ", NAME, "\n"), ("a: [", NAME)]
)
def test_a_yaml_text_that_a_piece_could_restructure_is_unknown(pieces):
    assert isinstance(call("yamldecode", [Partial(pieces)]), Unknown)


def test_a_yaml_alias_bomb_is_unknown():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert isinstance(call("yamldecode", ["\n".join(lines)]), Unknown)
