import pytest
from tests.support.code import javascript, python

from stackworthy.core.value import Map, Partial, Reference, Unknown
from stackworthy.sources.code.handler import Handler


def first_argument(handler: Handler, name: str = "sink"):
    site = next(site for site in handler.calls() if site.name.endswith(name))
    return site.node.arguments[0]


def flows(body: str, before: str = "") -> bool:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    handler = python(
        f"import json, re, html, hashlib\nimport boto3\n{before}\ndef handler(event, context):\n{lines}"
    )
    return handler.tainted(first_argument(handler))


@pytest.mark.parametrize(
    "body",
    [
        "sink(event)",
        "sink(event['body'])",
        "name = event.get('name', '')\nsink(f'hello {name}')",
        "body = json.loads(event['body'])\nsink('a' + body['x'])",
        "for record in event['Records']:\n    sink(record['body'])",
        "names = [r['name'] for r in event['Records']]\nsink(','.join(names))",
        "query = 'select'\nquery += event['q']\nsink(query)",
        "parts = []\nparts.append(event['q'])\nsink(parts)",
        "options = {}\noptions['q'] = event['q']\nsink(options)",
        "sink(event['a'] if context else 'b')",
    ],
)
def test_what_the_event_says_flows_through_values(body):
    assert flows(body)


@pytest.mark.parametrize(
    "body",
    [
        "sink('fixed')",
        "sink(context)",
        "sink(len(event['Records']))",
        "sink(int(event['n']))",
        "sink(event['requestContext']['authorizer'])",
        "sink(event['Records'][0]['messageId'])",
        "sink(hashlib.sha256(event['q'].encode()).hexdigest())",
        "sink(event['a'] == 'b')",
        "item = boto3.resource('dynamodb').Table('t').get_item(Key=event)\nsink(item)",
    ],
)
def test_what_is_not_the_senders_choice_does_not(body):
    assert not flows(body)


def test_it_flows_into_functions_and_back():
    assert flows(
        "sink(outer(event))",
        "def outer(x):\n    return inner(x)['a']\n\ndef inner(y):\n    return {'a': y}\n",
    )
    assert not flows("sink(outer(event))", "def outer(x):\n    return 1\n")


def test_it_flows_through_attributes_of_objects():
    code = """
class Job:
    def __init__(self, name):
        self.name = name

    def run(self):
        sink(self.name)

def handler(event, context):
    Job(event["name"]).run()
"""
    handler = python(code)
    assert handler.tainted(first_argument(handler))


def test_it_flows_into_callbacks_and_taken_apart_parameters():
    handler = javascript(
        "export const handler = async ({ Records }) => { Records.forEach(({ body }) => { sink(body); }); };"
    )
    assert handler.tainted(first_argument(handler))


def test_constants_are_folded_through_variables():
    handler = python(
        "A = 'x'\nB = A + '-y'\n\ndef handler(event, context):\n    sink(f'{B}/{A}', 3 * 60, [1, 2], {'k': A})\n"
    )
    call = next(handler.calls("sink")).node
    assert [handler.value(argument) for argument in call.arguments] == ["x-y/x", 180, [1, 2], Map({"k": "x"})]
    assert handler.number(call.arguments[2]) == 2
    assert handler.text(call.arguments[1]) == ""


def test_environment_variables_are_read_through_the_stack():
    stack = "Orders: {Type: AWS::DynamoDB::Table}"
    properties = "Environment: {Variables: {TABLE: !Ref Orders, STAGE: prod, ARN: !GetAtt Orders.Arn}}"
    handler = python(
        "import os\nfrom os import environ, getenv\n\ndef handler(event, context):\n"
        "    sink(os.environ['TABLE'], environ.get('STAGE'), getenv('NONE', 'x'), f\"{os.environ['TABLE']}/a\", os.environ['NONE'])\n",
        properties=properties,
        stack=stack,
    )
    call = next(handler.calls("sink")).node
    table, stage, default, partial, none = (handler.value(argument) for argument in call.arguments)
    assert isinstance(table, Reference)
    assert table.address == "Orders"
    assert (stage, default) == ("prod", "x")
    assert isinstance(partial, Partial)
    assert isinstance(none, Unknown)
    assert handler.variable(call.arguments[0]) == "TABLE"


def test_environment_variables_are_read_in_javascript_too():
    handler = javascript(
        "const { TABLE: table } = process.env;\nexport const handler = async () => sink(table, process.env.STAGE ?? 'dev', process.env['STAGE']);",
        properties="Environment: {Variables: {TABLE: orders, STAGE: prod}}",
    )
    call = next(handler.calls("sink")).node
    assert [handler.value(argument) for argument in call.arguments] == ["orders", "prod", "prod"]


def test_a_variable_that_is_given_itself_is_not_constant():
    handler = python("a = a\n\ndef handler(event, context):\n    sink(a)\n")
    assert isinstance(handler.value(first_argument(handler)), Unknown)
