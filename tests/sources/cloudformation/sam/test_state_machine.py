import pytest

from stackworthy.sources.cloudformation.sam.expand import expand

LIKE_AWS = {
    "from a bucket": "DefinitionUri: s3://b/k?versionId=v",
    "from a bucket in parts": "DefinitionUri: {Bucket: b, Key: k, Version: '1'}",
    "from the template": "Definition: {StartAt: A, States: {A: {Type: Pass, End: true}}}",
    "from the template with functions in it": """
        Definition:
          StartAt: A
          States:
            B: {Type: Task, Resource: !GetAtt Fn.Arn, Next: C}
            A: {Type: Task, Resource: '{{resolve:ssm:/a}}', Parameters: [!Ref X, {y: !Sub '${Z}'}]}
    """,
    "with substitutions": "DefinitionUri: s3://b/k\nDefinitionSubstitutions: {Fn: !GetAtt Fn.Arn}",
    "with substitutions beside the template's": """
        Definition: {StartAt: !Ref A}
        DefinitionSubstitutions: {Fn: !GetAtt Fn.Arn}
    """,
    "with a role": "DefinitionUri: s3://b/k\nRole: arn",
    "with policies": """
        DefinitionUri: s3://b/k
        Policies: [AWSLambdaRole, {LambdaInvokePolicy: {FunctionName: a}}, {Statement: []}]
        RolePath: /a/
        PermissionsBoundary: b
    """,
    "with one policy": "DefinitionUri: s3://b/k\nPolicies: AWSLambdaRole",
    "with tracing": "DefinitionUri: s3://b/k\nTracing: {Enabled: true}",
    "with everything plain": """
        DefinitionUri: s3://b/k
        Name: n
        Type: EXPRESS
        Logging: {Level: ALL}
        Tags: {a: b}
    """,
    "with tags passed on": "DefinitionUri: s3://b/k\nTags: {a: b}\nPropagateTags: true",
    "with an alias": "DefinitionUri: s3://b/k\nAutoPublishAlias: live",
    "with an alias deployed step by step": """
        DefinitionUri: s3://b/k
        AutoPublishAlias: live
        DeploymentPreference: {Type: LINEAR, Percentage: 10, Interval: 1}
    """,
}


def machine(properties: str) -> str:
    import textwrap

    body = textwrap.indent(textwrap.dedent(properties), "    ")
    return "Machine:\n  Type: AWS::Serverless::StateMachine\n  Condition: C\n  Properties:\n" + body


@pytest.mark.parametrize("properties", LIKE_AWS.values(), ids=LIKE_AWS.keys())
@pytest.mark.parametrize("region", ["us-east-1", "cn-north-1"])
def test_a_state_machine_becomes_what_aws_makes_of_it(properties, region, same_as_aws):
    same_as_aws(machine(properties), region)


REFUSED = {
    "Name: n": (),
    "Definition: {A: b}\nDefinitionUri: s3://a/b": ("DefinitionUri",),
    "DefinitionUri: s3://a/b\nRole: a\nPolicies: [b]": ("Policies",),
    "DefinitionUri: s3://a/b\nUseAliasAsEventTarget: true": ("UseAliasAsEventTarget",),
    "DefinitionUri: s3://a/b\nDeploymentPreference: {Type: LINEAR}": ("DeploymentPreference",),
    "DefinitionUri: s3://a/b\nEvents: {A: {Type: SQS}}": ("Events", "A", "Type"),
    "DefinitionUri: s3://a/b\nSpeed: 5": ("Speed",),
}


@pytest.mark.parametrize(("properties", "route"), REFUSED.items(), ids=REFUSED.keys())
def test_what_aws_refuses_is_a_problem_and_the_state_machine_stays(properties, route, refused_by_both):
    expansion = refused_by_both(machine(properties), "Resources", "Machine", "Properties", *route)
    assert "Machine" in expansion.resources


def test_the_definition_leads_to_the_authors_definition(template_of):
    made = expand(template_of(machine("Definition: {StartAt: A}")), {}).made["Machine"]
    assert made.properties["DefinitionString"] == ("Properties", "Definition")
    assert made.properties["LoggingConfiguration"] == ("Properties", "Logging")
