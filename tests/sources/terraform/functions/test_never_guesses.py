"""Whatever part of an argument is not known, the answer agrees with what Terraform says when it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from tests.sources.terraform.functions.oracle import answers, recorded_files, render, value_of

from stackworthy.core.value import List, Map, OpenList, OpenMap, Partial, Reference, Unknown, Value
from stackworthy.sources.terraform.conversions import convert, equal, first_unknown, make_set, to_string
from stackworthy.sources.terraform.functions import FunctionError, call
from stackworthy.sources.terraform.functions.json import jsondecode
from stackworthy.sources.terraform.types import ScatteredList, TfList, TfMap, TfSet, type_of

HIDDEN = Unknown("hidden")
REFERENCE = Reference("some.resource", "Attribute")
ANSWERED = [answer for answer in answers() if answer.function and answer.json is not None]


def _rebuilt(value: Value, items: list[Value]) -> Value:
    return make_set(items) if isinstance(value, TfSet) else type(value)(items)


def variants(value: Value) -> Iterator[tuple[Value, Value]]:
    """The value with one part hidden, and what is hidden."""
    yield HIDDEN, value
    if isinstance(value, str) and value:
        yield REFERENCE, value
        for cut in {1, len(value) // 2, len(value) - 1} - {0, len(value)}:
            yield Partial((value[:cut], HIDDEN)), value
            yield Partial((HIDDEN, value[cut:])), value
            if cut + 1 < len(value):
                yield Partial((value[:cut], HIDDEN, value[cut + 1 :])), value
    elif isinstance(value, dict):
        for key in value:
            for changed, hidden in variants(value[key]):
                yield type(value)({**value, key: changed}), hidden
        yield OpenMap(list(value.items())[:1], HIDDEN), value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            for changed, hidden in variants(item):
                yield _rebuilt(value, [*value[:index], changed, *value[index + 1 :]]), hidden
        for count in {0, 1, len(value)} if not isinstance(value, TfSet) else ():
            yield OpenList(value[:count], HIDDEN), value
        yield ScatteredList(value[1:], HIDDEN), value


def agrees(ours: Value, real: Value, hidden: Value) -> bool:
    """Whether the real answer is among those that ours leaves open."""
    if isinstance(ours, Unknown):
        return True
    if isinstance(ours, Reference):
        return equal(real, convert(hidden, type_of(real))) is True
    if isinstance(ours, ScatteredList) or (isinstance(ours, TfSet) and first_unknown(ours) is not None):
        members = ours.known if isinstance(ours, OpenList) else ours
        return isinstance(real, list) and all(
            any(agrees(item, one, hidden) for one in real) for item in members
        )
    if isinstance(ours, OpenList):
        pairs = zip(ours.known, real, strict=False)
        return (
            isinstance(real, list)
            and len(ours.known) <= len(real)
            and all(agrees(item, one, hidden) for item, one in pairs)
        )
    if isinstance(ours, OpenMap):
        return isinstance(real, dict) and all(
            key in real and agrees(item, real[key], hidden) for key, item in ours.known.items()
        )
    if isinstance(ours, list):
        same_length = isinstance(real, list) and len(ours) == len(real)
        return same_length and all(agrees(item, one, hidden) for item, one in zip(ours, real, strict=True))
    if isinstance(ours, dict):
        same_keys = isinstance(real, dict) and sorted(ours) == sorted(real)
        return same_keys and all(agrees(ours[key], real[key], hidden) for key in ours)
    if isinstance(ours, Partial):
        plain = Partial(tuple(HIDDEN if isinstance(piece, Reference) else piece for piece in ours.pieces))
        return isinstance(real, str) and equal(plain, real) is not False
    return equal(ours, real) is True or (
        not isinstance(real, (list, dict)) and to_string(ours) == to_string(real)
    )


def _restructures(changed: Value, hidden: Value) -> bool:
    """Whether what is hidden of a document is more than a part of a word: the decoders take it not to be."""
    if not isinstance(changed, Partial):
        return False
    start, end = changed.prefix, changed.suffix
    return re.fullmatch(r"[A-Za-z0-9]+", hidden[len(start) : len(hidden) - len(end)]) is None


@pytest.mark.parametrize("family", sorted({answer.function[0] for answer in ANSWERED}))
def test_an_answer_with_a_hidden_part_never_contradicts_the_whole_one(family):
    wrong = []
    for answer in ANSWERED:
        if not answer.function.startswith(family):
            continue
        args = [value_of(arg) for arg in answer.args]
        real = jsondecode(answer.json)
        for index, arg in enumerate(args):
            for changed, hidden in variants(arg):
                if answer.function in ("jsondecode", "yamldecode") and _restructures(changed, hidden):
                    continue
                given = [*args[:index], changed, *args[index + 1 :]]
                try:
                    ours = call(answer.function, given, files=recorded_files(), render=render)
                except FunctionError as error:
                    wrong.append((answer.expression, given, str(error)))
                    continue
                if not agrees(ours, real, hidden):
                    wrong.append((answer.expression, given, ours))
    assert wrong == [], f"{len(wrong)} of them, such as {wrong[0]}"


def test_the_judge_of_these_tests_notices_a_guess():
    assert not agrees("a", "b", "")
    assert not agrees(Partial(("a", HIDDEN)), "ba", "")
    assert not agrees(OpenList(["b"], HIDDEN), List(["a", "b"]), "")
    assert not agrees(TfList(["a"]), List(["a", "b"]), "")
    assert not agrees(TfMap(a=1), Map(), "")
    assert agrees(ScatteredList(["b"], HIDDEN), List(["a", "b"]), "")
