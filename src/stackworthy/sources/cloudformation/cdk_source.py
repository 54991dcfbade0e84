"""Where the code of a CDK app makes a construct, and what a person writes there to carry out a change.

An assembly rarely says which line made a resource; its construct path does say by which ids. These are looked for in the app's
own TypeScript, JavaScript or Python, below the folder of `cdk.json`. Nothing of it is run.
https://docs.aws.amazon.com/cdk/v2/guide/cfn-layer.html
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from stackworthy.core.code import Assign, Call, Class, Literal, Module, Name, dotted, walk
from stackworthy.core.fix import AddResource, Allow, Change, Remove, Rewrite, Set
from stackworthy.core.patch import CannotWrite
from stackworthy.core.path import Selector
from stackworthy.core.path import parse as parts_of
from stackworthy.core.resource import Resource
from stackworthy.core.value import Value
from stackworthy.core.workspace import Unreadable, Workspace
from stackworthy.sources.cloudformation.cdk_names import named
from stackworthy.sources.code.parsing import parse
from stackworthy.sources.code.text import JAVASCRIPT, PYTHON, NotParsed

MAX_FILES = 300
MAX_SHOWN = 3
_WRAPPED = ("Resource", "Default")
_NOT_THE_APP = frozenset({"cdk.out", "node_modules", "test", "tests", "__tests__", "dist", "build"})
_OF_THE_CDK = ("aws-cdk-lib", "@aws-cdk/", "aws_cdk", "constructs")


class Construct(NamedTuple):
    """Where a construct is made: file and line, its class as written, the variable that keeps it ("" for none).

    `below` are the ids of what is meant inside of it, when that is made by the construct itself.
    """

    file: str
    line: int
    kind: str
    variable: str
    below: tuple[str, ...] = ()

    @property
    def is_python(self) -> bool:
        """Whether the app is written in Python."""
        return self.file.endswith(PYTHON)


def refusal(workspace: Workspace, template: str, changes: Sequence[Change]) -> CannotWrite:
    """Why changes of a CDK app's template are not written, with the place in its code and what to write there."""
    places: list[str] = []
    steps: list[str] = []
    for change in changes:
        resource = _of(change)
        if resource is None:
            continue
        found = locate(workspace, template, resource.address)
        if found is None:
            continue
        place = f"{found.file}:{found.line}"
        if place not in places:
            places.append(place)
        step = _step(change, found)
        if step not in steps:
            steps.append(step)
    if not places:
        return CannotWrite(
            "the template is made by the CDK's code", "change the construct; the property is named above"
        )
    shown = "; ".join(steps[:MAX_SHOWN]) + (
        f"; and {len(steps) - MAX_SHOWN} more" if len(steps) > MAX_SHOWN else ""
    )
    return CannotWrite(f"the CDK's code makes it, at {', '.join(places[:MAX_SHOWN])}", shown)


def _of(change: Change) -> Resource | None:
    if isinstance(change, Rewrite):
        return change.function
    if isinstance(change, AddResource):
        return change.beside
    if isinstance(change, Allow):
        return change.principal
    resource = getattr(change, "resource", None)
    return resource if isinstance(resource, Resource) else None


# Where


def locate(workspace: Workspace, template: str, address: str) -> Construct | None:
    """The construct of this path; the one around it when the construct makes that part itself. None when no id is found."""
    app = _app(workspace, template)
    ids = [part for part in address.split("/") if part]
    while ids and ids[-1] in _WRAPPED:
        ids.pop()
    if app is None or not ids:
        return None
    modules = list(_modules(workspace, app))
    for number in range(len(ids) - 1, -1, -1):
        found = _made(modules, ids[number])
        if len(found) > 1 and number:
            found = _of_parent(modules, ids[number - 1], found)
        if len(found) == 1:
            module, call = found[0]
            return Construct(
                module.file,
                call.line,
                dotted(call.callee).rpartition(".")[2],
                _variable(module, call),
                tuple(ids[number + 1 :]),
            )
    return None


def _app(workspace: Workspace, template: str) -> str | None:
    """The nearest folder around an assembly that has a `cdk.json`."""
    folder = posixpath.dirname(template)
    while True:
        if workspace.exists(posixpath.join(folder, "cdk.json")):
            return folder
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _modules(workspace: Workspace, app: str) -> Iterator[Module]:
    count = 0
    for file in workspace.files(app):
        inside = posixpath.relpath(file, app or ".").split("/")
        if not file.endswith((*JAVASCRIPT, *PYTHON)) or file.endswith(".d.ts"):
            continue
        if not _NOT_THE_APP.isdisjoint(inside[:-1]) or any(part.startswith("asset.") for part in inside):
            continue
        count += 1
        if count > MAX_FILES:
            return
        try:
            module = parse(file, workspace.read(file))
        except (NotParsed, Unreadable):
            continue
        if any(item.module.startswith(_OF_THE_CDK) for item in module.imports):
            yield module


def _made(modules: Sequence[Module], id: str) -> list[tuple[Module, Call]]:
    """The calls that make a construct of this id: `new X(scope, "Id", ...)`, `X(self, "Id", ...)`, else a helper that takes it."""
    proper: list[tuple[Module, Call]] = []
    helped: list[tuple[Module, Call]] = []
    for module in modules:
        if id.encode() not in module.text:
            continue
        for node in walk(*module.body):
            if not isinstance(node, Call):
                continue
            given = [
                *node.arguments,
                *(value for key, value in node.keywords if key in ("id", "construct_id")),
            ]
            if not any(isinstance(item, Literal) and item.value == id for item in given):
                continue
            scoped = len(node.arguments) > 1 and isinstance(node.arguments[0], Name)
            makes = node.new or dotted(node.callee).rpartition(".")[2][:1].isupper()
            (proper if scoped and makes else helped).append((module, node))
    return proper or helped


def _of_parent(
    modules: Sequence[Module], parent: str, found: list[tuple[Module, Call]]
) -> list[tuple[Module, Call]]:
    """Those that stand in the class of the construct around them, or in the same function."""
    classes = {dotted(call.callee).rpartition(".")[2] for _, call in _made(modules, parent)}
    return [
        (module, call)
        for module, call in found
        if any(
            isinstance(node, Class) and node.name in classes and node.start <= call.start < node.end
            for node in walk(*module.body)
        )
    ]


def _variable(module: Module, call: Call) -> str:
    """The variable or member that keeps what a call makes."""
    for node in walk(*module.body):
        if isinstance(node, Assign) and node.value is call:
            return dotted(node.targets[0])
    return ""


# What


def _step(change: Change, found: Construct) -> str:
    if isinstance(change, Set):
        return _setting(change, found)
    if isinstance(change, Remove):
        path = _override_path(change.path)
        method = "add_property_deletion_override" if found.is_python else "addPropertyDeletionOverride"
        return f'{_child(found, change.resource)}.{method}("{path}")' if path else f"take {change.path} away"
    if isinstance(change, Allow):
        return _grant(change, found)
    if isinstance(change, AddResource):
        return f"add an {change.kind} beside {found.variable or found.kind}"
    if isinstance(change, Rewrite):
        return "change the code that the construct packs; the copy in the assembly is made anew"
    return f"change {found.variable or found.kind}"


def _setting(change: Set, found: Construct) -> str:
    kind, value = change.resource.kind or "", change.value
    if not found.below:
        prop = named(kind, found.kind, change.path, value, python=found.is_python)
        if prop:
            return f"{prop} in the props of {found.kind}"
    path = _override_path(change.path)
    text = literal(value, python=found.is_python)
    if not path or not text:
        return f"set {change.path} of {found.variable or found.kind}"
    method = "add_property_override" if found.is_python else "addPropertyOverride"
    return f'{_child(found, change.resource)}.{method}("{path}", {text})'


def _child(found: Construct, resource: Resource) -> str:
    """The CloudFormation resource of a construct, as its language reaches it."""
    start = found.variable or found.kind[:1].lower() + found.kind[1:]
    if found.is_python:
        inner = "".join(f'.node.find_child("{id}")' for id in found.below)
        return f"{start}{inner}.node.default_child"
    inner = "".join(f'.node.findChild("{id}")' for id in found.below)
    last = (resource.kind or "").rpartition("::")[2]
    return f"({start}{inner}.node.defaultChild as Cfn{last})"


def _override_path(path: str) -> str:
    """A path as overrides take it, with indices between dots; "" where an element is chosen by what it says."""
    found = parts_of(path)
    return "" if any(isinstance(part, Selector) for part in found) else ".".join(map(str, found))


def _grant(change: Allow, found: Construct) -> str:
    actions = literal(list(change.actions), python=found.is_python)
    resources = literal(list(change.resources), python=found.is_python) or "[...]"
    start = found.variable or found.kind[:1].lower() + found.kind[1:]
    if found.is_python:
        return f"{start}.add_to_role_policy(iam.PolicyStatement(actions={actions}, resources={resources}))"
    return (
        f"{start}.addToRolePolicy(new iam.PolicyStatement({{ actions: {actions}, resources: {resources} }}))"
    )


def literal(value: Value | list[Value], *, python: bool) -> str:
    """A value as the app's language writes it; "" for one that rests on another resource."""
    try:
        text = msgspec.json.encode(value).decode()
    except TypeError:
        return ""
    if not python or (isinstance(value, (str, int, float)) and not isinstance(value, bool)):
        return text
    plain = msgspec.json.decode(text)
    return repr(plain).replace("'", '"')
