"""Source code: tokens and signatures, and whether they are checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stackworthy.core.code import Attribute, Call, Index, Literal, Node, Operation, Record
from stackworthy.core.finding import Finding, Guard, Pillar, Severity
from stackworthy.core.rule import Code, Rule, python, typescript
from stackworthy.rules._code import (
    behind,
    callee_word,
    is_authorizer,
    is_literal,
    open_routes,
    routes,
    shown,
    text_of,
)
from stackworthy.sources.code.handler import Handler, is_method

_COGNITO = "https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html"
_DECODE = (
    "jsonwebtoken.decode",
    "jwt-decode",
    "jwt-decode.jwtDecode",
    "jwt-decode.jwt_decode",
    "jose.decodeJwt",
    "jose.jwt.get_unverified_claims",
    "jwt.decode",
    "jose.jwt.decode",
)
_VERIFIES = frozenset(
    {
        "verify",
        "jwtVerify",
        "verifySync",
        "verify_token",
        "verifyToken",
        "verify_signature",
        "verifyJwt",
        "verify_jwt",
    }
)
_URL = """
    Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !GetAtt Function.Arn, AuthType: NONE}}
"""


class TokenNotVerified(Rule):
    """A token whose signature nobody checks says whatever its bearer wrote into it.

    Decoding a JSON Web Token only takes it apart. Anybody can write a token that names another user, or a role that they do not have. Check signature, issuer, audience
    and expiry (aws-jwt-verify, jsonwebtoken's `verify`, PyJWT with a key and `algorithms`), or let an authorizer of the API do it.
    """

    on = Code()
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "{call} takes a token apart, and nobody checks its signature: {who} is whoever the bearer says"
    references = (_COGNITO,)
    equivalents = ("unverified-jwt-decode", "jwt-decode-without-verify")

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Look for what decodes tokens, and for what checks them in the code or before it."""
        for call, name in _decoded(handler):
            open_ = open_routes(handler)
            verified = next(_verifications(handler), None)
            if verified is not None:
                yield handler.guard(verified, f"{shown(handler, verified.callee)} checks a token")
            elif is_authorizer(handler) or open_:
                who = "the caller" if is_authorizer(handler) else f"the caller of {open_[0].name}"
                yield handler.finding(call, part=name, call=name, who=who)
            elif routes(handler):
                yield handler.guard(call, "the API checks who calls before the function runs")

    bad = (
        python(
            """
            import jwt

            def handler(event, context):
                token = event["headers"]["authorization"].removeprefix("Bearer ")
                claims = jwt.decode(token, options={"verify_signature": False})
                return {"statusCode": 200, "body": claims["sub"]}
            """,
            stack=_URL,
        ),
        typescript(
            """
            import jwt from "jsonwebtoken";

            export const handler = async (event: any) => {
              const claims = jwt.decode(event.headers.authorization.replace("Bearer ", ""));
              return { statusCode: 200, body: claims.sub };
            };
            """,
            stack=_URL,
        ),
    )
    good = (
        python(
            """
            import jwt

            def handler(event, context):
                token = event["headers"]["authorization"].removeprefix("Bearer ")
                claims = jwt.decode(token, KEY, algorithms=["RS256"], audience="orders")
                return {"statusCode": 200, "body": claims["sub"]}

            KEY = open("key.pem").read()
            """,
            stack=_URL,
        ),
        typescript(
            """
            import jwt from "jsonwebtoken";

            export const handler = async (event: any) => {
              const token = event.headers.authorization.replace("Bearer ", "");
              const { header } = jwt.decode(token, { complete: true });
              const claims = jwt.verify(token, keys[header.kid], { algorithms: ["RS256"] });
              return { statusCode: 200, body: claims.sub };
            };

            const keys: Record<string, string> = {};
            """,
            stack=_URL,
        ),
        typescript(
            """
            import jwt from "jsonwebtoken";

            export const handler = async (event: any) => {
              const claims = jwt.decode(event.headers.authorization.replace("Bearer ", ""));
              return { statusCode: 200, body: claims.sub };
            };
            """,
            stack=_URL.replace("NONE", "AWS_IAM"),
        ),
    )


def _decoded(handler: Handler) -> Iterator[tuple[Call, str]]:
    """The calls that take a token of the caller's apart without checking it."""
    for site in handler.calls(*_DECODE, ".decode"):
        call = site.node
        if not call.arguments or not handler.tainted(call.arguments[0]):
            continue
        if site.name in ("jwt.decode", "jose.jwt.decode") and not _is_unchecked(handler, call):
            continue
        if site.name == ".decode" and "jwt" not in handler.source(call.callee).lower():
            continue
        yield call, handler.source(call.callee)
    for site in handler.calls("base64.*", "Buffer.from", "atob"):
        first = site.node.arguments[0] if site.node.arguments else None
        for part in behind(handler, first) if first is not None and handler.tainted(first) else ():
            if _is_claims(handler, part):
                yield site.node, handler.source(site.node.callee)
                break


def _is_claims(handler: Handler, part: Node) -> bool:
    """Whether it is the second part of a text between dots, where a token has its claims."""
    if not isinstance(part, Index) or not isinstance(part.index, Literal) or part.index.value != 1:
        return False
    cut = part.value
    if not isinstance(cut, Call) or not is_method(cut, "split") or not cut.arguments:
        return False
    return text_of(handler, cut.arguments[0]) == "."


def _is_unchecked(handler: Handler, call: Call) -> bool:
    """Whether PyJWT or python-jose is told not to look at the signature, or that none is needed."""
    verify = call.keyword("verify")
    if is_literal(verify, False):
        return True
    options = call.keyword("options")
    if options is not None:
        members, _ = handler.members(options)
        if is_literal(members.get("verify_signature"), False):
            return True
    algorithms = call.keyword("algorithms")
    return algorithms is not None and '"none"' in handler.source(algorithms).replace("'", '"').lower()


def _verifications(handler: Handler) -> Iterator[Call]:
    for site in handler.calls(init=True):
        word = callee_word(site.node)
        if (
            word in _VERIFIES
            or site.name.startswith(("aws-jwt-verify", "cognitojwt.decode"))
            or (site.name in ("jwt.decode", "jose.jwt.decode") and not _is_unchecked(handler, site.node))
        ):
            yield site.node


class TokenExpiryIgnored(Rule):
    """A token that is taken after it has expired is good for ever, and so is a stolen one.

    `ignoreExpiration` and `verify_exp: False` check the signature and leave out the one thing that ends a token's life: whoever has once held it keeps its rights after signing
    out, after losing the role, and after the account is closed. Give out short access tokens and renew them.
    """

    on = Code()
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "{option} has tokens taken that expired: one that leaked is good for ever"
    references = (_COGNITO,)

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Look for the options that switch the check off."""
        for record in handler.all(Record, init=True):
            for name, off in (("ignoreExpiration", True), ("verify_exp", False)):
                value = record.get(name)
                if is_literal(value, off) and _is_given_to(handler, record):
                    yield handler.finding(record, part=name, option=name)

    bad = (
        python(
            """
            import jwt

            def handler(event, context):
                claims = jwt.decode(event["token"], "key", algorithms=["HS256"], options={"verify_exp": False})
                return claims["sub"]
            """
        ),
        typescript(
            """
            import jwt from "jsonwebtoken";

            export const handler = async (event: any) =>
              jwt.verify(event.token, process.env.KEY, { algorithms: ["HS256"], ignoreExpiration: true });
            """
        ),
    )
    good = (
        python(
            """
            import jwt

            def handler(event, context):
                claims = jwt.decode(event["token"], "key", algorithms=["HS256"], options={"verify_exp": True})
                return claims["sub"]
            """
        ),
        typescript(
            """
            import jwt from "jsonwebtoken";

            export const handler = async (event: any) =>
              jwt.verify(event.token, process.env.KEY, { algorithms: ["HS256"], ignoreExpiration: false });
            """
        ),
    )


def _is_given_to(handler: Handler, record: Record) -> bool:
    """Whether an object of options is an argument of a call that decodes or verifies, or is given a name."""
    for outer in handler.around(record):
        if isinstance(outer, Call):
            return callee_word(outer) in (*_VERIFIES, "decode")
        return type(outer).__name__ == "Assign"
    return False


class SignatureComparedByEquals(Rule):
    """A signature that is compared character by character can be guessed character by character.

    `==` stops at the first difference, and how long it took tells how much was right. Webhooks and tokens are forged that way with enough requests. `hmac.compare_digest` and
    `crypto.timingSafeEqual` take the same time for every answer.
    """

    on = Code()
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = (
        "a signature is compared with {operator}: the time it takes tells how much of a forged one was right"
    )
    references = (
        "https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_appsec_perform_security_testing.html",
    )
    equivalents = ("security/detect-possible-timing-attacks",)

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Look for digests among the operands of comparisons."""
        for test in handler.all(Operation):
            if test.operator in ("==", "!=", "===", "!==") and _compares_digest(handler, test):
                yield handler.finding(test, part="comparison", operator=test.operator)
        for site in handler.calls("hmac.compare_digest", "crypto.timingSafeEqual"):
            yield handler.guard(site.node, "the signature is compared in constant time")

    bad = (
        python(
            """
            import hashlib
            import hmac
            import os

            def handler(event, context):
                expected = hmac.new(os.environ["KEY"].encode(), event["body"].encode(), hashlib.sha256).hexdigest()
                return {"statusCode": 200 if event["headers"]["x-signature"] == expected else 401}
            """
        ),
        typescript(
            """
            import { createHmac } from "node:crypto";

            export const handler = async (event: any) => {
              const expected = createHmac("sha256", process.env.KEY).update(event.body).digest("hex");
              return { statusCode: event.headers["x-signature"] === expected ? 200 : 401 };
            };
            """
        ),
    )
    good = (
        python(
            """
            import hashlib
            import hmac
            import os

            def handler(event, context):
                expected = hmac.new(os.environ["KEY"].encode(), event["body"].encode(), hashlib.sha256).hexdigest()
                right = hmac.compare_digest(event["headers"]["x-signature"], expected)
                return {"statusCode": 200 if right else 401}
            """
        ),
        typescript(
            """
            import { createHmac, timingSafeEqual } from "node:crypto";

            export const handler = async (event: any) => {
              const expected = createHmac("sha256", process.env.KEY).update(event.body).digest();
              const stated = Buffer.from(event.headers["x-signature"], "hex");
              const right = stated.length === expected.length && timingSafeEqual(stated, expected);
              return { statusCode: right ? 200 : 401 };
            };
            """
        ),
    )


def _compares_digest(handler: Handler, test: Operation) -> bool:
    made = [
        operand
        for operand in test.operands
        if not (isinstance(operand, Attribute) and operand.name == "length")
        and ("hmac" in (name := handler.name(operand).lower()) and name.endswith(("digest()",)))
    ]
    return bool(made) and any(handler.tainted(operand) for operand in test.operands if operand not in made)


RULES = (TokenNotVerified(), TokenExpiryIgnored(), SignatureComparedByEquals())
