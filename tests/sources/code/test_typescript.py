import random
import textwrap

import pytest

from stackworthy.core.code import (
    Assign,
    Await,
    Call,
    Catch,
    Choice,
    Class,
    Element,
    Evaluate,
    Function,
    If,
    Import,
    Literal,
    Loop,
    Module,
    Name,
    Node,
    Operation,
    Other,
    Record,
    Return,
    Sequence,
    Spread,
    Template,
    Try,
    dotted,
    walk,
)
from stackworthy.sources.code.text import NotParsed
from stackworthy.sources.code.typescript import MAX_BYTES, lower
from stackworthy.sources.code.typescript_lowering import MAX_CHAIN, MAX_DEPTH


def read(text: str, file: str = "a.ts") -> Module:
    return lower(file, textwrap.dedent(text).encode())


def one(text: str, file: str = "a.ts") -> Node:
    (node,) = read(text, file).body
    return node


def value(text: str, file: str = "a.ts") -> Node:
    node = one(text, file)
    assert isinstance(node, (Evaluate, Assign))
    return node.value


def every(module: Module, kind):
    return [node for node in walk(*module.body) if isinstance(node, kind)]


def constants(node: Node):
    return [part.value for part in walk(node) if isinstance(part, Literal)]


def imports(module: Module):
    return [(item.name, item.module, item.member) for item in module.imports]


# Expressions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'a\\n\\x41\\u0042\\u{43}\\\n\\d'", "a\nABCd"),
        ('"\\uD83D\\uDE00 \\uD83D"', "😀 �"),
        ("`plain \\` text`", "plain ` text"),
        ("42", 42),
        ("-1.5e3", -1500.0),
        ("0xff", 255),
        ("1_000n", 1000),
        ("true", True),
        ("null", None),
        ("undefined", None),
        ("/a\\/b/gi", "/a\\/b/gi"),
        ("('x' as const)!", "x"),
        ("<string>'x'", "x"),
        ("'x' satisfies string", "x"),
    ],
)
def test_constants_have_their_values_and_types_leave_no_trace(text, expected):
    node = value(f"x = {text}")
    assert isinstance(node, Literal)
    assert node.value == expected
    assert type(node.value) is type(expected)


def test_a_template_has_its_texts_and_expressions_in_order():
    node = value("x = `GET ${a.b}/\\n${c}`")
    assert isinstance(node, Template)
    assert [p.value if isinstance(p, Literal) else dotted(p) for p in node.pieces] == [
        "GET ",
        "a.b",
        "/\n",
        "c",
    ]


def test_optional_chains_awaits_and_calls_keep_their_dotted_names():
    node = value("x = await client?.send?.(new PutCommand({...a, Key}), ...rest)")
    assert isinstance(node, Await)
    call = node.value
    assert isinstance(call, Call)
    assert dotted(call) == "client.send()"
    assert dotted(call.callee) == "client.send"
    command, rest = call.arguments
    assert isinstance(command, Call)
    assert command.new
    assert isinstance(rest, Spread)
    record = command.arguments[0]
    assert isinstance(record, Record)
    assert record.is_open
    assert isinstance(record.get("Key"), Name)


def test_operators_have_one_word_in_every_language_and_chains_are_flat():
    node = value("x = a && !b")
    assert isinstance(node, Operation)
    assert node.operator == "and"
    assert [part.operator for part in walk(node) if isinstance(part, Operation)] == ["and", "not"]
    node = value("x = a + 'b' + c")
    assert isinstance(node, Operation)
    assert len(node.operands) == 3
    node = value("x = a === b ? c : d ?? e")
    assert isinstance(node, Choice)
    assert [p.operator for p in walk(node) if isinstance(p, Operation)] == ["==", "??"]
    node = value("x = a - b + c")
    assert isinstance(node, Operation)
    assert (node.operator, len(node.operands)) == ("+", 2)


@pytest.mark.parametrize(
    ("text", "operator", "constant"),
    [
        ("x += 1", "+", [1]),
        ("x ??= 2", "??", [2]),
        ("x ||= 3", "or", [3]),
        ("x--", "-", [1]),
        ("++x", "+", [1]),
    ],
)
def test_changing_assignments_have_the_operator_of_the_change(text, operator, constant):
    node = one(text)
    assert isinstance(node, Assign)
    assert (node.operator, constants(node.value)) == (operator, constant)


def test_objects_and_arrays_keep_keys_holes_and_methods():
    node = value("x = {a: 1, 'b-c': 2, [k]: 3, 4: 5, d, async e() {}, get f() { return 1 }}")
    assert isinstance(node, Record)
    assert [k.value if isinstance(k, Literal) else "?" for k, _ in node.items if k] == [
        "a", "b-c", "?", 4, "d", "e", "f",
    ]  # fmt: skip
    method = node.get("e")
    assert isinstance(method, Function)
    assert (method.name, method.is_async) == ("e", True)
    listed = value("x = [, 1, , 2,]")
    assert isinstance(listed, Sequence)
    assert [item.value for item in listed.items if isinstance(item, Literal)] == [None, 1, None, 2]


def test_import_meta_and_new_target_are_attributes():
    assert dotted(value("x = import.meta.url")) == "import.meta.url"


def test_elements_keep_attributes_and_children():
    node = value(
        "x = <Card.Body title='a &amp; b' {...p} open dangerouslySetInnerHTML={{__html: h}}>\n  hi {name}{/* no */}<><br/></>\n</Card.Body>",
        "a.jsx",
    )
    assert isinstance(node, Element)
    assert node.tag == "Card.Body"
    assert [name for name, _ in node.attributes] == ["title", None, "open", "dangerouslySetInnerHTML"]
    assert constants(node.attributes[0][1]) == ["a & b"]
    assert constants(node.attributes[2][1]) == [True]
    assert isinstance(node.attributes[3][1], Record)
    assert [type(child) for child in node.children] == [Literal, Name, Element]
    fragment = node.children[2]
    assert isinstance(fragment, Element)
    assert fragment.tag == ""


# Targets


def test_taking_apart_keeps_names_defaults_and_rests():
    first, second = read("const {a, b: {c = 1}, ...rest} = f(), [d, , ...e] = g()").body
    assert isinstance(first, Assign)
    assert first.declares == "const"
    (target,) = first.targets
    assert isinstance(target, Record)
    inner = target.get("b")
    assert isinstance(inner, Record)
    default = inner.get("c")
    assert isinstance(default, Assign)
    assert (default.operator, constants(default.value)) == ("??", [1])
    assert target.items[-1][0] is None
    assert isinstance(second, Assign)
    (target,) = second.targets
    assert isinstance(target, Sequence)
    assert [type(item) for item in target.items] == [Name, Literal, Spread]


def test_parameters_keep_defaults_patterns_and_rests_without_types():
    function = one(
        "function f(this: X, a: string, b?: T, {c, d: [e]}: P = {}, private g = 1, ...h: any[]) {}"
    )
    assert isinstance(function, Function)
    assert [parameter.name for parameter in function.parameters] == ["a", "b", "", "g", ""]
    assert [type(parameter.pattern) for parameter in function.parameters if parameter.pattern] == [
        Record,
        Spread,
    ]


def test_several_targets_of_one_value_stand_in_one_assignment():
    node = one("a = b.c = d[0] = 1")
    assert isinstance(node, Assign)
    assert len(node.targets) == 3


# Functions and classes


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("function f() {}", "f"),
        ("const f = () => 1", "f"),
        ("const f: Handler = (async (e) => {}) as Handler", "f"),
        ("exports.f = async function () {}", "f"),
        ("module.exports.f = async function own() {}", "own"),
        ("x = {f: () => 1}", "f"),
        ("x = {f() {}}", "f"),
        ("class A { f = async () => {} }", "f"),
        ("class A { static async *f() {} }", "f"),
        ("g(() => 1)", ""),
        ("export default () => 1", "default"),
        ("export default function () {}", "default"),
        ("let {f = () => 1} = x", "f"),
    ],
)
def test_a_function_is_named_by_itself_or_by_what_it_is_given_to(text, name):
    (function,) = every(read(text), Function)
    assert function.name == name


def test_an_arrow_without_braces_returns_its_value():
    function = value("x = async a => a.b")
    assert isinstance(function, Function)
    assert function.is_async
    (returned,) = function.body
    assert isinstance(returned, Return)
    assert returned.value is not None
    assert dotted(returned.value) == "a.b"


def test_a_class_has_bases_fields_methods_and_decorators():
    module = read(
        """
        @Injectable()
        export class Handler extends Base<X> implements I {
          @logger.inject({ logEvent: true })
          public async handle(@Body() event: Event): Promise<void> { super.handle(event); }
          #count = 1;
          name?: string;
          static { boot(); }
          abstract none(): void;
        }
        """
    )
    (made,) = every(module, Class)
    assert (made.name, [dotted(base) for base in made.bases]) == ("Handler", ["Base"])
    method, count, name, static = made.body
    assert isinstance(method, Function)
    assert (method.name, method.is_async) == ("handle", True)
    assert [dotted(item) for item in method.decorators] == ["logger.inject()"]
    assert module.source(method).startswith("@logger")
    assert isinstance(count, Assign)
    assert isinstance(name, Assign)
    assert isinstance(static, Other)
    assert [dotted(call.callee) for call in every(module, Call)] == [
        "Injectable", "logger.inject", "super.handle", "boot",
    ]  # fmt: skip


# Statements


def test_loops_of_every_kind():
    module = read(
        """
        for (const [k, v] of Object.entries(o)) a(k);
        for await (const x of pages) b(x);
        for (const k in o) c(k);
        for (let i = 0; i < 3; i++) d(i);
        for (;;) e();
        while (true) f();
        do { g(); } while (more);
        """
    )
    loops = every(module, Loop)
    assert [loop.kind for loop in loops] == ["for", "for", "for", "while", "while", "while", "while"]
    assert [constants(loop.test) for loop in loops[4:6] if loop.test] == [[True], [True]]
    assert isinstance(loops[3].body[-1], Assign)


def test_a_switch_is_a_chain_of_choices():
    node = one(
        """
        switch (event.httpMethod) {
          case 'GET': case 'HEAD': read(); break;
          case 'POST': { write(); break; }
          default: refuse();
        }
        """
    )
    assert isinstance(node, If)
    assert constants(node.test) == ["GET", "HEAD"]
    assert [dotted(part) for part in walk(node.test) if dotted(part) == "event.httpMethod"] == [
        "event.httpMethod"
    ] * 2
    (second,) = node.otherwise
    assert isinstance(second, If)
    assert constants(second.test) == ["POST"]
    assert len(second.then) == 1
    assert len(second.otherwise) == 1


def test_a_call_in_a_switch_is_there_once():
    module = read("switch (kind()) { case 1: a(); break; case 2: b(); }")
    assert [dotted(call.callee) for call in every(module, Call)] == ["kind", "a", "b"]


def test_a_switch_without_cases_still_has_its_value():
    assert [dotted(call.callee) for call in every(read("switch (f()) { default: g() }"), Call)] == ["f", "g"]


def test_a_try_has_what_catches_and_what_follows():
    node = one("try { a() } catch (e: unknown) { throw e } finally { b() }")
    assert isinstance(node, Try)
    (caught,) = node.catches
    assert isinstance(caught, Catch)
    assert (caught.types, caught.name) == ((), "e")
    assert node.finally_


def test_enumerations_are_records_with_numbers_where_none_are_written():
    node = one("export enum E { A = 'a', B = 4, C, D = f() }")
    assert isinstance(node, Assign)
    assert isinstance(node.value, Record)
    assert [v.value if isinstance(v, Literal) else "?" for _, v in node.value.items] == ["a", 4, 5, "?"]


def test_types_and_declarations_without_code_are_dropped():
    assert (
        read(
            "interface I { a: string }\ntype T = I; declare const x: T; declare module 'm' {}\nfunction f(a: T): void"
        ).body
        == ()
    )


def test_what_a_namespace_exports_is_not_exported_by_the_file():
    module = read("namespace N { export const a = run() }")
    assert module.exports == {}
    assert [dotted(call.callee) for call in every(module, Call)] == ["run"]


# Imports and exports


def test_imports_of_every_form():
    module = read(
        """
        import d, { a, b as c, type T } from "m1";
        import * as ns from 'm2';
        import 'm3';
        import type { X } from 'm4';
        import { type Y } from 'm5';
        import cjs = require("m6");
        const r = require('m7'), { e, f: g } = require('m8');
        const h = require('m9').default;
        require('m10');
        async function later() { const i = await import('m11'); const { j } = await import('m12'); }
        const AWS = AWSXRay.captureAWS(require('aws-sdk'));
        exports.x = require('m13')(1);
        """
    )
    assert imports(module) == [
        ("d", "m1", "default"),
        ("a", "m1", "a"),
        ("c", "m1", "b"),
        ("ns", "m2", ""),
        ("", "m3", ""),
        ("cjs", "m6", ""),
        ("r", "m7", ""),
        ("e", "m8", "e"),
        ("g", "m8", "f"),
        ("h", "m9", "default"),
        ("", "m10", ""),
        ("i", "m11", ""),
        ("j", "m12", "j"),
        ("AWS", "aws-sdk", ""),
        ("", "m13", ""),
    ]
    assert [module.imports[at].module for at in range(len(module.imports)) if at not in module.top] == [
        "m11",
        "m12",
    ]
    assert {item.name for item in every(module, Import)} >= {"d", "r", "e", "g", "h", "i", "j", "AWS"}
    assert "AWSXRay.captureAWS" in [dotted(call.callee) for call in every(module, Call)]


@pytest.mark.parametrize(
    ("text", "exports"),
    [
        ("export const handler = async () => {}", {"handler": "handler"}),
        ("export const {a, b: [c]} = f()", {"a": "a", "c": "c"}),
        ("export function f() {}\nexport class C {}\nexport enum E { A }", {"f": "f", "C": "C", "E": "E"}),
        ("const a = 1; export { a as b, a as default }", {"b": "a", "default": "a"}),
        ("export default class {}", {"default": "default"}),
        ("export default main", {"default": "main"}),
        ("export default wrap(main)", {"default": "default"}),
        ("export async function main() {}\nexport { main as 'x y' }", {"main": "main", "x y": "main"}),
        ("export type { T } from './t'; export interface I {}", {}),
        ("export { type T, v } from './t'", {"v": "v"}),
        ("export * as ns from './t'", {"ns": "ns"}),
        ("exports.handler = main", {"handler": "main"}),
        ("exports.handler = async () => {}", {"handler": "handler"}),
        ("module.exports.handler = wrap(main)", {"handler": "handler"}),
        (
            "module.exports = { handler, other: main, m() {} }",
            {"handler": "handler", "other": "main", "m": "m"},
        ),
        ("module.exports = main", {"default": "main"}),
        ("exports.a = exports.b = void 0; exports.a = f", {"a": "f", "b": "b"}),
        ("module.exports = exports = { a }", {"a": "a"}),
        ("export = main", {"default": "main"}),
        ("0 && (module.exports = { handler })", {"handler": "handler"}),
    ],
)
def test_exports_of_every_form(text, exports):
    assert read(text).exports == exports


def test_what_is_exported_from_another_file_is_an_import_too():
    module = read("export * from './a'; export { b as c } from './d'")
    assert imports(module) == [("", "./a", "*"), ("c", "./d", "b")]


def test_an_export_without_a_local_name_is_given_to_the_name_default():
    node = one("export default wrap(async (event) => {})")
    assert isinstance(node, Assign)
    assert [dotted(target) for target in node.targets] == ["default"]


# Positions, damage, limits

SNIPPETS = [
    "const a = b?.c(1, `x${y}z`)",
    "for (const [k, {v = 1}] of m.entries()) { if (k) go(v); else if (v) { stop() } }",
    "export class Ä extends B { @d() async m(p: string = 'é') { return await this.q(p)! } }",
    "switch (a.b) { case 1: case 2: f(); break; case g(): default: h() }",
    "try { x() } catch ({message}) { throw new Error(message) } finally { y() }",
    "module.exports = {h: async function () { yield_ = 1 }, ...more, [k]: <T>(z) }",
    "const { a, b: { c } } = require('x'), d = (1, 2), e = function* () { yield* f() }",
    "enum E { A, B = 'b' }\nnamespace N { export const q = -1 }",
    "label: do { x ||= y++ } while (!z && (a as any) + b + c - d)",
    "import D, {x as y} from 'm'; export * from 'n'; export default async (e) => ({ok: true})",
    "export { default as p, q } from './r'; import fs = require('fs')",
    "type T = {a: 1}; interface I { b(): void }",
    "const u = a ? { b } : [, c, ...d], r = /[/]\\/(x)/g.test(s)",
    "if (x) var f = () => {}, w = new (g())(1), t = tag`a${b}`, v = import.meta.url",
    "// ü comment\n/* 😀 */ await import(`./${p}`)",
    "const el = <A b='c' {...d}>é {e} <F/></A>",
    "for (let i = 0, j; i < n; i++, j--) ;",
    "x = {",
    "foo(((",
    "}",
    "class { if",
    "'unterminated",
]


@pytest.mark.parametrize("seed", range(60))
def test_every_node_knows_its_text_and_stands_inside_its_parent(seed):
    rand = random.Random(seed)
    text = "\n".join(rand.choice(SNIPPETS) for _ in range(rand.randint(1, 12)))
    if seed % 3 == 0:
        at = rand.randrange(len(text))
        text = text[:at] + rand.choice(["{", ")", "`", "'", "=>", ""]) + text[at + rand.randint(0, 3) :]
    module = read(text, rand.choice(["a.ts", "a.tsx", "a.js"]))
    content = module.text
    pending = [(node, None) for node in module.body]
    while pending:
        node, parent = pending.pop()
        assert 0 <= node.start <= node.end <= len(content)
        assert node.line == content.count(b"\n", 0, node.start) + 1
        source = module.source(node)
        if isinstance(node, Name):
            assert source == node.id
        if (
            isinstance(node, Literal)
            and isinstance(node.value, str)
            and "\\" not in source
            and len(source) > 2
        ):
            assert node.value in source
        if isinstance(node, Literal) and type(node.value) is int and source not in ("", "++", "--"):
            assert int(source) == node.value
        if parent is not None and not repeats(parent):
            assert parent.start <= node.start
            assert node.end <= parent.end
        pending.extend((part, node) for part in node.parts())


def repeats(parent: Node) -> bool:
    """The value of a switch stands in the test of each case, at its own place."""
    return isinstance(parent, Operation) and parent.operator == "=="


def test_a_syntax_error_is_told_and_what_stands_around_it_is_read():
    module = read("const a = 1;\nconst b = = 2;\nexport const handler = async () => { await c() }\n")
    (problem,) = module.problems
    assert (problem.line, problem.level) == (2, "warning")
    assert module.exports == {"handler": "handler"}
    assert "c" in [dotted(call.callee) for call in every(module, Call)]


def test_whether_angles_are_types_or_elements_is_told_by_the_ending():
    assert isinstance(value("x = <T>y", "a.ts"), Name)
    assert isinstance(value("x = <T>y</T>", "a.tsx"), Element)
    assert [read("x", name).language for name in ("a.mts", "a.tsx", "a.cjs", "a.jsx")] == [
        "typescript", "typescript", "javascript", "javascript",
    ]  # fmt: skip


@pytest.mark.parametrize("content", [b"x" * (MAX_BYTES + 1), b"a\0b", b"{a:" * 100_000, b"(" * 3000])
def test_bundles_binaries_and_endless_nesting_are_refused(content):
    with pytest.raises(NotParsed):
        lower("a.js", content)


@pytest.mark.parametrize(
    "text",
    [
        "a" + ".b()" * 20_000,
        "x = " + "!" * 20_000 + "a",
        "a => " * 20_000 + "1",
        "x = " + "(" * 1900 + "1" + ")" * 1900,
        "if (a) { b() } else " * 5_000 + "{}",
        "switch (a) {" + "case 1: b();" * 5_000 + "}",
        "x = " + "a - b + " * 10_000 + "c",
        "x = " + "a ? b : " * 10_000 + "c",
        "const " + "{a: " * 900 + "b" + "}" * 900 + " = c",
        "`${" * 1_900,
        "<a>" * 5_000,
        "x = " + "<a>" * 1_000 + "</a>" * 1_000,
    ],
)
@pytest.mark.parametrize("file", ["a.ts", "a.jsx"])
def test_nesting_is_bounded_in_the_tree_and_in_the_reader(text, file):
    module = lower(file, text.encode())
    deepest = 0
    pending = [(node, 1) for node in module.body]
    while pending:
        node, depth = pending.pop()
        deepest = max(deepest, depth)
        pending.extend((part, depth + 1) for part in node.parts())
    assert deepest <= 2 * MAX_DEPTH + MAX_CHAIN


def test_a_long_chain_of_choices_loses_nothing():
    module = read("if (a) b0();" + "".join(f" else if (a) b{n}();" for n in range(1, 300)))
    assert len(every(module, Call)) == 300
    module = read("switch (a) {" + "".join(f"case {n}: b{n}(); break;" for n in range(300)) + "}")
    assert len(every(module, Call)) == 300
    module = read("x = " + " ".join(f"f{n}() {'+-'[n % 2]}" for n in range(300)) + " 1")
    assert len(every(module, Call)) == 300


@pytest.mark.parametrize("seed", range(40))
def test_noise_is_read_without_complaint(seed):
    rand = random.Random(seed)
    signs = ["{", "}", "(", ")", "[", "]", "`", "${", "'", '"', "=>", "=", ",", ";", "<", ">", "/", "a", "1", "async ",
             "class ", "import ", "export ", "default ", "function ", "case ", "switch(a)", "if", "else ", "@", "#", "...", "?.",
             "new ", "\n", ":", "enum ", "namespace ", "\\", "\xff", "for(", " of ", "let ", "const ", "await "]  # fmt: skip
    text = "".join(rand.choice(signs) for _ in range(rand.randint(1, 300)))
    module = lower("a.tsx" if seed % 2 else "a.ts", text.encode("utf-8" if seed % 3 else "latin-1"))
    assert all(0 <= node.start <= node.end <= len(module.text) for node in walk(*module.body))


def test_a_function_that_a_bundler_takes_from_its_module_is_the_function():
    call = value("(0, module.run)(1);")
    assert isinstance(call, Call)
    assert dotted(call.callee) == "module.run"
