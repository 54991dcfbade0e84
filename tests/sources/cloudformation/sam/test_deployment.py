import textwrap

import pytest

LIKE_AWS = {
    "all at once": "{Type: AllAtOnce}",
    "step by step": "{Type: Linear10PercentEvery1Minute}",
    "in a way of the author's": "{Type: MyOwnConfiguration}",
    "in a way that a parameter names": "{Type: !Ref Way}",
    "in a way that a mapping names": "{Type: !FindInMap [Ways, a, b]}",
    "in a way that a condition chooses": "{Type: !If [C, AllAtOnce, Canary10Percent5Minutes]}",
    "with hooks": "{Type: AllAtOnce, Hooks: {PreTraffic: !Ref Before, PostTraffic: !Ref After}}",
    "with alarms": "{Type: AllAtOnce, Alarms: [!Ref A, b]}",
    "with conditional alarms": "{Type: AllAtOnce, Alarms: !If [C, [a], [!Ref 'AWS::NoValue']]}",
    "with no alarms": "{Type: AllAtOnce, Alarms: []}",
    "with a role of its own": "{Type: AllAtOnce, Role: arn}",
    "with triggers": "{Type: AllAtOnce, TriggerConfigurations: [{TriggerName: a}]}",
    "switched off": "{Type: AllAtOnce, Enabled: false}",
    "switched off by a parameter": "{Type: AllAtOnce, Enabled: !Ref Off}",
    "under the function's condition": "{Type: AllAtOnce, PassthroughCondition: true}",
}

HEAD = textwrap.dedent("""
    Parameters: {Way: {Type: String, Default: Canary10Percent5Minutes}, Off: {Type: String, Default: 'false'}}
    Mappings: {Ways: {a: {b: AllAtOnce}}}
    Conditions: {C: !Equals [a, a]}
""")


@pytest.mark.parametrize("preference", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_a_deployment_is_as_aws_makes_it(preference, function, same_as_aws):
    same_as_aws(HEAD + function(f"AutoPublishAlias: live\nDeploymentPreference: {preference}"))


def functions(count: int, condition: str = "") -> str:
    text = "".join(f"  C{number}: !Equals [a, b]\n" for number in range(count))
    text = "Conditions:\n" + text + "Resources:\n"
    for number in range(count):
        text += f"""
  Fn{number}:
    Type: AWS::Serverless::Function
    {condition.format(number)}
    Properties:
      Runtime: python3.13
      Handler: a.b
      CodeUri: s3://a/b
      AutoPublishAlias: live
      Tags: {{number: "{number}", n{number}: a}}
      PropagateTags: true
      DeploymentPreference: {{Type: AllAtOnce, PassthroughCondition: true}}
"""
    return text


def test_functions_share_one_application_and_one_role(same_as_aws):
    expansion = same_as_aws(functions(3))
    assert "CodeDeployServiceRole" in expansion.resources


def test_what_functions_share_exists_while_one_of_their_conditions_holds(same_as_aws):
    expansion = same_as_aws(functions(2, "Condition: C{}"))
    assert expansion.resources["CodeDeployServiceRole"]["Condition"] == "ServerlessCodeDeployCondition"


def test_more_conditions_than_one_or_may_hold_are_nested(template_of):
    from stackworthy.sources.cloudformation.sam.expand import expand

    conditions = expand(template_of(functions(12, "Condition: C{}")), {}).conditions
    assert [len(body["Fn::Or"]) for body in conditions.values()] == [10, 3]
    assert conditions["ServerlessCodeDeployCondition"]["Fn::Or"][-1] == {
        "Condition": "ServerlessCodeDeployCondition1"
    }


@pytest.mark.parametrize(
    ("properties", "route"),
    [
        ("DeploymentPreference: {Type: AllAtOnce}", ()),
        ("AutoPublishAlias: live\nDeploymentPreference: {Enabled: true}", ()),
        ("AutoPublishAlias: live\nDeploymentPreference: {Type: AllAtOnce, Hooks: a}", ("Hooks",)),
        ("AutoPublishAlias: live\nDeploymentPreference: {Type: AllAtOnce, Alarms: a}", ("Alarms",)),
        (
            "AutoPublishAlias: live\nDeploymentPreference: {Type: AllAtOnce, PassthroughCondition: perhaps}",
            ("PassthroughCondition",),
        ),
    ],
)
def test_a_deployment_that_aws_refuses_is_a_problem(properties, route, function, refused_by_both):
    refused_by_both(function(properties), "Resources", "Fn", "Properties", "DeploymentPreference", *route)
