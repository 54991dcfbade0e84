"""Hides secrets wherever a report shows what strangers wrote: by the form of a value, and by the name that it stands under."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Any

import msgspec

from stackworthy.core.review import DiagnosticRecord, FindingRecord, FixRecord, StackReview

MASK = "****"

_TOKENS = re.compile(
    r"""
      \b(?:AKIA|ASIA|ABIA)[A-Z0-9]{16}\b                                # AWS access key ids
    | -----BEGIN[ ][A-Z0-9 ]*PRIVATE[ ]KEY-----.*?(?:-----END[ ][A-Z0-9 ]*PRIVATE[ ]KEY-----|\Z)
    | \bxox[abeoprs]-[A-Za-z0-9-]{10,}                                  # Slack
    | hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_+-]{16,}
    | \bgh[oprsu]_[A-Za-z0-9]{30,} | \bgithub_pat_[A-Za-z0-9_]{22,}     # GitHub
    | \bglpat-[A-Za-z0-9_-]{20,}                                        # GitLab
    | \b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,} | \bwhsec_[A-Za-z0-9+/=]{24,}   # Stripe
    | \bsk-[A-Za-z0-9_-]{20,}                                           # model providers
    | \bAIza[A-Za-z0-9_-]{35}                                           # Google
    | \bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}                      # SendGrid
    | \bnpm_[A-Za-z0-9]{36} | \bpypi-[A-Za-z0-9_-]{50,}
    | \beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}   # JSON web tokens
    """,
    re.VERBOSE | re.DOTALL,
)
_URL_PASSWORD = re.compile(
    r"(\b[a-z][a-z0-9+.-]{0,30}://[^\s:/@\"']{0,200}:)([^\s/@\"'$]{1,200})(?=@)", re.IGNORECASE
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_STRONG = frozenset(
    {"password", "passwd", "pwd", "passphrase", "secret", "token", "apikey", "credential", "credentials"}
)
_STRONG_PAIRS = frozenset(
    {
        ("api", "key"),
        ("private", "key"),
        ("secret", "key"),
        ("access", "key"),
        ("signing", "key"),
        ("encryption", "key"),
    }
)
_WEAK = frozenset(
    {"key", "auth", "authorization", "salt", "dsn", "signature", "hash", "jwt", "bearer", "cookie", "pat"}
)
_TAILS = frozenset({"value", "string", "plain", "plaintext", "text", "literal", "b64", "base"})
_HARMLESS = re.compile(
    r"\$\{[^}]*\}|\{\{resolve:[^}]*\}\}|\{\{\s*[\w.:/-]+\s*\}\}|arn:aws[\w-]*:\S*|true|false|null|none|absent|seconds|minutes|hours|days|!\w+(?:\s.*)?|\*+",
    re.IGNORECASE,
)
_IN_LINE = re.compile(
    r"""(?<![\w-])(?P<name>[A-Za-z_][\w-]*)["']?\s*(?::|=>|=)\s*
    (?:(?P<quote>["'])(?P<quoted>[^\s"',{}\[\]][^"'\n]*)|(?P<bare>[^\s"',{}\[\]][^"'\n{,]*))""",
    re.VERBOSE,
)
"""A name and its value; a bare value ends where braces may hold names of their own."""
_REST = re.compile(r"[^\"'\n]*")


@lru_cache(maxsize=4096)
def masked_text(text: str) -> str:
    """The text without the tokens, keys and URL passwords that can be told by their form."""
    if len(text) < 8:
        return text
    return _URL_PASSWORD.sub(rf"\1{MASK}", _TOKENS.sub(_shortened, text))


def masked_line(line: str) -> str:
    """A line of source without secrets: also those that stand behind a secret-looking name (`db_password = "…"`)."""
    kept, at = [], 0
    while found := _IN_LINE.search(line, at):
        start = found.start("quoted" if found["quote"] else "bare")
        length = _secret_length(found, line)
        kept += [line[at:start], MASK] if length else [line[at : found.end()]]
        at = start + length if length else found.end()
    return masked_text("".join([*kept, line[at:]]))


def masked_value(name: str, value: Any) -> Any:
    """The value (of plain JSON types) without secrets; `name` is the key that it stands under, "" for none."""
    if isinstance(value, str):
        return MASK if is_secret(name, value) else masked_text(value)
    if isinstance(value, dict):
        return {key: masked_value(_told_name(value, str(key)), item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked_value(name, item) for item in value]
    return value


def is_secret(name: str, value: str) -> bool:
    """Whether a string under this name is kept from view: a password or token by name, or a random string by a weaker one."""
    strength = _strength(name)
    if not strength or not value or _HARMLESS.fullmatch(value):
        return False
    return strength == 2 or looks_random(value)


def looks_random(value: str) -> bool:
    """Whether a string has the length and the spread of characters that keys have."""
    if not 16 <= len(value) <= 4096 or " " in value or value.startswith(("/", "./", "http")):
        return False
    counts = [value.count(character) for character in set(value)]
    bits = -sum(count / len(value) * math.log2(count / len(value)) for count in counts)
    return bits >= 3.5 and any(c.isdigit() for c in value) and any(c.isalpha() for c in value)


def masked_finding(finding: FindingRecord) -> FindingRecord:
    """The finding without secrets, in its evidence and in every sentence that repeats it."""
    name = finding.property.rsplit(".", 1)[-1]
    secrets = sorted(set(_secrets(name, finding.evidence)), key=len, reverse=True)

    def clean(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, MASK)
        return masked_text(text)

    evidence = {
        key: masked_value(name if key in ("actual", "value") else key, value)
        for key, value in finding.evidence.items()
    }
    fix = finding.fix
    if fix is not None:
        fix = FixRecord(
            fix.safety,
            clean(fix.why),
            [clean(text) for text in fix.changes],
            [clean(text) for text in fix.steps],
        )
    trail = [msgspec.structs.replace(step, what=clean(step.what)) for step in finding.trail]
    return msgspec.structs.replace(
        finding, message=clean(finding.message), evidence=evidence, fix=fix, trail=trail
    )


class MaskedStack(StackReview):
    """A stack's review that holds no secrets any more."""


def masked_stack(stack: StackReview) -> MaskedStack:
    """The stack's review without secrets."""
    if isinstance(stack, MaskedStack):
        return stack
    return MaskedStack(
        stack.path,
        stack.format,
        stack.environments,
        stack.resources,
        verdicts=[
            msgspec.structs.replace(verdict, reason=masked_text(verdict.reason))
            if verdict.reason
            else verdict
            for verdict in stack.verdicts
        ],
        findings=[masked_finding(finding) for finding in stack.findings],
        suppressed=[masked_finding(finding) for finding in stack.suppressed],
        diagnostics=masked_diagnostics(stack.diagnostics),
    )


def masked_diagnostics(diagnostics: list[DiagnosticRecord]) -> list[DiagnosticRecord]:
    """The diagnostics without secrets."""
    return [
        msgspec.structs.replace(entry, message=masked_text(entry.message), hint=masked_text(entry.hint))
        for entry in diagnostics
    ]


def _secrets(name: str, evidence: dict[str, Any]) -> list[str]:
    found = []
    for key, value in evidence.items():
        told = name if key in ("actual", "value") else key
        if isinstance(value, str) and len(value) > 3 and is_secret(told, value):
            found.append(value)
    return found


def _told_name(entry: dict[Any, Any], key: str) -> str:
    """The name that a value stands under: `{Name: DB_PASSWORD, Value: …}` names it in a sibling."""
    if key.lower() in ("value", "parametervalue", "fieldvalue", "default"):
        for sibling in ("Name", "name", "Key", "key", "ParameterKey"):
            told = entry.get(sibling)
            if isinstance(told, str):
                return told
    return key


def _strength(name: str) -> int:
    """2: whatever stands here is a secret; 1: a random string here is one; 0: nothing special."""
    words = [word.lower() for word in _WORD.findall(name)]
    while words and words[-1] in _TAILS:
        words.pop()
    if not words:
        return 0
    if words[-1] in _STRONG or tuple(words[-2:]) in _STRONG_PAIRS:
        return 2
    return 1 if words[-1] in _WEAK else 0


def _secret_length(found: re.Match[str], line: str) -> int:
    """How long the secret is that a match has as its value; 0 when it has none."""
    name = found["name"]
    if found["quote"]:
        value = found["quoted"].rstrip()
        return len(value) if is_secret(name, value) else 0
    value = found["bare"].rstrip()
    word = re.split(r"[}\]]", value, maxsplit=1)[0]
    if _is_expression(value) or _HARMLESS.fullmatch(word) or not is_secret(name, word):
        return 0
    if _strength(name) < 2:
        return len(word)
    # A password may hold commas and braces: what follows is hidden with it.
    rest = _REST.match(line, found.start("bare"))
    return len(rest[0].rstrip()) if rest else 0


def _is_expression(text: str) -> bool:
    """Whether unquoted text is code rather than a literal: `var.password`, `!Ref Password`, `os.environ[...]`, a type."""
    return bool(re.match(r"[!&*]|[A-Za-z_]\w*[.(\[]|AWS::|[#|>]", text))


def _shortened(found: re.Match[str]) -> str:
    return found[0][:4] + MASK
