"""What resources are billed for: quantities as AWS's pages count them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.support.graphs import graph_of

from stackworthy.core.cost import Bill, Usage
from stackworthy.estimate import Options, estimate


def bill_of(text: str, usage: dict[str, dict[str, object]] | None = None, **options: object) -> Bill:
    stated = Usage()
    for address, keys in (usage or {}).items():
        for key, value in keys.items():
            stated.add(address, key, value)
    region = options.pop("at", "us-east-1")
    return estimate([graph_of(text, region=region)], stated, options=Options(free_tier=False, **options))


def quantities(*arguments: object, **options: object) -> dict[str, Decimal]:
    """Quantity by component, of everything that is not 0."""
    bill = bill_of(*arguments, **options)
    found: dict[str, Decimal] = {}
    for line in bill.stacks[0].components:
        if line.quantity != "0":
            found[line.component] = found.get(line.component, Decimal(0)) + Decimal(line.quantity)
    return found


def one(kind: str, properties: str = "{}", **usage: object) -> dict[str, Decimal]:
    return quantities(f"One: {{Type: {kind}, Properties: {properties}}}", {"One": usage})


@pytest.mark.parametrize(
    ("kind", "properties", "usage", "component", "quantity"),
    [
        ("AWS::Lambda::Function", "{MemorySize: 1024}", {"monthly_requests": 1000, "request_duration_ms": "99.2"}, "Compute", 100),
        ("AWS::Lambda::Function", "{}", {"monthly_requests": 10, "async_payload_kb": 257}, "Requests", 20),
        ("AWS::Lambda::Function", "{}", {"monthly_requests": 10, "async_payload_kb": 256}, "Requests", 10),
        ("AWS::Lambda::Function", "{EphemeralStorage: {Size: 1536}}", {"monthly_requests": 1000, "request_duration_ms": 1000}, "Temporary storage", 1000),
        ("AWS::SQS::Queue", "{}", {"monthly_requests": 10, "request_size_kb": 65}, "Requests", 20),
        ("AWS::SQS::Queue", "{}", {"monthly_requests": 10, "monthly_empty_receives": 5}, "Requests", 15),
        ("AWS::SNS::Topic", "{}", {"monthly_requests": 10, "request_size_kb": 128}, "Requests", 20),
        ("AWS::ApiGatewayV2::Api", "{ProtocolType: HTTP}", {"monthly_requests": 10, "request_size_kb": 513}, "Requests", 20),
        ("AWS::ApiGatewayV2::Api", "{ProtocolType: WEBSOCKET}", {"monthly_messages": 10, "message_size_kb": 33}, "Messages", 20),
        ("AWS::Events::EventBus", "{Name: x}", {"monthly_custom_events": 10, "event_size_kb": "64.5"}, "Custom events", 20),
        ("AWS::Pipes::Pipe", "{}", {"monthly_requests": 10, "request_size_kb": 129}, "Requests", 30),
        ("AWS::Kinesis::Stream", "{ShardCount: 2}", {"monthly_records": 10, "record_kb": 26}, "Put payload units", 20),
        ("AWS::Kinesis::Stream", "{ShardCount: 2, RetentionPeriodHours: 48}", {}, "Retention to 7 days", 1460),
        ("AWS::Kinesis::Stream", "{StreamModeDetails: {StreamMode: ON_DEMAND}}", {"monthly_records": 1048576, "record_kb": "0.2"}, "Data in", 1),
        ("AWS::KinesisFirehose::DeliveryStream", "{}", {"monthly_records": 1048576, "record_kb": 6}, "Ingestion", 10),
        ("AWS::StepFunctions::StateMachine", "{StateMachineType: EXPRESS}", {"monthly_requests": 3686400, "workflow_duration_ms": 901, "memory_mb": 65}, "Duration", 128),
        ("AWS::CloudWatch::Alarm", "{Period: 10}", {}, "Alarm", 1),
        ("AWS::Logs::LogGroup", "{RetentionInDays: 365}", {"monthly_data_ingested_gb": 10}, "Storage", 18),
        ("AWS::Scheduler::Schedule", "{ScheduleExpression: rate(1 hour)}", {}, "Invocations", 730),
        ("AWS::Synthetics::Canary", "{Schedule: {Expression: rate(30 minutes)}}", {}, "Runs", 1460),
        ("AWS::KMS::Key", "{}", {"rotations": 5}, "Key", 3),
        ("AWS::EC2::VPCEndpoint", "{VpcEndpointType: Interface, SubnetIds: [a, b, c]}", {}, "Endpoint", 2190),
        ("AWS::EFS::FileSystem", "{ThroughputMode: provisioned, ProvisionedThroughputInMibps: 100}", {"storage_gb": 230}, "Provisioned throughput", Decimal("88.5")),
        ("AWS::SSM::Parameter", "{Tier: Advanced}", {"parameter_storage_hrs": 73}, "Advanced parameter", Decimal("0.1")),
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", "{}", {"new_connections": 50}, "Capacity units", 1460),
        ("AWS::Glue::Job", "{WorkerType: G.2X, NumberOfWorkers: 5}", {"monthly_hours": 3}, "Capacity", 30),
        ("AWS::Route53Resolver::ResolverEndpoint", "{IpAddresses: [{SubnetId: a}, {SubnetId: b}]}", {}, "Interfaces", 1460),
        ("AWS::Cognito::UserPool", "{}", {"monthly_active_users": 7}, "Active users", 7),
    ],
)  # fmt: skip
def test_a_quantity_is_counted_and_rounded_as_aws_does(kind, properties, usage, component, quantity):
    assert round(one(kind, properties, **usage)[component], 6) == quantity


@pytest.mark.parametrize(
    ("usage", "writes", "reads"),
    [
        ({"monthly_writes": 10, "monthly_reads": 10}, 10, 5),
        ({"monthly_writes": 10, "item_kb": "1.1", "monthly_reads": 10}, 20, 5),
        ({"monthly_writes": 10, "transactional_write_percent": 50}, 15, 0),
        ({"monthly_reads": 10, "consistent_read_percent": 100, "item_kb": 9}, 0, 30),
        ({"monthly_reads": 10, "transactional_read_percent": 100}, 0, 20),
        ({"monthly_write_request_units": 7, "monthly_writes": 99, "monthly_read_request_units": 3}, 7, 3),
    ],
)
def test_dynamodb_counts_units_by_size_consistency_and_transaction(usage, writes, reads):
    found = one("AWS::DynamoDB::Table", "{BillingMode: PAY_PER_REQUEST}", **usage)
    assert found.get("Write request units", 0) == writes
    assert found.get("Read request units", 0) == reads


def test_every_index_is_written_by_its_projection():
    indexes = ", ".join(
        f"{{IndexName: {name}, Projection: {{ProjectionType: {name}}}}}"
        for name in ("ALL", "INCLUDE", "KEYS_ONLY")
    )
    found = one(
        "AWS::DynamoDB::Table",
        f"{{BillingMode: PAY_PER_REQUEST, GlobalSecondaryIndexes: [{indexes}]}}",
        monthly_writes=100,
        item_kb=4,
        index_write_percent=50,
    )
    assert found["Write request units"] == 400
    assert found["Write request units of index ALL"] == 200
    assert found["Write request units of index INCLUDE"] == 100
    assert found["Write request units of index KEYS_ONLY"] == 50


def test_provisioned_capacity_is_that_of_the_table_its_indexes_and_the_least_of_auto_scaling():
    text = """
        Table:
          Type: AWS::DynamoDB::Table
          Properties:
            ProvisionedThroughput: {ReadCapacityUnits: 5, WriteCapacityUnits: 2}
            GlobalSecondaryIndexes:
              - {IndexName: by, ProvisionedThroughput: {ReadCapacityUnits: 1, WriteCapacityUnits: 3}}
        Scale:
          Type: AWS::ApplicationAutoScaling::ScalableTarget
          Properties: {ResourceId: !Sub "table/${Table}", ScalableDimension: "dynamodb:table:ReadCapacityUnits", MinCapacity: 10, MaxCapacity: 90}
    """
    found = quantities(text)
    assert found["Read capacity units"] == 7300
    assert found["Write capacity units"] == 1460
    assert found["Write capacity units of index by"] == 2190
    assert quantities(text, {"Table": {"average_read_capacity": 20}})["Read capacity units"] == 14600


def test_a_global_table_states_its_capacity_on_itself_and_its_replicas():
    text = """
        Table:
          Type: AWS::DynamoDB::GlobalTable
          Properties:
            BillingMode: PROVISIONED
            WriteProvisionedThroughputSettings: {WriteCapacityAutoScalingSettings: {MinCapacity: 3, MaxCapacity: 9}}
            Replicas:
              - {Region: us-east-1, ReadProvisionedThroughputSettings: {ReadCapacityUnits: 7}}
    """
    found = quantities(text)
    assert found["Write capacity units"] == 2190
    assert found["Read capacity units"] == 5110


def test_a_replica_is_billed_in_its_own_region():
    text = """
        Table:
          Type: AWS::DynamoDB::GlobalTable
          Properties: {BillingMode: PAY_PER_REQUEST, Replicas: [{Region: us-west-1}, {Region: us-east-1}]}
    """
    bill = bill_of(text, {"Table": {"monthly_writes": 5, "storage_gb": 8}}, at="us-west-1")
    lines = {one.component: one for one in bill.stacks[0].components}
    assert lines["Replicated write request units in us-east-1"].region == "us-east-1"
    assert lines["Storage in us-east-1"].quantity == "8"
    assert lines["Storage"].region == "us-west-1"


def test_objects_live_through_the_rules_of_their_bucket():
    rules = """{LifecycleConfiguration: {Rules: [{Status: Enabled, ExpirationInDays: 365, Transitions: [
        {StorageClass: STANDARD_IA, TransitionInDays: 30}, {StorageClass: DEEP_ARCHIVE, TransitionInDays: 90}]}]}}"""
    found = quantities(
        f"One: {{Type: AWS::S3::Bucket, Properties: {rules}}}",
        {"One": {"monthly_uploaded_gb": 30, "object_kb": 1024}},
        month="2026-11",
    )
    assert found["Standard-IA: storage"] == 60
    assert round(found["Glacier Deep Archive: storage"], 3) == round(Decimal(275) * 1056 / 1024, 3)
    # A day's gigabyte for 30 days, and 8 KB in Standard for each archived object.
    assert round(found["Standard: storage"], 3) == round(30 + Decimal(275) * 8 / 1024, 3)
    assert found["Standard: PUT, COPY, POST and LIST requests"] == 30 * 1024
    assert found["Standard-IA: lifecycle transitions"] == 30 * 1024
    assert found["Glacier Deep Archive: lifecycle transitions"] == 30 * 1024


def test_small_objects_stay_where_they_are_and_short_lives_pay_the_minimum():
    rules = "{LifecycleConfiguration: {Rules: [{Status: Enabled, ExpirationInDays: 40, Transitions: [{StorageClass: GLACIER, TransitionInDays: 30}]}]}}"
    text = f"One: {{Type: AWS::S3::Bucket, Properties: {rules}}}"
    small = quantities(text, {"One": {"monthly_uploaded_gb": 30, "object_kb": 100}}, month="2026-11")
    assert "Glacier Flexible Retrieval: storage" not in small
    assert small["Standard: storage"] == 40
    large = quantities(text, {"One": {"monthly_uploaded_gb": 30, "object_kb": 1024}}, month="2026-11")
    assert round(large["Glacier Flexible Retrieval: storage"], 3) == round(Decimal(90) * 1056 / 1024, 3)


def test_objects_in_intelligent_tiering_move_on_when_nobody_reads_them():
    rules = "{LifecycleConfiguration: {Rules: [{Status: Enabled, ExpirationInDays: 200, Transitions: [{StorageClass: INTELLIGENT_TIERING, TransitionInDays: 0}]}]}}"
    text = f"One: {{Type: AWS::S3::Bucket, Properties: {rules}}}"
    usage = {"One": {"monthly_uploaded_gb": 30, "accessed_percent": 25}}
    found = quantities(text, usage, month="2026-11")
    assert found["Intelligent-Tiering: infrequent access storage"] == 45
    assert round(found["Intelligent-Tiering: archive instant access storage"], 6) == Decimal("82.5")
    assert round(found["Intelligent-Tiering: frequent access storage"], 6) == Decimal("72.5")
    assert found["Intelligent-Tiering: monitoring of objects"] == 200 * 1024
    read = quantities(text, {"One": {"monthly_uploaded_gb": 30}}, month="2026-11")
    assert read["Intelligent-Tiering: frequent access storage"] == 200


def test_objects_below_128_kb_are_billed_as_such_in_infrequent_access():
    rules = "{LifecycleConfiguration: {Rules: [{Status: Enabled, ObjectSizeGreaterThan: '1', ExpirationInDays: 60, Transitions: [{StorageClass: STANDARD_IA, TransitionInDays: 30}]}]}}"
    text = f"One: {{Type: AWS::S3::Bucket, Properties: {rules}}}"
    found = quantities(text, {"One": {"monthly_uploaded_gb": 30, "object_kb": 64}}, month="2026-11")
    assert found["Standard-IA: storage"] == 60


def test_a_service_on_fargate_is_its_tasks_and_their_addresses():
    text = """
        Job: {Type: AWS::ECS::TaskDefinition, Properties: {Cpu: 1 vCPU, Memory: 2 GB, RuntimePlatform: {CpuArchitecture: ARM64}}}
        One:
          Type: AWS::ECS::Service
          Properties:
            TaskDefinition: !Ref Job
            DesiredCount: 2
            CapacityProviderStrategy: [{CapacityProvider: FARGATE, Weight: 1}, {CapacityProvider: FARGATE_SPOT, Weight: 3}]
            NetworkConfiguration: {AwsvpcConfiguration: {AssignPublicIp: ENABLED}}
    """
    found = quantities(text)
    assert found["vCPU"] == 365
    assert found["Spot vCPU"] == 1095
    assert found["Spot memory"] == 2190
    assert found["Public IPv4 addresses"] == 1460
    prices = {one.price for one in bill_of(text).stacks[0].components}
    assert "fargate.vcpu.arm64" in prices


def test_a_task_is_billed_for_a_minute_at_least():
    text = "Job: {Type: AWS::ECS::TaskDefinition, Properties: {Cpu: 1024, Memory: 2048}}"
    assert quantities(text, {"Job": {"monthly_tasks": 60, "task_duration_s": 5}})["vCPU"] == 1


def test_a_job_of_batch_runs_on_spot_where_the_environment_does():
    text = """
        Pool: {Type: AWS::Batch::ComputeEnvironment, Properties: {Type: MANAGED, ComputeResources: {Type: FARGATE_SPOT}}}
        Job:
          Type: AWS::Batch::JobDefinition
          Properties:
            PlatformCapabilities: [FARGATE]
            ContainerProperties: {ResourceRequirements: [{Type: VCPU, Value: "2"}, {Type: MEMORY, Value: "4096"}]}
    """
    found = quantities(text, {"Job": {"monthly_jobs": 10, "job_duration_s": 360}})
    assert found == {"Spot vCPU": 2, "Spot memory": 4}


@pytest.mark.parametrize(
    ("properties", "price", "quantity"),
    [
        ("{Period: 60}", "cloudwatch.alarm.standard", 1),
        ("{Period: 30}", "cloudwatch.alarm.high-resolution", 1),
        ("{Metrics: [{Id: a, MetricStat: {Period: 300}}, {Id: b, MetricStat: {Period: 300}}, {Id: c, Expression: a/b}]}", "cloudwatch.alarm.standard", 2),
        ("{ThresholdMetricId: b, Metrics: [{Id: a, MetricStat: {Period: 300}}, {Id: b, Expression: 'ANOMALY_DETECTION_BAND(a)'}]}", "cloudwatch.alarm.anomaly", 1),
        ("{Metrics: [{Id: a, Expression: 'SELECT MAX(x) FROM y'}]}", "cloudwatch.alarm.metrics-insights", 1),
    ],
)  # fmt: skip
def test_an_alarm_is_billed_by_its_metrics_and_kind(properties, price, quantity):
    (line,) = bill_of(f"One: {{Type: AWS::CloudWatch::Alarm, Properties: {properties}}}").stacks[0].components
    assert (line.price, Decimal(line.quantity)) == (price, quantity)


def test_a_web_acl_is_billed_for_rules_groups_and_the_rules_inside_own_groups():
    text = """
        Group: {Type: AWS::WAFv2::RuleGroup, Properties: {Rules: [{Name: a}, {Name: b}]}}
        Acl:
          Type: AWS::WAFv2::WebACL
          Properties:
            Rules:
              - {Name: own, Statement: {GeoMatchStatement: {CountryCodes: [DE]}}}
              - {Name: group, Statement: {RuleGroupReferenceStatement: {Arn: !GetAtt Group.Arn}}}
              - {Name: bots, Statement: {ManagedRuleGroupStatement: {VendorName: AWS, Name: AWSManagedRulesBotControlRuleSet}}}
    """
    found = quantities(text, {"Acl": {"monthly_requests": 9}})
    assert found == {
        "Web ACL": 1, "Requests": 9, "Rules": 3, "Rule groups": 1, "Managed rule groups": 1,
        "Bot Control": 1, "Bot Control requests": 9,
    }  # fmt: skip


def test_logs_of_lambda_are_vended_and_those_of_the_infrequent_class_cheaper():
    for name, group, price in (
        ("/aws/lambda/x", "STANDARD", "logs.vended.standard"),
        ("/aws/lambda/x", "INFREQUENT_ACCESS", "logs.vended.ia"),
        ("mine", "STANDARD", "logs.ingestion.standard"),
    ):
        text = f"One: {{Type: AWS::Logs::LogGroup, Properties: {{LogGroupName: {name}, LogGroupClass: {group}}}}}"
        assert bill_of(text).stacks[0].components[0].price == price


def test_where_vended_logs_have_no_price_custom_ones_stand_in_and_the_bill_says_so():
    text = "One: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /aws/lambda/x}}"
    line = bill_of(text, at="eu-west-2").stacks[0].components[0]
    assert (line.price, line.region) == ("logs.ingestion.standard", "eu-west-2")
    assert "10 TB" in line.assumption


@pytest.mark.parametrize(
    ("expression", "runs"),
    [
        ("rate(5 minutes)", 8640),
        ("rate(1 day)", 30),
        ("cron(0 8 * * ? *)", 30),
        ("cron(0/15 9-17 ? * MON-FRI *)", Decimal(36) * 30 * 5 / 7),
        ("cron(0 0 1,15 * ? *)", 2),
        ("cron(0 0 L * ? *)", 1),
        ("at(2026-11-20T00:00:00)", 1),
    ],
)
def test_a_schedule_runs_as_often_as_its_expression_says(expression, runs):
    text = f'One: {{Type: AWS::Scheduler::Schedule, Properties: {{ScheduleExpression: "{expression}"}}}}'
    assert round(quantities(text, month="2026-11")["Invocations"], 6) == round(Decimal(runs), 6)


@pytest.mark.parametrize(
    "expression",
    ["cron(nonsense)", "rate(0 minutes)", "cron(99 * * * ? *)", "cron(*/0 * * * ? *)", "every day"],
)
def test_a_schedule_that_cannot_be_read_is_not_priced(expression):
    bill = bill_of(
        f'One: {{Type: AWS::Scheduler::Schedule, Properties: {{ScheduleExpression: "{expression}"}}}}'
    )
    assert not bill.complete


def test_models_and_transfer_are_stated_on_the_caller_or_the_stack():
    text = "Fn: {Type: AWS::Lambda::Function, Properties: {}}"
    key = "bedrock.claude-haiku-4.5-input-tokens-global-profile"
    bill = bill_of(text, {"Fn": {key: 1_000_000}, "stack": {"monthly_intra_region_gb": 10}})
    lines = {one.price: one for one in bill.stacks[0].components}
    assert lines[key].monthly_cost == "1"
    assert lines["data-transfer.az"].monthly_cost == "0.2"


def test_gateway_endpoints_standard_parameters_and_free_deliveries_cost_nothing():
    text = """
        A: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcEndpointType: Gateway}}
        B: {Type: AWS::SSM::Parameter, Properties: {Type: String}}
        C: {Type: AWS::SNS::Subscription, Properties: {Protocol: sqs}}
        D: {Type: AWS::Budgets::Budget, Properties: {}}
        E: {Type: AWS::CE::AnomalyMonitor, Properties: {}}
    """
    bill = bill_of(text, {"C": {"monthly_requests": 1000}})
    assert (bill.cost, bill.complete) == (0, True)
