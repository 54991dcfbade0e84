"""Numbers and strings in the notations of Go's `fmt` and `math/big`, which Terraform shows through.

Sources: https://pkg.go.dev/math/big#Float.Text and https://pkg.go.dev/math/big#Int.Format
"""

from __future__ import annotations

from fractions import Fraction

from stackworthy.sources.terraform.numbers import Number, exact, number_text

_ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    "\\": "\\\\",
    '"': '\\"',
}


def quoted(text: str) -> str:
    """The text as a Go string literal (`%q`)."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def fixed(number: Number, places: int) -> str:
    """The number with so many decimals (`%f`), without sign."""
    text = str(round(abs(exact(number)) * 10**places)).rjust(places + 1, "0")
    return f"{text[: len(text) - places]}.{text[len(text) - places :]}" if places else text


def scientific(number: Number, places: int | None, letter: str = "e") -> str:
    """The number as `d.ddde±dd` with so many decimals, or as few as say it exactly (`%e`), without sign."""
    digits, exponent = _shortest_digits(number) if places is None else _digits(number, places + 1)
    return _with_exponent(digits, exponent, letter)


def general(number: Number, digits: int | None = None, letter: str = "e") -> str:
    """The number in the shorter of both notations (`%g`), with its sign; without `digits` as few as say it exactly."""
    if abs(number) == float("inf"):
        return "+Inf" if number > 0 else "-Inf"
    sign = "-" if _is_negative(number) else ""
    figures, exponent = _shortest_digits(number) if digits is None else _digits(number, max(digits, 1))
    limit = 6 if digits is None else max(digits, 1)
    figures = figures.rstrip("0") or "0"
    if digits is not None and limit > len(figures) and len(figures) >= exponent + 1:
        limit = len(figures)
    if digits is None:
        limit = max(limit, 6)
    if exponent < -4 or exponent >= limit:
        return sign + _with_exponent(figures, exponent, letter)
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{figures}"
    whole, rest = figures[: exponent + 1].ljust(exponent + 1, "0"), figures[exponent + 1 :]
    return sign + whole + (f".{rest}" if rest else "")


def padded_float(number: Number, verb: str, flags: str, width: int, precision: int | None) -> str:
    """The number as Go's `%[flags][width][.precision]verb` formats a `big.Float`, for the verbs `e E f g G`."""
    infinite = abs(number) == float("inf")
    if infinite:
        body = "Inf"
    elif verb in "eE":
        body = scientific(number, 6 if precision is None else precision, verb)
    elif verb == "f":
        body = fixed(number, 6 if precision is None else precision)
    else:
        body = general(number, precision, "e" if verb == "g" else "E").lstrip("-")
    if _is_negative(number):
        sign = "-"
    elif infinite:
        sign = " " if " " in flags else "+"
    else:
        sign = "+" if "+" in flags else " " if " " in flags else ""
    if "-" in flags:
        return (sign + body).ljust(width)
    if "0" in flags and not infinite:
        return sign + body.rjust(width - len(sign), "0")
    return (sign + body).rjust(width)


def padded_integer(number: int, verb: str, flags: str, width: int, precision: int | None) -> str:
    """The number as Go's `%[flags][width][.precision]verb` formats a `big.Int`, for the verbs `b d o x X`."""
    sign = "-" if number < 0 else "+" if "+" in flags else " " if " " in flags else ""
    prefix = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}.get(verb, "") if "#" in flags else ""
    digits = format(abs(number), verb)
    if precision == 0 and digits == "0":
        return ""
    if precision is not None:
        digits = digits.rjust(precision, "0")
    if "-" in flags:
        return (sign + prefix + digits).ljust(width)
    if "0" in flags and precision is None:
        digits = digits.rjust(width - len(sign) - len(prefix), "0")
    return (sign + prefix + digits).rjust(width)


def _is_negative(number: Number) -> bool:
    return number < 0 or (number == 0 and str(number).startswith("-"))


def _with_exponent(digits: str, exponent: int, letter: str) -> str:
    mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
    return f"{mantissa}{letter}{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _shortest_digits(number: Number) -> tuple[str, int]:
    """The fewest significant digits and the exponent of ten of the first."""
    whole, _, rest = number_text(number).lstrip("-").partition(".")
    digits = (whole + rest).lstrip("0")
    if not digits:
        return "0", 0
    leading = len(whole + rest) - len(digits)
    return digits.rstrip("0"), len(whole) - 1 - leading


def _digits(number: Number, count: int) -> tuple[str, int]:
    """So many significant digits, rounded, and the exponent of ten of the first."""
    value = abs(exact(number))
    if value == 0:
        return "0" * count, 0
    exponent = _shortest_digits(number)[1]
    while value < Fraction(10) ** exponent:
        exponent -= 1
    while value >= Fraction(10) ** (exponent + 1):
        exponent += 1
    rounded = round(value * Fraction(10) ** (count - 1 - exponent))
    if rounded >= 10**count:
        rounded, exponent = rounded // 10, exponent + 1
    return str(rounded), exponent
