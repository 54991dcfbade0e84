from __future__ import annotations

from pathlib import Path

import pytest
from tests.sources.serverless.reading import HEAD, service

from stackworthy.core.fix import AddParameter, AddResource, Allow, Change, Remove, Set
from stackworthy.core.patch import CannotWrite, by_file, spliced
from stackworthy.core.value import Map
from stackworthy.core.workspace import Disk
from stackworthy.sources.serverless.writer import patch
from stackworthy.sources.stack import Reading, StackRef

HELLO = "functions:\n  hello:\n    handler: a.b\n"


def _written(folder: Path, reading: Reading, *changes: Change) -> str:
    """The service's file after the changes."""
    workspace, stack = Disk(folder), StackRef("serverless", "serverless.yml")
    found = by_file(patch(workspace, stack, reading, changes))
    for file, splices in found.items():
        (folder / file).write_bytes(spliced((folder / file).read_bytes(), splices))
    return (folder / "serverless.yml").read_text()


def test_a_property_is_set_in_the_words_of_the_framework(tmp_path: Path) -> None:
    reading = service(tmp_path, HEAD + HELLO + "    timeout: 3 # short\n")
    function = reading.graph["HelloLambdaFunction"]
    text = _written(tmp_path, reading, Set(function, "Timeout", 30), Set(function, "MemorySize", 512))
    assert text == HEAD + HELLO + "    timeout: 30 # short\n    memorySize: 512\n"


def test_what_all_functions_are_to_have_is_stated_once(tmp_path: Path) -> None:
    text = "service: a\nprovider:\n  name: aws\n  runtime: nodejs18.x\nfunctions:\n  a: {handler: x.y}\n  b: {handler: x.z}\n"
    reading = service(tmp_path, text)
    functions = [reading.graph[name] for name in ("ALambdaFunction", "BLambdaFunction")]
    changed = _written(tmp_path, reading, *(Set(one, "Runtime", "nodejs24.x") for one in functions))
    assert changed == text.replace("18", "24")


def test_one_function_of_several_gets_its_own(tmp_path: Path) -> None:
    text = "service: a\nprovider:\n  name: aws\n  runtime: nodejs18.x\nfunctions:\n  a:\n    handler: x.y\n  b:\n    handler: x.z\n"
    reading = service(tmp_path, text)
    changed = _written(tmp_path, reading, Set(reading.graph["BLambdaFunction"], "Runtime", "nodejs24.x"))
    assert changed == text + "    runtime: nodejs24.x\n"


def test_a_value_that_only_one_use_has_is_changed_at_its_literal(tmp_path: Path) -> None:
    text = HEAD + "custom:\n  memory: 128\n" + HELLO + "    memorySize: ${self:custom.memory}\n"
    reading = service(tmp_path, text)
    changed = _written(tmp_path, reading, Set(reading.graph["HelloLambdaFunction"], "MemorySize", 256))
    assert changed == text.replace("128", "256")


def test_a_value_that_others_use_is_changed_at_its_use(tmp_path: Path) -> None:
    text = (
        HEAD
        + "custom:\n  n: 128\n"
        + HELLO
        + "    memorySize: ${self:custom.n}\n    timeout: ${self:custom.n}\n"
    )
    reading = service(tmp_path, text)
    changed = _written(tmp_path, reading, Set(reading.graph["HelloLambdaFunction"], "MemorySize", 256))
    assert changed == text.replace("memorySize: ${self:custom.n}", "memorySize: 256")


def test_a_list_of_one_and_a_map_of_one_are_written_as_the_value(tmp_path: Path) -> None:
    reading = service(tmp_path, HEAD + HELLO)
    function = reading.graph["HelloLambdaFunction"]
    changes = [Set(function, "Architectures", ["arm64"]), Set(function, "TracingConfig", {"Mode": "Active"})]
    assert (
        _written(tmp_path, reading, *changes)
        == HEAD + HELLO + "    architecture: arm64\n    tracing: Active\n"
    )


def test_a_setting_of_an_event_is_added_to_the_event(tmp_path: Path) -> None:
    events = "    events:\n      - sqs:\n          arn: arn:aws:sqs:us-east-1:123456789012:q\n"
    reading = service(tmp_path, HEAD + HELLO + events)
    mapping = reading.graph["HelloEventSourceMappingSQSQ"]
    text = _written(tmp_path, reading, Set(mapping, "FunctionResponseTypes", ["ReportBatchItemFailures"]))
    assert text == HEAD + HELLO + events + "          functionResponseType: ReportBatchItemFailures\n"


def test_an_event_in_its_short_form_is_not_guessed_at(tmp_path: Path) -> None:
    reading = service(
        tmp_path, HEAD + HELLO + "    events:\n      - sqs: arn:aws:sqs:us-east-1:123456789012:q\n"
    )
    mapping = reading.graph["HelloEventSourceMappingSQSQ"]
    with pytest.raises(CannotWrite, match="short form"):
        _written(tmp_path, reading, Set(mapping, "BatchSize", 5))


def test_what_no_key_sets_becomes_an_extension(tmp_path: Path) -> None:
    reading = service(tmp_path, HEAD + HELLO + "    events: [{httpApi: GET /a}]\n")
    stage = reading.graph["HttpApiStage"]
    text = _written(tmp_path, reading, Set(stage, "DefaultRouteSettings.ThrottlingRateLimit", 100))
    assert text.endswith(
        "resources:\n  extensions:\n    HttpApiStage:\n      Properties:\n        DefaultRouteSettings:\n"
        "          DetailedMetricsEnabled: false\n          ThrottlingRateLimit: 100\n"
    )
    again = service(tmp_path, text).graph["HttpApiStage"]
    assert again["DefaultRouteSettings.ThrottlingRateLimit"] == 100


def test_what_nothing_can_extend_is_refused(tmp_path: Path) -> None:
    reading = service(tmp_path, HEAD + HELLO + "    events: [{http: GET /a}]\n")
    with pytest.raises(CannotWrite, match="switches this on"):
        _written(tmp_path, reading, Set(reading.graph["ApiGatewayStage"], "MethodSettings", [{"a": 1}]))
    with pytest.raises(CannotWrite, match="makes this itself"):
        _written(tmp_path, reading, Set(reading.graph["ApiGatewayStage"], "CacheClusterEnabled", True))


def test_a_function_in_a_file_of_its_own_is_written_there(tmp_path: Path) -> None:
    text = HEAD + "functions:\n  hello: ${file(hello.yml)}\n"
    reading = service(tmp_path, text, hello_yml="handler: a.b\n")
    _written(tmp_path, reading, Set(reading.graph["HelloLambdaFunction"], "Timeout", 9))
    assert (tmp_path / "hello.yml").read_text() == "handler: a.b\ntimeout: 9\n"


def test_a_resource_is_added_to_those_of_the_author(tmp_path: Path) -> None:
    reading = service(tmp_path, HEAD + HELLO)
    function = reading.graph["HelloLambdaFunction"]
    topic = AddResource("AWS::SNS::Topic", "Alarms", {"TopicName": "alarms"}, function)
    text = _written(tmp_path, reading, topic)
    assert text.endswith(
        "resources:\n  Resources:\n    Alarms:\n      Type: AWS::SNS::Topic\n      Properties:\n        TopicName: alarms\n"
    )


def test_a_permission_is_added_to_the_statements_of_the_service(tmp_path: Path) -> None:
    head = "service: a\nprovider:\n  name: aws\n  iamRoleStatements:\n    - Effect: Allow\n      Action: s3:GetObject\n      Resource: '*'\n"
    reading = service(tmp_path, head + HELLO)
    role = reading.graph["IamRoleLambdaExecution"]
    text = _written(
        tmp_path, reading, Allow(role, ("sqs:SendMessage",), ("arn:aws:sqs:us-east-1:123456789012:q",))
    )
    assert "    - Effect: Allow\n      Action: sqs:SendMessage\n" in text


def test_a_property_is_taken_away_where_it_stands(tmp_path: Path) -> None:
    reading = service(tmp_path, HEAD + HELLO + "    reservedConcurrency: 0\n")
    function = reading.graph["HelloLambdaFunction"]
    assert _written(tmp_path, reading, Remove(function, "ReservedConcurrentExecutions")) == HEAD + HELLO


def test_what_is_asked_at_deployment_is_a_parameter_that_the_framework_hands_on(tmp_path: Path) -> None:
    reading = service(tmp_path, HEAD + HELLO)
    function = reading.graph["HelloLambdaFunction"]
    address = AddParameter("AlarmEmail", "Who is told", function)
    topic = AddResource("AWS::SNS::Topic", "Alarms", Map(DisplayName=address.reference()), function)
    text = _written(tmp_path, reading, address, topic)
    assert "stackParameters: [{ParameterKey: AlarmEmail, ParameterValue: " in text
    assert "${param:AlarmEmail}" in text
    assert text.count("resources:") == 1
    assert "Parameters:\n    AlarmEmail:\n      Type: String\n      Description: Who is told" in text
    assert "DisplayName: !Ref AlarmEmail" in text
