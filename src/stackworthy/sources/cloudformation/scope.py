"""One template's names: its parameters with values, mappings, conditions, resources, and the templates nested in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from stackworthy.core.origin import Origin, Route
from stackworthy.core.value import (
    ABSENT,
    List,
    NotKnown,
    OpenList,
    Partial,
    Reference,
    Unknown,
    Value,
    joined,
)
from stackworthy.sources.cloudformation.dynamic import with_dynamic_references
from stackworthy.sources.cloudformation.functions import CONDITION_FUNCTIONS, as_text, split, written
from stackworthy.sources.cloudformation.intrinsics import Budget, Evaluator
from stackworthy.sources.cloudformation.loops import Loop, expand_loop

MAX_CHAIN = 60
PSEUDO: Mapping[str, str] = {
    "AWS::Region": "the Region is known at deployment",
    "AWS::AccountId": "the account is known at deployment",
    "AWS::Partition": "the partition is known at deployment",
    "AWS::URLSuffix": "the partition's domain is known at deployment",
    "AWS::StackName": "the stack's name is known at deployment",
    "AWS::StackId": "the stack's id is known at deployment",
    "AWS::NotificationARNs": "the stack's notification topics are known at deployment",
}

Include = Callable[["Scope", str], Any]
"""Gives the plain values of another file that a template names, or `Unknown`."""

Passed = Callable[[str], tuple["Scope", Route, Any]]
"""Where the template around a nested one states the value of a parameter: its scope, the route there, the raw value."""


class Scope:
    """Names of one template in one environment. `prefix` stands before the addresses of a nested template's resources.

    `template` has its loops run and its includes filled in; `places` says where an entry of a section was written
    when that is not the template's own (section, name).
    """

    def __init__(
        self,
        file: str,
        template: Mapping[str, Any],
        given: Mapping[str, Value],
        *,
        prefix: str = "",
        pseudo: Mapping[str, str] | None = None,
        include: Include | None = None,
        sources: Mapping[str, Origin] | None = None,
        budget: Budget | None = None,
        passed: Passed | None = None,
    ) -> None:
        self.file = file
        self.template = template
        self.prefix = prefix
        self.pseudo = pseudo or {}
        self.given = given
        self.sources = sources or {}
        self.passed = passed
        self.places: dict[tuple[str, str], Origin] = {}
        self.mappings = section(template, "Mappings")
        self.declared = section(template, "Parameters")
        self.conditions: dict[str, Any] = dict(section(template, "Conditions"))
        self.outputs: Mapping[str, Any] = section(template, "Outputs")
        self.addresses: dict[str, str] = {}
        self.nested: dict[str, Scope] = {}
        self.circles: list[str] = []
        self._parameters: dict[str, Value] = {}
        self._conditions: dict[str, Value] = {}
        self._evaluating: set[str] = set()
        self._including: list[str] = []
        self._include = include
        self._users: Counter[str] | None = None
        self.evaluator = Evaluator(self, budget or Budget())

    def value(self, raw: Any) -> Value:
        """The value of a raw tree of this template."""
        return self.evaluator.value(raw)

    def place(self, route: Route) -> Origin:
        """Where a route of the template was written, which is elsewhere for what loops and includes made."""
        if len(route) > 1:
            found = self.places.get((str(route[0]), str(route[1])))
            if found is not None:
                return Origin(found.file, found.route + route[2:])
        return Origin(self.file, route)

    def ref(self, name: str) -> Value:
        """What `Ref` gives: a parameter's value, a pseudo parameter, or a reference to a resource."""
        address = self.addresses.get(name)
        if address is not None:
            return Reference(address, "Ref")
        if name in self.declared:
            return self.parameter(name)
        if name in PSEUDO:
            known = self.pseudo.get(name)
            return known if known else Unknown(PSEUDO[name], name, stated=True)
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
        body = self.outputs.get(name)
        if not (isinstance(body, dict) and "Value" in body):
            return Unknown(f"{self.file} has no output named {name}", f"{self.prefix}Outputs.{name}")
        key = f"Outputs.{name}"
        if key in self._evaluating:
            return Unknown(f"output {name} depends on itself", f"{self.prefix}{key}")
        self._evaluating.add(key)
        try:
            return self.value(body["Value"])
        finally:
            self._evaluating.discard(key)

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
            return Unknown(f"parameter {name} is not declared as a map", f"Ref {name}", stated=True)
        kind = declared.get("Type")
        kind = kind if isinstance(kind, str) else "String"
        if str(declared.get("NoEcho", "")).lower() == "true":
            return Unknown(f"parameter {name} is kept secret (NoEcho)", f"Ref {name}", stated=True)
        raw = self.given.get(name)
        if raw is None or raw is ABSENT:
            raw = declared.get("Default")
        if raw is None:
            reason = f"parameter {name} has no value (give it with --parameters {name}=…)"
            return Unknown(reason, f"Ref {name}", stated=True)
        listed = kind == "CommaDelimitedList" or kind.startswith("List<")
        if isinstance(raw, (Unknown, Reference, Partial, OpenList)):
            return split(raw, ",") if listed and isinstance(raw, Partial) else raw
        if kind.startswith("AWS::SSM::Parameter::Value"):
            reason = f"parameter {name} is read from Parameter Store at deployment"
            return Unknown(reason, f"Ref {name}", stated=True)
        if isinstance(raw, dict):
            return Unknown(f"the value of parameter {name} is a map", f"Ref {name}", stated=True)
        if listed:
            return _as_list(raw)
        return with_dynamic_references(_as_comma_text(raw))

    def condition(self, name: str) -> Value:
        """Whether a condition holds: a bool, or unknown with the reason."""
        try:
            return self._conditions[name]
        except KeyError:
            pass
        if name not in self.conditions:
            return Unknown(f"the template has no condition named {name}", f"Condition {name}")
        key = f"Conditions.{name}"
        if key in self._evaluating:
            self.circles.append(name)
            return Unknown(f"condition {name} depends on itself", f"Condition {name}")
        if len(self._evaluating) > MAX_CHAIN:
            return Unknown(f"a chain of more than {MAX_CHAIN} conditions", f"Condition {name}")
        self._evaluating.add(key)
        try:
            value = self._decide(self.conditions[name])
        finally:
            self._evaluating.discard(key)
        self._conditions[name] = value
        return value

    def _decide(self, raw: Any) -> Value:
        if isinstance(raw, dict) and len(raw) == 1:
            name = next(iter(raw))
            function = CONDITION_FUNCTIONS.get(name)
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
        expression = f"{name} {written(argument)}"
        try:
            if name == "Fn::Contains":
                return (
                    other in one
                    if isinstance(one, List)
                    else Unknown("Fn::Contains needs a list", expression)
                )
            if isinstance(one, Unknown) and isinstance(other, Unknown) and one.expression == other.expression:
                return True
            return bool(as_text(one) == as_text(other))
        except NotKnown as error:
            return Unknown(error.reason, expression)

    def include(self, location: str, evaluator: Evaluator) -> Value:
        """The value of another file that `AWS::Include` names, when it is a local one."""
        if self._include is None:
            return Unknown(f"{location} is not read")
        if location in self._including:
            return Unknown(f"{location} includes itself")
        found = self._include(self, location)
        if isinstance(found, Unknown):
            return found
        self._including.append(location)
        try:
            return evaluator.value(found)
        finally:
            self._including.pop()

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


def section(template: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A section of a template, empty when it is missing or no map."""
    found = template.get(name)
    return found if isinstance(found, dict) else {}


def _as_list(raw: Any) -> Value:
    if isinstance(raw, list):
        return List(
            item if isinstance(item, (Unknown, Reference, Partial)) else _as_comma_text(item)
            for item in list.__iter__(raw)
        )
    text = _as_comma_text(raw)
    return List(with_dynamic_references(part.strip()) for part in text.split(",")) if text else List()


def _as_comma_text(raw: Any) -> str:
    """A parameter's value as CloudFormation passes it on: text."""
    if isinstance(raw, list):
        return ",".join(_as_comma_text(item) for item in raw)
    return str(as_text(raw)) if isinstance(raw, (str, int, float)) else ""


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
