from tests.support.code import found, javascript, python

from stackworthy.core.code import Call
from stackworthy.sources.code.handler import Handler


def names(handler: Handler, *, init: bool = False) -> list[str]:
    return [site.name for site in handler.calls(init=init)]


def test_a_call_is_named_by_where_its_parts_come_from():
    handler = python(
        """
import boto3 as aws
from subprocess import run as go
from util import helper

client = aws.client("s3")

def handler(event, context):
    go(["ls"])
    client.list_buckets()
    helper(event).strip()
    unknown.method()
""",
        util="def helper(event):\n    return str(event)\n",
    )
    assert names(handler) == [
        "subprocess.run",
        "boto3.client().list_buckets",
        "str().strip",
        ".helper",
        "unknown.method",
        "str",
    ]


def test_modules_of_the_package_are_followed_and_circles_end():
    handler = python(
        "from a import one\n\ndef handler(event, context):\n    return one(event)\n",
        a="import b\n\ndef one(x):\n    return b.two(x)\n",
        b="import a\n\ndef two(x):\n    return a.one(x)\n\ndef unused(x):\n    return x\n",
    )
    assert [scope.name for scope in handler.functions] == ["handler", "one", "two"]
    assert set(handler.program.units) == {"src/app.py", "src/a.py", "src/b.py"}


def test_names_that_stand_for_each_other_in_a_circle_have_no_name():
    handler = python("a = b.x\nb = a.x\n\ndef handler(event, context):\n    return a.y()\n")
    assert names(handler) == [""]


def test_methods_are_found_through_self_and_through_objects():
    handler = python(
        """
class Orders:
    def __init__(self, table):
        self.table = table

    def save(self, order):
        return self.check(order)

    def check(self, order):
        return order

    def never(self):
        return eval("1")

orders = Orders("t")

def handler(event, context):
    return orders.save(event)
"""
    )
    assert [scope.name for scope in handler.functions] == ["handler", "Orders.save", "Orders.check"]
    assert [scope.name for scope in handler.program.started] == ["Orders.__init__"]


def test_functions_that_routes_register_are_run_by_events():
    handler = python(
        """
from aws_lambda_powertools.event_handler import APIGatewayRestResolver

app = APIGatewayRestResolver()

@app.get("/orders")
def orders():
    return compute()

def compute():
    return 1

def handler(event, context):
    return app.resolve(event, context)
"""
    )
    assert {scope.name for scope in handler.functions} == {"handler", "orders", "compute"}


def test_callbacks_without_a_name_belong_to_the_function_around_them():
    handler = javascript(
        """
import { save } from "./store.mjs";
export const handler = async (event) => Promise.all(event.Records.map(async (record) => save(record.body)));
""",
        store="export async function save(body) { return fetch('https://x', { body }); }\n",
    )
    assert [scope.name for scope in handler.functions] == ["handler", "save"]
    assert "fetch" in names(handler)


def test_commonjs_modules_are_followed():
    handler = found(
        {
            "src/app.js": "const { save } = require('./store');\nexports.handler = async (event) => save(event);\n",
            "src/store.js": "const AWS = require('aws-sdk');\nconst s3 = new AWS.S3();\n"
            "module.exports = { save: async (e) => s3.putObject({ Bucket: e.b }).promise() };\n",
        },
        "Runtime: nodejs20.x, Handler: app.handler, Code: src",
    )
    assert isinstance(handler, Handler)
    assert [call.action for call in handler.sdk_calls()] == ["s3:PutObject"]


def test_what_runs_only_by_hand_does_not_run():
    handler = python(
        "import os\n\ndef handler(event, context):\n    return 1\n\nif __name__ == '__main__':\n    os.system('ls')\n"
    )
    assert names(handler, init=True) == []


def test_a_variable_with_several_values_is_followed_when_the_others_are_nothing():
    handler = python(
        """
import boto3

table = None

def handler(event, context):
    global table
    if table is None:
        table = boto3.resource("dynamodb").Table("orders")
    return table.get_item(Key=event)
"""
    )
    assert "boto3.resource().Table().get_item" in names(handler)


def test_files_out_of_the_package_are_not_read():
    handler = found(
        {
            "src/app.py": "import shared\nfrom ..up import x\n\ndef handler(event, context):\n    return shared.f(x)\n",
            "shared.py": "def f(x):\n    return x\n",
            "up.py": "x = 1\n",
        }
    )
    assert isinstance(handler, Handler)
    assert set(handler.program.units) == {"src/app.py"}


def test_a_file_of_the_package_that_cannot_be_parsed_is_told_and_the_rest_is_judged():
    handler = python("import old\n\ndef handler(event, context):\n    return old.f()\n", old="print 'x'\n")
    assert [problem.file for problem in handler.program.unread] == ["src/old.py"]
    assert [note.file for note in handler.graph.code_diagnostics] == ["src/old.py"]


def test_what_a_node_stands_in_is_told_from_the_inside_out():
    handler = python(
        "def handler(event, context):\n    for x in event:\n        try:\n            work(x)\n        finally:\n            pass\n"
    )
    call = next(node for node in handler.all(Call))
    kinds = [type(outer).__name__ for outer in handler.around(call)]
    assert kinds == ["Evaluate", "Try", "Loop", "Function"]


def test_what_the_only_caller_hands_over_is_followed():
    code = """
import boto3

def save(table, item):
    table.put_item(Item=item)

def read(table):
    return table.scan()

class Store:
    def __init__(self, client):
        self.client = client

    def send(self):
        self.client.send_message(QueueUrl="q")

store = Store(boto3.client("sqs"))

def handler(event, context):
    orders = boto3.resource("dynamodb").Table("orders")
    save(orders, event)
    read(orders)
    read(boto3.resource("dynamodb").Table("others"))
    store.send()
"""
    handler = python(code)
    assert [call.action for call in handler.sdk_calls()] == ["dynamodb:PutItem", "sqs:SendMessage"]
    put = handler.sdk_calls("dynamodb:PutItem")[0]
    assert handler.text(put.parameters["TableName"]) == "orders"


def test_functions_that_call_themselves_are_followed_once():
    handler = python(
        "def handler(event, context):\n    return walk(event)\n\ndef walk(node):\n    return walk(node.next).name()\n"
    )
    assert [scope.name for scope in handler.functions] == ["handler", "walk"]
    assert not handler.taint.names - {
        (id(scope), name) for scope in handler.functions for name in scope.bindings
    }


def test_another_handler_of_the_same_file_is_not_this_ones_code():
    handler = javascript(
        "import { S3 } from '@aws-sdk/client-s3';\nconst s3 = new S3({});\n"
        "const other = async (event) => s3.putObject({ Bucket: 'b' });\n"
        "export const handler = async (event) => s3.getObject({ Bucket: 'b' });\nexport default other;\nexport { other };\n"
    )
    assert [call.action for call in handler.sdk_calls(init=True)] == ["s3:GetObject"]


def test_a_node_at_the_top_of_another_file_is_shown_in_that_file():
    handler = javascript(
        'const { get } = require("./store");\nexports.handler = async () => get();\n',
        store='const AWS = require("aws-sdk");\nexports.get = () => new AWS.S3().listBuckets().promise();\n',
    )
    (unit,) = (unit for unit in handler.program.units.values() if "store" in unit.module.file)
    (item,) = unit.module.imports
    found = handler.finding(item).code
    assert found is not None
    assert found.span.file == unit.module.file


def test_a_route_may_run_and_another_handler_of_the_file_does_not():
    handler = python(
        """
from aws_lambda_powertools import Tracer
from aws_lambda_powertools.event_handler import APIGatewayRestResolver

app, tracer = APIGatewayRestResolver(), Tracer()

@app.get("/orders")
def orders():
    routed()

@tracer.capture_method
def measured():
    wrapped()

@tracer.capture_lambda_handler
def other(event, context):
    elsewhere()

def handler(event, context):
    return app.resolve(event, context)
"""
    )
    assert "routed" in names(handler)
    assert not {"wrapped", "elsewhere"} & set(names(handler))


def test_functions_that_stand_in_a_table_are_run_by_whoever_looks_them_up():
    handler = python(
        "import orders\n\nROUTES = {'GET /orders': orders.find, 'POST /orders': [orders.add]}\n\n"
        "def handler(event, context):\n    return ROUTES[event['routeKey']](event)\n",
        orders="def find(event):\n    return 1\n\ndef add(event):\n    return 2\n\ndef unused(event):\n    return 3\n",
    )
    assert [scope.name for scope in handler.functions] == ["handler", "find", "add"]
