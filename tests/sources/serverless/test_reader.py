from __future__ import annotations

from pathlib import Path

from tests.sources.serverless.reading import HEAD, line, service, write

from stackworthy.config import Environment, Settings
from stackworthy.core.value import Unknown
from stackworthy.judge import review
from stackworthy.sources.stack import Reading

TEXT = """\
service: shop
provider:
  name: aws
  runtime: python3.13
  timeout: 10
  environment:
    SHARED: one
  iam:
    role:
      statements:
        - Effect: Allow
          Action: s3:*
          Resource: "*"
custom:
  memory: 256
  big: ${self:custom.memory}
functions:
  hello:
    handler: src/hello.main
    memorySize: ${self:custom.big}
    environment:
      OWN: two
    events:
      - sqs:
          arn: !GetAtt Jobs.Arn
          batchSize: 5
  other: ${file(functions/other.yml)}
resources:
  Resources:
    Jobs:
      Type: AWS::SQS::Queue
      Properties:
        VisibilityTimeout: 30
    ${self:service}: {Type: "AWS::SQS::Queue"}
"""
OTHER = "handler: src/other.main\ntimeout: 3\nevents:\n  - http: GET /other\n"


def _reading(folder: Path) -> Reading:
    return service(folder, TEXT, functions__other_yml=OTHER)


def test_a_property_of_a_function_points_at_its_line(tmp_path: Path) -> None:
    reading = _reading(tmp_path)
    assert line(reading, "HelloLambdaFunction", "MemorySize") == ("serverless.yml", 20, "value")
    assert line(reading, "HelloLambdaFunction", "Environment.Variables.OWN") == (
        "serverless.yml",
        22,
        "value",
    )


def test_an_inherited_property_points_at_the_provider(tmp_path: Path) -> None:
    reading = _reading(tmp_path)
    assert line(reading, "HelloLambdaFunction", "Timeout") == ("serverless.yml", 5, "value")
    assert line(reading, "HelloLambdaFunction", "Environment.Variables.SHARED") == (
        "serverless.yml",
        7,
        "value",
    )


def test_a_property_that_nobody_states_points_at_the_function(tmp_path: Path) -> None:
    reading = _reading(tmp_path)
    assert line(reading, "HelloLambdaFunction", "TracingConfig.Mode") == ("serverless.yml", 18, "resource")
    assert line(reading, "OtherLambdaFunction", "MemorySize")[:2] == ("serverless.yml", 27)


def test_a_function_in_a_file_of_its_own_points_there(tmp_path: Path) -> None:
    reading = _reading(tmp_path)
    assert line(reading, "OtherLambdaFunction", "Timeout") == ("functions/other.yml", 2, "value")
    assert line(reading, "ApiGatewayMethodOtherGet", "AuthorizationType")[:2] == ("functions/other.yml", 4)


def test_an_event_and_a_statement_point_at_their_lines(tmp_path: Path) -> None:
    reading = _reading(tmp_path)
    assert line(reading, "HelloEventSourceMappingSQSJobs", "BatchSize") == ("serverless.yml", 26, "value")
    assert line(reading, "HelloEventSourceMappingSQSJobs", "FunctionResponseTypes")[:2] == (
        "serverless.yml",
        24,
    )
    role = "IamRoleLambdaExecution"
    assert line(reading, role, "Policies[0].PolicyDocument.Statement[2].Action") == (
        "serverless.yml",
        12,
        "value",
    )


def test_a_resource_of_the_author_points_at_its_own_lines(tmp_path: Path) -> None:
    reading = _reading(tmp_path)
    assert line(reading, "Jobs", "VisibilityTimeout") == ("serverless.yml", 33, "value")
    assert line(reading, "Jobs", "KmsMasterKeyId") == ("serverless.yml", 30, "resource")


def test_a_trail_leads_through_the_variables(tmp_path: Path) -> None:
    reading = _reading(tmp_path)
    steps = reading.graph["HelloLambdaFunction"].properties.trail("MemorySize")
    assert [step.what for step in steps] == ["custom.big", "custom.memory"]
    assert reading.graph["HelloLambdaFunction"].properties.trail("Timeout") == ()


def test_what_is_generated_says_who_asked_for_it(tmp_path: Path) -> None:
    graph = _reading(tmp_path).graph
    mapping = graph["HelloEventSourceMappingSQSJobs"].made_by
    assert mapping is not None
    assert (mapping.address, mapping.path) == ("HelloLambdaFunction", "events.0.sqs")
    assert graph["HelloLambdaFunction"].made_by is None
    assert graph["Jobs"].made_by is None
    role = graph["IamRoleLambdaExecution"].made_by
    assert role is not None
    assert (role.address, role.path) == ("provider", "iam.role")


def test_relations_are_those_of_cloudformation(tmp_path: Path) -> None:
    graph = _reading(tmp_path).graph
    triggers = {(edge.source.address, edge.target.address) for edge in graph.edges("triggers").all}
    assert ("Jobs", "HelloLambdaFunction") in triggers
    invoked = {(edge.source.address, edge.target.address) for edge in graph.edges("invokes").all}
    assert ("ApiGatewayMethodOtherGet", "OtherLambdaFunction") in invoked


def test_a_handler_is_found_below_the_service(tmp_path: Path) -> None:
    write(tmp_path, src__hello_py="def main(event, context): ...\n")
    assert _reading(tmp_path).graph["HelloLambdaFunction"].code == ""


def test_an_artifact_is_the_code_where_no_source_is_beside(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "a.jar").write_bytes(b"PK")
    text = HEAD + "package: {artifact: target/a.jar}\nfunctions: {f: {handler: 'com.shop.Handler::handle'}}\n"
    assert service(tmp_path, text).graph["FLambdaFunction"].code == "target/a.jar"


def test_an_image_is_built_from_the_folder_that_the_provider_names(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    text = "service: a\nprovider: {name: aws, ecr: {images: {app: {path: ./app}}}}\nfunctions: {f: {image: app}}\n"
    function = service(tmp_path, text).graph["FLambdaFunction"]
    assert (function.code, function["PackageType"]) == ("app", "Image")


def test_an_environment_names_the_stage_and_states_parameters(tmp_path: Path) -> None:
    text = """\
service: shop
provider: {name: aws, stage: "${opt:stage, 'dev'}"}
params: {prod: {memory: 2048}, default: {memory: 512}}
functions: {f: {handler: a.b, memorySize: "${param:memory}", environment: {S: "${sls:stage}", C: "${env:COLOR}"}}}
"""
    first = service(tmp_path, text).graph["FLambdaFunction"]
    assert (first["MemorySize"], first["Environment.Variables.S"]) == (512, "dev")
    assert isinstance(first.properties.value("Environment")["Variables"]["C"], Unknown)
    prod = Environment("prod", parameters={"env:COLOR": "red"})
    second = service(tmp_path, text, prod).graph["FLambdaFunction"]
    assert (second["MemorySize"], second["Environment.Variables.S"]) == (2048, "prod")
    assert second["Environment.Variables.C"] == "red"
    third = service(tmp_path, text, Environment("live", parameters={"stage": "prod", "memory": "1024"}))
    assert third.graph["FLambdaFunction"]["MemorySize"] == 1024


def test_a_region_comes_from_the_provider_or_the_environment(tmp_path: Path) -> None:
    text = "service: a\nprovider: {name: aws, region: eu-west-1}\nfunctions: {f: {handler: a.b}}\n"
    assert service(tmp_path, text).graph["FLambdaFunction"].region == "eu-west-1"
    there = Environment("dev", region="eu-central-1")
    text = "service: a\nprovider: {name: aws, region: '${opt:region, \"eu-west-1\"}'}\nfunctions: {f: {handler: a.b}}\n"
    assert service(tmp_path, text, there).graph["FLambdaFunction"].region == "eu-central-1"


def test_conditions_of_resources_hold_or_do_not(tmp_path: Path) -> None:
    text = HEAD + (
        "functions: {f: {handler: a.b, condition: Never}}\n"
        "resources:\n  Conditions: {Never: {Fn::Equals: [a, b]}}\n"
    )
    assert not service(tmp_path, text).graph["FLambdaFunction"].present


def test_a_service_is_reviewed_like_any_other_stack(tmp_path: Path) -> None:
    _reading(tmp_path)
    stack = review(tmp_path, Settings(root=str(tmp_path))).stacks[0]
    assert stack.format == "serverless"
    found = {(finding.rule, finding.address) for finding in stack.findings}
    assert ("whole-service-allowed", "IamRoleLambdaExecution") in found
