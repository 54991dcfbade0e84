"""Values lead to the resources that they name, and to nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.graphs import graph_of

from stackworthy.aws import names
from stackworthy.aws.arn_patterns import matching
from stackworthy.aws.arns import locate, parse, resolve
from stackworthy.aws.schemas import schema
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, Map, Partial, Reference, Unknown, Value, joined, show

STACK = """
Fn: {Type: AWS::Lambda::Function, Properties: {FunctionName: orders}}
Other: {Type: AWS::Lambda::Function, Properties: {FunctionName: !Sub "${Stage}-other"}}
Plain: {Type: AWS::Lambda::Function}
Live: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Plain, FunctionVersion: !GetAtt V.Version, Name: live}}
V: {Type: AWS::Lambda::Version, Properties: {FunctionName: !GetAtt Plain.Arn}}
Table: {Type: AWS::DynamoDB::Table}
Named: {Type: AWS::DynamoDB::Table, Properties: {TableName: orders}}
Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
Bucket: {Type: AWS::S3::Bucket}
Site: {Type: AWS::S3::Bucket, Properties: {BucketName: my-site}}
Logs: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "${Bucket}-logs"}}
Api: {Type: AWS::ApiGateway::RestApi}
Prod: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, StageName: prod}}
Http: {Type: AWS::ApiGatewayV2::Api}
Integration: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Http}}
Role: {Type: AWS::IAM::Role}
Admin: {Type: AWS::IAM::Role, Properties: {RoleName: admin}}
Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /app/web}}
Secret: {Type: AWS::SecretsManager::Secret, Properties: {Name: app/db}}
Param: {Type: AWS::SSM::Parameter, Properties: {Name: /app/url, Value: !GetAtt Table.Arn}}
Key: {Type: AWS::KMS::Key}
KeyAlias: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/app, TargetKeyId: !Ref Key}}
Machine: {Type: AWS::StepFunctions::StateMachine}
Bus: {Type: AWS::Events::EventBus, Properties: {Name: app}}
Rule: {Type: AWS::Events::Rule, Properties: {EventBusName: !Ref Bus}}
Made: {Type: "Custom::Finder"}
Nested: {Type: AWS::CloudFormation::Stack}
Repo: {Type: AWS::ECR::Repository, Properties: {RepositoryName: team/app}}
Pool: {Type: AWS::Cognito::UserPool}
Client: {Type: AWS::Cognito::UserPoolClient, Properties: {UserPoolId: !Ref Pool}}
"""


def sub(text: str) -> Value:
    """The value that `!Sub` of the text gives in the stack above."""
    graph = graph_of(STACK + f'\nProbe: {{Type: AWS::X::Y, Properties: {{V: !Sub "{text}"}}}}')
    return graph["Probe"]["V"]


@pytest.fixture(scope="module")
def stack() -> Graph:
    return graph_of(STACK)


def named(found: Resource | Unknown | None) -> str:
    if isinstance(found, Unknown):
        return "?"
    return "" if found is None else found.address


@pytest.mark.parametrize(
    ("text", "kinds", "expected"),
    [
        # references with something around them
        ("${Fn}", names.FUNCTION, "Fn"),
        ("${Fn.Arn}:live", names.FUNCTION, "Fn"),
        ("${Bucket.Arn}/*", names.BUCKET, "Bucket"),
        ("${Table.StreamArn}", names.TABLE, "Table"),
        ("${Group.Arn}:*", names.LOG_GROUP, "Group"),
        # aliases, versions, stages and clients lead on
        ("${Live}", names.FUNCTION, "Plain"),
        ("${V}", names.FUNCTION, "Plain"),
        ("${Live}", frozenset({"AWS::Lambda::Alias"}), "Live"),
        ("${Prod}", names.REST_API, "Api"),
        ("${Client}", names.USER_POOL, "Pool"),
        ("${KeyAlias}", names.KEY, "Key"),
        ("${Param.Value}", names.TABLE, "Table"),
        # ARNs put together from references
        ("arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Table}", names.TABLE, "Table"),
        ("arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Table}/index/*", names.TABLE, "Table"),
        ("arn:${AWS::Partition}:dynamodb:*:*:table/${Table}/stream/*", names.TABLE, "Table"),
        ("arn:aws:s3:::${Bucket}/uploads/*", names.BUCKET, "Bucket"),
        ("arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:${Plain}:live", names.FUNCTION, "Plain"),
        ("arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:${Stage}-other", names.FUNCTION, "Other"),
        ("arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/GET/orders", names.API, "Api"),
        ("arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Http}/*", names.API, "Http"),
        (
            "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations",
            names.FUNCTION,
            "Fn",
        ),
        (
            "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${Plain.Arn}:live/invocations",
            names.FUNCTION,
            "Plain",
        ),
        (
            "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:orders/invocations",
            names.FUNCTION,
            "Fn",
        ),
        (
            "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
            "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:${Plain}/invocations",
            names.FUNCTION,
            "Plain",
        ),
        (
            "arn:aws:apigateway:${AWS::Region}::/restapis/${Api}/stages/prod",
            frozenset({"AWS::ApiGateway::Stage"}),
            "Prod",
        ),
        (
            "arn:aws:apigateway:${AWS::Region}::/restapis/${Api}/stages/${Prod}",
            frozenset({"AWS::ApiGateway::Stage"}),
            "Prod",
        ),
        (
            "arn:aws:apigateway:${AWS::Region}::/restapis/${Api}/stages/dev",
            frozenset({"AWS::ApiGateway::Stage"}),
            "",
        ),
        ("arn:aws:apigateway:${AWS::Region}::/restapis/${Api}/stages/prod", names.REST_API, "Api"),
        ("arn:aws:iam::${AWS::AccountId}:role/team/${Role}", names.ROLE, "Role"),
        ("arn:aws:ssm:${AWS::Region}:${AWS::AccountId}:parameter/${Param}", names.PARAMETER, "Param"),
        ("arn:aws:ssm:${AWS::Region}:${AWS::AccountId}:parameter${Param}", names.PARAMETER, "Param"),
        ("arn:aws:ssm:${AWS::Region}:${AWS::AccountId}:parameter/app/url", names.PARAMETER, "Param"),
        (
            "arn:aws:states:${AWS::Region}:${AWS::AccountId}:stateMachine:${Machine.Name}",
            names.STATE_MACHINE,
            "Machine",
        ),
        (
            "arn:aws:states:${AWS::Region}:${AWS::AccountId}:execution:${Machine.Name}:*",
            names.STATE_MACHINE,
            "Machine",
        ),
        ("arn:aws:events:${AWS::Region}:${AWS::AccountId}:rule/app/${Rule}", names.RULE, "Rule"),
        ("arn:aws:logs:${AWS::Region}:${AWS::AccountId}:log-group:/app/web:*", names.LOG_GROUP, "Group"),
        ("arn:aws:kms:${AWS::Region}:${AWS::AccountId}:alias/app", names.KEY, "Key"),
        ("alias/app", names.KEY, "Key"),
        # literal ARNs, names and URLs
        ("arn:aws:lambda:us-east-1:123456789012:function:orders", names.FUNCTION, "Fn"),
        ("arn:aws:lambda:us-east-1:123456789012:function:orders:3", names.FUNCTION, "Fn"),
        ("orders", names.FUNCTION, "Fn"),
        ("orders", names.TABLE, "Named"),
        ("my-site", names.BUCKET, "Site"),
        ("my-site.s3.amazonaws.com", names.BUCKET, "Site"),
        ("https://my-site.s3.eu-west-1.amazonaws.com/index.html", names.BUCKET, "Site"),
        ("https://s3.eu-west-1.amazonaws.com/my-site/index.html", names.BUCKET, "Site"),
        ("s3://my-site/data", names.BUCKET, "Site"),
        (
            "https://sqs.${AWS::Region}.amazonaws.com/${AWS::AccountId}/${Queue.QueueName}",
            names.QUEUE,
            "Queue",
        ),
        ("https://sqs.eu-west-1.amazonaws.com/123456789012/jobs", names.QUEUE, "Queue"),
        ("https://${Api}.execute-api.${AWS::Region}.amazonaws.com/prod", names.API, "Api"),
        ("${Http}.execute-api.${AWS::Region}.amazonaws.com", names.API, "Http"),
        ("${Bucket}.s3.amazonaws.com", names.BUCKET, "Bucket"),
        ("${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/${Repo}:latest", names.REPOSITORY, "Repo"),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app@sha256:abc", names.REPOSITORY, "Repo"),
        ("integrations/${Integration}", frozenset({"AWS::ApiGatewayV2::Integration"}), "Integration"),
        # not this resource
        ("arn:aws:lambda:us-east-1:123456789012:function:billing", names.FUNCTION, ""),
        ("arn:aws:sqs:us-east-1:123456789012:orders", names.FUNCTION, ""),
        ("${Queue.Arn}", names.FUNCTION, ""),
        ("${Bucket}-logs", names.BUCKET, "Logs"),
        ("${Bucket}-archive", names.BUCKET, ""),
        ("arn:aws:s3:::${Bucket}-logs/*", names.BUCKET, "Logs"),
        ("${Nested.Outputs.Table}", names.TABLE, ""),
        ("${!stageVariables.fn}", names.FUNCTION, ""),
        # cannot be told
        ("${Made.Arn}", names.TABLE, "?"),
        ("prod-other", names.FUNCTION, "?"),
        ("${Which}", names.TABLE, "?"),
        ("arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Which}", names.TABLE, "?"),
        ("arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:${Which}", names.TABLE, "?"),
        ("arn:aws:dynamodb:*:*:table/ord*", names.TABLE, "?"),
        ("${Which}", frozenset({"AWS::Kinesis::Stream"}), ""),
    ],
)
def test_a_value_names_the_resource_it_is_written_for(
    stack: Graph, text: str, kinds: names.Kinds, expected: str
) -> None:
    assert named(resolve(stack, sub(text), kinds)) == expected


def test_what_follows_the_name_and_what_led_there_are_told(stack: Graph) -> None:
    found = locate(stack, sub("${Fn.Arn}:live"), names.FUNCTION)
    assert (named(found.resource), found.rest, found.through) == ("Fn", ":live", None)
    through = locate(stack, Reference("Live"), names.FUNCTION)
    assert (named(through.resource), through.through) == ("Plain", stack["Live"])
    index = locate(stack, sub("arn:aws:dynamodb:r:a:table/${Table}/index/${Which}"), names.TABLE)
    assert show(index.rest) == "/index/${Ref Which}"


def test_the_account_and_region_of_an_arn_tell_resources_of_one_name_apart() -> None:
    stack = graph_of(
        "Fn: {Type: AWS::Lambda::Function, Properties: {FunctionName: f}}",
        region="eu-west-1",
        account="111111111111",
    )
    here, there = (
        "arn:aws:lambda:eu-west-1:111111111111:function:f",
        "arn:aws:lambda:us-east-1:111111111111:function:f",
    )
    assert named(resolve(stack, here, names.FUNCTION)) == "Fn"
    assert named(resolve(stack, there, names.FUNCTION)) == ""
    assert named(resolve(stack, here.replace("111111111111", "222222222222"), names.FUNCTION)) == ""
    assert named(resolve(stack, "arn:aws:lambda:*:*:function:f", names.FUNCTION)) == "Fn"


def test_what_another_stack_exports_is_no_resource_of_this_one(stack: Graph) -> None:
    imported = Unknown("orders is imported from another stack", "Fn::ImportValue orders")
    assert resolve(stack, imported, names.TABLE) is None
    assert resolve(stack, joined(["arn:aws:s3:::", imported]), names.BUCKET) is None


def test_a_parameter_without_value_may_only_be_a_resource_whose_name_is_stated() -> None:
    parameter = Unknown("parameter Fn has no value", "Ref Fn")
    unnamed = graph_of("Fn: {Type: AWS::Lambda::Function}")
    stated = graph_of("Fn: {Type: AWS::Lambda::Function, Properties: {FunctionName: f}}")
    assert resolve(unnamed, parameter, names.FUNCTION) is None
    assert resolve(stated, parameter, names.FUNCTION) is parameter


def test_a_resource_named_by_a_parameter_is_found_by_the_same_parameter() -> None:
    stack = graph_of("B: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref Name}}")
    name = stack["B"]["BucketName"]
    assert named(resolve(stack, name, names.BUCKET)) == "B"
    assert named(resolve(stack, joined(["arn:aws:s3:::", name, "/*"]), names.BUCKET)) == "B"


def test_an_arn_comes_apart_into_its_fields() -> None:
    table = Reference("Table")
    arn = parse(joined(["arn:aws:dynamodb:", Unknown("r", "AWS::Region"), ":1:table/", table]))
    assert arn is not None
    assert (arn.partition, arn.service, arn.account) == ("aws", "dynamodb", "1")
    assert show(arn.resource) == "table/${Table}"
    assert parse("arn:aws:s3:::b:c").resource == "b:c"  # type: ignore[union-attr]
    assert parse("not an ARN") is None
    assert parse(List()) is None


@pytest.mark.parametrize(
    ("pattern", "kinds", "covered", "undecided", "every"),
    [
        ("arn:aws:dynamodb:*:*:table/orders", names.TABLE, ["Named"], False, False),
        ("arn:aws:dynamodb:*:*:table/ord*", names.TABLE, ["Named"], True, False),
        ("arn:aws:dynamodb:*:*:table/o?ders", names.TABLE, ["Named"], True, False),
        ("arn:aws:dynamodb:*:*:table/*", names.TABLE, ["Named", "Table"], False, True),
        ("arn:aws:lambda:*:*:function:ord*", names.FUNCTION, ["Fn"], True, False),
        ("arn:aws:sqs:*:*:job*", names.QUEUE, ["Queue"], False, False),
        ("arn:aws:sqs:*:*:mail*", names.QUEUE, [], False, False),
        ("arn:aws:secretsmanager:*:*:secret:app/db-??????", names.SECRET, ["Secret"], False, False),
        ("arn:aws:secretsmanager:*:*:secret:app/*", names.SECRET, ["Secret"], False, False),
        ("arn:aws:s3:::my-site/*", names.BUCKET, ["Site"], False, False),
        ("arn:aws:s3:::${Bucket}*", names.BUCKET, ["Bucket"], False, False),
        ("arn:aws:dynamodb:*:*:table/${AWS::StackName}-*", names.TABLE, ["Table"], False, False),
        ("arn:aws:dynamodb:*:*:table/${AWS::StackName}-Other*", names.TABLE, [], False, False),
        ("arn:aws:dynamodb:*", names.TABLE, ["Named", "Table"], False, True),
        ("*", names.QUEUE, ["Queue"], False, True),
        ("arn:aws:iam::*:role/adm*", names.ROLE, ["Admin"], True, False),
    ],
)
def test_a_pattern_covers_what_iam_would_let_it_cover(
    stack: Graph, pattern: str, kinds: names.Kinds, covered: list[str], undecided: bool, every: bool
) -> None:
    found = matching(stack, sub(pattern), kinds)
    assert sorted(resource.address for resource in found.resources) == covered
    assert (found.undecided is not None) is undecided
    assert found.every is every


@pytest.mark.parametrize("table", [names.PHYSICAL_NAME, names.LEADS_TO])
def test_every_path_in_the_tables_is_in_the_schemas(table: dict[str, str]) -> None:
    for kind, path in table.items():
        found = schema(kind)
        assert found is not None, kind
        assert found.has(path), (kind, path)


def test_every_kind_in_the_arn_forms_has_a_schema() -> None:
    for forms in names.ARN_FORMS.values():
        for form in forms:
            assert [kind for kind in form.kinds if schema(kind) is None] == []


TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "arn:",
            "arn:aws:",
            ":",
            "/",
            "*",
            "?",
            "table/",
            "https://",
            "s3://",
            "lambda:path/",
            "/functions/",
            "",
            "a",
        ]
        + [f"arn:aws:{service}:::" for service in names.ARN_FORMS]
    ),
)
PIECES = st.one_of(
    TEXTS,
    st.builds(
        Reference, st.sampled_from(["Fn", "Live", "Table", "Gone", "Made", "Param", "KeyAlias"]), TEXTS
    ),
    st.builds(Unknown, TEXTS, TEXTS),
)
VALUES = st.one_of(
    PIECES,
    st.lists(PIECES, min_size=1, max_size=6).map(lambda pieces: joined(pieces)),
    st.lists(PIECES, min_size=1, max_size=4).map(lambda pieces: Partial(tuple(pieces))),
    st.sampled_from([ABSENT, True, 7, 1.5, List(), Map()]),
)


@given(VALUES, st.sampled_from([None, names.FUNCTION, names.TABLE, names.KEY, names.API]))
def test_no_value_makes_it_raise(value: Value, kinds: names.Kinds | None) -> None:
    stack = graph_of(STACK)
    assert named(resolve(stack, value, kinds)) is not None
    assert all(isinstance(found, Resource) for found in matching(stack, value, kinds).resources)
    parse(value)
