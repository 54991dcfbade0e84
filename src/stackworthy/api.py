"""What rules of your own are written with: the same classes as the built-in ones. Everything here is public and stable.

from stackworthy.api import Pillar, PropertyRule, Severity, Unsafe

class TracingOffHere(PropertyRule):
    \"\"\"Our functions are traced, all of them.\"\"\"

    on, property, expected = "AWS::Lambda::Function", "TracingConfig.Mode", "Active"
    pillar, severity = Pillar.OPERATIONS, Severity.MEDIUM
    fix_safety = Unsafe("adds a permission and X-Ray's price per trace")
    bad = "Fn: {Type: AWS::Lambda::Function, Properties: {TracingConfig: {Mode: PassThrough}}}"
    good = bad.replace("PassThrough", "Active")

RULES = (TracingOffHere(),)
"""

from __future__ import annotations

from stackworthy.core.finding import Confidence, Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Safety, Unsafe
from stackworthy.core.graph import Edge, Graph
from stackworthy.core.resource import Resource
from stackworthy.core.rule import (
    RECOMMENDED,
    STRICT,
    Code,
    Kinds,
    PropertyRule,
    Relation,
    Rule,
    Stack,
    python,
    typescript,
)
from stackworthy.core.value import ABSENT, NotKnown, Partial, Reference, Unknown

__all__ = [
    "ABSENT",
    "RECOMMENDED",
    "STRICT",
    "Code",
    "Confidence",
    "Edge",
    "Finding",
    "Fix",
    "Graph",
    "Kinds",
    "NotKnown",
    "Partial",
    "Pillar",
    "PropertyRule",
    "Reference",
    "Relation",
    "Resource",
    "Rule",
    "Safety",
    "Severity",
    "Stack",
    "Unknown",
    "Unsafe",
    "python",
    "typescript",
]
