"""Source code: how long tokens hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from stackworthy.core.code import Call, Node, Operation
from stackworthy.core.finding import Confidence, Finding, Guard, Pillar, Severity
from stackworthy.core.rule import Code, Rule, python, typescript
from stackworthy.rules._code import (
    behind,
    text_of,
)
from stackworthy.sources.code.handler import Handler

_COGNITO = "https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html"
_SIGN = ("jsonwebtoken.sign", "jwt.encode", "jose.jwt.encode", ".sign")


def _signed(handler: Handler) -> Iterator[tuple[Call, dict[str, Node], bool]]:
    """The calls that make a token, with its claims and options by name, and whether there may be others."""
    for site in handler.calls(*_SIGN):
        call = site.node
        if not call.arguments or (site.name == ".sign" and "jwt" not in handler.source(call.callee).lower()):
            continue
        claims, is_open = handler.members(call.arguments[0])
        options: dict[str, Node] = {}
        if handler.language != "python" and len(call.arguments) > 2:
            options, more = handler.members(call.arguments[2])
            is_open = is_open or more
        yield call, {**claims, **options}, is_open


class TokenWithoutExpiry(Rule):
    """A token that names no end is good for as long as the key is.

    Nothing ends it but a new key, which ends all others with it. Whoever finds it in a log, a browser's history or a backup is signed in from then on. Give it `exp`
    (`expiresIn`), fifteen minutes to an hour for access.
    """

    on = Code()
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "{call} makes a token that never expires"
    references = (_COGNITO,)

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Look at the claims and options of what is signed."""
        for call, named, is_open in _signed(handler):
            if "exp" in named or "expiresIn" in named:
                yield handler.guard(named.get("exp") or named["expiresIn"], "the token expires")
            elif not is_open and handler.mentions("exp", "expiresIn") is None:
                yield handler.finding(call, call=handler.source(call.callee))

    bad = (
        python(
            """
            import jwt

            def handler(event, context):
                return jwt.encode({"sub": event["user"], "role": "member"}, "key", algorithm="HS256")
            """
        ),
        typescript(
            """
            import jwt from "jsonwebtoken";

            export const handler = async (event: any) =>
              jwt.sign({ sub: event.user }, process.env.KEY, { algorithm: "HS256" });
            """
        ),
    )
    good = (
        python(
            """
            import time

            import jwt

            def handler(event, context):
                return jwt.encode({"sub": event["user"], "exp": time.time() + 1800}, "key", algorithm="HS256")
            """
        ),
        typescript(
            """
            import jwt from "jsonwebtoken";

            export const handler = async (event: any) =>
              jwt.sign({ sub: event.user }, process.env.KEY, { algorithm: "HS256", expiresIn: "30m" });
            """
        ),
    )


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31557600}
_WORDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800, "year": 31557600}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d|w|y|seconds?|minutes?|hours?|days?|weeks?|years?)")
LONGEST = 3600
"""Seconds for which a session or access token may hold: 15 to 60 minutes are usual."""


class TokenLivesTooLong(Rule):
    """A token that is good for longer than an hour is good for whoever finds it, for longer than an hour.

    An access token cannot be taken back: it ends when it says. Fifteen minutes to an hour, renewed by a refresh token that can be revoked, is what identity
    providers give out.
    """

    on = Code()
    pillar, severity = Pillar.SECURITY, Severity.LOW
    confidence = Confidence.MEDIUM
    message = "{call} makes a token that is good for {life}: an hour at most is usual for access"
    references = (
        _COGNITO,
        "https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html",
    )

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Read the life of each token from code and configuration; refresh tokens may live longer."""
        for call, named, _ in _signed(handler):
            end = named.get("expiresIn") or named.get("exp")
            if end is None or _is_for_renewal(handler, call):
                continue
            life = _life(handler, end)
            if life and life > LONGEST:
                yield handler.finding(call, call=handler.source(call.callee), life=_shown(life))
            elif life:
                yield handler.guard(end, f"the token is good for {_shown(life)}")

    bad = (
        python(
            """
            from datetime import UTC, datetime, timedelta

            import jwt

            def handler(event, context):
                claims = {"sub": event["user"], "exp": datetime.now(UTC) + timedelta(days=30)}
                return jwt.encode(claims, "key", algorithm="HS256")
            """
        ),
        typescript(
            """
            import jwt from "jsonwebtoken";

            export const handler = async (event: any) =>
              jwt.sign({ sub: event.user }, process.env.KEY, { expiresIn: process.env.SESSION });
            """,
            properties="Environment: {Variables: {SESSION: 7d}}",
        ),
    )
    good = (
        python(
            """
            from datetime import UTC, datetime, timedelta

            import jwt

            def handler(event, context):
                claims = {"sub": event["user"], "exp": datetime.now(UTC) + timedelta(minutes=30)}
                return jwt.encode(claims, "key", algorithm="HS256")
            """
        ),
        typescript(
            """
            import jwt from "jsonwebtoken";

            export const handler = async (event: any) => {
              const refreshToken = jwt.sign({ sub: event.user }, process.env.KEY, { expiresIn: "30d" });
              const accessToken = jwt.sign({ sub: event.user }, process.env.KEY, { expiresIn: process.env.SESSION });
              return { accessToken, refreshToken };
            };
            """,
            properties="Environment: {Variables: {SESSION: 30m}}",
        ),
    )


def _is_for_renewal(handler: Handler, call: Call) -> bool:
    """Whether the token, what is made of it, or the function that makes it is named after renewal."""
    around = handler.source(call).lower()
    for outer in handler.around(call):
        if type(outer).__name__ in ("Assign", "Return"):
            around += handler.source(outer).lower()
            break
    return "refresh" in around or "refresh" in handler.scope(call).name.lower()


def _life(handler: Handler, node: Node) -> float | None:
    """Seconds from now until a token ends; None when that cannot be read."""
    number = handler.number(node)
    if number is not None:
        return number if number < 10**9 else None
    found = _SPAN.fullmatch(text_of(handler, node).strip())
    if found is not None:
        unit = found.group(2)
        return float(found.group(1)) * (_UNITS.get(unit) or _WORDS[unit.rstrip("s")])
    for part in behind(handler, node):
        if isinstance(part, Call) and handler.name(part.callee) == "datetime.timedelta":
            return _timedelta(handler, part)
        if isinstance(part, Operation) and part.operator == "+":
            for operand in part.operands:
                seconds = handler.number(operand)
                if seconds is not None and 1 < seconds < 10**9:
                    return seconds / 1000 if "Date.now() +" in handler.source(part) else seconds
    return None


def _timedelta(handler: Handler, call: Call) -> float | None:
    scale = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400, "weeks": 604800}
    given = [(name or "", value) for name, value in call.keywords]
    given += [("days", value) for value in call.arguments[:1]]
    total = 0.0
    for name, value in given:
        number = handler.number(value)
        if number is None or name not in scale:
            return None
        total += number * scale[name]
    return total


def _shown(seconds: float) -> str:
    for word, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            count = round(seconds / size, 1)
            return f"{count:g} {word}{'' if count == 1 else 's'}"
    return f"{seconds:g} seconds"


RULES = (TokenWithoutExpiry(), TokenLivesTooLong())
