"""Tells a literal that is a secret from one that names a secret, a place or a setting."""

from __future__ import annotations

import math
import re
from functools import lru_cache

from stackworthy.core.value import Value

_FORMS = (
    ("an AWS access key", re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")),
    ("a private key", re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----")),
    ("a GitHub token", re.compile(r"\b(?:gh[oprsu]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22,})")),
    ("a GitLab token", re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}")),
    ("a Slack token", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9]+-[A-Za-z0-9-]{10,}")),
    (
        "a Slack webhook",
        re.compile(r"hooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{16,}"),
    ),
    ("a Stripe key", re.compile(r"\b(?:sk|rk)_live_[A-Za-z0-9]{16,}")),
    ("a model provider's key", re.compile(r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}")),
    ("a Google key", re.compile(r"\bAIza[A-Za-z0-9_-]{35}")),
    ("a SendGrid key", re.compile(r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}")),
    (
        "a password in a URL",
        re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{1,100}:[^\s/@:{}<>$*]{3,100}@[^\s@]"),
    ),
)
_MAY_BE = re.compile(
    r"AKIA|ASIA|PRIVATE KEY|gh[oprsu]_|github_pat_|glpat-|xox|slack|k_live_|sk-|AIza|SG\.|://"
)
"""What stands in every text of one of these forms: one quick look before the eleven."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PASSWORDS = frozenset({"password", "passwd", "pwd", "passphrase", "passcode"})
_SECRETS = frozenset({"secret", "token", "apikey", "secretkey", "accesskey"})
_KEYS = frozenset(
    {"api", "private", "secret", "access", "signing", "encryption", "auth", "webhook", "jwt", "hmac"}
)
_PLACEHOLDER = re.compile(
    r"""
      .{0,3} | x{3,} | \*+ | \.+ | <.*> | \[.*\] | \{.*\} | __.*__
    | .*(?:change[-_ ]?(?:me|it|this)|replace|your[-_ ]|placeholder|to[-_ ]?be[-_ ]?|example|dummy|todo|tbd|fixme|
        not[-_ ]?set|not[-_ ]?used|unused|insert|enter[-_ ]|update[-_ ]|fill[-_ ]|redacted|default|optional|sample).*
    | none | null | nil | true | false | yes | no | empty | undefined | n/?a | mock | fake | test(?:ing)? | local | stub
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"""
      \{\{resolve:.* | \$\{.*\} | arn:aws.* | [a-z]+://.* | /.* | \./.* | ssm:.* | vault:.* | alias/.*
    | [\w.-]+(?:/[\w.+-]+)+                              # a path, such as the name of a parameter or secret
    | [\w.-]+\.(?:amazonaws\.com|com|net|org|io|dev|json|pem|key|txt|ya?ml)(?:/.*)?
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def literal_secret(name: str, value: Value) -> str:
    """What kind of secret the value of a variable of this name is ("a password"); "" when it is none, or no literal."""
    return _secret(name, value) if isinstance(value, str) else ""


@lru_cache(maxsize=1024)
def _secret(name: str, value: str) -> str:
    for what, form in _FORMS if _MAY_BE.search(value) else ():
        if form.search(value) and not _is_stand_in(value):
            return what
    words = [word.lower() for word in _WORD.findall(name) if not word.isdigit()]
    if not words:
        return ""
    material = _is_key_material(value)
    if not material and (_PLACEHOLDER.fullmatch(value) or _ELSEWHERE.fullmatch(value)):
        return ""
    if words[-1] in _PASSWORDS and " " not in value:
        return "a password"
    named = words[-1] in _SECRETS or (words[-1] == "key" and words[-2:-1] and words[-2] in _KEYS)
    if named and (material or (len(value) >= 12 and _is_random(value))):
        return "a key or token"
    return ""


def _is_stand_in(value: str) -> bool:
    return bool(
        re.search(
            r"<[^>]*>|\*{3}|(?i:xxxx|username:password|user:pass(?:word)?@|your[-_ ]|change[-_]?me)", value
        )
    )


def _is_key_material(value: str) -> bool:
    """Forty characters of base 64, as AWS's secret keys have, or at least 32 hexadecimal digits."""
    return bool(re.fullmatch(r"[A-Za-z0-9/+]{40}|[0-9a-fA-F]{32,}", value)) and _spread(value) >= 3.0


def _is_random(value: str) -> bool:
    if " " in value or not any(c.isdigit() for c in value) or not any(c.isalpha() for c in value):
        return False
    return _spread(value) >= 3.0


def _spread(value: str) -> float:
    """Bits of entropy per character."""
    counts = [value.count(character) for character in set(value)]
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts)
