"""Forms that many rules share: a property that must be stated, one that must be among some values, literal secrets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from stackworthy.core.finding import Finding
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Rule
from stackworthy.core.value import Map, NotKnown, Unknown, Value, is_stated
from stackworthy.rules._secrets import literal_secret


class StatedRule(Rule):
    """A property that must be stated, whatever its value. An empty text, list or map states nothing."""

    property: ClassVar[str]

    def check(self, subject: Any) -> Iterable[Finding]:
        """A finding when nobody states the property."""
        if says_nothing(subject[self.property]):
            yield subject.finding(self.property)


class ForbiddenValueRule(Rule):
    """A property that must have none of some values, its default included."""

    property: ClassVar[str]
    forbidden: ClassVar[tuple[Value, ...]]

    def check(self, subject: Any) -> Iterable[Finding]:
        """A finding when the property has a forbidden value."""
        actual = subject[self.property]
        if any(actual == value for value in self.forbidden):
            yield subject.finding(self.property, actual=actual)


class LiteralSecretRule(Rule):
    """Properties that hold a secret and must not hold it as a literal; `paths` gives each with what it would be called."""

    paths: ClassVar[Mapping[str, str]]

    def check(self, subject: Any) -> Iterable[Finding]:
        """Look for text where a reference to a secret should be; placeholders are no secrets."""
        for path, name in self.paths.items():
            value = subject[path]
            if is_stated(value) and isinstance(value, str) and literal_secret(name, value):
                yield subject.finding(path)


def says_nothing(value: Value) -> bool:
    """Whether a value is absent or empty; raises `NotKnown` when it may be."""
    return not is_stated(value) or (isinstance(value, (str, list, dict)) and not value)


def items(resource: Resource, path: str) -> Iterator[tuple[str, Map]]:
    """The maps in the list at a path, each with its own path; raises `NotKnown` at the first item that is not known."""
    for index, entry in enumerate(resource[path]):
        if isinstance(entry, Unknown):
            raise NotKnown(entry.reason)
        if isinstance(entry, Map):
            yield f"{path}[{index}]", entry
