"""Quantities, usage and decimal strings."""

from __future__ import annotations

from decimal import Decimal

import pytest

from stackworthy.core.cost import Usage, UsageError, decimal_text, quantity, unknown_key


@pytest.mark.parametrize(
    ("value", "number"), [(3, 3), ("1_000", 1000), ("0.5", "0.5"), (0.1, "0.1"), ("1e3", 1000)]
)
def test_a_quantity_is_exact(value, number):
    assert quantity(value, "A.key") == Decimal(number)


def test_an_error_names_file_line_and_key():
    with pytest.raises(UsageError) as error:
        quantity("x", "A.key", "usage.yml", 3)
    assert str(error.value) == "usage.yml:3: A.key is no number: 'x' (write a number, such as 1000000)"


def test_an_unknown_key_is_told_with_the_nearest_or_with_all():
    assert unknown_key("Kind", "A", "request", ["requests", "size"]).hint == "did you mean requests?"
    assert unknown_key("Kind", "A", "zzz", ["requests", "size"]).hint == "it has requests, size"
    assert unknown_key("Kind", "A", "zzz", []).hint == "it takes none"


def test_the_last_statement_of_a_key_wins():
    usage = Usage()
    usage.add("A", "key", 1)
    usage.add("A", "key", 2, basis="measured", why="last month")
    ((stack, address, key, given),) = usage.rows()
    assert (stack, address, key) == ("", "A", "key")
    assert (given.value, given.basis, given.why) == (2, "measured", "last month")


def test_usage_that_names_a_stack_is_only_that_stacks():
    usage = Usage()
    usage.add("A", "key", 1, stack="one.yaml")
    assert usage.of("two.yaml", "A") == {}
    assert usage.of("one.yaml", "A")["key"].value == 1


@pytest.mark.parametrize(
    ("number", "text"), [(5, "5"), (Decimal("0.10"), "0.1"), (Decimal("1E+20"), "1" + "0" * 20)]
)
def test_a_decimal_string_has_no_exponent_and_no_needless_zeros(number, text):
    assert decimal_text(number) == text
