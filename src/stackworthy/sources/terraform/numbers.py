"""Terraform's numbers: decimal literals kept in 512 bits, as `int` where whole and `float` where that says it exactly.

A plain `float` stands for the number that its shortest decimal text names (0.1 is one tenth), which is how Terraform
reads it; a number that has no such text (1/3) is a `Precise`. Numbers made here are always in this canonical form.

Source: https://developer.hashicorp.com/terraform/language/expressions/types#number
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction

from stackworthy.core.value import NotKnown

Number = int | float

PRECISION = 512
MAX_DIGITS = 4000
_DECIMAL = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_SHORT = re.compile(r"0|-?[1-9]\d{0,14}", re.ASCII)


class Precise(float):
    """A number that no short decimal names; as a `float` it is only near, `exact` is what Terraform computes with."""

    __slots__ = ("exact",)
    exact: Fraction

    def __new__(cls, exact: Fraction) -> Precise:
        try:
            near = exact.numerator / exact.denominator
        except OverflowError:
            near = float("inf") if exact > 0 else float("-inf")
        self = super().__new__(cls, near)
        self.exact = exact
        return self

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Precise):
            return self.exact == other.exact
        return isinstance(other, (int, float)) and math.isfinite(other) and self.exact == exact(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.exact)

    def __lt__(self, other: float) -> bool:
        return order_key(self) < order_key(other)

    def __le__(self, other: float) -> bool:
        return order_key(self) <= order_key(other)

    def __gt__(self, other: float) -> bool:
        return order_key(self) > order_key(other)

    def __ge__(self, other: float) -> bool:
        return order_key(self) >= order_key(other)

    def __reduce__(self) -> tuple[type[Precise], tuple[Fraction]]:
        return (Precise, (self.exact,))


def exact(number: Number) -> Fraction:
    """The number as a fraction; infinities have none and raise `OverflowError`."""
    if isinstance(number, Precise):
        return number.exact
    if isinstance(number, float):
        if number in (float("inf"), float("-inf")):
            raise OverflowError
        return _rounded(Fraction(repr(number)))
    return Fraction(number)


def canonical(value: Fraction) -> Number:
    """The number in 512 bits, as plainly as it can be held."""
    value = _rounded(value)
    if value.denominator == 1:
        _check_size(value)
        return value.numerator
    _check_size(1 / value)
    near = float(value)
    if near and abs(near) != float("inf") and _rounded(Fraction(repr(near))) == value:
        return near
    return Precise(value)


def from_float(value: float) -> Number:
    """The number that a computation in 64-bit floats gave; whole ones become `int`."""
    if value.is_integer() and abs(value) < 1 << 53 and (value or str(value) == "0.0"):
        return int(value)
    return value if not value or abs(value) == float("inf") else canonical(Fraction(repr(value)))


def order_key(number: Number) -> Fraction | float:
    """What numbers are ordered by."""
    return number if type(number) is int or abs(number) == float("inf") else exact(number)


def parse_number(text: str) -> Number | None:
    """The number that the decimal text names, or None if it names none."""
    if _SHORT.fullmatch(text):
        return int(text)
    if text.lstrip("+-").lower() == "inf" and len(text) < 5:
        return float(text)
    if not _DECIMAL.fullmatch(text):
        return None
    mantissa, _, exponent = text.lower().partition("e")
    if len(mantissa) > MAX_DIGITS or len(exponent) > 5 or abs(int(exponent or 0)) > MAX_DIGITS:
        raise NotKnown("the number is too large")
    number = canonical(Fraction(mantissa + ("0" if mantissa.endswith(".") else "")) * _power_of_ten(exponent))
    return -0.0 if number == 0 and text.startswith("-") else number


def number_text(number: Number) -> str:
    """The number as Terraform writes it into a string: without exponent, with as many digits as it needs."""
    if isinstance(number, Precise):
        return _shortest(number.exact)
    if isinstance(number, float):
        if number in (float("inf"), float("-inf")):
            return "+Inf" if number > 0 else "-Inf"
        text = format(Decimal(repr(number)), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(number) if number.bit_length() <= PRECISION else _shortest(Fraction(number))


def calculate(operator: str, left: Number, right: Number) -> Number:
    """`left operator right` for `+ - * / %`; raises `ZeroDivisionError` as Terraform refuses to divide by zero.

    The remainder has the sign of the left side.
    """
    if type(left) is int and type(right) is int and operator in "+-*":
        whole = left + right if operator == "+" else left - right if operator == "-" else left * right
        return whole if whole.bit_length() <= PRECISION else canonical(Fraction(whole))
    try:
        one, other = exact(left), exact(right)
    except OverflowError:
        raise NotKnown("a calculation with infinity is not followed") from None
    if operator == "+":
        return canonical(one + other)
    if operator == "-":
        return canonical(one - other)
    if operator == "*":
        return canonical(one * other)
    quotient = _rounded(one / other)
    if operator == "/":
        return canonical(quotient)
    whole_part = abs(quotient.numerator) // quotient.denominator
    return canonical(one - other * (whole_part if quotient >= 0 else -whole_part))


def _power_of_ten(exponent: str) -> Fraction:
    return Fraction(10) ** int(exponent or 0)


def _check_size(value: Fraction) -> None:
    if abs(value) >= 1 << (MAX_DIGITS * 10 // 3):
        raise NotKnown("the number is too large")


def _rounded(value: Fraction) -> Fraction:
    numerator, denominator = abs(value.numerator), value.denominator
    if denominator & (denominator - 1) == 0 and numerator.bit_length() <= PRECISION:
        return value
    scale = PRECISION - numerator.bit_length() + denominator.bit_length()
    mantissa, rest, unit = _scaled(numerator, denominator, scale)
    if mantissa.bit_length() > PRECISION:
        scale -= 1
        mantissa, rest, unit = _scaled(numerator, denominator, scale)
    if 2 * rest > unit or (2 * rest == unit and mantissa & 1):
        mantissa += 1
    result = Fraction(mantissa, 1 << scale) if scale >= 0 else Fraction(mantissa << -scale)
    return result if value > 0 else -result


def _scaled(numerator: int, denominator: int, scale: int) -> tuple[int, int, int]:
    if scale >= 0:
        numerator <<= scale
    else:
        denominator <<= -scale
    return (*divmod(numerator, denominator), denominator)


def _with_point(digits: str, places: int) -> str:
    if places <= 0:
        return digits + "0" * -places
    digits = digits.rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}".rstrip("0").rstrip(".")


def _shortest(value: Fraction) -> str:
    """The fewest decimal digits that read back as the same 512-bit number."""
    sign = "-" if value < 0 else ""
    value = abs(value)
    digits = (value.numerator.bit_length() - value.denominator.bit_length()) * 30103 // 100000 - 1
    for count in range(17, PRECISION):
        places = count - digits
        scaled = value * 10**places if places >= 0 else value / 10**-places
        near = round(scaled)
        candidate = Fraction(near, 10**places) if places >= 0 else Fraction(near * 10**-places)
        if _rounded(candidate) == value:
            return sign + _with_point(str(near), places)
    raise AssertionError("512 bits never need as many digits")
