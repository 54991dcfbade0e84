import textwrap
from typing import TypeVar

import pytest

from stackworthy.core.code import (
    Assign,
    Call,
    Catch,
    Choice,
    Comprehension,
    Function,
    If,
    Import,
    Literal,
    Loop,
    Module,
    Name,
    Node,
    Operation,
    Record,
    Template,
    Try,
    walk,
)
from stackworthy.sources.code.python import lower
from stackworthy.sources.code.text import NotParsed


def tree(text: str) -> Module:
    return lower("app.py", textwrap.dedent(text).encode())


N = TypeVar("N", bound=Node)


def first(module: Module, kind: type[N]) -> N:
    return next(node for node in walk(*module.body) if isinstance(node, kind))


def test_a_node_knows_its_bytes_and_line_beside_letters_of_several_bytes():
    module = tree('ä = "größe"; call(ä)\nother(1)')
    call = first(module, Call)
    assert module.source(call) == "call(ä)"
    assert [module.source(node) for node in walk(*module.body) if isinstance(node, Call)] == [
        "call(ä)",
        "other(1)",
    ]
    assert [node.line for node in walk(*module.body) if isinstance(node, Call)] == [1, 2]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_whatever_ends_them(end):
    module = lower("app.py", f"a = 1{end}b = 2{end}call(b)".encode())
    call = first(module, Call)
    assert (call.line, module.source(call)) == (3, "call(b)")


def test_a_mark_at_the_beginning_shifts_nothing():
    module = lower("app.py", b"\xef\xbb\xbfcall(1)")
    assert module.source(first(module, Call)) == "call(1)"


def test_what_is_imported_is_known_by_its_local_name():
    module = tree(
        """
        import os.path, boto3 as b
        from . import util
        from ..core.db import save as store

        def f():
            import json
        """
    )
    known = [(item.name, item.module, item.member) for item in module.imports]
    assert known == [
        ("os", "os", ""),
        ("", "os.path", ""),
        ("b", "boto3", ""),
        ("util", ".", "util"),
        ("store", "..core.db", "save"),
        ("json", "json", ""),
    ]
    assert sorted(module.top) == [0, 1, 2, 3, 4]


def test_a_text_with_expressions_keeps_its_pieces_in_order():
    template = first(tree('f"SELECT {a} FROM {b:>{width}}"'), Template)
    names = [node.id for node in walk(template) if isinstance(node, Name)]
    assert names == ["a", "b", "width"]
    assert [piece.value for piece in template.pieces if isinstance(piece, Literal)] == ["SELECT ", " FROM "]


def test_cases_become_choices():
    module = tree(
        """
        match command:
            case "go":
                run()
            case "stop" if late:
                halt()
            case _:
                wait()
        """
    )
    outer = first(module, If)
    assert isinstance(outer.test, Operation)
    inner = outer.otherwise[0]
    assert isinstance(inner, If)
    assert isinstance(inner.test, Operation)
    assert inner.test.operator == "and"
    called = [
        node.callee.id for node in walk(outer) if isinstance(node, Call) and isinstance(node.callee, Name)
    ]
    assert called == ["run", "halt", "wait"]


def test_a_handler_of_exceptions_knows_what_it_catches():
    module = tree(
        """
        try:
            work()
        except (ValueError, botocore.exceptions.ClientError) as error:
            pass
        except:
            raise
        finally:
            close()
        """
    )
    attempt = first(module, Try)
    assert [item.types for item in attempt.catches] == [("ValueError", "botocore.exceptions.ClientError"), ()]
    assert first(module, Catch).name == "error"
    assert len(attempt.finally_) == 1


def test_statements_and_expressions_have_their_own_nodes():
    module = tree(
        """
        @cache
        async def load(key, /, *rest, retries=3, **options):
            while (part := await read(key)):
                rows = [row for row in part if row]
                total += len(rows) if rows else -1
                names = {**options, "key": key}
            return total
        """
    )
    function = first(module, Function)
    assert function.is_async
    assert [parameter.name for parameter in function.parameters] == ["key", "rest", "retries", "options"]
    assert first(module, Loop).kind == "while"
    assert first(module, Comprehension).tests
    choice = first(module, Choice)
    assert isinstance(choice.otherwise, Literal)
    assert choice.otherwise.value == -1
    assert first(module, Record).is_open
    operators = [node.operator for node in walk(function) if isinstance(node, Assign)]
    assert operators == ["", "", "+", ""]


def test_every_name_of_the_top_can_be_imported():
    module = tree(
        "import os\nif os:\n    LIMIT = 3\nelse:\n    LIMIT, OTHER = 4, 5\n\nclass A: pass\ndef f(): pass"
    )
    assert set(module.exports) == {"os", "LIMIT", "OTHER", "A", "f"}


@pytest.mark.parametrize(
    ("text", "line"),
    [("print 'hello'", 1), ("x = 1\ndef f(:\n  pass", 2), ("a = 'b\x00c'", 0), ("(" * 300 + ")" * 300, 0)],
)
def test_what_is_no_python_of_today_is_said_with_its_line(text, line):
    with pytest.raises(NotParsed) as caught:
        lower("old.py", text.encode())
    assert caught.value.file == "old.py"
    assert caught.value.line >= line


def test_a_chain_of_thousands_of_operands_ends_in_a_word_not_in_a_crash():
    with pytest.raises(NotParsed, match="too deep"):
        lower("deep.py", ("x = " + "+".join(["1"] * 20_000)).encode())


def test_imports_stand_among_the_statements_too():
    assert isinstance(tree("import os").body[0], Import)
