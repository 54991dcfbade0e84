"""Number functions.

Source: https://developer.hashicorp.com/terraform/language/functions, "Numeric functions"
"""

from __future__ import annotations

import math
from collections.abc import Callable

from stackworthy.core.value import Value
from stackworthy.sources.terraform.bounds import TooLarge
from stackworthy.sources.terraform.conversions import ConversionError, to_number
from stackworthy.sources.terraform.functions.contract import Failure, invalid
from stackworthy.sources.terraform.functions.pieces import whole, whole_argument
from stackworthy.sources.terraform.numbers import (
    Number,
    Precise,
    calculate,
    canonical,
    exact,
    from_float,
    order_key,
)
from stackworthy.sources.terraform.types import TfList, type_of

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MAX_RANGE = 1024


def absolute(number: Number) -> Number:
    """`abs(num)`."""
    return canonical(abs(number.exact)) if isinstance(number, Precise) else abs(number)


def ceil(number: Number) -> Number:
    """`ceil(num)`."""
    return number if abs(number) == math.inf else math.ceil(exact(number))


def floor(number: Number) -> Number:
    """`floor(num)`."""
    return number if abs(number) == math.inf else math.floor(exact(number))


def signum(number: Number) -> int:
    """`signum(num)`: -1, 0 or 1, of whole numbers only."""
    value = whole(number)
    return (value > 0) - (value < 0)


def _through_floats(compute: Callable[[float, float], float], one: Number, other: Number) -> Number:
    try:
        return from_float(compute(float(one), float(other)))
    except OverflowError:
        return math.inf
    except ValueError:
        raise Failure("the result is not a number") from None


def _logarithm(number: float, base: float) -> float:
    above = math.log(number) if number else -math.inf
    below = math.log(base) if base else -math.inf
    if below == 0:
        if above == 0:
            raise ValueError
        return math.copysign(math.inf, above)
    if abs(above) == math.inf and abs(below) == math.inf:
        raise ValueError
    return above / below


def log(number: Number, base: Number) -> Number:
    """`log(num, base)`, computed in 64-bit floats."""
    return _through_floats(_logarithm, number, base)


def _power(number: float, power: float) -> float:
    """The power as Go computes it, which differs from C's in the last digits."""
    if power == 0 or number == 1:
        return 1.0
    if number == 0 or abs(number) == math.inf or abs(power) == math.inf or abs(power) >= 1 << 63:
        return math.inf if number == 0 and power < 0 else math.pow(number, power)
    if abs(power) == 0.5:
        return math.sqrt(number) if power > 0 else 1 / math.sqrt(number)
    rest, whole_part = math.modf(abs(power))
    if rest and number < 0:
        raise ValueError
    if rest > 0.5:
        rest, whole_part = rest - 1, whole_part + 1
    mantissa, exponent = (math.exp(rest * math.log(number)) if rest else 1.0), 0
    base, base_exponent = math.frexp(number)
    times = int(whole_part)
    while times and abs(base_exponent) <= 1 << 12:
        if times & 1:
            mantissa, exponent = mantissa * base, exponent + base_exponent
        base, base_exponent, times = base * base, base_exponent * 2, times >> 1
        if base < 0.5:
            base, base_exponent = base + base, base_exponent - 1
    exponent += base_exponent if times else 0
    if power < 0:
        mantissa, exponent = 1 / mantissa, -exponent
    try:
        return math.ldexp(mantissa, exponent)
    except OverflowError:
        return math.copysign(math.inf, mantissa)


def power(number: Number, exponent: Number) -> Number:
    """`pow(num, power)`, computed in 64-bit floats."""
    return _through_floats(_power, number, exponent)


def maximum(*numbers: Number) -> Number:
    """`max(numbers...)`."""
    if not numbers:
        raise Failure("must pass at least one number")
    return max(numbers, key=order_key)


def minimum(*numbers: Number) -> Number:
    """`min(numbers...)`."""
    if not numbers:
        raise Failure("must pass at least one number")
    return min(numbers, key=order_key)


def parseint(text: Value, base: Number) -> int:
    """`parseint(number, base)` for bases 2 to 62; above 36 the case of letters counts."""
    if not isinstance(text, str):
        raise invalid("number", f"first argument must be a string, not {type_of(text).friendly()}")
    radix = whole_argument("base", base)
    if not 2 <= radix <= 62:
        raise invalid("base", "base must be a whole number between 2 and 62 inclusive")
    digits = text[1:] if text[:1] in ("+", "-") else text
    figures = [_DIGITS.find(digit if radix > 36 else digit.lower()) for digit in digits]
    if not figures or any(not 0 <= figure < radix for figure in figures):
        raise invalid("number", f'cannot parse "{text}" as a base {radix} integer')
    if len(figures) > 2000:
        raise TooLarge("the number has too many digits")
    value = 0
    for figure in figures:
        value = value * radix + figure
    return -value if text.startswith("-") else value


def total(items: Value) -> Number:
    """`sum(list)`."""
    if not isinstance(items, list):
        if isinstance(items, dict):
            raise invalid("list", "argument must be list, set, or tuple. Received object")
        raise invalid("list", "cannot sum noniterable")
    if not items:
        raise invalid("list", "cannot sum an empty list")
    result: Number = 0
    for item in items:
        if item is None:
            raise invalid("list", "argument must be list, set, or tuple of number values")
        try:
            result = calculate("+", result, to_number(item))
        except ConversionError:
            raise invalid("list", "argument must be list, set, or tuple of number values") from None
    return result


def number_range(*params: Number) -> TfList:
    """`range(max)`, `range(start, limit)`, `range(start, limit, step)`: at most 1,024 numbers."""
    if not 1 <= len(params) <= 3:
        raise Failure("must have one, two, or three arguments")
    start, end = (0, params[0]) if len(params) == 1 else params[:2]
    down = order_key(end) < order_key(start)
    step = params[2] if len(params) == 3 else -1 if down else 1
    if order_key(step) < 0 and order_key(end) > order_key(start):
        raise invalid("params", "end must be less than start when step is negative")
    if order_key(step) > 0 and down:
        raise invalid("params", "end must be greater than start when step is positive")
    made = TfList()
    current = start
    while (order_key(current) > order_key(end)) if step < 0 else (order_key(current) < order_key(end)):
        if len(made) >= _MAX_RANGE:
            raise Failure(
                "more than 1024 values were generated; either decrease the difference between start and end "
                "or use a smaller step",
            )
        made.append(current)
        current = calculate("+", current, step)
    return made


TABLE: dict[str, Callable[..., Value]] = {
    "abs": absolute,
    "ceil": ceil,
    "floor": floor,
    "log": log,
    "max": maximum,
    "min": minimum,
    "parseint": parseint,
    "pow": power,
    "range": number_range,
    "signum": signum,
    "sum": total,
}
