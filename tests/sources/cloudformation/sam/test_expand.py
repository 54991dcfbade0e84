import copy
import json
import random
from pathlib import Path

import pytest

from stackworthy.sources.cloudformation.sam.expand import expand

from .conftest import read

KITCHEN = """
    Parameters: {Stage: {Type: String, Default: dev}}
    Conditions: {C: !Equals [!Ref Stage, prod]}
    Mappings: {M: {a: {b: c}}}
    Globals: {Function: {Runtime: python3.13, Handler: a.b, Tags: {team: a}, Layers: [l]}}
    Resources:
      Fn:
        Type: AWS::Serverless::Function
        Condition: C
        Connectors: {ToTable: {Properties: {Destination: {Id: Table}, Permissions: [Read, Write]}}}
        Properties:
          CodeUri: {Bucket: b, Key: !Ref Stage}
          AutoPublishAlias: live
          DeploymentPreference: {Type: Canary10Percent5Minutes, Alarms: [a]}
          FunctionUrlConfig: {AuthType: NONE, Cors: {AllowOrigins: ['*']}}
          EventInvokeConfig: {DestinationConfig: {OnFailure: {Type: SQS}, OnSuccess: {Type: SNS, Destination: arn}}}
          DeadLetterQueue: {Type: SQS, TargetArn: arn}
          Policies: [AWSLambdaRole, {SQSPollerPolicy: {QueueName: q}}, {Statement: []}, !If [C, a, b]]
          Events:
            Bucket: {Type: S3, Properties: {Bucket: !Ref Bucket, Events: [a, b], Filter: {a: b}}}
            Topic: {Type: SNS, Properties: {Topic: t, SqsSubscription: {QueueArn: a, QueueUrl: b}}}
            Queue: {Type: SQS, Properties: {Queue: q, FilterCriteria: {Filters: []}}}
            Kafka: {Type: MSK, Properties: {Stream: s, StartingPosition: LATEST, Topics: [t], SchemaRegistryConfig:
                   {SchemaRegistryURI: !Join ['', [a]], EventRecordFormat: JSON, SchemaValidationConfigs: []}}}
            Broker: {Type: MQ, Properties: {Broker: b, SourceAccessConfigurations: [{Type: BASIC_AUTH, URI: s}]}}
            Time: {Type: Schedule, Properties: {Schedule: rate(1 day), DeadLetterConfig: {Type: SQS}}}
            Rule: {Type: EventBridgeRule, Properties: {Pattern: {a: [b]}, InputTransformer: {InputTemplate: t}}}
            Later: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day)}}
            Users: {Type: Cognito, Properties: {UserPool: !Ref Pool, Trigger: [PreSignUp]}}
            Lines: {Type: CloudWatchLogs, Properties: {LogGroupName: g, FilterPattern: p}}
            Device: {Type: IoTRule, Properties: {Sql: s}}
      Machine:
        Type: AWS::Serverless::StateMachine
        Properties:
          Definition: {StartAt: A, States: {A: {Type: Task, Resource: !GetAtt Fn.Arn}}}
          AutoPublishAlias: live
          Policies: [{LambdaInvokePolicy: {FunctionName: f}}]
          Events: {Time: {Type: Schedule, Properties: {Schedule: rate(1 day), Target: {Id: t}}}}
      Table: {Type: AWS::Serverless::SimpleTable, Properties: {PrimaryKey: {Name: a, Type: String}, Tags: {a: b}}}
      Layer: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: 's3://a/b', CompatibleRuntimes: [r]}}
      App: {Type: AWS::Serverless::Application, Properties: {Location: {ApplicationId: a, SemanticVersion: 1.0.0}}}
      Join: {Type: AWS::Serverless::Connector, Properties:
            {Source: {Id: Machine}, Destination: [{Id: Fn}, {Id: Table}], Permissions: [Write]}}
      Capacity: {Type: AWS::Serverless::CapacityProvider, Properties: {VpcConfig: {SubnetIds: [a]}, Tags: {a: b},
                ScalingConfig: {MaxVCpuCount: 1}, ManagedResourceTags: {Tags: {a: b}}, PropagateTags: true}}
      Image: {Type: AWS::Serverless::MicrovmImage, Properties:
             {Name: n, CodeUri: 's3://a/b', BaseImageArn: a, BaseImageVersion: '1', EnvironmentVariables: {A: b}}}
      Net: {Type: AWS::Serverless::NetworkConnector, Properties: {VpcConfig: {SubnetIds: [a]}, ComputeTypes: [MicroVm]}}
      Web: {Type: AWS::Serverless::WebFunction, Properties: {AuthType: IamAuth, Runtime: r, CodeUri: 's3://a/b',
           RevisionWeights: {a: 100}, AutoDeploymentMode: Disabled, EnvironmentVariables: {A: b},
           ReplicaRegions: {IncludeRegions: [EU], ExcludeRegions: [eu-west-1]}}}
      Bucket: {Type: AWS::S3::Bucket, DependsOn: Pool, Properties: {Tags: [], NotificationConfiguration: {}}}
      Pool: {Type: AWS::Cognito::UserPool, Properties: {LambdaConfig: {}}}
    Outputs: {Alias: {Value: !Ref Fn.Alias}}
"""

ODD = [
    None,
    5,
    1.5,
    True,
    "",
    "x",
    [],
    {},
    [None],
    ["x"],
    {"Ref": "X"},
    {"Ref": 5},
    {"Ref": "Stage"},
    {"Ref": "AWS::NoValue"},
    {"Fn::If": ["C", 1, {"Ref": "AWS::NoValue"}]},
    {"Fn::If": []},
    {"Fn::Sub": ["${x}"]},
    {"Fn::GetAtt": "A.Arn"},
    {"Fn::FindInMap": ["M", "a", "b"]},
    {"a": 1, "b": 2},
    {5: 6, "a": None},
    [{"a": {"b": 1}}],
    10**30,
]


def routes(value, route=()):
    yield route
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from routes(item, (*route, key))


def with_odd_values(template, chance: random.Random):
    """A copy of a template in which a few values were replaced, added or removed."""
    changed = copy.deepcopy(template)
    for _ in range(chance.choice([1, 1, 2, 3])):
        *way, last = chance.choice([route for route in routes(changed) if route])
        parent = changed
        for key in way:
            parent = parent[key]
        what = chance.random()
        if what < 0.15:
            del parent[last]
        elif what < 0.25 and isinstance(parent, dict):
            parent[chance.choice(["Odd", 5, None, "Fn::If", "Tags"])] = copy.deepcopy(chance.choice(ODD))
        else:
            parent[last] = copy.deepcopy(chance.choice(ODD))
    return changed


@pytest.mark.parametrize("seed", range(20))
def test_odd_values_give_problems_and_never_an_exception(seed):
    template = read(KITCHEN)
    chance = random.Random(seed)
    for _ in range(100):
        odd = with_odd_values(template, chance)
        before = repr(odd)
        expansion = expand(odd, {})
        assert repr(odd) == before
        assert json.dumps(expansion.resources, default=str)
        assert all(route and isinstance(message, str) for route, message in expansion.problems)


@pytest.mark.parametrize(
    "template", [{}, {"Resources": None}, {"Resources": []}, {"Resources": {"A": None, 5: {}}}]
)
def test_templates_without_resources_give_none(template):
    assert expand(template, {}).resources == {}


def test_a_resource_that_is_no_map_is_a_problem_and_the_others_go_on():
    expansion = expand({"Resources": {"A": "text", "B": {"Type": "AWS::SQS::Queue"}}}, {})
    assert expansion.resources == {"B": {"Type": "AWS::SQS::Queue"}}
    assert [route for route, _message in expansion.problems] == [("Resources", "A")]


def test_a_kind_that_sam_does_not_know_is_a_problem_and_left_out():
    expansion = expand({"Resources": {"A": {"Type": "AWS::Serverless::Toaster"}}}, {})
    assert expansion.resources == {}
    assert expansion.problems == [
        (("Resources", "A"), "AWS::Serverless::Toaster is not a kind that SAM knows")
    ]


def test_plain_resources_are_shared_with_the_template():
    template = {"Resources": {"B": {"Type": "AWS::SQS::Queue"}}}
    assert expand(template, {}).resources["B"] is template["Resources"]["B"]


def test_the_same_template_gives_the_same_expansion_every_time():
    template = read(KITCHEN)
    assert expand(template, {}) == expand(copy.deepcopy(template), {})


def test_a_given_value_counts_more_than_a_default():
    template = read(KITCHEN)
    code = expand(template, {"Stage": "prod"}).resources["Fn"]["Properties"]["Code"]
    assert code["S3Key"] == "prod"
    assert expand(template, {}).resources["Fn"]["Properties"]["Code"]["S3Key"] == "dev"


def test_every_made_resource_leads_to_something_in_the_authors_template():
    template = read(KITCHEN)
    expansion = expand(template, {})
    for made in expansion.made.values():
        assert made.by in template["Resources"]
        value = template
        for part in made.route:
            value = value[part]


def test_everything_that_is_not_the_authors_has_a_maker():
    template = read(KITCHEN)
    expansion = expand(template, {})
    plain = {name for name, body in template["Resources"].items() if "Serverless" not in body["Type"]}
    assert expansion.resources.keys() - plain == expansion.made.keys() - plain


def test_the_transform_reads_nothing_of_awss_own():
    import stackworthy.sources.cloudformation.sam.expand as module

    folder = Path(module.__file__).parent
    assert not any("samtranslator" in path.read_text() for path in folder.glob("*.py"))
