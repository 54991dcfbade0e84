import pytest
from tests.support.code import javascript, python

HEAD = "import re\nimport hashlib\nALLOWED = {'a', 'b'}\n\ndef handler(event, context):\n    name = event['name']\n"


def guard(body: str, more: str = "") -> str:
    handler = python(HEAD + "".join(f"    {line}\n" for line in body.splitlines()) + more)
    site = next(site for site in handler.calls() if site.name.endswith("sink"))
    found = handler.guarded(site.node.arguments[0])
    return handler.source(found) if found is not None else ""


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("sink(re.sub('[^a-z]', '', name))", "re.sub('[^a-z]', '', name)"),
        ("clean = re.sub('[^a-z]', '', name)[:64]\nsink(clean)", "re.sub('[^a-z]', '', name)"),
        (
            "if not re.fullmatch('[a-z]+', name):\n    raise ValueError\nsink(name)",
            "not re.fullmatch('[a-z]+', name)",
        ),
        ("if name not in ALLOWED:\n    return 1\nsink(f'x-{name}')", "name not in ALLOWED"),
        ("if not name.isalnum():\n    return 1\nsink(name)", "not name.isalnum()"),
        ("validate_name(name)\nsink(name)", "validate_name(name)"),
        ("sink(hashlib.sha256(name.encode()).hexdigest())", "hashlib.sha256(name.encode()).hexdigest()"),
    ],
)
def test_what_cleans_or_tests_a_value_is_found(body, said):
    assert guard(body) == said


@pytest.mark.parametrize(
    "body",
    [
        "sink(name)",
        "sink(re.sub('a', 'b', name))",
        "sink(name.replace('a', 'b'))",
        "if name:\n    sink(name)",
        "other = event['other']\nif other in ALLOWED:\n    sink(name)",
    ],
)
def test_what_does_neither_is_none(body):
    assert guard(body) == ""


def test_a_guard_of_the_caller_or_of_the_callee_counts():
    assert guard("save(re.sub('[^a-z]', '', name))", "\ndef save(x):\n    sink(x)\n")
    assert guard("sink(slug(name))", "\ndef slug(x):\n    return re.sub('[^a-z]', '', x)\n")


def test_guards_of_script_are_found():
    handler = javascript(
        "export const handler = async (event) => {\n  if (!/^[a-z]+$/.test(event.name)) throw new Error('name');\n  sink(event.name);\n};"
    )
    site = next(handler.calls("sink"))
    found = handler.guarded(site.node.arguments[0])
    assert found is not None
    assert ".test(event.name)" in handler.source(found)
