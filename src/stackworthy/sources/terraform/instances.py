"""`count` and `for_each`: which instances a block has, and what a reference to them all gives.

Source: https://developer.hashicorp.com/terraform/language/meta-arguments/for_each
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from stackworthy.core.resource import When
from stackworthy.core.value import List, Map, OpenMap, Unknown, Value
from stackworthy.sources.terraform.access import (
    Invalid,
    UnknownInstances,
    described,
    elements,
    shortened,
)
from stackworthy.sources.terraform.conversions import ConversionError, first_unknown, reason_of, to_number
from stackworthy.sources.terraform.engine import MAX_INSTANCES, MAX_INSTANCES_PER_ROOT
from stackworthy.sources.terraform.types import TfSet, is_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stackworthy.sources.terraform.engine import Engine
    from stackworthy.sources.terraform.expressions import Scope
    from stackworthy.sources.terraform.syntax import Attribute, Block

Key = str | int | Unknown | None


class Expansion(msgspec.Struct):
    """The instances of a block.

    `kind` is "", "count" or "for_each"; `pairs` are the known keys with `each.value`; `unknown` says why there may be others.
    """

    kind: str = ""
    pairs: list[tuple[str | int, Value]] = msgspec.field(default_factory=list)
    unknown: Unknown | None = None
    expression: str = ""

    def when_of(self, key: Key) -> When | None:
        """Why the instance with this key is not there, or may not be; None for one that is."""
        if not self.kind or isinstance(key, (str, int)):
            return None
        text = shortened(" ".join(self.expression.split()))
        if self.unknown is not None:
            return When(text, None, self.unknown.reason)
        return When(text, False, "count is 0" if self.kind == "count" else "for_each is empty")

    def instances(self, scope: Scope) -> Iterator[tuple[Key, Scope]]:
        """Each instance's key and scope; the representative of unknown ones, and what is not there, stand last."""
        if not self.kind:
            yield None, scope
            return
        for key, value in self.pairs:
            yield key, self._scope(scope, key, value)
        if self.unknown is not None:
            text = f"{self.kind} {self.unknown.expression}"
            some = Unknown(self.unknown.reason, shortened(f"key of {text}"))
            yield some, self._scope(scope, some, Unknown(self.unknown.reason, shortened(f"value of {text}")))
        elif not self.pairs:
            none = Unknown("there is no instance", "each.key")
            yield None, self._scope(scope, none, Unknown("there is no instance", "each.value"))

    def _scope(self, scope: Scope, key: Value, value: Value) -> Scope:
        if self.kind == "count":
            return scope.child(count=Map(index=key))
        return scope.child(each=Map(key=key, value=value))

    def value(self, instances: Sequence[Value], address: str) -> Value:
        """What a reference to the block gives; `instances` are those of `instances`, in order."""
        if not self.kind:
            return instances[0]
        known = instances[: len(self.pairs)]
        keyed = Map(zip((str(key) for key, _ in self.pairs), known, strict=False))
        if self.unknown is not None:
            rest = UnknownInstances(self.unknown.reason, address, instances[-1])
            return OpenMap(keyed.items(), rest) if keyed else rest
        return List(known) if self.kind == "count" else keyed


def combined(own: When | None, outer: When | None) -> When | None:
    """The condition of a block inside a module that has one itself: what is certainly not there weighs most."""
    if outer is not None and outer.holds is False:
        return outer
    return outer if own is None else own


def key_suffix(key: Key) -> str:
    """The key as it stands in an address: `["x"]`, `[0]`, `[*]` for one that is not known, nothing for none."""
    if key is None:
        return ""
    if isinstance(key, Unknown):
        return "[*]"
    if isinstance(key, int):
        return f"[{key}]"
    escaped = (
        key.replace("\\", "\\\\")
        .replace('"', '\\"')
        .replace("\n", "\\n")
        .replace("${", "$${")
        .replace("%{", "%%{")
    )
    return f'["{escaped}"]'


def expand(engine: Engine, block: Block, scope: Scope, address: str) -> Expansion:
    """The instances that `count` or `for_each` asks for."""
    attributes = block.body.attributes
    for kind, read in (("count", _count), ("for_each", _for_each)):
        attribute = attributes.get(kind)
        if attribute is not None:
            value = engine.run(address, kind, attribute, scope)
            result = read(engine, attribute, value, address)
            result.expression = attribute.text
            return result
    return Expansion()


def _count(engine: Engine, attribute: Attribute, value: Value, address: str) -> Expansion:
    try:
        number = to_number(value)
    except ConversionError:
        number = Invalid("count is no number")
    if is_unknown(number):
        return Expansion("count", unknown=Unknown(reason_of(number), described(value)))
    if number is None or number < 0 or number != int(number):
        return _refused(
            engine, attribute, "count", f"count of {address} is no whole number", "give 0 or more"
        )
    if not _affordable(engine, int(number)):
        return _too_many(engine, attribute, "count", address, int(number))
    return Expansion("count", [(position, None) for position in range(int(number))])


def _for_each(engine: Engine, attribute: Attribute, value: Value, address: str) -> Expansion:
    if isinstance(value, list) and not isinstance(value, TfSet) and first_unknown(value) is None:
        return _refused(
            engine,
            attribute,
            "for_each",
            f"for_each of {address} is a list",
            "make it a set with toset(…), or a map",
        )
    found = elements(value)
    rest = found.rest
    pairs = [(key, item) for key, item in found.pairs if isinstance(key, str)]
    if rest is None and len(pairs) < len(found.pairs):
        unsure = first_unknown(value)
        if unsure is None:
            message = f"for_each of {address} holds keys that are no strings"
            return _refused(engine, attribute, "for_each", message, "convert them with tostring(…)")
        rest = Unknown(reason_of(value), described(value))
    if value is None:
        rest = Invalid("for_each is null")
    if not _affordable(engine, len(pairs)):
        return _too_many(engine, attribute, "for_each", address, len(pairs))
    return Expansion("for_each", list(pairs), rest)


def _affordable(engine: Engine, count: int) -> bool:
    if count > MAX_INSTANCES or engine.instances + count > MAX_INSTANCES_PER_ROOT:
        return False
    engine.instances += count
    return True


def _too_many(engine: Engine, attribute: Attribute, kind: str, address: str, count: int) -> Expansion:
    message = f"{address} has {count:,} instances, more than are read one by one"
    return _refused(engine, attribute, kind, message, "one stands for all")


def _refused(engine: Engine, attribute: Attribute, kind: str, message: str, hint: str) -> Expansion:
    engine.diagnose(attribute.path, attribute.line, message, hint)
    return Expansion(kind, unknown=Unknown(message))
