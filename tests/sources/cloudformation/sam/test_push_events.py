import pytest

from stackworthy.sources.cloudformation.sam.expand import expand
from stackworthy.sources.cloudformation.sam.places import author_place

LIKE_AWS = {
    "a topic": "Topic: {Type: SNS, Properties: {Topic: !Ref T}}",
    "a topic elsewhere with a filter": """
        Topic: {Type: SNS, Properties: {Topic: arn, Region: eu-west-1, FilterPolicy: {a: [b]},
                FilterPolicyScope: MessageBody, RedrivePolicy: {deadLetterTargetArn: q}}}
    """,
    "a topic through a queue to be made": "Topic: {Type: SNS, Properties: {Topic: !Ref T, SqsSubscription: true}}",
    "a topic in order through a queue to be made": (
        "Topic: {Type: SNS, Properties: {Topic: !Ref Fifo, SqsSubscription: true}}"
    ),
    "a topic through a queue": """
        Topic: {Type: SNS, Properties: {Topic: arn, SqsSubscription: {QueueArn: a, QueueUrl: b, BatchSize: 3,
                QueuePolicyLogicalId: MyPolicy, Enabled: false}}}
    """,
    "log lines": "Lines: {Type: CloudWatchLogs, Properties: {LogGroupName: g, FilterPattern: ''}}",
    "devices": "Rule: {Type: IoTRule, Properties: {Sql: 'SELECT 1', AwsIotSqlVersion: '2016-03-23'}}",
    "a skill": "Skill: {Type: AlexaSkill, Properties: {SkillId: amzn1}}",
    "any skill": "Skill: {Type: AlexaSkill}",
    "a user pool": "Users: {Type: Cognito, Properties: {UserPool: !Ref Pool, Trigger: PreSignUp}}",
    "a user pool twice": "Users: {Type: Cognito, Properties: {UserPool: !Ref Pool, Trigger: [PreSignUp, PostConfirmation]}}",
    "a bucket": "Files: {Type: S3, Properties: {Bucket: !Ref Bucket, Events: 's3:ObjectCreated:*'}}",
    "a bucket with a filter": """
        Files: {Type: S3, Properties: {Bucket: !Ref Busy, Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'],
                Filter: {S3Key: {Rules: [{Name: prefix, Value: a}]}}}}
    """,
    "two buckets": """
        One: {Type: S3, Properties: {Bucket: !Ref Bucket, Events: 's3:ObjectCreated:*'}}
        Two: {Type: S3, Properties: {Bucket: !Ref Bucket, Events: 's3:ObjectRemoved:*'}}
    """,
}

OTHERS = """
---
T: {Type: AWS::SNS::Topic}
Fifo: {Type: AWS::SNS::Topic, Properties: {FifoTopic: true}}
Pool: {Type: AWS::Cognito::UserPool, DeletionPolicy: Retain, Properties: {UserPoolName: p}}
Bucket: {Type: AWS::S3::Bucket}
Busy:
  Type: AWS::S3::Bucket
  DependsOn: T
  Properties:
    Tags: [{Key: a, Value: b}]
    NotificationConfiguration:
      TopicConfigurations: []
      LambdaConfigurations: [{Event: a, Function: b}]
"""


def with_events(function, events: str, further: str = "") -> str:
    lines = "\n".join("  " + line.strip() for line in events.strip().splitlines() if line.strip())
    return function(f"{further}Events:\n{lines}\n" + OTHERS.lstrip())


@pytest.mark.parametrize("events", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_a_calling_source_becomes_what_aws_makes_of_it(events, function, same_as_aws):
    same_as_aws(with_events(function, events))


@pytest.mark.parametrize("events", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_a_calling_source_of_an_alias_becomes_what_aws_makes_of_it(events, function, same_as_aws):
    same_as_aws(with_events(function, events, "AutoPublishAlias: live\n"))


@pytest.mark.parametrize("events", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_a_calling_source_of_a_conditional_function_becomes_what_aws_makes_of_it(
    events, function, same_as_aws
):
    text = with_events(function, events).replace(
        "Properties:\n      Runtime", "Condition: C\n    Properties:\n      Runtime"
    )
    assert "Condition: C" in text
    same_as_aws("Conditions: {C: !Equals [a, a]}\n" + text)


def test_a_bucket_of_two_functions_waits_for_both_permissions(same_as_aws):
    files = "Events: {Files: {Type: S3, Properties: {Bucket: !Ref B, Events: 's3:ObjectCreated:*'}}}"
    expansion = same_as_aws(f"""
        A: {{Type: AWS::Serverless::Function, Properties: {{InlineCode: a, Runtime: r, Handler: h, {files}}}}}
        Z: {{Type: AWS::Serverless::Function, Properties: {{InlineCode: a, Runtime: r, Handler: h, {files}}}}}
        B: {{Type: AWS::S3::Bucket}}
    """)
    assert set(expansion.resources["B"]["DependsOn"]) == {"AFilesPermission", "ZFilesPermission"}


def test_a_rewritten_bucket_keeps_its_place_and_says_which_events_added_to_it(function, template_of):
    events = """
        One: {Type: S3, Properties: {Bucket: !Ref Busy, Events: 's3:ObjectCreated:*'}}
        Two: {Type: S3, Properties: {Bucket: !Ref Busy, Events: ['s3:ObjectRemoved:*']}}
    """
    template = template_of(with_events(function, events))
    made = expand(template, {}).made["Busy"]
    path = "NotificationConfiguration.LambdaConfigurations"
    assert author_place(template, made, "Tags.0").route == ("Resources", "Busy", "Properties", "Tags", 0)
    assert author_place(template, made, f"{path}.0").route[:2] == ("Resources", "Busy")
    assert author_place(template, made, f"{path}.1.Event").route[:5] == (
        "Resources",
        "Fn",
        "Properties",
        "Events",
        "One",
    )
    assert author_place(template, made, f"{path}.2").route == (
        "Resources",
        "Fn",
        "Properties",
        "Events",
        "Two",
    )
    assert (
        len(template["Resources"]["Busy"]["Properties"]["NotificationConfiguration"]["LambdaConfigurations"])
        == 1
    )


def test_a_rewritten_user_pool_says_which_event_added_a_trigger(function, template_of):
    events = "Users: {Type: Cognito, Properties: {UserPool: !Ref Pool, Trigger: PreSignUp}}"
    template = template_of(with_events(function, events))
    made = expand(template, {}).made["Pool"]
    assert author_place(template, made, "LambdaConfig.PreSignUp").route == (
        "Resources",
        "Fn",
        "Properties",
        "Events",
        "Users",
    )
    assert author_place(template, made, "UserPoolName").route == (
        "Resources",
        "Pool",
        "Properties",
        "UserPoolName",
    )


REFUSED = {
    "A: {Type: S3, Properties: {Bucket: name, Events: a}}": ("Properties", "Bucket"),
    "A: {Type: S3, Properties: {Bucket: !Ref T, Events: a}}": ("Properties", "Bucket"),
    "A: {Type: Cognito, Properties: {UserPool: !Ref Nobody, Trigger: a}}": ("Properties", "UserPool"),
    "A: {Type: Cognito, Properties: {UserPool: !Ref Pool, Trigger: [a, a]}}": ("Properties", "Trigger"),
    "A: {Type: SNS, Properties: {Topic: a, SqsSubscription: {QueueArn: b}}}": (
        "Properties",
        "SqsSubscription",
    ),
    "A: {Type: CloudWatchLogs, Properties: {LogGroupName: a}}": ("Properties", "FilterPattern"),
    "A: {Type: Telegram}": ("Type",),
    "A: Telegram": (),
}


@pytest.mark.parametrize(("event", "route"), REFUSED.items(), ids=REFUSED.keys())
def test_a_source_that_aws_refuses_is_a_problem_and_the_others_go_on(event, route, function, refused_by_both):
    text = with_events(function, f"{event}\nB: {{Type: SNS, Properties: {{Topic: a}}}}")
    expansion = refused_by_both(text, "Resources", "Fn", "Properties", "Events", "A", *route)
    assert "FnB" in expansion.resources


def test_a_resource_of_the_author_keeps_its_logical_id(function, refused_by_both):
    text = with_events(function, "A: {Type: AlexaSkill}") + "\n  FnAPermission: {Type: AWS::SNS::Topic}\n"
    expansion = refused_by_both(text, "Resources", "Fn", "Properties", "Events", "A")
    assert expansion.resources["FnAPermission"]["Type"] == "AWS::SNS::Topic"
