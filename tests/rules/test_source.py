"""What the source of rules may hold: nothing of a file format, no state, no question that a value cannot answer honestly."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import stackworthy.rules
from stackworthy.aws.schemas import Schema, schema
from stackworthy.core.path import general
from stackworthy.rules import MODULES, all_rules

FOLDER = Path(stackworthy.rules.__file__).parent
ABOVE_RULES = (
    "stackworthy.sources",
    "stackworthy.judge",
    "stackworthy.reports",
    "stackworthy.cli",
    "stackworthy.config",
)
KIND = re.compile(r"(?:AWS|Alexa)::[A-Za-z0-9]+::[A-Za-z0-9]+")
TAKES_PATH = ("stated", "set", "remove", "finding", "place")

every_module = pytest.mark.parametrize("module", sorted(MODULES))
every_module_on_resources = pytest.mark.parametrize(
    "module", sorted(name for name in MODULES if not name.startswith("code_"))
)


def tree(module: str) -> ast.Module:
    return ast.parse((FOLDER / f"{module}.py").read_text(encoding="utf-8"))


def judging(module: str) -> Iterator[ast.AST]:
    """What a module does to judge: all but `fix` and the functions that only it calls. A fix that meets the unknown is none."""
    source = tree(module)
    functions = {node.name: node for node in source.body if isinstance(node, ast.FunctionDef)}
    fixes = {node for node in ast.walk(source) if isinstance(node, ast.FunctionDef) and node.name == "fix"}
    pending = _names(_outside(source, fixes | set(functions.values())))
    reached: set[str] = set()
    while pending:
        name = pending.pop()
        if name in functions and name not in reached:
            reached.add(name)
            pending |= _names(ast.walk(functions[name]))
    yield from _outside(source, fixes | {node for name, node in functions.items() if name not in reached})


def _outside(source: ast.Module, without: set[ast.FunctionDef]) -> Iterator[ast.AST]:
    pending: list[ast.AST] = [source]
    while pending:
        node = pending.pop()
        if node not in without:
            yield node
            pending.extend(ast.iter_child_nodes(node))


def _names(nodes: Iterable[ast.AST]) -> set[str]:
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def all_files() -> list[ast.Module]:
    return [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.py"))]


@every_module_on_resources
def test_a_rule_asks_no_value_for_its_type(module: str) -> None:
    for node in judging(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("isinstance", "type", "hasattr", "getattr"), f"line {node.lineno}"
        if isinstance(node, ast.Compare):
            for operator, right in zip(node.ops, node.comparators, strict=True):
                is_none = isinstance(right, ast.Constant) and right.value is None
                assert not (is_none and isinstance(operator, (ast.Is, ast.IsNot))), f"line {node.lineno}"


def test_rules_import_nothing_that_stands_above_them() -> None:
    for source in all_files():
        for node in ast.walk(source):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names = [name for name in names if not name.startswith("stackworthy.sources.code.")]
            assert not any(name.startswith(ABOVE_RULES) for name in names)


@every_module
def test_rules_catch_nothing_and_read_no_file(module: str) -> None:
    for node in judging(module):
        assert not isinstance(node, (ast.Try, ast.Global, ast.Nonlocal))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("open", "print", "eval", "exec")


def test_rules_hold_no_state() -> None:
    for rule in all_rules():
        assert vars(rule) == {}, rule.id


def test_no_rule_sets_an_attribute_of_itself() -> None:
    for source in all_files():
        for node in ast.walk(source):
            targets = node.targets if isinstance(node, ast.Assign) else []
            for target in targets:
                assert not (isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)), (
                    ast.dump(target)
                )


@every_module_on_resources
def test_every_path_in_a_rule_exists_in_the_schema_of_a_kind_that_the_module_names(module: str) -> None:
    source = tree(module)
    schemas = [found for kind in _kinds(source) if (found := schema(kind)) is not None]
    assert schemas
    tails = _tails(schemas)
    for line, path in _paths(source):
        wanted = general(path)
        direct = any(known.has(wanted) for known in schemas)
        assert direct or wanted in tails or wanted in POLICY_WORDS, f"line {line}: {path}"


POLICY_WORDS = {"deadLetterTargetArn", "maxReceiveCount", "ErrorEquals", "Retry", "Catch"}
"""Words of JSON documents inside properties: redrive policies and state machines."""


def _kinds(source: ast.Module) -> set[str]:
    imported = {
        node.module
        for node in ast.walk(source)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("stackworthy.aws")
    }
    found: set[str] = set()
    for node in ast.walk(source):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.update(KIND.findall(node.value))
    if "stackworthy.aws.grants" in imported:
        found.update(
            f"AWS::IAM::{name}" for name in ("Role", "User", "Group", "Policy", "ManagedPolicy", "UserPolicy")
        )
    return found


def _tails(schemas: list[Schema]) -> set[str]:
    """Every end of every path: what is read from an item of a list is a path from there on."""
    found: set[str] = set()
    for known in schemas:
        for path, _ in known.paths():
            parts = path.replace("[]", "").split(".")
            found.update(".".join(parts[start:]) for start in range(1, len(parts)))
    return found


def _paths(source: ast.Module) -> Iterator[tuple[int, str]]:
    """The literal paths of subscripts and of the calls that take one; f-strings with their holes as list positions."""
    for node in ast.walk(source):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            if _about_values(node.value):
                yield from _literal(node.slice)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            yield from _literal(node.args[0]) if node.func.attr in TAKES_PATH else ()


def _about_values(node: ast.expr) -> bool:
    """Whether what is subscripted is a resource or a value of one, not evidence, details or a table of the module."""
    text = ast.unparse(node)
    return not (
        text.endswith((".evidence", ".details", "writes", "dimensions", "DIMENSIONS")) or text.isupper()
    )


def _literal(node: ast.expr) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.lineno, node.value
    elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        text = "".join(
            part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "0"
            for part in node.values
        )
        if "0" not in re.sub(r"\[0\]", "", text):
            yield node.lineno, text
