"""What a JavaScript or TypeScript file imports and exports, in the notation of ES modules and of CommonJS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stackworthy.core.code import (
    Assign,
    Attribute,
    Await,
    Call,
    Class,
    Evaluate,
    Function,
    Import,
    Literal,
    Name,
    Node,
    Record,
    Sequence,
    Spread,
    dotted,
)
from stackworthy.sources.code.typescript_lowering import Lowering
from stackworthy.sources.code.typescript_text import unescaped

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax

_ADAPTERS = frozenset(
    {
        "__toESM",
        "__importStar",
        "__importDefault",
        "_interopRequireDefault",
        "_interopRequireWildcard",
        "captureAWS",
    }
)
"""Functions that give back the module they are given: those of compilers, and X-Ray's."""


def remember(lowering: Lowering, found: Import) -> Import:
    """Keep an import; one outside functions runs when the file is loaded."""
    if not lowering.inside:
        lowering.top.add(len(lowering.imports))
    lowering.imports.append(found)
    return found


def required(lowering: Lowering, call: Call) -> None:
    """Keep `require("x")` and `import("x")`, without a name until somebody gives it one."""
    if call.arguments and isinstance(call.arguments[0], Literal):
        module = call.arguments[0].value
        if isinstance(module, str):
            found = Import(start=call.start, end=call.end, line=call.line, name="", module=module)
            lowering.requires[id(call)] = (call, remember(lowering, found))


def bound(lowering: Lowering, target: Node, value: Node) -> list[Node]:
    """The imports that a declaration stands for, when its value loads a module; none otherwise.

    What else the value does (`captureAWS(require("aws-sdk"))`) comes last.
    """
    member, loads = "", value
    while True:
        if isinstance(loads, Await):
            loads = loads.value
        elif isinstance(loads, Attribute) and not member:
            member, loads = loads.name, loads.value
        elif isinstance(loads, Call) and id(loads) not in lowering.requires and _adapts(loads):
            loads = loads.arguments[0]
        else:
            break
    _, first = lowering.requires.get(id(loads), (None, None))
    names = _taken(target, member)
    if first is None or not names:
        return []
    first.name, first.member = names[0]
    made: list[Node] = [first]
    for name, what in names[1:]:
        found = Import(
            start=first.start, end=first.end, line=first.line, name=name, module=first.module, member=what
        )
        made.append(remember(lowering, found))
    if loads is not value and isinstance(value, Call):
        made.append(Evaluate(start=value.start, end=value.end, line=value.line, value=value))
    return made


def _adapts(call: Call) -> bool:
    return bool(call.arguments) and dotted(call.callee).rpartition(".")[2] in _ADAPTERS


def _taken(target: Node, member: str) -> list[tuple[str, str]]:
    """The local names of a target with what each is of the module; none when it is more than an import can say."""
    if isinstance(target, Name):
        return [(target.id, member)]
    names: list[tuple[str, str]] = []
    for key, item in target.items if isinstance(target, Record) and not member else ():
        if not (isinstance(item, Name) and isinstance(key, Literal) and isinstance(key.value, str)):
            return []
        names.append((item.id, key.value))
    return names


def exported(lowering: Lowering, target: Node, value: Node) -> None:
    """Keep what `exports.x = value`, `module.exports.x = value` and `module.exports = {...}` make known."""
    text = lowering.text
    if not (text.startswith(b"exports", target.start) or text.startswith(b"module", target.start)):
        return
    holder, _, name = dotted(target).rpartition(".")
    if holder in ("exports", "module.exports"):
        lowering.exports[name] = _local(value, name)
    elif holder == "module" and name == "exports":
        whole(lowering, value)


def whole(lowering: Lowering, value: Node) -> None:
    """Keep what stands for all that a file gives: an object's members, else the default."""
    if isinstance(value, Record):
        for key, item in value.items:
            if isinstance(key, Literal) and isinstance(key.value, str):
                lowering.exports[key.value] = _local(item, key.value)
    else:
        lowering.exports["default"] = _local(value, "default")


def _local(value: Node, name: str) -> str:
    if isinstance(value, Name):
        return value.id
    if isinstance(value, (Function, Class)) and value.name:
        return value.name
    return name


def names_of(target: Node) -> list[str]:
    """The names that a target gives values to."""
    names: list[str] = []
    pending = [target]
    while pending:
        node = pending.pop()
        if isinstance(node, Name):
            names.append(node.id)
        elif isinstance(node, Assign):
            pending.extend(node.targets)
        elif isinstance(node, Record):
            pending.extend(item for _, item in node.items)
        elif isinstance(node, Sequence):
            pending.extend(node.items)
        elif isinstance(node, Spread):
            pending.append(node.value)
    return names


def import_statement(lowering: Lowering, syntax: Syntax, out: list[Node]) -> None:
    """`import ... from "x"` and `import x = require("x")`; what is imported for its type alone is left out."""
    if syntax.child_count > 1 and syntax.child(1).type in ("type", "typeof"):
        return
    clauses = [child for child in syntax.named_children if child.type != "comment"]
    source = syntax.child_by_field_name("source")
    for clause in clauses:
        if clause.type == "import_require_clause":
            source = clause.child_by_field_name("source")
    if source is None:
        out.append(lowering.other(syntax))
        return
    module = text_of(lowering, source)
    found: list[tuple[Syntax, str, str]] = []
    for clause in clauses:
        if clause.type == "import_clause":
            _clause(lowering, clause, found)
        elif clause.type == "import_require_clause":
            found.extend(
                (clause, lowering.source(child), "")
                for child in clause.named_children
                if child.type == "identifier"
            )
    only_types = any(clause.type == "import_clause" for clause in clauses) and not found
    if not found and not only_types:
        found.append((syntax, "", ""))
    for place, name, member in found:
        out.append(remember(lowering, _import(lowering, place, name, module, member)))


def _clause(lowering: Lowering, clause: Syntax, found: list[tuple[Syntax, str, str]]) -> None:
    for child in clause.named_children:
        if child.type == "identifier":
            found.append((child, lowering.source(child), "default"))
        elif child.type == "namespace_import":
            names = [inner for inner in child.named_children if inner.type == "identifier"]
            found.extend([(child, lowering.source(name), "") for name in names])
        elif child.type == "named_imports":
            for specifier in child.named_children:
                if specifier.type != "import_specifier" or specifier.child(0).type in ("type", "typeof"):
                    continue
                name = specifier.child_by_field_name("name")
                alias = specifier.child_by_field_name("alias") or name
                if name is not None and alias is not None:
                    found.append((specifier, lowering.source(alias), word_of(lowering, name)))


def _import(lowering: Lowering, place: Syntax, name: str, module: str, member: str) -> Import:
    start = place.start_byte
    return Import(
        start=start,
        end=place.end_byte,
        line=lowering.line(start),
        name=name,
        module=module,
        member=member,
    )


def text_of(lowering: Lowering, string: Syntax) -> str:
    """The text of a string node."""
    text = lowering.source(string)[1:-1]
    return unescaped(text) if "\\" in text else text


def word_of(lowering: Lowering, name: Syntax) -> str:
    """The name of an import or export, which may be a string."""
    return text_of(lowering, name) if name.type == "string" else lowering.source(name)


def export_clause(lowering: Lowering, syntax: Syntax, source: Syntax | None, out: list[Node]) -> None:
    """`export {a as b}`, `export {a} from "x"`, `export * from "x"`, `export * as ns from "x"`."""
    module = text_of(lowering, source) if source is not None else ""
    clauses = [child for child in syntax.named_children if child.type != "comment"]
    for clause in clauses:
        if clause.type == "namespace_export":
            for inner in clause.named_children:
                name = word_of(lowering, inner)
                lowering.exports[name] = name
                out.append(remember(lowering, _import(lowering, clause, name, module, "")))
        elif clause.type == "export_clause":
            for specifier in clause.named_children:
                _specifier(lowering, specifier, module if source is not None else None, out)
    if source is not None and not any(
        clause.type in ("namespace_export", "export_clause") for clause in clauses
    ):
        out.append(remember(lowering, _import(lowering, syntax, "", module, "*")))


def _specifier(lowering: Lowering, specifier: Syntax, module: str | None, out: list[Node]) -> None:
    name = specifier.child_by_field_name("name")
    if name is None or specifier.child(0).type in ("type", "typeof"):
        return
    alias = specifier.child_by_field_name("alias") or name
    local, shown = word_of(lowering, name), word_of(lowering, alias)
    if module is None:
        lowering.exports[shown] = local
        return
    lowering.exports[shown] = shown
    out.append(remember(lowering, _import(lowering, specifier, shown, module, local)))
