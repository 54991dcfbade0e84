"""Whether a statement of a resource's policy lets everybody in.

AWS calls a policy public when it allows principals that no fixed value narrows down:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
"""

from __future__ import annotations

import re

from stackworthy.aws.statements import Condition, Principal, Statement
from stackworthy.core.value import Partial, Reference, Unknown, Value, show

NARROWING = frozenset(
    {
        "aws:sourcearn",
        "aws:sourceaccount",
        "aws:sourceowner",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceip",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:vpcsourceip",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
        "aws:principalarn",
        "aws:principalaccount",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalisawsservice",
        "aws:principalservicename",
        "aws:principaltag",
        "aws:calledvia",
        "aws:calledviafirst",
        "aws:calledvialast",
        "aws:userid",
        "aws:referer",
        "aws:useragent",
        "kms:calleraccount",
        "kms:viaservice",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "sns:endpoint",
        "lambda:functionurlauthtype",
        "lambda:eventsourcetoken",
    }
)
"""Condition keys that tie a statement to certain callers, or (referer, user agent) to what a caller must know."""

_POSITIVE = (
    "stringequals",
    "stringlike",
    "stringequalsignorecase",
    "arnequals",
    "arnlike",
    "ipaddress",
    "bool",
    "null",
)


_ANY_ACCOUNT = re.compile(r"arn:aws[\w-]*:(?:iam|sts)::\*:")

_ANY_PRINCIPAL = re.compile(r"(?:arn:)?\*|arn:(?:aws[\w-]*|\*):\*|arn:(?:aws[\w-]*|\*):(?:iam|sts)::\*")


def is_everybody(principal: Principal) -> bool:
    """Whether a principal of a policy is anybody at all, or a name in any account; raises `NotKnown`."""
    if principal.type not in ("*", "AWS") or isinstance(principal.value, Reference):
        return False
    if isinstance(principal.value, Unknown) and principal.value.stated:
        return False  # a parameter or the account: whoever gives it names somebody
    return bool(principal.value == "*") or bool(_ANY_ACCOUNT.match(show(principal.value)))


def is_public(statement: Statement) -> bool:
    """Whether a statement allows everybody, whoever calls from wherever; raises `NotKnown`."""
    if not statement.allows:
        return False
    everybody = bool(statement.not_principals) or statement.principals.any_of(is_everybody)
    return bool(everybody) and not statement.conditions.any_of(narrows)


def narrows(condition: Condition) -> bool:
    """Whether a condition leaves only certain callers; raises `NotKnown`.

    `ForAllValues` does not: it holds for whoever sends no such key at all.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    """
    if condition.operator.lower().startswith("forallvalues:"):
        return False
    operator = condition.operator.rpartition(":")[2].lower().removesuffix("ifexists")
    key = condition.key.partition("/")[0]
    if operator not in _POSITIVE or key not in NARROWING:
        return False
    return bool(condition.values.all_of(_is_fixed))


def _is_fixed(value: Value) -> bool:
    if isinstance(value, Unknown) and value.stated:
        return True  # a parameter or the account: somebody chose one value
    if isinstance(value, Partial):
        return True
    return value not in ("*", "0.0.0.0/0", "::/0") and not _ANY_PRINCIPAL.match(show(value))
