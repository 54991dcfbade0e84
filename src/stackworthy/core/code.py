"""Source code of functions as a small tree that is the same for every language, so that a rule is written once.

Sources lower their language to it. Each node knows its bytes in its file; lines and columns are worked out when they are shown.
What a language has and no rule asks for is `Other`, whose parts are still walked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec

from stackworthy.core.diagnostic import Diagnostic


class Node(msgspec.Struct, kw_only=True, eq=False, gc=False):
    """A part of a program; `start` and `end` count bytes of its file from 0, `line` counts from 1."""

    start: int = 0
    end: int = 0
    line: int = 0

    fields: ClassVar[tuple[str, ...]] = ()

    def parts(self) -> Iterator[Node]:
        """The nodes directly inside, in the order of the source."""
        for name in self.fields:
            value = getattr(self, name)
            if isinstance(value, Node):
                yield value
            elif value.__class__ is tuple:
                yield from _flat(value)


def _flat(values: tuple[Any, ...]) -> Iterator[Node]:
    for value in values:
        if isinstance(value, Node):
            yield value
        elif value.__class__ is tuple:
            yield from _flat(value)


def walk(*nodes: Node, into_functions: bool = True) -> Iterator[Node]:
    """These nodes and all inside them, each before its parts; without the bodies of nested functions if asked."""
    pending = list(reversed(nodes))
    while pending:
        node = pending.pop()
        yield node
        if into_functions or not isinstance(node, Function):
            pending.extend(reversed(list(node.parts())))


# Expressions


class Name(Node):
    """A variable by its name; `this` and `self` are names too."""

    id: str


class Attribute(Node):
    """`value.name`, also with `?.`."""

    value: Node
    name: str
    fields = ("value",)


class Index(Node):
    """`value[index]`."""

    value: Node
    index: Node
    fields = ("value", "index")


class Literal(Node):
    """A text, number, truth value or nothing (None, null, undefined), or the text of a regular expression."""

    value: str | bytes | int | float | bool | None


class Template(Node):
    """A text with expressions in it: an f-string, a template literal. `pieces` are Literals and expressions in order."""

    pieces: tuple[Node, ...]
    fields = ("pieces",)


class Record(Node):
    """A dictionary or an object literal; a None key spreads its value. A plain key of an object is a Literal."""

    items: tuple[tuple[Node | None, Node], ...]
    fields = ("items",)

    def get(self, key: str) -> Node | None:
        """The value under a constant key."""
        for name, value in self.items:
            if isinstance(name, Literal) and name.value == key:
                return value
        return None

    @property
    def is_open(self) -> bool:
        """Whether keys may be there that are not written: something is spread, or a key is worked out."""
        return any(not isinstance(name, Literal) for name, _ in self.items)


class Sequence(Node):
    """A list, tuple, set or array literal."""

    items: tuple[Node, ...]
    fields = ("items",)


class Call(Node):
    """A call; `new X(...)` too. Keywords are Python's; a keyword None spreads (`**options`)."""

    callee: Node
    arguments: tuple[Node, ...] = ()
    keywords: tuple[tuple[str | None, Node], ...] = ()
    new: bool = False
    fields = ("callee", "arguments", "keywords")

    def keyword(self, name: str) -> Node | None:
        """The value of a keyword argument."""
        return next((value for key, value in self.keywords if key == name), None)


class Operation(Node):
    """An operator with its operands: `+ - * / % ** == != < <= > >= in and or not ?? is ...`; `and or not` in every language.

    A sum may have many operands."""

    operator: str
    operands: tuple[Node, ...]
    fields = ("operands",)


class Choice(Node):
    """`then if test else otherwise`, `test ? then : otherwise`."""

    test: Node
    then: Node
    otherwise: Node
    fields = ("test", "then", "otherwise")


class Await(Node):
    """`await value`."""

    value: Node
    fields = ("value",)


class Spread(Node):
    """`*value`, `...value` among arguments or items."""

    value: Node
    fields = ("value",)


class Comprehension(Node):
    """A comprehension or generator: `element` for each `target` of `iterable` (several nest), where `tests` hold."""

    element: Node
    loops: tuple[tuple[Node, Node], ...]
    tests: tuple[Node, ...] = ()
    fields = ("loops", "tests", "element")


class Element(Node):
    """A JSX element; attributes with None as name are spread."""

    tag: str
    attributes: tuple[tuple[str | None, Node], ...] = ()
    children: tuple[Node, ...] = ()
    fields = ("attributes", "children")


# Statements


class Assign(Node):
    """Gives targets (Name, Attribute, Index, or a Sequence or Record that takes apart) a value.

    `operator` is that of `+=` and its like, else "". `declares` is "const", "let", "var" where the language says so.
    """

    targets: tuple[Node, ...]
    value: Node
    operator: str = ""
    declares: str = ""
    fields = ("targets", "value")


class Evaluate(Node):
    """An expression as a statement: its value is thrown away."""

    value: Node
    fields = ("value",)


class Return(Node):
    """Leaves the function with a value. An arrow function without braces has one as its body."""

    value: Node | None = None
    fields = ("value",)


class Raise(Node):
    """`raise`, `throw`; without value it raises again what was caught."""

    value: Node | None = None
    fields = ("value",)


class If(Node):
    """A choice between statements; `elif` and `case` nest in `otherwise`."""

    test: Node
    then: tuple[Node, ...]
    otherwise: tuple[Node, ...] = ()
    fields = ("test", "then", "otherwise")


class Loop(Node):
    """`kind` is "for" (target of iterable) or "while" (test); an endless loop has the Literal True as its test."""

    kind: str
    body: tuple[Node, ...]
    target: Node | None = None
    iterable: Node | None = None
    test: Node | None = None
    fields = ("target", "iterable", "test", "body")


class Catch(Node):
    """One handler of a Try: what it catches (dotted names; empty: everything), under which name."""

    types: tuple[str, ...]
    name: str
    body: tuple[Node, ...]
    fields = ("body",)


class Try(Node):
    """Statements whose exceptions are caught."""

    body: tuple[Node, ...]
    catches: tuple[Catch, ...] = ()
    otherwise: tuple[Node, ...] = ()
    finally_: tuple[Node, ...] = ()
    fields = ("body", "catches", "otherwise", "finally_")


class With(Node):
    """`with value as target`: managers in order."""

    items: tuple[tuple[Node, Node | None], ...]
    body: tuple[Node, ...]
    fields = ("items", "body")


class Parameter(Node):
    """A parameter of a function; `pattern` is the Record or Sequence that takes it apart, name is "" then."""

    name: str
    default: Node | None = None
    pattern: Node | None = None
    fields = ("default", "pattern")


class Function(Node):
    """A function, method, lambda or arrow; `name` is "" for one that has none and is given to nothing."""

    name: str
    parameters: tuple[Parameter, ...]
    body: tuple[Node, ...]
    is_async: bool = False
    decorators: tuple[Node, ...] = ()
    fields = ("decorators", "parameters", "body")


class Class(Node):
    """A class with its methods (Functions) and fields (Assigns)."""

    name: str
    bases: tuple[Node, ...]
    body: tuple[Node, ...]
    fields = ("bases", "body")


class Import(Node):
    """Makes a name known: `name` is local, `module` as written ("boto3", "./util", "..core"), `member` what of it.

    `member` is "" for the module itself, "*" for all of it (name "" then), "default" for a default export.
    """

    name: str
    module: str
    member: str = ""


class Other(Node):
    """What no rule asks for; `what` is the language's own word for it."""

    what: str
    inside: tuple[Node, ...] = ()
    fields = ("inside",)


class Module(msgspec.Struct, eq=False):
    """One parsed file. `exports` maps what others may import to its local name ("default" included); Python exports every top-level name.

    `imports` are all of the file, those inside functions too (`top` holds the positions in it of those that run when the file is
    loaded). `language` is "python", "javascript" or "typescript". `problems` say what of the file is missing here (a syntax error, depth).
    """

    file: str
    language: str
    text: bytes
    body: tuple[Node, ...]
    imports: tuple[Import, ...] = ()
    top: frozenset[int] = frozenset()
    exports: dict[str, str] = msgspec.field(default_factory=dict)
    problems: tuple[Diagnostic, ...] = ()

    def source(self, node: Node) -> str:
        """The text of a node, as it stands in the file."""
        return self.text[node.start : node.end].decode("utf-8", "replace")


def dotted(node: Node) -> str:
    """`a.b.c` of names and attributes (of what is awaited or called, too: `a.b().c` is "a.b().c"); "" for anything else."""
    parts: list[str] = []
    while True:
        if isinstance(node, Attribute):
            parts.append(node.name)
            node = node.value
        elif isinstance(node, Name):
            parts.append(node.id)
            return ".".join(reversed(parts))
        elif isinstance(node, Call):
            inner = dotted(node.callee)
            return ".".join([inner + "()", *reversed(parts)]) if inner else ""
        elif isinstance(node, Await):
            node = node.value
        else:
            return ""
