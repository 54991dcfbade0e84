"""One template's names: its parameters with values, mappings, conditions, resources, and the templates nested in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from stackworthy.core.origin import Origin
from stackworthy.core.value import (
    ABSENT,
    List,
    Map,
    NotKnown,
    OpenList,
    Partial,
    Reference,
    Unknown,
    Value,
    joined,
)
from stackworthy.sources.cloudformation.intrinsics import CONDITION_ONLY, INTRINSICS, Evaluator
from stackworthy.sources.cloudformation.loops import Loop, expand_loop

MAX_VALUES = 3_000_000

PSEUDO: Mapping[str, str] = {
    "AWS::Region": "the Region is known at deployment",
    "AWS::AccountId": "the account is known at deployment",
    "AWS::Partition": "the partition is known at deployment",
    "AWS::URLSuffix": "the partition's domain is known at deployment",
    "AWS::StackName": "the stack's name is known at deployment",
    "AWS::StackId": "the stack's id is known at deployment",
    "AWS::NotificationARNs": "the stack's notification topics are known at deployment",
}


class Budget(Exception):
    """A stack that evaluates to more values than any real one."""


class Scope:
    """Names of one template in one environment. `prefix` stands before the addresses of a nested template's resources."""

    def __init__(
        self,
        file: str,
        template: Mapping[str, Any],
        given: Mapping[str, Value],
        *,
        region: str | None = None,
        prefix: str = "",
        include: Callable[[str, str], Any] | None = None,
        sources: Mapping[str, Origin] | None = None,
    ) -> None:
        self.file = file
        self.template = template
        self.prefix = prefix
        self.region = region
        self.given = given
        self.sources = sources or {}
        self.mappings = _section(template, "Mappings")
        self.declared = _section(template, "Parameters")
        self.conditions = dict(_section(template, "Conditions"))
        self.addresses: dict[str, str] = {}
        self.nested: dict[str, Scope] = {}
        self.spent = 0
        self._parameters: dict[str, Value] = {}
        self._conditions: dict[str, Value] = {}
        self._evaluating: set[str] = set()
        self._include = include
        self._users: Counter[str] | None = None
        self.evaluator = Evaluator(self)

    def spend(self) -> None:
        """Count one list or map; raises `Budget` when a template stands for more values than any real one."""
        self.spent += 1
        if self.spent > MAX_VALUES:
            raise Budget(f"{self.file} stands for more than {MAX_VALUES:,} values")

    def value(self, raw: Any) -> Value:
        """The value of a raw tree of this template."""
        return self.evaluator.value(raw)

    def ref(self, name: str) -> Value:
        """What `Ref` gives: a parameter's value, a pseudo parameter, or a reference to a resource."""
        address = self.addresses.get(name)
        if address is not None:
            return Reference(address, "Ref")
        if name in self.declared:
            return self.parameter(name)
        if name == "AWS::Region" and self.region:
            return self.region
        if name in PSEUDO:
            return Unknown(PSEUDO[name], name, stated=True)
        return Unknown(f"the template has no parameter or resource named {name}", f"Ref {name}")

    def attribute(self, name: str, attribute: str) -> Value:
        """What `Fn::GetAtt` gives: a reference, or the output of a nested template that was read."""
        nested = self.nested.get(name)
        if nested is not None and attribute.startswith("Outputs."):
            return nested.output(attribute.removeprefix("Outputs."))
        address = self.addresses.get(name)
        if address is not None:
            return Reference(address, attribute)
        return Unknown(f"the template has no resource named {name}", f"Fn::GetAtt {name}.{attribute}")

    def output(self, name: str) -> Value:
        """The value of one of this template's outputs."""
        outputs = _section(self.template, "Outputs")
        body = outputs.get(name)
        if isinstance(body, dict) and "Value" in body:
            return self.value(body["Value"])
        return Unknown(f"{self.file} has no output named {name}", f"{self.prefix}Outputs.{name}")

    def parameter(self, name: str) -> Value:
        """A parameter's value: the one given, else its default, else unknown."""
        try:
            return self._parameters[name]
        except KeyError:
            pass
        if name in self._evaluating:
            return Unknown(f"parameter {name} depends on itself", f"Ref {name}")
        self._evaluating.add(name)
        try:
            value = self._parameters[name] = self._parameter(name)
        finally:
            self._evaluating.discard(name)
        return value

    def users(self, name: str) -> int:
        """How many places of the template use a parameter."""
        if self._users is None:
            self._users = Counter(_names_used(self.template))
        return self._users[name]

    def _parameter(self, name: str) -> Value:
        declared = self.declared[name]
        if not isinstance(declared, dict):
            return Unknown(f"parameter {name} is not declared as a map", f"Ref {name}")
        kind = declared.get("Type")
        if str(declared.get("NoEcho", "")).lower() == "true":
            return Unknown(f"parameter {name} is kept secret (NoEcho)", f"Ref {name}", stated=True)
        raw = self.given.get(name, declared.get("Default"))
        if raw is None:
            return Unknown(
                f"parameter {name} has no value (give it with --parameters {name}=…)",
                f"Ref {name}",
                stated=True,
            )
        if isinstance(raw, (Unknown, Reference, Partial, OpenList)):
            return raw
        if isinstance(kind, str) and kind.startswith("AWS::SSM::Parameter::Value"):
            return Unknown(
                f"parameter {name} is read from Parameter Store at deployment", f"Ref {name}", stated=True
            )
        if isinstance(kind, str) and (kind == "CommaDelimitedList" or kind.startswith("List<")):
            if isinstance(raw, list):
                return List(str(item) for item in raw)
            return List(part.strip() for part in str(raw).split(",")) if str(raw) else List()
        if isinstance(raw, bool):
            return "true" if raw else "false"
        return raw if isinstance(raw, str) else str(raw)

    def condition(self, name: str) -> Value:
        """Whether a condition holds: a bool, or unknown with the reason."""
        try:
            return self._conditions[name]
        except KeyError:
            pass
        if name not in self.conditions:
            return Unknown(f"the template has no condition named {name}", f"Condition {name}")
        if name in self._evaluating:
            return Unknown(f"condition {name} depends on itself", f"Condition {name}")
        self._evaluating.add(name)
        try:
            value = self._decide(self.conditions[name])
        finally:
            self._evaluating.discard(name)
        self._conditions[name] = value
        return value

    def _decide(self, raw: Any) -> Value:
        if isinstance(raw, dict) and len(raw) == 1:
            name = next(iter(raw))
            function = CONDITION_ONLY.get(name) or INTRINSICS.get(name)
            value = function(self.evaluator, raw[name]) if function else Unknown(f"{name} is not a condition")
        else:
            value = self.value(raw)
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        if isinstance(value, (bool, Unknown)):
            return value
        return Unknown("a condition needs a function that is true or false")

    def logic(self, name: str, argument: Any) -> Value:
        """The value of `Fn::Equals`, `Fn::Not`, `Fn::And`, `Fn::Or` or `Fn::Contains`."""
        if not isinstance(argument, list) or not argument:
            return Unknown(f"{name} needs a list")
        if name in ("Fn::Equals", "Fn::Contains"):
            return self._compared(name, argument)
        values = [self._decide(part) for part in argument]
        if name == "Fn::Not":
            return values[0] if isinstance(values[0], Unknown) else not values[0]
        decisive = name == "Fn::Or"
        if any(value is decisive for value in values):
            return decisive
        return next((value for value in values if isinstance(value, Unknown)), not decisive)

    def _compared(self, name: str, argument: list[Any]) -> Value:
        if len(argument) != 2:
            return Unknown(f"{name} needs two values")
        one, other = self.value(argument[0]), self.value(argument[1])
        try:
            if name == "Fn::Contains":
                return other in one if isinstance(one, List) else Unknown("Fn::Contains needs a list")
            if isinstance(one, Unknown) and isinstance(other, Unknown) and one.expression == other.expression:
                return True
            return bool(_as_text(one) == _as_text(other))
        except NotKnown as error:
            return Unknown(error.reason, f"{name} {argument}")

    def include(self, location: str) -> Value:
        """The value of another file that `AWS::Include` names, when it is a local one."""
        if self._include is None:
            return Unknown(f"{location} is not read")
        found = self._include(self.file, location)
        return found if isinstance(found, Unknown) else self.value(found)

    def expand_loop(self, name: str, body: Any) -> dict[str, Any] | Unknown:
        """The map that an `Fn::ForEach` inside a resource stands for."""
        try:
            return {key: item for key, item, _ in expand_loop(name, body, self.loop_items)}
        except Loop as error:
            return Unknown(str(error))

    def loop_items(self, raw: Any) -> list[str] | None:
        """The texts that a loop runs over, None when they are not known."""
        value = self.value(raw)
        if isinstance(value, List) and not isinstance(value, OpenList):
            texts = [joined([item]) for item in value]
            if all(isinstance(text, str) for text in texts):
                return texts
        return None


def _as_text(value: Value) -> Value:
    """CloudFormation compares texts: the number 1 equals "1"."""
    if value is ABSENT:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value


def _section(template: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = template.get(name)
    return section if isinstance(section, dict) else Map()


_USED = re.compile(r"\$\{([A-Za-z0-9]+)\}")


def _names_used(raw: Any) -> Iterator[str]:
    if isinstance(raw, dict):
        for key, item in raw.items():
            if key == "Ref" and isinstance(item, str):
                yield item
            else:
                yield from _names_used(item)
    elif isinstance(raw, list):
        for item in raw:
            yield from _names_used(item)
    elif isinstance(raw, str) and "${" in raw:
        yield from _USED.findall(raw)
