import pytest

EVENTS = {
    "a schedule": "{Type: Schedule, Properties: {Schedule: rate(1 day), Name: n, Description: d, Input: '{}'}}",
    "a schedule that is off": "{Type: Schedule, Properties: {Schedule: rate(1 day), Enabled: false}}",
    "a schedule with a state": "{Type: Schedule, Properties: {Schedule: rate(1 day), State: !Ref S}}",
    "a schedule with a queue to be made": """
        {Type: Schedule, Properties: {Schedule: rate(1 day), DeadLetterConfig: {Type: SQS},
         RetryPolicy: {MaximumRetryAttempts: 1}}}
    """,
    "a schedule with a named queue to be made": """
        {Type: Schedule, Properties: {Schedule: rate(1 day), DeadLetterConfig: {Type: SQS, QueueLogicalId: Dead}}}
    """,
    "a schedule with a queue": "{Type: Schedule, Properties: {Schedule: rate(1 day), DeadLetterConfig: {Arn: a}}}",
    "a pattern": """
        {Type: EventBridgeRule, Properties: {Pattern: {source: [aws.s3]}, EventBusName: b, RuleName: r, InputPath: $.a,
         State: DISABLED, Target: {Id: t}}}
    """,
    "a pattern under its old name": "{Type: CloudWatchEvent, Properties: {Pattern: {source: [a]}, Input: '{}'}}",
    "a pattern with a transformed input": """
        {Type: EventBridgeRule, Properties: {Pattern: {source: [a]}, InputTransformer: {InputTemplate: t},
         DeadLetterConfig: {Type: SQS}, RetryPolicy: {MaximumRetryAttempts: 1}}}
    """,
    "a schedule of the scheduler": "{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day)}}",
    "a schedule of the scheduler with everything": """
        {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), FlexibleTimeWindow: {Mode: FLEXIBLE}, Name: n,
         State: ENABLED, Description: d, StartDate: a, EndDate: b, ScheduleExpressionTimezone: UTC, GroupName: g,
         KmsKeyArn: k, Input: '{}', PermissionsBoundary: p, DeadLetterConfig: {Type: SQS},
         RetryPolicy: {MaximumRetryAttempts: 1}}}
    """,
    "a schedule of the scheduler without a name": (
        "{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), OmitName: true, RoleArn: r}}"
    ),
}

MACHINE = """
Machine:
  Type: AWS::Serverless::StateMachine
  Properties:
    DefinitionUri: s3://a/b
    PermissionsBoundary: boundary
    {further}
    Events: {{{name}: {event}}}
"""


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS.keys())
def test_an_event_of_a_function_becomes_what_aws_makes_of_it(event, function, same_as_aws):
    same_as_aws(function(f"Events: {{Time: {' '.join(event.split())}}}"))


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS.keys())
def test_an_event_of_a_state_machine_becomes_what_aws_makes_of_it(event, same_as_aws):
    same_as_aws(MACHINE.format(further="", name="Time", event=" ".join(event.split())))


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS.keys())
def test_an_event_of_the_alias_of_a_state_machine_becomes_what_aws_makes_of_it(event, same_as_aws):
    further = "AutoPublishAlias: live\n    UseAliasAsEventTarget: true"
    same_as_aws(MACHINE.format(further=further, name="Time", event=" ".join(event.split())))


def test_a_schedule_may_start_a_state_machine_with_a_role_of_its_own(same_as_aws):
    event = "{Type: Schedule, Properties: {Schedule: rate(1 day), RoleArn: r, Target: {Id: t}}}"
    same_as_aws(MACHINE.format(further="", name="Time", event=event))


def test_the_id_of_a_target_has_no_more_characters_than_eventbridge_allows(same_as_aws):
    event = "{Type: Schedule, Properties: {Schedule: rate(1 day)}}"
    same_as_aws(MACHINE.format(further="", name="VeryLong" * 10, event=event))


REFUSED = {
    "{Type: Schedule, Properties: {}}": ("Schedule",),
    "{Type: Schedule, Properties: {Schedule: a, Enabled: true, State: ENABLED}}": ("Enabled",),
    "{Type: Schedule, Properties: {Schedule: a, DeadLetterConfig: {}}}": ("DeadLetterConfig",),
    "{Type: Schedule, Properties: {Schedule: a, DeadLetterConfig: {Arn: a, Type: SQS}}}": (
        "DeadLetterConfig",
    ),
    "{Type: Schedule, Properties: {Schedule: a, DeadLetterConfig: {Type: SNS}}}": (
        "DeadLetterConfig",
        "Type",
    ),
    "{Type: Schedule, Properties: {Schedule: a, DeadLetterConfig: {Type: SQS, QueueLogicalId: [a]}}}": (
        "DeadLetterConfig",
        "QueueLogicalId",
    ),
    "{Type: ScheduleV2, Properties: {ScheduleExpression: a, OmitName: true, Name: n}}": ("Name",),
}


@pytest.mark.parametrize(("event", "route"), REFUSED.items(), ids=REFUSED.keys())
def test_an_event_that_aws_refuses_is_a_problem(event, route, function, refused_by_both):
    place = ("Resources", "Fn", "Properties", "Events", "Time", "Properties")
    refused_by_both(function(f"Events: {{Time: {event}}}"), *place, *route)
