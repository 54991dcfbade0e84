"""The same stack in SAM, CloudFormation and Terraform is the same graph, and gets the same verdicts.

CloudFormation is the measure, as the graph carries its names. What the formats force to be different stands here with its reason; an
entry that no longer occurs fails too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from functools import cache
from pathlib import Path

import pytest

from stackworthy import judge
from stackworthy.config import Environment, Options, Settings
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import List, Map, Partial, Reference, Unknown, Value, joined, same
from stackworthy.judge.engine import Selection

ROOT = Path(__file__).parent.parent
STACK = "examples/flashcards"
ENVIRONMENT = Environment("dev", parameter_files=(f"{STACK}/cloudformation/dev.json",), region="us-east-1")

ROUTES = """
    Health        health         GET    /api/health
    Register      register       POST   /api/register
    Login         login          POST   /api/login
    Refresh       refresh        POST   /api/refresh
    SessionStart  session_start  POST   /api/session/start
    SessionEnd    session_end    POST   /api/session/end
    ListDecks     list_decks     GET    /api/decks
    CreateDeck    create_deck    POST   /api/decks
    DeleteDeck    delete_deck    DELETE /api/decks/{deckId}
    ListCards     list_cards     GET    /api/decks/{deckId}/cards
    CreateCard    create_card    POST   /api/decks/{deckId}/cards
    UpdateCard    update_card    PUT    /api/cards/{cardId}
    DeleteCard    delete_card    DELETE /api/cards/{cardId}
    NextReview    next_review    GET    /api/review/next
    AnswerReview  answer_review  POST   /api/review
    Stats         stats          GET    /api/stats
    Export        export         GET    /api/export
"""
"""Name of the event or the resources, key of the Terraform instance, method, path."""

OTHERS = """
    HttpApi                  HttpApi                        aws_apigatewayv2_api.http
    DefaultStage             HttpApiApiGatewayDefaultStage  aws_apigatewayv2_stage.default
    ApiIntegration           -                              aws_apigatewayv2_integration.api
    ApiFunction              ApiFunction                    aws_lambda_function.api
    ApiFunctionRole          ApiFunctionRole                aws_iam_role.api
    UsersTable               UsersTable                     aws_dynamodb_table.users
    SessionsTable            SessionsTable                  aws_dynamodb_table.sessions
    LocksTable               LocksTable                     aws_dynamodb_table.locks
    UserDbsBucket            UserDbsBucket                  aws_s3_bucket.user_dbs
    FrontendBucket           FrontendBucket                 aws_s3_bucket.frontend
    FrontendBucketPolicy     FrontendBucketPolicy           aws_s3_bucket_policy.frontend
    ErrorsAlarm              ErrorsAlarm                    aws_cloudwatch_metric_alarm.errors
    LatencyAlarm             LatencyAlarm                   aws_cloudwatch_metric_alarm.latency
    DynamoDBThrottlesAlarm   DynamoDBThrottlesAlarm         aws_cloudwatch_metric_alarm.dynamodb_throttles
"""
"""The addresses in CloudFormation, SAM and Terraform. SAM writes the routes into the API's document, without integrations of their own."""

PROPERTIES = {
    ("sam", "HttpApi", "Body"): "SAM writes an OpenAPI document",
    ("sam", "HttpApi", "Name"): "the document's title is the name",
    ("sam", "HttpApi", "ProtocolType"): "an API that is made of a document is an HTTP API",
    ("sam", "HttpApi", "CorsConfiguration"): "CORS stands in the document",
    ("sam", "*Route", "Target"): "an operation of the document names its function, there is no integration",
    ("sam", "DefaultStage", "Tags"): "SAM tags what it makes",
    ("sam", "ApiFunction", "Tags"): "SAM tags what it makes",
    ("sam", "ApiFunctionRole", "Tags"): "SAM tags what it makes",
    (
        "terraform",
        "ApiFunction",
        "Code",
    ): "the provider takes an archive, the template a folder that is packaged later",
}
"""(format, address, property) -> why the format forces it to differ from CloudFormation's. `*` stands for every operation."""

RELATIONS = {
    ("sam", "refers to", "HttpApi", "ApiFunction"): "the document of the API names the function",
    ("sam", "refers to", "*Route", "ApiFunction"): "an operation of the document names its function",
    ("sam", "refers to", "*Route", "ApiIntegration"): "there is no integration",
    ("sam", "refers to", "ApiIntegration", "HttpApi"): "there is no integration",
    ("sam", "refers to", "ApiIntegration", "ApiFunction"): "there is no integration",
    ("sam", "routes", "*Route", "ApiIntegration"): "there is no integration",
    ("terraform", "runs code", "ApiFunction", "?"): "a folder is uploaded to some bucket, an archive is not",
    ("terraform", "refers to", "*Permission", "ApiFunction"): "Terraform evaluates the function's name",
    ("terraform", "refers to", "ErrorsAlarm", "ApiFunction"): "Terraform evaluates the function's name",
    (
        "terraform",
        "refers to",
        "DynamoDBThrottlesAlarm",
        "SessionsTable",
    ): "Terraform evaluates the table's name",
}
"""(format, relation, source, target) -> why this format, or only CloudFormation, has it."""

VERDICTS: dict[tuple[str, ...], str] = {}
"""(format, rule, address) -> why the format forces another verdict."""

WORDS = {
    "data.aws_partition.current.partition": "AWS::Partition",
    "data.aws_caller_identity.current.account_id": "AWS::AccountId",
    "var.jwt_secret": "Ref JwtSecret",
}
NAMES = {"AWS::Lambda::Function": "FunctionName", "AWS::DynamoDB::Table": "TableName"}


@cache
def names(format: str) -> dict[str, str]:
    """The format's own addresses, and what CloudFormation's template calls the same resources."""
    found = {}
    for line in ROUTES.split("\n")[1:-1]:
        name, key, method, path = line.split()
        route, permission = {
            "sam": (f"HttpApi {method} {path}", f"ApiFunction{name}Permission"),
            "cloudformation": (f"{name}Route", f"{name}Permission"),
            "terraform": (f'aws_apigatewayv2_route.api["{key}"]', f'aws_lambda_permission.api["{key}"]'),
        }[format]
        found.update({route: f"{name}Route", permission: f"{name}Permission"})
    for line in OTHERS.split("\n")[1:-1]:
        cloudformation, sam, terraform = line.split()
        own = {"cloudformation": cloudformation, "sam": sam, "terraform": terraform}[format]
        if own != "-":
            found[own] = cloudformation
    return found


def _settings(format: str) -> Settings:
    """The development environment; the settings of SAM and Terraform stand beside the stack."""
    if format == "cloudformation":
        return Settings(root=str(ROOT), profile="strict", environments=(ENVIRONMENT,))
    return Settings(
        root=str(ROOT), profile="strict", options=Options(profile="strict", environments=(("dev", None),))
    )


@cache
def graph(format: str) -> Graph:
    ((_, _, found),) = judge.graphs(ROOT / STACK / format, _settings(format))
    return found


def _subjects(format: str) -> Iterator[Resource]:
    """What is judged: satellites are seen in their owners."""
    found = graph(format)
    for kind in found.kinds():
        yield from found.of(kind)


Canonical = Callable[[Value, Graph], Value]


def _deep(change: Callable[[Value, Graph], Value]) -> Canonical:
    def everywhere(value: Value, found: Graph) -> Value:
        if isinstance(value, Map):
            value = Map({key: everywhere(item, found) for key, item in value.items()})
        elif isinstance(value, List):
            value = List(everywhere(item, found) for item in value)
        elif isinstance(value, Partial):
            value = joined(everywhere(piece, found) for piece in value.pieces)
        return change(value, found)

    return everywhere


def _evaluated_names(value: Value, found: Graph) -> Value:
    if not isinstance(value, Reference) or value.attribute != "Ref":
        return value
    resource = found[value.address]
    name = resource[NAMES[resource.kind]] if resource.kind in NAMES else value
    return name if isinstance(name, str) else value


def _lists_of_one(value: Value, _: Graph) -> Value:
    if not isinstance(value, Map):
        return value
    short = {
        key: item[0]
        for key, item in value.items()
        if key in ("Action", "Service") and type(item) is List and len(item) == 1
    }
    return Map({**value, **short})


def _sorted_actions(value: Value, _: Graph) -> Value:
    if isinstance(value, Map) and isinstance(value["Action"], List):
        return Map({**value, "Action": List(sorted(value["Action"]))})
    return value


def _words(value: Value, _: Graph) -> Value:
    return Unknown(WORDS.get(value.expression, value.expression)) if isinstance(value, Unknown) else value


CANONICAL = {
    "Terraform evaluates a name that the author stated, CloudFormation refers to the resource": _deep(
        _evaluated_names
    ),
    "SAM writes a list where there is one action or service": _deep(_lists_of_one),
    "the provider's policy document sorts actions backwards": _deep(_sorted_actions),
    "each format has its own words for what is known at deployment": _deep(_words),
}
"""What the formats force to be written in another way, with the same meaning."""


def _differences(format: str, forms: Collection[Canonical]) -> set[tuple[str, str, str]]:
    """The properties of matched resources that differ from CloudFormation's, defaults applied."""
    mine, measure = (
        {names(own)[each.address]: each for each in _subjects(own)} for own in (format, "cloudformation")
    )
    translate = _deep(
        lambda value, _: (
            Reference(names(format)[value.address], value.attribute)
            if isinstance(value, Reference)
            else value
        )
    )
    found = set()
    for address, resource in mine.items():
        other = measure[address]
        assert resource.kind == other.kind, address
        for name in {**resource.all_properties(), **other.all_properties()}:
            one, two = resource[name], other[name]
            for form in forms:
                one, two = form(one, resource.graph), form(two, other.graph)
            if not same(translate(one, resource.graph), two):
                found.add((format, _group(address), name))
    return found


def _group(address: str) -> str:
    return re.sub(r"^(?!Api).+(Route|Permission)$", r"*\1", address)


def _relations(format: str) -> set[tuple[str, str, str]]:
    found = set()
    for kind in graph(format).relators:
        edges = graph(format).edges(kind)
        for end in [*edges.all, *edges.loose]:
            ends = [_group(names(format)[each.address]) if each else "?" for each in (end.source, end.target)]
            found.add((kind, *ends))
    return found


def _verdicts(format: str) -> dict[tuple[str, str], str]:
    """The state of every rule on every matched resource, and on each that a finding names."""
    found = {}
    for outcome in judge.judge(graph(format), Selection("strict")):
        for address in (outcome.address, *(finding.resource.address for finding in outcome.findings)):
            found[outcome.rule.id, names(format).get(address, address)] = outcome.state.value
    return found


def _expected(table: Collection[tuple[str, ...]], format: str) -> set[tuple[str, ...]]:
    return {entry for entry in table if entry[0] == format}


OTHER_FORMATS = pytest.mark.parametrize("format", ["sam", "terraform"])


@pytest.mark.parametrize("format", ["sam", "cloudformation", "terraform"])
def test_every_resource_has_its_partner(format: str) -> None:
    assert {resource.address for resource in _subjects(format)} == names(format).keys()
    assert {resource.region for resource in graph(format)} == {"us-east-1"}


@OTHER_FORMATS
def test_properties_are_equal(format: str) -> None:
    assert _differences(format, CANONICAL.values()) == _expected(PROPERTIES, format)


@pytest.mark.parametrize("reason", CANONICAL)
def test_every_other_way_of_writing_is_still_met(reason: str) -> None:
    forms = [form for name, form in CANONICAL.items() if name != reason]
    found = {difference for format in ("sam", "terraform") for difference in _differences(format, forms)}
    assert found > PROPERTIES.keys()


@OTHER_FORMATS
def test_relations_are_equal(format: str) -> None:
    differing = _relations(format) ^ _relations("cloudformation")
    assert {(format, *relation) for relation in differing} == _expected(RELATIONS, format)


@OTHER_FORMATS
def test_every_rule_gives_the_same_verdicts(format: str) -> None:
    mine, measure = _verdicts(format), _verdicts("cloudformation")
    differing = {(format, *key) for key in mine.keys() | measure.keys() if mine.get(key) != measure.get(key)}
    assert "fail" in measure.values()
    assert differing == _expected(VERDICTS, format)
