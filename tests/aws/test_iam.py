"""Statements are found wherever a stack states them, and say what they are about."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from tests.support.graphs import graph_of, graph_with
from tests.support.values import values

from stackworthy.aws import iam, roles
from stackworthy.aws.iam import (
    Condition,
    Principal,
    Statement,
    managed_policy,
    resource_policies,
    statements,
    trust,
)
from stackworthy.aws.schemas import schema
from stackworthy.core.resource import Resource
from stackworthy.core.value import (
    List,
    NotKnown,
    OpenList,
    Partial,
    Reference,
    Value,
    show,
)

ROLE = """
Fn: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn}}
Table: {Type: AWS::DynamoDB::Table}
Bucket: {Type: AWS::S3::Bucket}
"""


def items(found: List) -> list[Statement]:
    return list(list.__iter__(found))


def actions(found: List) -> list[str]:
    return [show(action) for statement in items(found) for action in list.__iter__(statement.actions)]


def one(policy: str) -> Statement:
    """The statement of a role with this inline statement."""
    graph = graph_of(
        ROLE
        + "Role: {Type: AWS::IAM::Role, Properties: {Policies: [{PolicyDocument: {Statement: ["
        + policy
        + "]}}]}}"
    )
    (statement,) = statements(graph["Role"])
    return statement


def test_a_function_has_the_statements_of_its_role() -> None:
    graph = graph_of(
        ROLE
        + """
Role:
  Type: AWS::IAM::Role
  Properties:
    Policies:
    - PolicyName: a
      PolicyDocument: {Statement: {Effect: Allow, Action: "dynamodb:GetItem", Resource: !GetAtt Table.Arn}}
    - PolicyName: b
      PolicyDocument:
        Statement:
        - {Sid: One, Effect: Allow, Action: ["s3:GetObject", "s3:PutObject"], Resource: !Sub "${Bucket.Arn}/*"}
        - {Effect: Deny, NotAction: "s3:*", Resource: "*"}
"""
    )
    found = items(statements(graph["Fn"]))
    assert [(statement.origin.address, statement.path) for statement in found] == [
        ("Role", "Policies[0].PolicyDocument.Statement"),
        ("Role", "Policies[1].PolicyDocument.Statement[0]"),
        ("Role", "Policies[1].PolicyDocument.Statement[1]"),
    ]
    assert found[1].sid == "One"
    assert [statement.allows for statement in found] == [True, True, False]
    assert found[2].not_actions == List(["s3:*"])
    assert not isinstance(statements(graph["Fn"]), OpenList)


POLICY = '{Statement: {Effect: Allow, Action: "sqs:SendMessage", Resource: "*"}}'


@pytest.mark.parametrize(
    "attached",
    [
        "P: {Type: AWS::IAM::Policy, Properties: {PolicyDocument: %s, Roles: [!Ref Role]}}",
        "P: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: %s, Roles: [!Ref Role]}}",
        "P: {Type: AWS::IAM::RolePolicy, Properties: {PolicyDocument: %s, RoleName: !Ref Role}}",
    ],
)
def test_a_policy_that_lists_the_role_counts(attached: str) -> None:
    graph = graph_of(ROLE + "Role: {Type: AWS::IAM::Role}\n" + attached % POLICY)
    (statement,) = statements(graph["Fn"])
    assert (statement.origin.address, statement.path) == ("P", "PolicyDocument.Statement")
    assert actions(statements(graph["Role"])) == ["sqs:SendMessage"]


def test_a_managed_policy_that_the_role_lists_counts_once() -> None:
    graph = graph_of(
        ROLE
        + f"""
Role: {{Type: AWS::IAM::Role, Properties: {{ManagedPolicyArns: [!Ref P]}}}}
P: {{Type: AWS::IAM::ManagedPolicy, Properties: {{PolicyDocument: {POLICY}, Roles: [!Ref Role]}}}}
"""
    )
    assert actions(statements(graph["Fn"])) == ["sqs:SendMessage"]


def test_a_user_has_the_statements_of_its_groups() -> None:
    graph = graph_of(
        f"""
User: {{Type: AWS::IAM::User, Properties: {{Groups: [!Ref Group]}}}}
Group: {{Type: AWS::IAM::Group, Properties: {{Policies: [{{PolicyDocument: {POLICY}}}]}}}}
Direct: {{Type: AWS::IAM::UserPolicy, Properties: {{UserName: !Ref User, PolicyDocument: {POLICY}}}}}
"""
    )
    assert actions(statements(graph["User"])) == ["sqs:SendMessage", "sqs:SendMessage"]
    assert actions(statements(graph["Group"])) == ["sqs:SendMessage"]


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole",
        '!Sub "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"',
        '!Join ["", ["arn:", !Ref "AWS::Partition", ":iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"]]',
    ],
)
def test_aws_managed_policies_are_read_from_the_data(arn: str) -> None:
    graph = graph_of(ROLE + f"Role: {{Type: AWS::IAM::Role, Properties: {{ManagedPolicyArns: [{arn}]}}}}")
    (statement,) = statements(graph["Fn"])
    assert statement.matches_action("sqs:ReceiveMessage")
    assert not statement.matches_action("sqs:SendMessage")
    assert (statement.managed, statement.path) == ("AWSLambdaSQSQueueExecutionRole", "ManagedPolicyArns[0]")


def test_the_everyday_managed_policies_are_known() -> None:
    for name in (
        "AWSLambdaBasicExecutionRole",
        "AWSLambdaVPCAccessExecutionRole",
        "AWSLambdaKinesisExecutionRole",
        "AWSLambdaDynamoDBExecutionRole",
        "AWSXRayDaemonWriteAccess",
        "AmazonS3FullAccess",
        "AmazonDynamoDBFullAccess",
        "AdministratorAccess",
        "PowerUserAccess",
    ):
        found = managed_policy(name)
        assert found, name
        assert all(entry["Effect"] == "Allow" for entry in found)
    admin = managed_policy("AdministratorAccess")
    assert admin == [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    assert managed_policy("Nonsense") is None


@pytest.mark.parametrize(
    ("role", "reason"),
    [
        ('{ManagedPolicyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}', "ReadOnlyAccess"),
        ('{ManagedPolicyArns: ["arn:aws:iam::123456789012:policy/own"]}', "not in this stack"),
        ("{ManagedPolicyArns: !If [A, B, C]}", "condition named A"),
        ("{Policies: [{PolicyDocument: !If [A, B, C]}]}", "condition named A"),
        ("{Policies: [{PolicyDocument: {Statement: !If [A, B, C]}}]}", "condition named A"),
        ("{Policies: [{PolicyDocument: {Statement: [!If [A, B, C]]}}]}", "condition named A"),
        ("{Policies: [{PolicyDocument: {Statement: [7]}}]}", "no statement"),
        ('{Policies: [{PolicyDocument: "{"}]}', "no JSON"),
        ("{Policies: [seven]}", "should be of type"),
    ],
)
def test_what_cannot_be_read_leaves_the_list_open(role: str, reason: str) -> None:
    found = statements(graph_of(ROLE + f"Role: {{Type: AWS::IAM::Role, Properties: {role}}}")["Fn"])
    assert isinstance(found, OpenList)
    assert reason in found.rest.reason


def test_a_role_of_another_stack_leaves_the_list_open() -> None:
    found = statements(
        graph_of('Fn: {Type: AWS::Lambda::Function, Properties: {Role: "arn:aws:iam::1:role/r"}}')["Fn"]
    )
    assert isinstance(found, OpenList)
    assert isinstance(statements(graph_of("Fn: {Type: AWS::Lambda::Function}")["Fn"]), OpenList)


def test_a_policy_for_roles_that_are_not_known_leaves_every_role_open() -> None:
    graph = graph_of(
        ROLE
        + f"""
Role: {{Type: AWS::IAM::Role, Properties: {{RoleName: app}}}}
P: {{Type: AWS::IAM::Policy, Properties: {{PolicyDocument: {POLICY}, Roles: !If [A, B, C]}}}}
"""
    )
    assert isinstance(statements(graph["Fn"]), OpenList)


def test_a_document_may_be_json_text_with_references() -> None:
    graph = graph_of(
        ROLE
        + """
Role:
  Type: AWS::IAM::Role
  Properties:
    Policies:
    - PolicyDocument: !Sub |
        {"Statement": [{"Effect": "Allow", "Action": "dynamodb:Query", "Resource": "${Table.Arn}/index/*"}]}
"""
    )
    (statement,) = statements(graph["Fn"])
    assert statement.matches_resource(graph["Table"])
    assert statement.path == "Policies[0].PolicyDocument"


@pytest.mark.parametrize(
    ("pattern", "action", "expected"),
    [
        ("dynamodb:PutItem", "dynamodb:PutItem", True),
        ("DynamoDB:putitem", "dynamodb:PutItem", True),
        ("dynamodb:*", "dynamodb:PutItem", True),
        ("dynamodb:Put*", "dynamodb:PutItem", True),
        ("dynamodb:?utItem", "dynamodb:PutItem", True),
        ("*", "dynamodb:PutItem", True),
        ("dynamodb:Get*", "dynamodb:PutItem", False),
        ("s3:[Gg]etObject", "s3:GetObject", False),
        ("7", "s3:GetObject", False),
    ],
)
def test_actions_match_with_wildcards_in_any_case(pattern: str, action: str, expected: bool) -> None:
    assert one(f'{{Effect: Allow, Action: "{pattern}", Resource: "*"}}').matches_action(action) is expected
    assert (
        one(f'{{Effect: Allow, NotAction: "{pattern}", Resource: "*"}}').matches_action(action)
        is not expected
    )


def test_an_action_that_is_not_known_is_not_guessed() -> None:
    statement = one(
        '{Effect: Allow, Action: ["s3:GetObject", !Ref Action, !Sub "sqs:${Action}"], Resource: "*"}'
    )
    assert statement.matches_action("s3:GetObject")
    with pytest.raises(NotKnown):
        statement.matches_action("s3:PutObject")
    with pytest.raises(NotKnown):
        one('{Effect: Allow, Action: !Sub "sqs:${Action}", Resource: "*"}').matches_action("sqs:SendMessage")
    assert not one('{Effect: Allow, Action: !Sub "sqs:${Action}", Resource: "*"}').matches_action(
        "s3:PutObject"
    )


@pytest.mark.parametrize(
    ("resource", "wanted", "expected"),
    [
        ("!GetAtt Table.Arn", Reference("Table", "Arn"), True),
        ("!GetAtt Table.Arn", Reference("Table"), True),
        ("!GetAtt Table.Arn", Reference("Bucket", "Arn"), False),
        ('!Sub "${Table.Arn}/index/*"', Reference("Table", "Arn"), False),
        ('!Sub "${Table.Arn}/index/*"', Partial((Reference("Table", "Arn"), "/index/by-date")), True),
        (
            '!Sub "arn:aws:dynamodb:*:*:table/${Table}/index/*"',
            Partial((Reference("Table", "Arn"), "/index/a")),
            True,
        ),
        ('!Sub "${Bucket.Arn}/public/*"', Partial((Reference("Bucket", "Arn"), "/public/a")), True),
        ('!Sub "${Bucket.Arn}/public/*"', Partial((Reference("Bucket", "Arn"), "/private/a")), False),
        ('"*"', Reference("Table", "Arn"), True),
        ('"arn:aws:dynamodb:*:*:table/*"', Reference("Table", "Arn"), True),
        ('"arn:aws:s3:::logs/*"', "arn:aws:s3:::logs/a/b", True),
        ('"arn:aws:s3:::logs/*"', "arn:aws:s3:::other/a", False),
        ('"arn:aws:s3:::LOGS"', "arn:aws:s3:::logs", False),
    ],
)
def test_resources_match_by_what_they_name(resource: str, wanted: Value, expected: bool) -> None:
    statement = one(f'{{Effect: Allow, Action: "*", Resource: {resource}}}')
    assert statement.matches_resource(wanted) is expected
    negated = one(f'{{Effect: Allow, Action: "*", NotResource: {resource}}}')
    assert negated.matches_resource(wanted) is not expected


def test_a_resource_is_matched_by_what_is_in_it() -> None:
    statement = one('{Effect: Allow, Action: "*", Resource: !Sub "${Bucket.Arn}/uploads/*"}')
    graph = statement.origin.graph
    assert statement.matches_resource(graph["Bucket"])
    assert not statement.matches_resource(graph["Table"])


@pytest.mark.parametrize("resource", ["!If [A, B, C]", '!Sub "arn:aws:s3:::${Which}/*"'])
def test_a_resource_that_is_not_known_is_not_guessed(resource: str) -> None:
    statement = one(f'{{Effect: Allow, Action: "*", Resource: {resource}}}')
    with pytest.raises(NotKnown):
        statement.matches_resource("arn:aws:s3:::b/x" if "s3" in resource else Reference("Table", "Arn"))


def test_principals_and_conditions_have_one_form() -> None:
    graph = graph_of(
        """
Role:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument:
      Statement:
      - Effect: Allow
        Principal: {Service: lambda.amazonaws.com, AWS: [!Ref Account, "123456789012"]}
        Action: "sts:AssumeRole"
        Condition: {StringEquals: {"aws:SourceAccount": !Ref "AWS::AccountId", "sts:ExternalId": [a, b]}}
      - {Effect: Allow, Principal: "*", Action: "sts:AssumeRole"}
"""
    )
    first, second = trust(graph["Role"])
    assert [(principal.type, show(principal.value)) for principal in first.principals] == [
        ("Service", "lambda.amazonaws.com"),
        ("AWS", "${Ref Account}"),
        ("AWS", "123456789012"),
    ]
    assert [(condition.operator, condition.key) for condition in first.conditions] == [
        ("StringEquals", "aws:sourceaccount"),
        ("StringEquals", "sts:externalid"),
    ]
    assert first.conditions[1] == Condition("StringEquals", "sts:externalid", List(["a", "b"]))
    assert second.principals == List([Principal("*", "*")])
    assert second.matches_resource(graph["Role"])


@pytest.mark.parametrize(
    ("kind", "policy"),
    [
        (
            "AWS::S3::Bucket",
            "{Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref It, PolicyDocument: %s}}",
        ),
        (
            "AWS::SQS::Queue",
            "{Type: AWS::SQS::QueuePolicy, Properties: {Queues: [!Ref It], PolicyDocument: %s}}",
        ),
        (
            "AWS::SQS::Queue",
            "{Type: AWS::SQS::QueueInlinePolicy, Properties: {Queue: !Ref It, PolicyDocument: %s}}",
        ),
        (
            "AWS::SNS::Topic",
            "{Type: AWS::SNS::TopicPolicy, Properties: {Topics: [!Ref It], PolicyDocument: %s}}",
        ),
        (
            "AWS::SecretsManager::Secret",
            "{Type: AWS::SecretsManager::ResourcePolicy, Properties: {SecretId: !Ref It, ResourcePolicy: %s}}",
        ),
        (
            "AWS::Kinesis::Stream",
            "{Type: AWS::Kinesis::ResourcePolicy, Properties: {ResourceArn: !GetAtt It.Arn, ResourcePolicy: %s}}",
        ),
    ],
)
def test_a_standalone_policy_counts_for_the_resource_that_it_names(kind: str, policy: str) -> None:
    text = '{Statement: {Effect: Allow, Principal: "*", Action: "x:Do", Resource: "*"}}'
    graph = graph_of(f"It: {{Type: {kind}}}\nOther: {{Type: {kind}}}\nPolicy: {policy % text}")
    assert actions(resource_policies(graph["It"])) == ["x:Do"]
    assert actions(resource_policies(graph["Other"])) == []


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (kind, path)
        for kind, path in iam.OWN_POLICY.items()
        if "." not in path and kind != "AWS::Logs::Destination"
    ],
)
def test_a_policy_of_its_own_counts(kind: str, path: str) -> None:
    policy = '{Statement: [{Effect: Allow, Principal: {AWS: "*"}, Action: "x:Do", Resource: "*"}]}'
    graph = graph_of(f"It: {{Type: {kind}, Properties: {{{path}: {policy}}}}}")
    (statement,) = resource_policies(graph["It"])
    assert statement.path == f"{path}.Statement[0]"
    assert statement.principals.any_of(lambda principal: principal.value == "*")


def test_a_permission_is_a_statement_of_its_function() -> None:
    graph = graph_of(
        """
Fn: {Type: AWS::Lambda::Function}
Bucket: {Type: AWS::S3::Bucket}
Permission:
  Type: AWS::Lambda::Permission
  Properties:
    Action: lambda:InvokeFunction
    FunctionName: !GetAtt Fn.Arn
    Principal: s3.amazonaws.com
    SourceArn: !GetAtt Bucket.Arn
    SourceAccount: !Ref AWS::AccountId
Open: {Type: AWS::Lambda::Permission, Properties: {Action: "lambda:*", FunctionName: !Ref Fn, Principal: "*"}}
"""
    )
    first, second = resource_policies(graph["Fn"])
    assert first.principals == List([Principal("Service", "s3.amazonaws.com")])
    assert [condition.key for condition in first.conditions] == ["aws:sourcearn", "aws:sourceaccount"]
    assert first.matches_action("lambda:InvokeFunction")
    assert first.matches_resource(graph["Fn"])
    assert second.principals == List([Principal("*", "*")])
    assert second.origin.address == "Open"


def test_event_bus_policies_are_read_in_both_forms() -> None:
    graph = graph_of(
        """
Bus: {Type: AWS::Events::EventBus}
New:
  Type: AWS::Events::EventBusPolicy
  Properties:
    EventBusName: !Ref Bus
    StatementId: a
    Statement: {Effect: Allow, Principal: "*", Action: "events:PutEvents", Resource: !GetAtt Bus.Arn}
Old:
  Type: AWS::Events::EventBusPolicy
  Properties:
    EventBusName: !Ref Bus
    StatementId: b
    Principal: "*"
    Action: events:PutEvents
    Condition: {Type: StringEquals, Key: "aws:PrincipalOrgID", Value: o-1}
"""
    )
    new, old = resource_policies(graph["Bus"])
    assert new.actions == old.actions == List(["events:PutEvents"])
    assert old.conditions == List([Condition("StringEquals", "aws:principalorgid", List(["o-1"]))])


def test_every_path_in_the_tables_is_in_the_schemas() -> None:
    tables: list[tuple[str, str]] = list(iam.OWN_POLICY.items())
    for kind, (document, named, _) in iam.STANDALONE.items():
        tables += [(kind, document), (kind, named)]
    for kind, ends in iam.ATTACHED.items():
        tables += [(kind, "PolicyDocument"), *((kind, path) for path, _ in ends)]
    for table in (roles.ACTS_AS, roles.SERVED_BY):
        tables += [(kind, path) for kind, paths in table.items() for path in paths]
    tables += [("AWS::Lambda::Permission", path) for path, _, _ in iam._PERMISSION_CONDITIONS]
    for kind, path in tables:
        found = schema(kind)
        assert found is not None, kind
        assert found.has(path), (kind, path)


VALUES = values(
    texts=["Allow", "*", "s3:*", "dynamodb:PutItem", "{", '{"Statement": ['],
    keys=[
        "Statement",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "Condition",
        "PolicyDocument",
    ],
    addresses=["Role", "Fn", "Gone"],
)


def ask_everything(statement: Statement, resource: Resource) -> None:
    """Ask what raises `NotKnown` at most; anything else goes through."""
    with suppress(NotKnown):
        assert statement.allows in (True, False)
    with suppress(NotKnown):
        assert statement.matches_action("s3:GetObject") in (True, False)
    for wanted in (resource, "arn:aws:s3:::b/*", Partial((Reference("Role", "Arn"), "/x"))):
        with suppress(NotKnown):
            assert statement.matches_resource(wanted) in (True, False)


@given(VALUES, VALUES, VALUES, VALUES)
def test_no_value_makes_anything_raise_but_not_known(
    one: Value, two: Value, three: Value, four: Value
) -> None:
    graph = graph_with(
        {
            "Fn": ("AWS::Lambda::Function", {"Role": one}),
            "User": ("AWS::IAM::User", {"Groups": one, "Policies": two}),
            "Role": (
                "AWS::IAM::Role",
                {"Policies": two, "ManagedPolicyArns": three, "AssumeRolePolicyDocument": two},
            ),
            "Policy": ("AWS::IAM::Policy", {"PolicyDocument": four, "Roles": one}),
            "Key": ("AWS::KMS::Key", {"KeyPolicy": two}),
            "Bus": ("AWS::Events::EventBus", {}),
            "BusPolicy": (
                "AWS::Events::EventBusPolicy",
                {"EventBusName": Reference("Bus"), "Condition": three},
            ),
            "Permission": ("AWS::Lambda::Permission", {"FunctionName": Reference("Fn"), "Principal": one}),
        }
    )
    found = [
        statements(graph["Fn"]),
        statements(graph["User"]),
        statements(graph["Role"]),
        trust(graph["Role"]),
    ]
    found += [resource_policies(graph[address]) for address in ("Key", "Bus", "Fn")]
    for part in found:
        for statement in items(part):
            ask_everything(statement, graph["Key"])
