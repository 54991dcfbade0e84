"""What we generate, against what the framework itself generated for the same configurations (`framework.json`, made by
`tools/compare_serverless.py --keep`)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.sources.serverless.reading import HEAD, service
from tools.compare_serverless import leaves, masked

from stackworthy.core.value import Unknown
from stackworthy.core.workspace import Disk
from stackworthy.sources.cloudformation.documents import Documents
from stackworthy.sources.serverless.reader import generated
from stackworthy.sources.serverless.variables import Stated

DATA = Path(__file__).parents[2] / "data" / "serverless"
STATEMENTS = re.compile(r"\.Statement\.")


def _ours(name: str) -> dict[str, Any]:
    documents = Documents(Disk(DATA / name))
    build, _ = generated(documents, "serverless.yml", Stated("dev", "us-east-1"), lambda *_: None)
    return masked(build.resources)


def _theirs(name: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads((DATA / name / "framework.json").read_text())
    return {
        logical_id: {path: leaf for path, leaf in body.items() if leaf != {}}
        for logical_id, body in found.items()
    }


def _leaves(body: dict[str, Any]) -> dict[str, Any]:
    return {path: leaf for path, leaf in leaves(body.get("Properties")) if leaf is not None and leaf != {}}


CASES = [(name, logical_id) for name in ("apis", "events") for logical_id in _theirs(name)]


@pytest.mark.parametrize("name", ["apis", "events"])
def test_the_same_resources_are_generated(name: str) -> None:
    """The stage is the one resource more: the framework sets it up by calls after the deployment."""
    ours = {logical_id: body["Type"] for logical_id, body in _ours(name).items()}
    theirs = {logical_id: body["Type"] for logical_id, body in _theirs(name).items()}
    ours.pop("ApiGatewayStage", None)
    assert ours == theirs


@pytest.mark.parametrize(("name", "logical_id"), CASES)
def test_properties_are_those_of_the_framework(name: str, logical_id: str) -> None:
    """Statements are compared apart, and the deployment's stage stands on a resource of its own."""
    theirs = {path: leaf for path, leaf in _theirs(name)[logical_id].items() if path != "Type"}
    ours = dict(leaves(_ours(name)[logical_id].get("Properties")))
    unknown = [path for path, leaf in ours.items() if isinstance(leaf, Unknown)]
    known = {path: leaf for path, leaf in ours.items() if not isinstance(leaf, Unknown)}
    known = {path: leaf for path, leaf in known.items() if leaf is not None and leaf != {}}
    expected = {
        path: leaf
        for path, leaf in theirs.items()
        if not any(path.startswith(start) for start in unknown)
        and not (logical_id == "ApiGatewayDeployment" and path == ".StageName")
    }
    for found in (known, expected):
        for path in [path for path in found if STATEMENTS.search(path)]:
            del found[path]
    assert known == expected


def test_the_shared_role_allows_the_same_actions() -> None:
    theirs = _theirs("events")["IamRoleLambdaExecution"]
    ours = _leaves(_ours("events")["IamRoleLambdaExecution"])
    wanted = {leaf for path, leaf in theirs.items() if ".PolicyDocument." in path and ".Action" in path}
    assert {leaf for path, leaf in ours.items() if ".PolicyDocument." in path and ".Action" in path} == wanted
    assert "elasticfilesystem:ClientMount" in wanted


def _function(folder: Path, text: str, head: str = HEAD) -> Any:
    return service(folder, head + "functions:\n  hello:\n    handler: src/a.b\n" + text).graph[
        "HelloLambdaFunction"
    ]


def test_the_framework_sets_memory_and_timeout_where_nobody_does(tmp_path: Path) -> None:
    function = _function(tmp_path, "")
    assert (function["MemorySize"], function["Timeout"]) == (1024, 6)


def test_a_function_inherits_from_the_provider_and_overrides_it(tmp_path: Path) -> None:
    head = (
        "service: shop\nprovider: {name: aws, memorySize: 256, timeout: 10, environment: {A: one, B: two}}\n"
    )
    function = _function(tmp_path, "    timeout: 20\n    environment: {B: three}\n", head)
    assert (function["MemorySize"], function["Timeout"]) == (256, 20)
    assert function["Environment.Variables"] == {"A": "one", "B": "three"}


def test_a_runtime_that_nobody_states_depends_on_the_version(tmp_path: Path) -> None:
    head = "service: shop\nprovider: {name: aws}\n"
    assert isinstance(_function(tmp_path, "", head).properties.value("Runtime"), Unknown)
    assert _function(tmp_path, "", head + "frameworkVersion: '4'\n")["Runtime"] == "nodejs20.x"


def test_functions_and_resources_may_be_lists_of_maps(tmp_path: Path) -> None:
    text = (
        HEAD
        + "functions:\n  - one: {handler: a.b}\n  - two: {handler: a.c}\n"
        + "resources:\n  - Resources: {A: {Type: 'AWS::SQS::Queue'}}\n  - Resources: {B: {Type: 'AWS::SQS::Queue'}}\n"
    )
    graph = service(tmp_path, text).graph
    assert {"OneLambdaFunction", "TwoLambdaFunction", "A", "B"} <= set(graph.resources)


def test_a_generated_resource_is_extended_and_overridden(tmp_path: Path) -> None:
    text = HEAD + (
        "functions: {hello: {handler: a.b}}\n"
        "resources:\n"
        "  Resources: {HelloLambdaFunction: {Properties: {Timeout: 9}}}\n"
        "  extensions: {HelloLogGroup: {Properties: {RetentionInDays: 7}}, Nobody: {Properties: {A: 1}}}\n"
    )
    reading = service(tmp_path, text)
    assert reading.graph["HelloLambdaFunction"]["Timeout"] == 9
    assert reading.graph["HelloLambdaFunction"]["MemorySize"] == 1024
    assert reading.graph["HelloLogGroup"]["RetentionInDays"] == 7
    assert "Nobody" in reading.diagnostics[0].message


def test_the_plugin_for_roles_gives_a_function_its_own(tmp_path: Path) -> None:
    text = HEAD + (
        "plugins: [serverless-iam-roles-per-function]\n"
        "functions:\n"
        "  hello:\n    handler: a.b\n    iamRoleStatements:\n"
        "      - {Effect: Allow, Action: 's3:GetObject', Resource: '*'}\n"
        "  other: {handler: a.c}\n"
    )
    graph = service(tmp_path, text).graph
    assert graph["HelloLambdaFunction"]["Role"].address == "HelloIamRoleLambdaExecution"
    assert graph["OtherLambdaFunction"]["Role"].address == "IamRoleLambdaExecution"
    statements = graph["HelloIamRoleLambdaExecution"]["Policies[0].PolicyDocument.Statement"]
    assert statements[-1]["Action"] == "s3:GetObject"


def test_a_function_without_logs_is_denied_to_write_what_the_others_may(tmp_path: Path) -> None:
    text = HEAD + "functions:\n  a: {handler: x.y}\n  b: {handler: x.z, disableLogs: true}\n"
    graph = service(tmp_path, text).graph
    denied = graph["IamRoleLambdaExecution"]["Policies[0].PolicyDocument.Statement"][2]
    assert (denied["Effect"], denied["Action"]) == ("Deny", "logs:PutLogEvents")
    assert graph.get("BLogGroup") is None


def test_a_role_that_the_service_names_is_no_role_of_ours(tmp_path: Path) -> None:
    text = "service: a\nprovider: {name: aws, iam: {role: 'arn:aws:iam::123456789012:role/x'}}\nfunctions: {f: {handler: a.b}}\n"
    graph = service(tmp_path, text).graph
    assert graph["FLambdaFunction"]["Role"] == "arn:aws:iam::123456789012:role/x"
    assert graph.get("IamRoleLambdaExecution") is None


def test_state_machines_of_the_plugin_are_read_with_the_ids_of_functions(tmp_path: Path) -> None:
    text = HEAD + (
        "plugins: [serverless-step-functions]\n"
        "functions: {hello: {handler: a.b}}\n"
        "stepFunctions:\n  stateMachines:\n    flow:\n      name: flow\n      definition:\n"
        "        StartAt: A\n        States: {A: {Type: Task, Resource: {Fn::GetAtt: [hello, Arn]}, End: true}}\n"
    )
    machine = service(tmp_path, text).graph["Flow"]
    assert machine["Definition"]["States"]["A"]["Resource"].address == "HelloLambdaFunction"


def test_functions_at_the_edge_share_one_distribution(tmp_path: Path) -> None:
    text = HEAD + (
        "functions:\n"
        "  a: {handler: x.y, events: [{cloudFront: {eventType: viewer-request, origin: 'https://app.acme.com'}}]}\n"
        "  b:\n    handler: x.z\n    events:\n      - cloudFront:\n          eventType: origin-response\n"
        "          pathPattern: /docs*\n          origin: s3://shop.s3.amazonaws.com/files\n"
        "          behavior: {ViewerProtocolPolicy: https-only}\n"
    )
    graph = service(tmp_path, text).graph
    config = graph["CloudFrontDistribution"]["DistributionConfig"]
    assert config["DefaultCacheBehavior"]["TargetOriginId"] == "custom/app.acme.com"
    assert [origin["Id"] for origin in config["Origins"]] == [
        "custom/app.acme.com",
        "s3/shop.s3.amazonaws.com/files",
    ]
    assert config["CacheBehaviors"][0]["ViewerProtocolPolicy"] == "https-only"
    assert (graph["ALambdaFunction"]["MemorySize"], graph["ALambdaFunction"]["Timeout"]) == (128, 5)


def test_an_event_that_is_not_known_is_said_to_be_left_out(tmp_path: Path) -> None:
    reading = service(
        tmp_path, HEAD + "functions: {f: {handler: a.b, events: [{warmup: true}, {sqs: '${ssm:/q}'}]}}\n"
    )
    said = [item.message for item in reading.diagnostics]
    assert (
        "functions.f.events.0.warmup the event warmup is not known here: what it generates is not reviewed"
        in said
    )
    assert any("the sqs event is left out: ssm:/q is read from Parameter Store" in one for one in said)


def test_plugins_keys_are_no_fault(tmp_path: Path) -> None:
    text = HEAD + (
        "plugins: [serverless-offline, serverless-esbuild]\n"
        "custom: {serverless-offline: {httpPort: 3000}, esbuild: {bundle: true}, prune: {automatic: true}}\n"
        "functions: {f: {handler: a.b, warmup: {enabled: true}}}\n"
    )
    assert service(tmp_path, text).diagnostics == []


UNKNOWN_EVERYWHERE = """
service: ${ssm:/name}
provider:
  name: aws
  runtime: ${ssm:/a}
  apiName: ${ssm:/a}
  endpointType: ${ssm:/a}
  websocketsApiName: ${ssm:/a}
  logRetentionInDays: ${ssm:/a}
  memorySize: ${ssm:/a}
  tracing: {lambda: "${ssm:/a}", apiGateway: "${ssm:/a}"}
  vpc: ${ssm:/a}
  tags: ${ssm:/a}
  environment: ${ssm:/a}
  iam: {role: {name: "${ssm:/a}", path: "${ssm:/a}", statements: "${ssm:/a}"}}
  logs: {restApi: "${ssm:/a}", httpApi: {format: "${ssm:/a}"}, websocket: {level: "${ssm:/a}"}}
  apiGateway: {metrics: "${ssm:/a}", resourcePolicy: "${ssm:/a}"}
  httpApi: {cors: "${ssm:/a}", name: "${ssm:/a}", metrics: "${ssm:/a}"}
functions:
  one:
    handler: ${ssm:/a}
    name: ${ssm:/a}
    timeout: ${ssm:/a}
    url: {authorizer: "${ssm:/a}", cors: "${ssm:/a}"}
    destinations: {onFailure: "${ssm:/a}"}
    events:
      - http: {method: get, path: /a, cors: "${ssm:/a}", authorizer: "${ssm:/a}", private: "${ssm:/a}"}
      - httpApi: {method: get, path: /a, authorizer: "${ssm:/a}"}
      - websocket: {route: $default, authorizer: "${ssm:/a}"}
      - sqs: {arn: "${ssm:/a}", batchSize: "${ssm:/a}", enabled: "${ssm:/a}"}
      - stream: {type: dynamodb, arn: "${ssm:/a}"}
      - schedule: {rate: "${ssm:/a}", enabled: "${ssm:/a}", name: "${ssm:/a}"}
      - eventBridge: {pattern: "${ssm:/a}", eventBus: "${ssm:/a}", name: "${ssm:/a}"}
      - s3: {bucket: "${ssm:/a}", event: "${ssm:/a}", existing: true}
      - sns: {arn: "${ssm:/a}", topicName: "${ssm:/a}"}
"""


def test_values_that_are_not_known_leave_nothing_out(tmp_path: Path) -> None:
    """A name, a switch or a limit that only the deployment knows is unknown on a resource that is there."""
    reading = service(tmp_path, UNKNOWN_EVERYWHERE)
    assert reading.diagnostics == []
    kinds = {resource.type for resource in reading.graph}
    assert kinds >= {
        "AWS::Lambda::Function",
        "AWS::Lambda::Url",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::EventSourceMapping",
        "AWS::IAM::Role",
        "AWS::ApiGateway::Method",
        "AWS::ApiGateway::Stage",
        "AWS::ApiGatewayV2::Route",
        "AWS::ApiGatewayV2::Stage",
        "AWS::Events::Rule",
        "AWS::SNS::Subscription",
    }
