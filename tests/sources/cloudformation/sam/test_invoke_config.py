import pytest

DESTINATION = "EventInvokeConfig: {{MaximumRetryAttempts: 1, DestinationConfig: {{OnFailure: {}}}}}"

LIKE_AWS = {
    "without destinations": "EventInvokeConfig: {MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0}",
    "of an alias": "AutoPublishAlias: live\nEventInvokeConfig: {MaximumRetryAttempts: 0}",
    "with a queue to be made": DESTINATION.format("{Type: SQS}"),
    "with a topic to be made": DESTINATION.format("{Type: SNS}"),
    "with a queue": DESTINATION.format("{Type: SQS, Destination: !GetAtt Q.Arn}"),
    "with a function": DESTINATION.format("{Type: Lambda, Destination: arn}"),
    "with an event bus": DESTINATION.format("{Type: EventBridge, Destination: arn}"),
    "with a bucket": DESTINATION.format("{Type: S3Bucket, Destination: arn}"),
    "with a queue to be made under a condition": DESTINATION.format(
        "{Type: SQS, Destination: !If [C, arn, !Ref 'AWS::NoValue']}"
    ),
    "with a topic to be made unless a condition holds": DESTINATION.format(
        "{Type: SNS, Destination: !If [C, !Ref 'AWS::NoValue', arn]}"
    ),
    "with one of two queues": DESTINATION.format("{Type: SQS, Destination: !If [C, one, other]}"),
    "with two destinations": """
        EventInvokeConfig: {DestinationConfig: {OnSuccess: {Type: SQS}, OnFailure: {Type: SNS}}}
    """,
    "with values of parameters": """
        EventInvokeConfig: {MaximumRetryAttempts: !Ref P, DestinationConfig: {OnFailure: {Type: !Ref T}}}
    """,
}


@pytest.mark.parametrize("properties", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_the_configuration_of_asynchronous_calls_is_as_aws_makes_it(properties, function, same_as_aws):
    head = "Parameters: {P: {Type: Number, Default: 1}, T: {Type: String, Default: SQS}}\n"
    same_as_aws(head + "Conditions: {C: !Equals [a, a]}\n" + function(properties))


def test_a_conditional_destination_of_a_conditional_function_depends_on_both_conditions(same_as_aws):
    expansion = same_as_aws("""
        Conditions: {C: !Equals [a, a], D: !Equals [a, a]}
        Resources:
          Fn:
            Type: AWS::Serverless::Function
            Condition: D
            Properties:
              Runtime: python3.13
              Handler: a.b
              InlineCode: pass
              EventInvokeConfig:
                DestinationConfig:
                  OnFailure: {Type: SQS, Destination: !If [C, arn, !Ref 'AWS::NoValue']}
    """)
    assert len(expansion.conditions) == 2


def test_functions_share_the_destination_that_globals_state(same_as_aws):
    expansion = same_as_aws("""
        Globals:
          Function:
            Runtime: python3.13
            Handler: a.b
            EventInvokeConfig: {DestinationConfig: {OnFailure: {Type: SQS}}}
        Resources:
          A: {Type: AWS::Serverless::Function, Properties: {InlineCode: a}}
          B: {Type: AWS::Serverless::Function, Properties: {InlineCode: a}}
          C:
            Type: AWS::Serverless::Function
            Properties: {InlineCode: a, EventInvokeConfig: {MaximumRetryAttempts: 1}}
    """)
    queues = [name for name, body in expansion.resources.items() if body["Type"] == "AWS::SQS::Queue"]
    assert queues == ["AEventInvokeConfigOnFailureQueue"]


REFUSED = {
    DESTINATION.format("{Type: Post, Destination: a}"): ("OnFailure", "Type"),
    DESTINATION.format("{Type: Lambda}"): ("OnFailure", "Destination"),
    DESTINATION.format("here"): ("OnFailure",),
    DESTINATION.format("{Type: SQS, Destination: !If [C]}"): ("OnFailure", "Destination"),
    "EventInvokeConfig: {DestinationConfig: here}": (),
}


@pytest.mark.parametrize(("properties", "route"), REFUSED.items(), ids=REFUSED.keys())
def test_a_destination_that_aws_refuses_is_a_problem_and_the_function_stays(
    properties, route, function, refused_by_both
):
    place = ("Resources", "Fn", "Properties", "EventInvokeConfig", "DestinationConfig", *route)
    assert "FnRole" in refused_by_both(function(properties), *place).resources
