"""A rule: one thing that can be wrong, with its explanation, its examples and, where one exists, its fix."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from typing import Any, ClassVar

import msgspec

from stackworthy.core.finding import Confidence, Finding, Guard, Pillar, Severity
from stackworthy.core.fix import Change, Fix, Safety, Unsafe
from stackworthy.core.value import Value

RECOMMENDED = "recommended"
STRICT = "strict"


class Relation(msgspec.Struct, frozen=True):
    """Judge every relation of this kind between these kinds of resource, edge by edge.

    `subject` says whose verdict it is: "source", "target", or "via" (the mapping or permission that states it).
    """

    kind: str
    source: str
    target: str
    subject: str = "source"


class Stack(msgspec.Struct, frozen=True):
    """Judge the stack as a whole (address ""), once, when it holds any of these kinds (empty: always)."""

    kinds: tuple[str, ...] = ()


class Kinds(msgspec.Struct, frozen=True):
    """Judge every resource of any of these kinds."""

    kinds: tuple[str, ...]


class Code(msgspec.Struct, frozen=True):
    """Judge every function whose handler's source code was found, once; `check` receives a `Handler` of `sources/code`."""


Subject = str | Kinds | Relation | Stack | Code


class Example(msgspec.Struct, frozen=True):
    """An example of a rule on code: the handler's text and, as text, the resources beside the function and the function's own properties.

    The handler is `app.handler`, the function is called `Function`; `properties` are in flow style: "Timeout: 3, Environment: {...}".
    """

    language: str
    code: str
    stack: str = ""
    properties: str = ""


def python(code: str, *, stack: str = "", properties: str = "") -> Example:
    """An example in Python."""
    return Example("python", textwrap.dedent(code).strip() + "\n", stack, properties)


def typescript(code: str, *, stack: str = "", properties: str = "") -> Example:
    """An example in TypeScript."""
    return Example("typescript", textwrap.dedent(code).strip() + "\n", stack, properties)


def site(code: str, *, stack: str = "") -> Example:
    """An example of the source of a site, beside its stack: one file of a package that depends on React."""
    return Example("tsx", textwrap.dedent(code).strip() + "\n", stack)


Examples = str | Example | tuple[str | Example, ...]


def rule_id(cls: type) -> str:
    """The kebab-case id of a rule class: `ACLWideOpen` is `acl-wide-open`."""
    words = re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+[0-9]*", cls.__name__)
    return "-".join(word.lower() for word in words)


class Rule:
    """Subclasses state what they judge (`on`) and how (`check`); their docstring is the explanation.

    `check` receives a Resource, an Edge, the Graph or a Handler, as `on` says, and yields findings (and, of code, `Guard`s: the
    evidence of a pass). Rules hold no state. The id
    is the class's name in kebab-case, named after the fault, stable for ever; a renamed rule keeps old ids as `aliases`.
    `equivalents` are the ids under which other scanners know the same fault. A rule whose `fix` gives one declares `fix_safety`.
    `next_after` are rules whose fix leads to this one's advice: it speaks of the next step, and is no harm that the fix does.
    """

    id: ClassVar[str]
    on: ClassVar[Subject]
    pillar: ClassVar[Pillar]
    severity: ClassVar[Severity]
    message: ClassVar[str]
    references: ClassVar[tuple[str, ...]]
    confidence: ClassVar[Confidence] = Confidence.HIGH
    profile: ClassVar[str] = RECOMMENDED
    equivalents: ClassVar[tuple[str, ...]] = ()
    aliases: ClassVar[tuple[str, ...]] = ()
    tags: ClassVar[tuple[str, ...]] = ()
    fix_safety: ClassVar[Safety | Unsafe | None] = None
    next_after: ClassVar[tuple[str, ...]] = ()
    bad: ClassVar[Examples]
    good: ClassVar[Examples]

    def __init_subclass__(cls) -> None:
        cls.id = rule_id(cls)

    @property
    def names(self) -> frozenset[str]:
        """Everything that it answers to: its id, former ids, and those of other scanners."""
        return frozenset((self.id, *self.aliases, *self.equivalents))

    @property
    def explanation(self) -> str:
        """Why it matters, in one paragraph or more; the first line stands alone."""
        return (type(self).__doc__ or "").strip()

    def check(self, subject: Any) -> Iterable[Finding | Guard]:
        """Yield what is wrong with the subject; touching the unknown raises `NotKnown`, which is fine."""
        raise NotImplementedError

    def fix(self, finding: Finding) -> Fix | None:  # noqa: ARG002
        """The fix for a finding of this rule, or None."""
        return None

    def offer(self, *changes: Change) -> Fix | None:
        """The fix made of these changes, as safe as `fix_safety` declares it."""
        if isinstance(self.fix_safety, Unsafe):
            return Fix.unsafe(self.fix_safety.why, *changes)
        return Fix.safe(*changes) if self.fix_safety is Safety.SAFE else None


class PropertyRule(Rule):
    """A property that must have one value. `check` and `fix` follow from it."""

    property: ClassVar[str]
    expected: ClassVar[Value]
    message = "{property} is {actual}, not {expected}"

    def check(self, subject: Any) -> Iterable[Finding]:
        """A finding when the property differs from what is expected."""
        actual = subject[self.property]
        if actual != self.expected:
            yield subject.finding(
                self.property, property=self.property, actual=actual, expected=self.expected
            )

    def fix(self, finding: Finding) -> Fix | None:
        """Set the property to what is expected, with the declared safety."""
        return self.offer(finding.resource.set(self.property, self.expected))
