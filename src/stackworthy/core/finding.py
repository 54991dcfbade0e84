"""A fault of one resource at one property, as a rule states it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING

import msgspec

from stackworthy.core.origin import Span
from stackworthy.core.value import Value

if TYPE_CHECKING:
    from stackworthy.core.resource import Resource


class Severity(StrEnum):
    """How bad a fault is, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """3 for critical down to 0 for low."""
        return _RANKS[self]


_RANKS = {Severity.CRITICAL: 3, Severity.HIGH: 2, Severity.MEDIUM: 1, Severity.LOW: 0}


class Pillar(StrEnum):
    """The pillars of the Well-Architected framework; cost optimisation is `cost`, operational excellence `operations`."""

    SECURITY = "security"
    RELIABILITY = "reliability"
    PERFORMANCE = "performance"
    COST = "cost"
    OPERATIONS = "operations"
    SUSTAINABILITY = "sustainability"


class Confidence(StrEnum):
    """How sure a finding is, when everything it rests on is known."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Place(msgspec.Struct, frozen=True):
    """A property of a resource, and the part that it plays in a finding."""

    resource: Resource
    property: str
    role: str


class CodePlace(msgspec.Struct, frozen=True):
    """A place in source code. `part` names it without a line: the function around it and what stands there ("orders.save boto3.client").

    `around` is the span of that function. `inline` is the property that holds the code, "" for a file; spans then count within it.
    """

    span: Span
    part: str
    around: Span | None = None
    inline: str = ""


class Guard(msgspec.Struct, frozen=True):
    """A protection that a rule found in code: evidence for a pass, said as "the name is cleaned by re.sub"."""

    what: str
    span: Span


class Finding(msgspec.Struct):
    """A failed verdict before it is written down: which resource, which property, and why.

    `evidence` fills the rule's message; `also` are further places worth seeing (the function that a queue triggers).
    `code` is the place when the fault lies in source code: `property` is the code's part then.
    """

    resource: Resource
    property: str
    evidence: Mapping[str, Value] = msgspec.field(default_factory=dict)
    also: tuple[Place, ...] = ()
    code: CodePlace | None = None


def finding_id(rule: str, address: str, property: str) -> str:
    """The stable name of a finding: 12 hex digits of rule, address and property; lines and files do not matter."""
    return blake2b(f"{rule}\0{address}\0{property}".encode(), digest_size=6).hexdigest()
