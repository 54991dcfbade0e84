"""A workload flows from its entry points along the relations."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from tests.support.graphs import graph_of
from tests.workload.support import API, QUEUE, flow_of, keys_of, priced

from stackworthy.core.cost import Usage, UsageError


def test_a_request_counts_for_its_api_and_calls_its_function_once() -> None:
    found = keys_of(API, {"GET /decks": "60000/month", "POST /decks": "1000/month"})
    assert found["Api"]["monthly_requests"] == 61000
    assert found["Fn"]["monthly_requests"] == 61000


def test_a_function_uses_once_what_it_may_and_that_is_listed_as_assumed() -> None:
    made = flow_of(API, {"GET /decks": "1000/month"})
    load = made.loads["Decks"]
    assert (load.reads, load.writes) == (1000, 1000)
    assert ("Fn", "reads Decks") in made.assumptions


def test_stated_calls_take_the_place_of_the_assumption() -> None:
    table = {"GET /decks": "1000/month", "calls": {"Fn -> Decks": {"reads": 3, "writes": 0.5}}}
    made = flow_of(API, table)
    assert (made.loads["Decks"].reads, made.loads["Decks"].writes) == (3000, 500)
    assert not any(what.endswith("Decks") for _, what in made.assumptions)


def test_calls_of_a_route_are_those_of_its_requests_alone() -> None:
    table = {
        "GET /decks": "1000/month",
        "POST /decks": "10/month",
        "calls": {"POST /decks -> Decks": {"writes": 1}},
    }
    load = flow_of(API, table).loads["Decks"]
    assert (load.reads, load.writes) == (0, 10)


def test_a_rate_of_an_api_is_spread_over_its_routes() -> None:
    made = flow_of(API, {"Api": "1000/month"})
    assert made.loads["Get"].count == made.loads["Post"].count == 500
    assert made.loads["Fn"].count == 1000


def test_a_batch_holds_what_comes_in_its_window_up_to_its_size() -> None:
    seldom = keys_of(QUEUE, {"Jobs": "1000/month"})
    often = keys_of(QUEUE, {"Jobs": "100/s"})
    messages = Decimal(100 * 730 * 3600)
    assert seldom["Work"]["monthly_requests"] == 1000
    assert often["Work"]["monthly_requests"] == messages / 10
    assert often["Jobs"]["monthly_requests"] == messages + 2 * messages / 10


def test_what_always_fails_comes_to_the_dead_letter_queue() -> None:
    table = {"Jobs": "1000/month", "resource": {"Work": {"error_percent": 50}}}
    made = flow_of(QUEUE, table)
    assert made.loads["Dead"].count == 1000 * Decimal("0.5") ** 5
    assert made.loads["Work"].count > 1000


def test_a_circle_is_counted_where_it_arrives_and_starts_nothing_again() -> None:
    text = """
    Files:
      Type: AWS::S3::Bucket
      Properties: {NotificationConfiguration: {LambdaConfigurations: [{Event: "s3:ObjectCreated:*", Function: !GetAtt Fn.Arn}]}}
    Fn: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn}}
    Role:
      Type: AWS::IAM::Role
      Properties:
        Policies: [{PolicyName: p, PolicyDocument: {Statement: [{Effect: Allow, Action: "s3:PutObject", Resource: "arn:aws:s3:::*"}]}},
                   {PolicyName: q, PolicyDocument: {Statement: [{Effect: Allow, Action: "s3:PutObject", Resource: !Sub "${Files.Arn}/*"}]}}]
    """
    made = flow_of(text, {"Files": "100/month"})
    assert made.loads["Fn"].count == 100
    assert made.loads["Files"].total("writes") == 200
    assert any("circle" in one.reason for one in made.assumptions.values())


def test_a_schedule_runs_though_nobody_states_a_rate() -> None:
    text = """
    Nightly: {Type: AWS::Events::Rule, Properties: {ScheduleExpression: rate(1 hour), Targets: [{Id: a, Arn: !GetAtt Fn.Arn}]}}
    Fn: {Type: AWS::Lambda::Function, Properties: {}}
    """
    assert keys_of(text, {})["Fn"]["monthly_requests"] == 730


def test_measured_counts_take_the_place_of_what_would_flow_and_flow_on() -> None:
    usage = Usage()
    usage.add("Fn", "monthly_requests", 5, basis="measured")
    made = flow_of(graph_of(API), {"GET /decks": "1000/month"}, usage)
    assert made.loads["Decks"].reads == 5


def test_logs_come_to_the_group_that_a_function_logs_to() -> None:
    text = """
    Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /aws/lambda/work, RetentionInDays: 30}}
    Fn: {Type: AWS::Lambda::Function, Properties: {FunctionName: work}}
    """
    found = keys_of(text, {"Fn": "1000000/month", "defaults": {"log_lines": 2, "log_line_bytes": 100}})
    assert round(found["Group"]["monthly_data_ingested_gb"], 4) == round(Decimal(600_000_000) / 1024**3, 4)
    assert "monthly_log_gb" not in found["Fn"]


def test_a_topic_is_delivered_to_each_of_its_subscriptions() -> None:
    text = """
    News: {Type: AWS::SNS::Topic, Properties: {}}
    A: {Type: AWS::SQS::Queue, Properties: {}}
    B: {Type: AWS::Lambda::Function, Properties: {}}
    One: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !Ref News, Protocol: sqs, Endpoint: !GetAtt A.Arn}}
    Two: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !Ref News, Protocol: lambda, Endpoint: !GetAtt B.Arn}}
    """
    found = keys_of(text, {"News": "700/month"})
    assert found["News"]["monthly_requests"] == 700
    assert found["A"]["monthly_requests"] == 700
    assert found["B"]["monthly_requests"] == 700


def test_a_distribution_passes_on_what_its_cache_does_not_answer() -> None:
    text = """
    Cdn:
      Type: AWS::CloudFront::Distribution
      Properties: {DistributionConfig: {Origins: [{Id: a, DomainName: !GetAtt Site.RegionalDomainName}]}}
    Site: {Type: AWS::S3::Bucket, Properties: {}}
    """
    found = keys_of(text, {"Cdn": "1000/month", "resource": {"Cdn": {"cache_hit_percent": 90}}})
    assert found["Site"]["standard.monthly_tier_2_requests"] == 100


@pytest.mark.parametrize(
    ("table", "message", "hint"),
    [
        ({"GET /deks": "5/s"}, "no stack here has 'GET /deks'", "did you mean 'GET /decks'?"),
        ({"GET /decks": {"rate": "5/s", "duration": 3}}, "no usage key 'duration'", "duration_ms"),
        ({"GET /decks": {"rte": "5/s"}}, "states no rate", "rte"),
        (
            {"GET /decks": "5/s", "resource": {"Fn": {"monthly_request": 3}}},
            "monthly_request",
            "monthly_requests",
        ),
        ({"GET /decks": "5/s", "resource": {"Fm": {"duration_ms": 3}}}, "'Fm'", "did you mean"),
        ({"GET /decks": "5/s", "resource": {"Fn": {"duration_ms": 0}}}, "duration_ms is 0", "some time"),
        ({"GET /decks": "5/s", "resource": {"Fn": {"error_percent": 101}}}, "101 %", "0 to 100"),
        ({"GET /decks": "5/s", "resource": {"Fn": {"duration_ms": -1}}}, "-1", "0 or more"),
        ({"GET /decks": "1e30/s"}, "is no rate", "60000/month"),
        ({"GET /decks": 10**30}, "beyond all measure", "1e18"),
        ({"GET /decks": "5/s", "calls": {"Fn Decks": 1}}, "is no call", "->"),
        ({"GET /decks": "5/s", "calls": {"Fn -> Deks": 1}}, "'Deks'", "did you mean"),
        ({"GET /decks": "5/s", "calls": {"Fn -> Decks": {"read": 1}}}, "'read'", "did you mean reads?"),
        ({"GET /decks": "5/s", "defaults": {"log_line": 1}}, "'log_line'", "did you mean log_lines?"),
        (
            {
                "GET /decks": "5/s",
                "resource": {"Fn": {"bedrock.claude-sonnet-4.5-input-tokens-geo-profil": 3}},
            },
            "there is no price",
            "did you mean bedrock.claude-sonnet-4.5-input-tokens-geo-profile?",
        ),
        ({"GET /decks": "5/s", "users": "many"}, "no number", "1000000"),
        ({"GET /decks": "5/s", "curve": "ofice"}, "no curve", "did you mean office?"),
        ({"GET /decks": "5/s", "resource": 3}, "no table", "[workload.resource]"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_the_nearest_valid_name(
    table: dict[str, object], message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as raised:
        priced(API, table)
    assert message in raised.value.message
    assert hint in raised.value.hint
    assert raised.value.file == "stackworthy.toml"


def test_strange_definitions_are_flowed_through_without_a_crash() -> None:
    text = """
    M: {Type: AWS::StepFunctions::StateMachine, Properties: {DefinitionString: "[1, 2"}}
    N: {Type: AWS::StepFunctions::StateMachine, Properties: {Definition: {States: {A: [], B: {Type: Choice, Choices: 3}, C: {Type: 4}}}}}
    Q: {Type: AWS::SQS::Queue, Properties: {RedrivePolicy: 5}}
    """
    found = keys_of(text, {"M": "10/month", "N": "10/month", "Q": "3/month"})
    assert found["M"]["monthly_requests"] == 10


def test_resolvers_read_and_mutations_write_what_stands_behind_their_data_source() -> None:
    text = """
    Api: {Type: AWS::AppSync::GraphQLApi, Properties: {}}
    Source: {Type: AWS::AppSync::DataSource, Properties: {ApiId: !GetAtt Api.ApiId, Name: t, Type: AMAZON_DYNAMODB, DynamoDBConfig: {TableName: !Ref Decks}}}
    Get: {Type: AWS::AppSync::Resolver, Properties: {ApiId: !GetAtt Api.ApiId, TypeName: Query, FieldName: deck, DataSourceName: !GetAtt Source.Name}}
    Put: {Type: AWS::AppSync::Resolver, Properties: {ApiId: !GetAtt Api.ApiId, TypeName: Mutation, FieldName: add, DataSourceName: !GetAtt Source.Name}}
    Decks: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST}}
    """
    found = keys_of(text, {"Query.deck": "30/month", "Mutation.add": "4/month"})
    assert found["Api"]["monthly_requests"] == 34
    assert (found["Decks"]["monthly_reads"], found["Decks"]["monthly_writes"]) == (30, 4)


def test_a_load_balancer_passes_its_requests_to_the_functions_behind_it() -> None:
    text = """
    Lb: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {}}
    Listener: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {LoadBalancerArn: !Ref Lb, DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]}}
    Group: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {TargetType: lambda, Targets: [{Id: !GetAtt Fn.Arn}]}}
    Fn: {Type: AWS::Lambda::Function, Properties: {}}
    """
    assert keys_of(text, {"Lb": "500/month"})["Fn"]["monthly_requests"] == 500


def test_tables_that_are_nested_too_deeply_are_refused() -> None:
    deep: dict[str, object] = {"x": 1}
    for _ in range(50):
        deep = {"x": deep}
    with pytest.raises(UsageError, match="nested too deeply"):
        priced(API, {"GET /decks": 1, "resource": {"Fn": deep}})


def test_a_thousand_routes_flow_within_a_second() -> None:
    parts = ["Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP}}"]
    for n in range(1000):
        parts.append(f"F{n}: {{Type: AWS::Lambda::Function, Properties: {{}}}}")
        parts.append(
            f"L{n}: {{Type: AWS::ApiGatewayV2::Integration, Properties: {{ApiId: !Ref Api, IntegrationUri: !GetAtt F{n}.Arn}}}}"
        )
        parts.append(
            f'R{n}: {{Type: AWS::ApiGatewayV2::Route, Properties: {{ApiId: !Ref Api, RouteKey: GET /r{n}, Target: !Sub "integrations/${{L{n}}}"}}}}'
        )
    graph = graph_of("\n".join(parts), region="us-east-1")
    priced(graph, {"Api": "5/s"})
    began = time.perf_counter()
    found = priced(graph, {"Api": "5/s"})
    assert time.perf_counter() - began < 3
    assert len(found.flows[0].loads) == 2001


def test_provisioned_concurrency_takes_what_it_can_serve_off_its_function() -> None:
    text = """
    Fn: {Type: AWS::Lambda::Function, Properties: {MemorySize: 1024}}
    Live: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Fn, Name: live, FunctionVersion: "1", ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 1}}}
    """
    some = keys_of(text, {"Fn": "1000/month"})
    assert (some["Fn"]["monthly_requests"], some["Live"]["monthly_requests"]) == (0, 1000)
    many = keys_of(text, {"Fn": "20/s"})
    assert many["Fn"]["monthly_requests"] == many["Live"]["monthly_requests"] == 10 * 730 * 3600


def test_a_web_acl_inspects_the_requests_of_what_it_protects() -> None:
    text = """
    Acl: {Type: AWS::WAFv2::WebACL, Properties: {Scope: CLOUDFRONT}}
    Cdn: {Type: AWS::CloudFront::Distribution, Properties: {DistributionConfig: {WebACLId: !GetAtt Acl.Arn}}}
    """
    assert keys_of(text, {"Cdn": "700/month"})["Acl"]["monthly_requests"] == 700


def test_users_are_the_active_ones_of_a_pool_and_grow_with_the_traffic() -> None:
    text = "Pool: {Type: AWS::Cognito::UserPool, Properties: {}}"
    found = priced(text, {"users": 20000, "Pool": "1/day/user"}, factor=Decimal(10))
    assert found.usage.of(found.flows[0].graph.path, "Pool")["monthly_active_users"].value == 200000


def test_answers_of_a_distribution_are_sent_to_the_internet() -> None:
    text = "Cdn: {Type: AWS::CloudFront::Distribution, Properties: {DistributionConfig: {}}}"
    found = keys_of(text, {"Cdn": {"rate": "1048576/month", "response_kb": 3}})
    assert found["Cdn"]["monthly_data_transfer_to_internet_gb"] == 3


def test_a_consumer_works_for_each_message_of_its_batches() -> None:
    text = QUEUE.replace(
        "Work:  {Type: AWS::Lambda::Function, Properties: {}}",
        "Work:  {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn}}",
    )
    text += """
Rows: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST}}
Role:
  Type: AWS::IAM::Role
  Properties:
    Policies: [{PolicyName: p, PolicyDocument: {Statement: [{Effect: Allow, Action: "dynamodb:PutItem", Resource: !GetAtt Rows.Arn}]}}]
"""
    made = flow_of(text, {"Jobs": "100/s"})
    assert made.loads["Work"].count * 10 == made.loads["Jobs"].count
    assert made.loads["Rows"].writes == made.loads["Jobs"].count


def test_a_delivery_stream_takes_every_record_of_its_source() -> None:
    text = """
    In: {Type: AWS::Kinesis::Stream, Properties: {StreamModeDetails: {StreamMode: ON_DEMAND}}}
    Out: {Type: AWS::KinesisFirehose::DeliveryStream, Properties: {DeliveryStreamType: KinesisStreamAsSource, KinesisStreamSourceConfiguration: {KinesisStreamARN: !GetAtt In.Arn}}}
    """
    assert keys_of(text, {"In": "500/s"})["Out"]["monthly_records"] == 500 * 730 * 3600


def test_runs_by_schedule_are_no_requests_that_come_in() -> None:
    text = "Nightly: {Type: AWS::Events::Rule, Properties: {ScheduleExpression: rate(1 hour)}}"
    assert priced(text, {}).requests == 0
    assert priced(API, {"GET /decks": "7/month"}).requests == 7


def test_a_delivery_stream_writes_an_object_for_each_full_buffer() -> None:
    text = """
    Out: {Type: AWS::KinesisFirehose::DeliveryStream, Properties: {ExtendedS3DestinationConfiguration: {BucketARN: !GetAtt Lake.Arn, BufferingHints: {SizeInMBs: 64, IntervalInSeconds: 60}}}}
    Lake: {Type: AWS::S3::Bucket, Properties: {}}
    """
    found = keys_of(text, {"Out": {"rate": "1000/s", "record_kb": 64}})
    records = Decimal(1000 * 730 * 3600)
    assert found["Lake"]["monthly_objects"] == records * 64 / (64 * 1024)
    assert found["Lake"]["monthly_uploaded_gb"] == round(records * 64 / 1024**2, 6)
    seldom = keys_of(text, {"Out": "1/s"})
    assert seldom["Lake"]["monthly_objects"] == 730 * 60
