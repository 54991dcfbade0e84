"""Statements of a policy in the words of `data "aws_iam_policy_document"`."""

from __future__ import annotations

import re

from stackworthy.core.patch import CannotWrite
from stackworthy.core.value import ABSENT, List, Map, Value
from stackworthy.sources.terraform.writing.spelling import Native, Nested

REFERENCE = re.compile(rb"data\.aws_iam_policy_document\.(\w+)\.(?:minified_)?json")
_LISTS = {
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}
_WHOM = {"Principal": "principals", "NotPrincipal": "not_principals"}


def statement_blocks(statements: Value) -> list[Nested]:
    """The blocks that state these statements; raises `CannotWrite`."""
    if not isinstance(statements, List):
        raise CannotWrite("the statements are no list")
    return [_block(one) for one in statements]


def _block(statement: Value) -> Nested:
    if not isinstance(statement, Map):
        raise CannotWrite("a statement is no map")
    made: Native = {}
    for name, value in statement.items():
        if name == "Sid":
            made["sid"] = value
        elif name == "Effect":
            if value != "Allow":
                made["effect"] = value
        elif name in _LISTS:
            made[_LISTS[name]] = value if isinstance(value, List) else List([value])
        elif name in _WHOM:
            made[_WHOM[name]] = _principals(value)
        elif name == "Condition" and isinstance(value, Map):
            made["condition"] = [
                Nested(
                    test=test, variable=variable, values=found if isinstance(found, List) else List([found])
                )
                for test, pairs in value.items()
                for variable, found in pairs.items()
            ]
        else:
            raise CannotWrite(f"a policy document has no block for {name}")
    return Nested(made)


def _principals(value: Value) -> list[Nested]:
    if value == "*":
        return [Nested(type="*", identifiers=List(["*"]))]
    if not isinstance(value, Map) or value is ABSENT:
        raise CannotWrite("the principals are no map")
    return [
        Nested(type=kind, identifiers=found if isinstance(found, List) else List([found]))
        for kind, found in value.items()
    ]
