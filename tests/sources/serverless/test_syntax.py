from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stackworthy.sources.serverless.syntax import Literal, Source, Variable, pieces


def _only(text: str) -> Variable:
    (variable,) = pieces(text)
    assert isinstance(variable, Variable)
    return variable


def test_a_text_without_variables_is_one_piece() -> None:
    assert pieces("plain") == ("plain",)


def test_a_variable_has_a_type_and_an_address() -> None:
    assert _only("${self:custom.table}").sources == (Source("self", (), ("custom.table",)),)


def test_a_source_may_have_parameters_and_an_address() -> None:
    assert _only("${file(./x.yml, y):a.b}").sources == (Source("file", (("./x.yml",), ("y",)), ("a.b",)),)


def test_fallbacks_are_sources_texts_numbers_truth_values_and_null() -> None:
    found = _only("${opt:a, self:b, 'c, d', \"e\", 5, 1.5, true, null}").sources
    assert found[1] == Source("self", (), ("b",))
    assert [one.value for one in found[2:] if isinstance(one, Literal)] == ["c, d", "e", 5, 1.5, True, None]


def test_variables_nest_in_addresses_and_parameters() -> None:
    inner = Source(
        "file", (("config.", Variable((Source("opt", (), ("stage",)),), "${opt:stage}"), ".yml"),), ("a",)
    )
    assert _only("${file(config.${opt:stage}.yml):a}").sources == (inner,)


def test_what_cloudformation_substitutes_is_no_variable() -> None:
    for text in ("${AWS::Region}", "${Table}", "${Table.Arn}", "${!Literal}", "arn:${AWS::Partition}:x"):
        assert pieces(text) == (text,)


def test_a_variable_inside_another_languages_one_is_found() -> None:
    assert pieces("${Foo-${self:a}}")[0] == "${Foo-"


def test_a_backslash_keeps_a_variable_as_it_is() -> None:
    assert pieces(r"\${self:a}") == ("${self:a}",) or pieces(r"\${self:a}") == ("", "${self:a}")


def test_an_unfinished_variable_is_text() -> None:
    for text in ("${self:a", "${self:${opt:x}", "${file(x:y}", "${a, b}", "${self:a, 'b}"):
        assert "".join(piece if isinstance(piece, str) else piece.text for piece in pieces(text)) == text


def test_thousands_of_unfinished_variables_end_in_time() -> None:
    text = "${self:" * 900
    assert "".join(piece if isinstance(piece, str) else piece.text for piece in pieces(text)) == text


@given(st.text(alphabet="${}():,'\"\\ aself.*\n", max_size=40))
def test_the_pieces_of_any_text_make_the_text_again(text: str) -> None:
    made = "".join(piece if isinstance(piece, str) else piece.text for piece in pieces(text))
    assert made == text or "\\${" in text


@given(st.lists(st.sampled_from(["${self:a}", "${opt:b, 'c'}", "x", "-", "${AWS::Region}"]), max_size=8))
def test_variables_next_to_each_other_stay_apart(parts: list[str]) -> None:
    found = [piece.text for piece in pieces("".join(parts)) if isinstance(piece, Variable)]
    assert found == [part for part in parts if part.startswith(("${self", "${opt"))]
