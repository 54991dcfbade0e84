import textwrap

import pytest

API = """
{name}:
  Type: AWS::Serverless::Api
  {attributes}
  Properties:
    StageName: prod
    Auth: {{ApiKeyRequired: true, UsagePlan: {{{plan}}}}}
    Tags: {{team: a}}
    PropagateTags: {tagged}
"""


def api(plan, name="Api", attributes="DependsOn: []", *, tagged=False):
    return API.format(plan=plan, name=name, attributes=attributes, tagged=str(tagged).lower())


@pytest.mark.parametrize("tagged", [False, True])
@pytest.mark.parametrize(
    "plan",
    [
        "CreateUsagePlan: PER_API",
        "CreateUsagePlan: SHARED, Quota: {Limit: 5, Period: DAY}, Throttle: {BurstLimit: 1}, Tags: [{Key: a, Value: b}]",
        "CreateUsagePlan: PER_API, UsagePlanName: n, Description: d",
        "CreateUsagePlan: NONE",
    ],
)
def test_a_usage_plan_becomes_what_aws_makes_of_it(plan, tagged, same_as_aws):
    same_as_aws(api(plan, tagged=tagged))


@pytest.mark.parametrize(
    ("first", "second", "third"),
    [
        ("DependsOn: []", "DependsOn: []", "DependsOn: []"),
        ("Condition: C", "Condition: D", "Condition: C"),
        ("Condition: C", "DependsOn: []", "Condition: D"),
        ("Condition: C", "Condition: C", "Condition: C"),
        ("DeletionPolicy: Delete", "DeletionPolicy: Retain", "UpdateReplacePolicy: Snapshot"),
        ("UpdateReplacePolicy: Delete", "UpdateReplacePolicy: Snapshot", "UpdateReplacePolicy: Retain"),
    ],
)
def test_apis_share_a_plan(first, second, third, same_as_aws):
    plan = "CreateUsagePlan: SHARED"
    resources = api(plan, "One", first) + api(plan, "Two", second) + api(plan, "Three", third)
    conditions = "Conditions: {C: !Equals [a, a], D: !Equals [a, b]}\nResources:\n"
    same_as_aws(conditions + textwrap.indent(resources, "  "))


@pytest.mark.parametrize(
    ("plan", "place"),
    [
        ("Foo: bar, CreateUsagePlan: SHARED", ()),
        ("CreateUsagePlan: ALWAYS", ("CreateUsagePlan",)),
        ("Quota: {}", ("CreateUsagePlan",)),
    ],
)
def test_a_faulty_plan_is_refused(plan, place, refused_by_both):
    refused_by_both(api(plan), "Resources", "Api", "Properties", "Auth", "UsagePlan", *place)
