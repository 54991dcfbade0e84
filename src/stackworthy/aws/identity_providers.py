"""Whom a trust policy lets in that trusts somebody else's tokens.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html and
https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html
"""

from __future__ import annotations

import re
from functools import partial

from stackworthy.aws.arns import resolve
from stackworthy.aws.statements import Condition, Principal, Statement
from stackworthy.core.resource import Resource
from stackworthy.core.value import Partial, Reference, Unknown, Value, show

SHARED = {
    "token.actions.githubusercontent.com": "GitHub",
    "gitlab.com": "GitLab",
    "app.terraform.io": "Terraform Cloud",
    "api.bitbucket.org": "Bitbucket",
    "agent.buildkite.com": "Buildkite",
    "oidc.vercel.com": "Vercel",
    "accounts.google.com": "Google",
}
"""Issuers of tokens that serve everybody, with the names that people know."""

COGNITO = "cognito-identity.amazonaws.com"
_OPEN_SUBJECT = re.compile(
    r"""
    \* .* | [a-z_]+ : \* .*
    | (?: repo | project_path | organization ) : [^/:]* \* .*  # acme* is also acme-evil, which anybody can found
    | (?: workflow | environment | ref | context | head_ref | base_ref ) : .*  # what the caller's own repository chooses
    """,
    re.IGNORECASE | re.VERBOSE,
)


def is_any_subject(statement: Statement) -> str:
    """The shared issuer any of whose users a statement lets in; "" when it names some. Raises `NotKnown`."""
    if not statement.allows:
        return ""
    for principal in list.__iter__(statement.principals):
        issuer = _issuer(statement, principal)
        if issuer and not statement.conditions.any_of(partial(_names_subject, issuer)):
            return SHARED[issuer]
    return ""


def is_any_pool(statement: Statement) -> bool:
    """Whether a statement trusts Cognito identities without naming their pool; raises `NotKnown`."""
    if not statement.allows:
        return False
    trusted = statement.principals.any_of(
        lambda principal: principal.type == "Federated" and show(principal.value) == COGNITO
    )
    return trusted and not statement.conditions.any_of(lambda condition: condition.key == f"{COGNITO}:aud")


def _issuer(statement: Statement, principal: Principal) -> str:
    """The shared issuer that a federated principal stands for, or ""."""
    if principal.type != "Federated":
        return ""
    text = show(principal.value)
    if isinstance(principal.value, Reference):
        provider = resolve(statement.origin.graph, principal.value)
        text = show(provider["Url"]) if isinstance(provider, Resource) else text
    return next((issuer for issuer in SHARED if text.rstrip("/").endswith(issuer)), "")


def _names_subject(issuer: str, condition: Condition) -> bool:
    """Whether a condition says whose tokens count: any claim but the audience, which is the same for everybody."""
    if not condition.key.startswith((f"{issuer}:", f"{issuer}/")) or (
        condition.key == f"{issuer}:aud" and issuer != "accounts.google.com"
    ):
        return False
    return bool(condition.values.all_of(_is_narrow))


def _is_narrow(value: Value) -> bool:
    if isinstance(value, Unknown) and value.stated:
        return True
    if isinstance(value, Partial):
        return not _OPEN_SUBJECT.fullmatch(value.show())
    return not isinstance(value, str) or not _OPEN_SUBJECT.fullmatch(value)
