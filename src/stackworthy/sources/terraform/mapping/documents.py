"""Policy documents that no resource here uses: given out by the module, or handed to what nobody here can read.

A document that a resource uses is judged at that resource; one that nobody uses is judged where it is written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from stackworthy.core.origin import Origin, Route, Trail
from stackworthy.core.path import parse
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, Map, OpenList, Unknown, Value, show
from stackworthy.sources.terraform.mapping.convert import CONVERSIONS
from stackworthy.sources.terraform.model import Block

if TYPE_CHECKING:
    from stackworthy.sources.terraform.mapping.graph import Stack

_TYPE = "aws_iam_policy_document"
_KIND = "AWS::IAM::ManagedPolicy"
_ROLE = "AWS::IAM::Role"
_DOCUMENTS = {_KIND: "PolicyDocument", _ROLE: "AssumeRolePolicyDocument"}
_SOURCES = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")
_PRINCIPALS = ("principals", "not_principals")


def loose_documents(stack: Stack) -> Iterator[Resource]:
    """The policies of identities, and those of trust in others' tokens, among the documents that nothing here uses."""
    documents = [block for block in stack.data.values() if block.type == _TYPE and block.present is not False]
    if not documents:
        return
    used = set(_used(stack, documents))
    for block in documents:
        kind = _KIND if _is_identity_policy(block) else _ROLE if _is_trust_policy(block) else None
        if kind is not None and show(block.attribute("json")) not in used:
            yield Resource(
                block.address,
                kind,
                _TYPE,
                _Properties(stack, block, _DOCUMENTS[kind]),
                _place(stack, block, ()),
                when=block.when,
            )


def _used(stack: Stack, documents: list[Block]) -> Iterator[str]:
    blocks = [mapped.block for mapped in stack.blocks.values()]
    values = [value for block in blocks for value in dict.values(block.attributes)]
    values.extend(block.attributes[name] for block in documents for name in _SOURCES)
    while values:
        value = values.pop()
        if isinstance(value, List):
            values.extend(value.known if isinstance(value, OpenList) else value)
        elif isinstance(value, Map):
            values.extend(dict.values(value))
        elif value is not None and value is not ABSENT and not isinstance(value, (bool, int, float)):
            yield show(value)


def _is_identity_policy(block: Block) -> bool:
    statements = block.attributes["statement"]
    if not isinstance(statements, List) or isinstance(statements, OpenList):
        return False
    return all(
        isinstance(statement, Map) and all(statement[name] is ABSENT for name in _PRINCIPALS)
        for statement in statements
    )


def _is_trust_policy(block: Block) -> bool:
    """Whether each statement trusts an identity provider, as only a role's trust policy does."""
    statements = block.attributes["statement"]
    if not isinstance(statements, List) or isinstance(statements, OpenList) or not statements:
        return False
    return all(
        isinstance(statement, Map) and _is_federated(statement["principals"]) for statement in statements
    )


def _is_federated(principals: Value) -> bool:
    return (
        isinstance(principals, List)
        and not isinstance(principals, OpenList)
        and bool(principals)
        and all(isinstance(one, Map) and one["type"] == "Federated" for one in principals)
    )


def _place(stack: Stack, block: Block, route: Route) -> Origin:
    place = stack.root.origin(block, route)
    return Origin(place.file, place.route, "value" if route else "resource")


class _Properties:
    """A document as a policy of its own, or as the trust policy of a role that somebody else makes."""

    __slots__ = ("_document", "block", "name", "stack")

    def __init__(self, stack: Stack, block: Block, name: str) -> None:
        self.name = name
        self.stack = stack
        self.block = block
        self._document: Value = None

    def names(self) -> Collection[str]:
        """The document is all there is."""
        return (self.name,)

    def value(self, name: str) -> Value:
        """The document as Terraform makes it."""
        if name != self.name:
            return ABSENT if self.name == "PolicyDocument" else Unknown("the role is not described here")
        if self._document is None:
            self._document = self.stack.canonical(CONVERSIONS["json"].read(self.block.attribute("json")))
        return self._document

    def native(self) -> Value:
        """The block's arguments and nested blocks, as Terraform evaluates them."""
        return self.block.attributes

    def metadata(self) -> None:
        """None: Terraform attaches nothing."""

    def origin(self, path: str) -> Origin:
        """The statement's block; where other documents come before it, the whole document."""
        attributes = self.block.attributes
        segments = parse(path)[:3]
        merged = any(attributes[name] is not ABSENT for name in _SOURCES)
        if len(segments) == 3 and isinstance(segments[2], int) and not merged:
            return _place(self.stack, self.block, ("statement", segments[2]))
        return _place(self.stack, self.block, ())

    def trail(self, path: str) -> Trail:  # noqa: ARG002  the statement stands where it is judged
        """Empty: the statement stands where it is judged."""
        return ()
