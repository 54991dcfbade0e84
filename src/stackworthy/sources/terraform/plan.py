"""A plan, as `terraform show -json` prints it, as a source of its own: the same shape as a root, without its files.

What the plan does not know is a `Reference` when the configuration in the plan names exactly one attribute of one resource for it (around
which the plan may hide text), else unknown. Places are places in the plan's file.

Source: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stackworthy.core.diagnostic import Diagnostic
from stackworthy.core.origin import Origin
from stackworthy.core.resource import When
from stackworthy.core.value import List, Map, Reference, Unknown, Value
from stackworthy.core.workspace import Unreadable
from stackworthy.sources.terraform.json_syntax import locate, read_json
from stackworthy.sources.terraform.model import Block, Provider
from stackworthy.sources.terraform.places import text_span
from stackworthy.sources.terraform.plan_references import Configuration, Configured
from stackworthy.sources.terraform.syntax import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stackworthy.core.origin import Route, Span, Trail
    from stackworthy.core.workspace import Workspace

MAX_DEPTH = 100


def load_plan(workspace: Workspace, path: str) -> PlanRoot:
    """The plan in a JSON file; what is wrong with it stands in its diagnostics."""
    root = PlanRoot(path)
    try:
        root.text = workspace.read(path).decode("utf-8-sig", "replace")
        root.take(read_json(root.text))
    except Unreadable as error:
        root.diagnose(0, error.message, error.hint)
    except Problem as problem:
        root.diagnose(problem.line, problem.message, problem.hint)
    return root


class PlanRoot:
    """A plan with the shape of a `Root`: blocks, outputs, diagnostics and places."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.folder = path.rpartition("/")[0]
        self.text = ""
        self.diagnostics: list[Diagnostic] = []
        self.blocks: list[Block] = []
        self.outputs = Map()
        self.variables = Map()
        self.files = [path]

    def diagnose(self, line: int, message: str, hint: str) -> None:
        """Say what is wrong with the file."""
        self.diagnostics.append(Diagnostic(self.path, line, "error", message, hint))

    def take(self, plan: Any) -> None:
        """Read the parsed content."""
        planned = _map(_map(plan).get("planned_values"))
        if not planned:
            hint = "make it with `terraform plan -out=p && terraform show -json p`"
            self.diagnose(1, "holds no planned values", hint)
            return
        self.variables = Map(
            (name, value(_map(item).get("value"), False))
            for name, item in _map(plan.get("variables")).items()
        )
        configuration = Configuration(plan, self.variables)
        unknown = {}
        for change in _list(plan.get("resource_changes")):
            unknown[_map(change).get("address")] = _map(_map(change).get("change")).get("after_unknown")
        found = [*_resources(planned.get("root_module"), ("planned_values", "root_module"))]
        prior = _map(_map(_map(plan.get("prior_state")).get("values")).get("root_module"))
        data = _resources(prior, ("prior_state", "values", "root_module"))
        planned_addresses = {resource.get("address") for resource, _, _ in found}
        found += [
            item
            for item in data
            if item[0].get("mode") == "data" and item[0].get("address") not in planned_addresses
        ]
        configuration.know(item[0] for item in found)
        for resource, module, route in found:
            self.blocks.append(self._block(resource, module, route, unknown, configuration))
        self._absent(configuration, {(block.module, block.type, block.name) for block in self.blocks})
        for name, output in _map(planned.get("outputs")).items():
            stated = value(_map(output).get("value"), False)
            self.outputs[name] = (
                Unknown(f"output.{name} is known only after deployment") if stated is None else stated
            )

    def _block(
        self,
        resource: dict[str, Any],
        module: str,
        route: Route,
        unknown: dict[Any, Any],
        configuration: Configuration,
    ) -> Block:
        configured = configuration.of(resource, module)
        address = str(resource.get("address", ""))
        instance = _Instance(address, resource, unknown.get(address), configured, configuration, route)
        key = resource.get("index")
        return Block(
            instance,
            address,
            "data" if resource.get("mode") == "data" else "managed",
            str(resource.get("type", "")),
            str(resource.get("name", "")),
            module,
            key if isinstance(key, (str, int)) else None,
            None,
            self.path,
            1,
            True,
        )

    def _absent(self, configuration: Configuration, present: set[tuple[str, str, str]]) -> None:
        """Blocks of the configuration of which the plan has no instance."""
        for configured in configuration.conditional():
            name = (configured.module, configured.type, configured.name)
            if name not in present:
                address = f"{configured.module}{'.' if configured.module else ''}{configured.type}.{configured.name}"
                instance = _Instance(address, {}, None, configured, configuration, ())
                when = When(configured.condition, False, "the plan has no instance")
                self.blocks.append(
                    Block(
                        instance,
                        address,
                        "managed",
                        configured.type,
                        configured.name,
                        configured.module,
                        None,
                        when,
                        self.path,
                        1,
                        True,
                    )
                )

    def origin(self, block: Block, route: Route) -> Origin:
        """The place of a value in the plan."""
        instance = _instance(block)
        return Origin(self.path, (*instance.route, "values", *route), "value" if route else "resource")

    def trail(self, block: Block, route: Route) -> Trail:  # noqa: ARG002  a plan does not tell
        """Empty: a plan does not say how its values came to be."""
        return ()

    def span(self, origin: Origin) -> Span:
        """The concrete place in the plan's text."""
        key, begin, end = locate(self.text, origin.route)
        return text_span(self.path, self.text, key if origin.role != "value" else begin, end)

    def refers_to(self, block: Block, route: Route) -> Reference | None:
        """The attribute of another block that the configuration in the plan names for the value."""
        return _instance(block).referred(route)

    def is_sensitive(self, block: Block, route: Route) -> bool:
        """Whether the plan marks the value as sensitive."""
        marks = _instance(block).resource.get("sensitive_values")
        for step in route:
            if marks is True:
                return True
            marks = _at(marks, step)
        return marks is True

    def comments(self, _: str) -> Iterator[tuple[int, str]]:
        """None."""
        return iter(())

    def release(self) -> None:
        """Nothing to let go."""


def _instance(block: Block) -> _Instance:
    evaluator = block.evaluator
    assert isinstance(evaluator, _Instance)
    return evaluator


class _Instance:
    """One resource of the plan."""

    def __init__(
        self,
        address: str,
        resource: dict[str, Any],
        unknown: Any,
        configured: Configured,
        configuration: Configuration,
        route: Route,
    ) -> None:
        self.address = address
        self.resource = resource
        self.unknown = unknown
        self.configured = configured
        self.configuration = configuration
        self.route = route

    def stated(self) -> Map:
        """What the configuration states, as planned."""
        result = Map()
        masks = _map(self.unknown)
        stated = self.configured.expressions
        names = dict.fromkeys(
            (*_map(self.resource.get("values")), *(name for name in masks if name in stated))
        )
        for name in names:
            item = self._value((name,), _map(self.resource.get("values")).get(name), masks.get(name, False))
            if item is None or (isinstance(item, list) and not item and name not in stated):
                continue
            if isinstance(item, (Unknown, Reference)) and name not in stated:
                continue
            result[name] = item
        return result

    def _value(self, route: Route, item: Any, mask: Any) -> Value:
        if mask is True:
            found = self.referred(route)
            if found is not None:
                return found
            what = f"{self.address}.{'.'.join(map(str, route))}"
            names = self.configured.names(route)
            text = ", ".join(names) or what
            return Unknown(f"{what} is known only after deployment", text, stated=bool(names))
        if len(route) > MAX_DEPTH:
            return Unknown("a value is nested too deeply")
        if isinstance(item, dict):
            inner = _map(mask)
            keys = dict.fromkeys((*item, *(key for key in inner if inner[key])))
            values = ((key, self._value((*route, key), item.get(key), inner.get(key, False))) for key in keys)
            return Map((key, found) for key, found in values if found is not None)
        if isinstance(item, list):
            return List(
                self._value((*route, position), part, _at(mask, position))
                for position, part in enumerate(item)
            )
        return item

    def referred(self, route: Route) -> Reference | None:
        """The one attribute that the configuration names for the value."""
        return self.configuration.reference(self.configured, route)

    def attribute(self, name: str) -> Value:
        """The planned value, else a reference to what is known after deployment."""
        stated = self.stated()[name]
        return stated if dict.__contains__(self.stated(), name) else Reference(self.address, name)

    def provider(self) -> Provider:
        """The provider configuration, as far as the plan holds it."""
        return self.configuration.provider(self.configured)

    def meta(self) -> Map:
        """`depends_on`."""
        names = self.configured.depends_on
        return Map(depends_on=List(names)) if names else Map()


def value(item: Any, mask: Any, depth: int = 0) -> Value:
    """JSON's value in the project's containers; None for null and for what the mask hides."""
    if mask is True or depth > MAX_DEPTH:
        return None
    if isinstance(item, dict):
        values = ((key, value(part, _at(mask, key), depth + 1)) for key, part in item.items())
        return Map((key, part) for key, part in values if part is not None)
    if isinstance(item, list):
        return List(value(part, _at(mask, position), depth + 1) for position, part in enumerate(item))
    return item


def _resources(module: Any, route: Route, depth: int = 0) -> Iterator[tuple[dict[str, Any], str, Route]]:
    content = _map(module)
    address = str(content.get("address", ""))
    for position, resource in enumerate(_list(content.get("resources"))):
        if isinstance(resource, dict):
            yield resource, address, (*route, "resources", position)
    if depth < MAX_DEPTH:
        for position, child in enumerate(_list(content.get("child_modules"))):
            yield from _resources(child, (*route, "child_modules", position), depth + 1)


def _map(item: Any) -> dict[str, Any]:
    return item if isinstance(item, dict) else {}


def _list(item: Any) -> list[Any]:
    return item if isinstance(item, list) else []


def _at(item: Any, step: str | int) -> Any:
    if isinstance(item, dict):
        return item.get(step, False)
    if isinstance(item, list) and isinstance(step, int) and step < len(item):
        return item[step]
    return False
