import pytest
from tests.support.code import found

from stackworthy.sources.code.handler import Handler
from stackworthy.sources.code.handlers import NotFound
from stackworthy.sources.code.text import NotParsed

EVENT = "def handler(event, context):\n    return event\n"
SCRIPT = "export const handler = async (event) => event;\n"


@pytest.mark.parametrize(
    ("file", "properties"),
    [
        ("src/app.py", "Runtime: python3.13, Handler: app.handler, Code: src"),
        ("src/api/app.py", "Runtime: python3.13, Handler: api/app.handler, Code: src"),
        ("src/api/app.py", "Runtime: python3.13, Handler: api.app.handler, Code: src"),
        ("src/src/app.py", "Runtime: python3.13, Handler: app.handler, Code: src"),
        ("src/deep/down/app.py", "Runtime: python3.13, Handler: app.handler, Code: src"),
        ("src/app.py", "Runtime: python3.13, Handler: app.handler, Code: src/app.py"),
        ("src/app.py", "Runtime: python3.13, Handler: app.handler, Code: src/package.zip"),
    ],
)
def test_the_file_of_a_handler_is_found(file, properties):
    made = found({file: EVENT, "src/package.zip": "PK"}, properties)
    assert isinstance(made, Handler)
    assert (made.location.file, made.entry.name) == (file, "handler")


@pytest.mark.parametrize(
    ("file", "handler"),
    [
        ("src/app.mjs", "app.handler"),
        ("src/app.ts", "app.handler"),
        ("src/src/app.ts", "dist/app.handler"),
        ("src/src/users/get.ts", "dist/users/get.handler"),
        ("src/users/app.ts", "users/app.orders.handler"),
    ],
)
def test_source_is_found_where_the_build_makes_something_else_of_it(file, handler):
    made = found({file: SCRIPT}, f"Runtime: nodejs22.x, Handler: {handler}, Code: src")
    assert isinstance(made, Handler)
    assert made.location.file == file


def test_esbuilds_entry_point_is_the_handlers_file():
    text = "Function: {Type: AWS::Lambda::Function, Metadata: {BuildProperties: {EntryPoints: [handlers/get.ts]}}"
    from tests.support.templates import graph_of_resources, resources

    from stackworthy.sources.code.handler import code_of

    body = resources(text + ", Properties: {Runtime: nodejs22.x, Handler: get.handler, Code: src}}")
    code = {"src/handlers/get.ts": SCRIPT.encode(), "src/other/get.ts": SCRIPT.encode()}
    made = code_of(graph_of_resources(body, code)["Function"])
    assert isinstance(made, Handler)
    assert made.location.file == "src/handlers/get.ts"


def test_inline_code_is_read_from_the_stack():
    properties = (
        'Runtime: python3.13, Handler: index.main, Code: {ZipFile: "def main(event, context): return 1"}'
    )
    made = found({}, properties)
    assert isinstance(made, Handler)
    assert made.entry.name == "main"


def test_a_function_of_an_image_is_found_by_its_usual_name():
    made = found({"src/app.py": EVENT}, "PackageType: Image, Code: src")
    assert isinstance(made, Handler)


def test_it_is_said_why_a_handler_is_not_found():
    made = found({"src/other.py": EVENT}, "Runtime: python3.13, Handler: app.handler, Code: src")
    assert made == NotFound("src holds no file for handler app.handler")
    packed = found({"src/code.zip": "PK"}, "Runtime: python3.13, Handler: app.handler, Code: src/code.zip")
    assert packed == NotFound("its code is packed in code.zip")


def test_code_in_another_language_or_out_of_reach_is_not_judged():
    assert found({"src/App.java": ""}, "Runtime: java21, Handler: App, Code: src") is None
    assert found({"src/app.py": EVENT}, "Runtime: python3.13, Handler: app.handler, Code: ../src") is None
    assert found({}, "Runtime: python3.13, Handler: app.handler, Code: {S3Bucket: b, S3Key: k}") is None


def test_a_handler_that_leads_out_of_the_root_is_not_followed():
    made = found({"src/app.py": EVENT}, "Runtime: python3.13, Handler: ../../etc/passwd.handler, Code: src")
    assert isinstance(made, NotFound)


def test_a_file_that_cannot_be_parsed_is_told():
    made = found({"src/app.py": "print 'hello'"})
    assert isinstance(made, NotParsed)
    assert made.reason.startswith("src/app.py line 1 is not Python 3")


def test_a_wrapped_handler_is_what_the_wrapper_was_given():
    script = "import middy from '@middy/core';\nconst base = async (event) => event;\nexport const handler = middy(base).use(1);\n"
    made = found({"src/app.mjs": script}, "Runtime: nodejs22.x, Handler: app.handler, Code: src")
    assert isinstance(made, Handler)
    assert made.entry.name == "base"


def test_a_handler_that_somebody_else_makes_is_the_top_of_the_file():
    made = found({"src/app.py": "from mangum import Mangum\napp = object()\nhandler = Mangum(app)\n"})
    assert isinstance(made, Handler)
    assert made.entry.node is None
