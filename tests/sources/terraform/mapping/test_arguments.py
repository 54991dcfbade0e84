"""Arguments to properties, and properties back to the arguments that state them."""

from __future__ import annotations

from typing import Any

import pytest

from stackworthy.core.path import parse
from stackworthy.core.plain import plain
from stackworthy.core.value import ABSENT, List, Map, OpenList, OpenMap, Unknown
from stackworthy.sources.terraform.mapping.arguments import merge, native_route, put, to_properties
from stackworthy.sources.terraform.mapping.convert import wrapped
from stackworthy.sources.terraform.mapping.table import spec

UNKNOWN = Unknown("var.x has no value", "var.x")


def properties(type_: str, **attributes: Any) -> Map:
    found = spec(type_)
    assert found is not None
    values = {name: item if isinstance(item, List) else wrapped(item) for name, item in attributes.items()}
    return to_properties(found, Map(values))


def route(type_: str, path: str, **attributes: Any) -> tuple[Any, int]:
    found = spec(type_)
    assert found is not None
    return native_route(found, wrapped(attributes), parse(path))


def test_names_units_and_nested_blocks_become_properties() -> None:
    assert properties(
        "aws_lambda_function",
        function_name="f",
        memory_size=512,
        s3_bucket="code",
        environment=[{"variables": {"A": "1"}}],
        vpc_config=[{"subnet_ids": ["a", "b"], "security_group_ids": []}],
    ) == {
        "FunctionName": "f",
        "MemorySize": 512,
        "Code": {"S3Bucket": "code"},
        "Environment": {"Variables": {"A": "1"}},
        "VpcConfig": {"SubnetIds": ["a", "b"], "SecurityGroupIds": []},
    }


def test_what_stands_for_nothing_is_absent() -> None:
    assert properties("aws_lambda_function", reserved_concurrent_executions=-1, kms_key_arn="") == {}
    assert properties("aws_lambda_function", reserved_concurrent_executions=0) == {
        "ReservedConcurrentExecutions": 0
    }
    assert properties("aws_cloudwatch_log_group", retention_in_days=0) == {}


def test_flags_become_the_words_of_the_property() -> None:
    assert properties("aws_cloudwatch_event_rule", is_enabled=False) == {"State": "DISABLED"}
    assert properties("aws_iot_topic_rule", enabled=True) == {"TopicRulePayload": {"RuleDisabled": False}}


def test_the_keys_of_a_table_are_its_key_schema() -> None:
    found = properties(
        "aws_dynamodb_table",
        hash_key="pk",
        range_key="sk",
        read_capacity=5,
        global_secondary_index=[
            {"name": "by", "hash_key": "sk", "projection_type": "ALL", "read_capacity": 0}
        ],
    )
    assert found["KeySchema"] == [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ]
    assert found["ProvisionedThroughput"] == {"ReadCapacityUnits": 5}
    assert found["GlobalSecondaryIndexes"] == [
        {
            "IndexName": "by",
            "KeySchema": [{"AttributeName": "sk", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ]


def test_blocks_with_a_name_become_entries_of_a_map() -> None:
    found = properties(
        "aws_apigatewayv2_stage",
        route_settings=[{"route_key": "GET /", "throttling_rate_limit": 5, "throttling_burst_limit": 0}],
    )
    assert found == {"RouteSettings": {"GET /": {"ThrottlingRateLimit": 5}}}


def test_an_entry_whose_name_is_not_known_leaves_the_map_open() -> None:
    found = properties("aws_apigatewayv2_stage", route_settings=List([Map({"route_key": UNKNOWN})]))
    assert isinstance(found["RouteSettings"], OpenMap)


def test_a_block_counts_only_when_its_switch_is_on() -> None:
    def encryption(**block: Any) -> Any:
        found = properties("aws_kinesis_firehose_delivery_stream", server_side_encryption=[block])
        return found["DeliveryStreamEncryptionConfigurationInput"]

    assert encryption(enabled=False, key_type="AWS_OWNED_CMK") is ABSENT
    assert encryption(key_type="AWS_OWNED_CMK") is ABSENT
    assert encryption(enabled=True, key_type="AWS_OWNED_CMK") == {"KeyType": "AWS_OWNED_CMK"}
    assert encryption(enabled=UNKNOWN, key_type="AWS_OWNED_CMK") == {"KeyType": "AWS_OWNED_CMK"}


def test_blocks_of_several_types_join_in_one_list() -> None:
    found = properties(
        "aws_iot_topic_rule",
        sns=[{"target_arn": "t", "role_arn": "r"}],
        **{"lambda": [{"function_arn": "f"}]},
    )
    assert plain(found)["TopicRulePayload"]["Actions"] == [
        {"Lambda": {"FunctionArn": "f"}},
        {"Sns": {"RoleArn": "r", "TargetArn": "t"}},
    ]


def test_subscribers_of_both_kinds_join_in_one_list() -> None:
    found = properties(
        "aws_budgets_budget",
        limit_amount="10.5",
        notification=[
            {"threshold": 80, "subscriber_email_addresses": ["a@b.c"], "subscriber_sns_topic_arns": ["arn"]}
        ],
    )
    assert found["Budget"] == {"BudgetLimit": {"Amount": 10.5}}
    assert found["NotificationsWithSubscribers"] == [
        {
            "Notification": {"Threshold": 80},
            "Subscribers": [
                {"Address": "a@b.c", "SubscriptionType": "EMAIL"},
                {"Address": "arn", "SubscriptionType": "SNS"},
            ],
        }
    ]


def test_a_method_setting_is_one_element_with_its_path_and_method() -> None:
    found = properties(
        "aws_api_gateway_method_settings",
        method_path="*/*",
        settings=[{"logging_level": "INFO", "throttling_rate_limit": -1}],
    )
    assert found == {"MethodSettings": [{"ResourcePath": "/*", "HttpMethod": "*", "LoggingLevel": "INFO"}]}


def test_unknown_blocks_leave_what_they_may_state_unknown() -> None:
    found = properties("aws_lambda_function", environment=UNKNOWN, tracing_config=OpenList([], UNKNOWN))
    assert isinstance(found["Environment"], Unknown)
    assert isinstance(found["TracingConfig"], Unknown)
    assert found["DeadLetterConfig"] is ABSENT


def test_blocks_of_which_some_are_not_known_leave_the_list_open() -> None:
    block = Map({"attribute_name": "a"})
    found = properties("aws_dynamodb_table", attribute=OpenList([block], UNKNOWN))
    assert isinstance(found["AttributeDefinitions"], OpenList)


@pytest.mark.parametrize("odd", ["text", 1, True, ["x"], {"a": 1}])
def test_an_argument_of_an_odd_type_is_no_reason_to_fail(odd: Any) -> None:
    names = ["environment", "vpc_config", "timeout", "tags", "layers", "file_system_config"]
    assert isinstance(properties("aws_lambda_function", **dict.fromkeys(names, odd)), Map)


@pytest.mark.parametrize(
    ("type_", "path", "attributes", "expected"),
    [
        ("aws_lambda_function", "MemorySize", {"memory_size": 1}, ("memory_size",)),
        (
            "aws_lambda_function",
            "Environment.Variables.A",
            {"environment": [{"variables": {"A": "1"}}]},
            ("environment", 0, "variables", "A"),
        ),
        (
            "aws_dynamodb_table",
            "GlobalSecondaryIndexes[IndexName=b].Projection.ProjectionType",
            {"global_secondary_index": [{"name": "a"}, {"name": "b", "projection_type": "ALL"}]},
            ("global_secondary_index", 1, "projection_type"),
        ),
        (
            "aws_dynamodb_table",
            "KeySchema[1].AttributeName",
            {"hash_key": "p", "range_key": "s"},
            ("range_key",),
        ),
        ("aws_dynamodb_table", "KeySchema[KeyType=HASH]", {"hash_key": "p", "range_key": "s"}, ("hash_key",)),
        (
            "aws_apigatewayv2_stage",
            "RouteSettings.b.LoggingLevel",
            {"route_settings": [{"route_key": "a"}, {"route_key": "b", "logging_level": "INFO"}]},
            ("route_settings", 1, "logging_level"),
        ),
        (
            "aws_api_gateway_method_settings",
            "MethodSettings[0].LoggingLevel",
            {"method_path": "*/*", "settings": [{"logging_level": "INFO"}]},
            ("settings", 0, "logging_level"),
        ),
        (
            "aws_iam_role_policy_attachment",
            "ManagedPolicyArns[0]",
            {"role": "r", "policy_arn": "p"},
            ("policy_arn",),
        ),
        (
            "aws_iam_role",
            "AssumeRolePolicyDocument.Statement[0].Effect",
            {"assume_role_policy": '{"Statement": [{"Effect": "Allow"}]}'},
            ("assume_role_policy", "Statement", 0, "Effect"),
        ),
    ],
)
def test_a_property_leads_back_to_the_argument_that_states_it(
    type_: str, path: str, attributes: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    found, depth = route(type_, path, **attributes)
    assert found[: len(expected)] == expected
    assert depth == len(parse(path))


def test_a_property_that_nobody_states_leads_to_what_would_hold_it() -> None:
    assert route("aws_lambda_function", "TracingConfig.Mode", memory_size=1) == ((), 0)
    found, depth = route(
        "aws_lambda_function", "VpcConfig.SubnetIds", vpc_config=[{"security_group_ids": []}]
    )
    assert (found, depth) == (("vpc_config", 0), 1)


def test_lists_are_joined_and_maps_merged() -> None:
    made = Map({"A": Map({"x": 1}), "L": List([1])})
    merge(made, Map({"A": Map({"y": 2}), "L": List([2]), "N": 3}))
    put(made, "L[]", 3)
    put(made, "A.z", 4)
    assert made == {"A": {"x": 1, "y": 2, "z": 4}, "L": [1, 2, 3], "N": 3}
