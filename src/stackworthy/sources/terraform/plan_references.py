"""The configuration inside a plan: which names an argument refers to, followed through modules to resources.

Source: https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from stackworthy.core.value import Map, Reference, Unknown, Value
from stackworthy.sources.terraform.model import Provider

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stackworthy.core.origin import Route

MAX_HOPS = 20
MAX_MODULES = 1_000

_KEY = re.compile(r"\[[^\]]*\]")
_RESOURCE = re.compile(
    r"(?!(?:var|local|each|count|path|self|terraform|module)\.)((?:data\.)?[\w-]+\.[\w-]+)((?:\[[^\]]*\])?)\.(.+)"
)
_OUTPUT = re.compile(r"module\.([\w-]+)(?:\[[^\]]*\])?\.([\w-]+)$")
_MAY_HAVE_MORE = frozenset(
    ("source_arn", "policy", "assume_role_policy", "definition", "body", "container_definitions")
)


class Configured(msgspec.Struct, frozen=True):
    """One resource block of the configuration; `module` is the address without keys, `condition` what its instances hang on."""

    module: str
    type: str = ""
    name: str = ""
    expressions: Any = None
    provider_key: str = ""
    condition: str = ""
    depends_on: tuple[str, ...] = ()

    def expression(self, route: Route) -> Any:
        """The expression of the argument that the route leads to, or of the one around it."""
        found: Any = self.expressions
        for step in route:
            inner: Any = None
            if isinstance(found, dict) and "references" not in found and "constant_value" not in found:
                inner = found.get(step)
            elif isinstance(found, list) and isinstance(step, int) and step < len(found):
                inner = found[step]
            if inner is None:
                return found if isinstance(found, dict) and "references" in found else None
            found = inner
        return found

    def names(self, route: Route) -> list[str]:
        """The names in the expression, the most specific ones only."""
        expression = self.expression(route)
        found = expression.get("references") if isinstance(expression, dict) else None
        names = [name for name in found if isinstance(name, str)] if isinstance(found, list) else []
        return [
            name for name in names if not any(other.startswith((f"{name}.", f"{name}[")) for other in names)
        ]


class Configuration:
    """The configuration part of a plan."""

    def __init__(self, plan: dict[str, Any], variables: Map) -> None:
        content = plan.get("configuration")
        content = content if isinstance(content, dict) else {}
        self._variables = variables
        self._providers = content.get("provider_config")
        self._modules: dict[str, dict[str, Any]] = {}
        self._resources: dict[tuple[str, str, str, str], Configured] = {}
        self._calls: dict[str, tuple[str, dict[str, Any]]] = {}
        self._instances: dict[str, list[str]] = {}
        self._walk(content.get("root_module"))

    def _walk(self, root: Any) -> None:
        pending = [("", root)]
        while pending and len(self._modules) < MAX_MODULES:
            address, module = pending.pop()
            if not isinstance(module, dict):
                continue
            self._modules[address] = module
            resources = module.get("resources")
            for resource in resources if isinstance(resources, list) else ():
                if isinstance(resource, dict):
                    configured = _configured(address, resource)
                    key = (address, str(resource.get("mode")), configured.type, configured.name)
                    self._resources[key] = configured
            calls = module.get("module_calls")
            for name, call in calls.items() if isinstance(calls, dict) else ():
                if isinstance(call, dict):
                    inner = f"{address}.module.{name}" if address else f"module.{name}"
                    self._calls[inner] = (address, call)
                    pending.append((inner, call.get("module")))

    def of(self, resource: dict[str, Any], module: str) -> Configured:
        """The block that a planned resource is an instance of."""
        bare = _KEY.sub("", module)
        key = (bare, str(resource.get("mode")), str(resource.get("type")), str(resource.get("name")))
        return self._resources.get(key) or Configured(bare, key[2], key[3], {})

    def conditional(self) -> Iterator[Configured]:
        """The managed blocks that have `count` or `for_each`."""
        return (item for key, item in self._resources.items() if item.condition and key[1] == "managed")

    def know(self, resources: Iterable[dict[str, Any]]) -> None:
        """Learn which instances there are."""
        for resource in resources:
            address = str(resource.get("address", ""))
            self._instances.setdefault(_KEY.sub("", address), []).append(address)

    def reference(self, configured: Configured, route: Route) -> Reference | None:
        """The one attribute of one resource that the expression at the route names."""
        names = configured.names(route)
        if len(names) != 1 or (route and route[0] in _MAY_HAVE_MORE):
            return None
        module, name = configured.module, names[0]
        for _ in range(MAX_HOPS):
            found = _RESOURCE.fullmatch(name)
            if found:
                return self._instance(module, found)
            followed = self._follow(module, name)
            if followed is None:
                return None
            module, name = followed
        return None

    def _follow(self, module: str, name: str) -> tuple[str, str] | None:
        expression: Any = None
        output = _OUTPUT.fullmatch(name)
        if output:
            module = f"{module}.module.{output[1]}" if module else f"module.{output[1]}"
            outputs = self._modules.get(module, {}).get("outputs")
            content = outputs.get(output[2]) if isinstance(outputs, dict) else None
            expression = content.get("expression") if isinstance(content, dict) else None
        elif name.startswith("var.") and module in self._calls:
            module, call = self._calls[module]
            expressions = call.get("expressions")
            expression = expressions.get(name[4:]) if isinstance(expressions, dict) else None
        names = Configured("", expressions={"": expression}).names(("",))
        return (module, names[0]) if len(names) == 1 else None

    def _instance(self, module: str, found: re.Match[str]) -> Reference | None:
        bare = f"{module}.{found[1]}" if module else found[1]
        candidates = self._instances.get(bare, [])
        if found[2]:
            candidates = [address for address in candidates if address.endswith(found[2])]
        return Reference(candidates[0], found[3]) if len(candidates) == 1 else None

    def provider(self, configured: Configured) -> Provider:
        """The provider configuration of a block."""
        key = configured.provider_key
        content = self._providers.get(key) if isinstance(self._providers, dict) else None
        content = content if isinstance(content, dict) else {}
        name = str(content.get("name") or configured.type.split("_")[0])
        alias = content.get("alias")
        expressions = content.get("expressions")
        expressions = expressions if isinstance(expressions, dict) else {}
        region = self._constant(expressions.get("region"))
        if region is None:
            region = Unknown(f"the provider {name} states no region", "AWS::Region")
        tags: Value = Map()
        blocks = expressions.get("default_tags")
        if isinstance(blocks, list) and blocks and isinstance(blocks[0], dict):
            tags = self._constant(blocks[0].get("tags"))
            tags = (
                Map(tags)
                if isinstance(tags, dict)
                else Unknown("the provider's default tags are not in the plan")
            )
        assumes = "assume_role" in expressions
        return Provider(name, alias if isinstance(alias, str) else None, region, tags, assumes)

    def _constant(self, expression: Any) -> Value:
        if not isinstance(expression, dict):
            return None
        if "constant_value" in expression:
            return expression["constant_value"]
        names = expression.get("references")
        if isinstance(names, list) and len(names) == 1 and str(names[0]).startswith("var."):
            value = self._variables.get(str(names[0])[4:], None)
            return (
                value
                if isinstance(value, (str, dict))
                else Unknown(f"{names[0]} is not in the plan", str(names[0]))
            )
        return Unknown(f"{names} is not in the plan") if names else None


def _configured(module: str, resource: dict[str, Any]) -> Configured:
    condition = ""
    for name in ("count_expression", "for_each_expression"):
        expression = resource.get(name)
        if isinstance(expression, dict):
            references = expression.get("references")
            shown = (
                references[0]
                if isinstance(references, list) and references
                else expression.get("constant_value")
            )
            condition = f"{name.removesuffix('_expression')} {shown}"
    expressions = resource.get("expressions")
    depends = resource.get("depends_on")
    return Configured(
        module,
        str(resource.get("type", "")),
        str(resource.get("name", "")),
        expressions if isinstance(expressions, dict) else {},
        str(resource.get("provider_config_key", "")),
        condition,
        tuple(map(str, depends)) if isinstance(depends, list) else (),
    )
