import pytest

BASE = "AuthType: IamAuth, Runtime: nodejs24.x, CodeUri: s3://b/k"

LIKE_AWS = {
    "with what is required": f"{{{BASE}}}",
    "with everything": f"""
        {{{BASE}, FunctionName: n, Tags: {{a: b}}, RevisionDescription: d, KmsKeyArn: k, ExecutionRoleArn: r, Timeout: 5,
         EnvironmentVariables: {{A: b, N: 1, T: true}}, EntryPoint: e, MaxConcurrencyPerEnvironment: 3, LoggingConfig: {{L: g}},
         EndpointName: test, EndpointDescription: e, ScalingConfig: {{S: 1}}, ThrottleConfig: {{T: 1}},
         EgressNetworkConnectorArn: 'arn:aws:lambda:us-east-1:123456789012:network-connector:c:1'}}
    """,
    "with code in parts": "{AuthType: IamAuth, Runtime: r, CodeUri: {Bucket: b, Key: k, Version: v}}",
    "with traffic by weights": f"{{{BASE}, AutoDeploymentMode: Disabled, RevisionWeights: {{a: 40, b: 60}}}}",
    "in several regions": f"""
        {{{BASE}, EndpointType: MultiRegion, AutoDeploymentMode: Disabled, ReplicaRegions: [EU, us-east-1, !Ref R]}}
    """,
    "in regions without some": f"""
        {{{BASE}, EndpointType: PerRegion, AutoDeploymentMode: Disabled,
         ReplicaRegions: {{IncludeRegions: [ALL_STANDARD], ExcludeRegions: [us, sa-east-1]}}}}
    """,
    "with variables of a function": f"{{{BASE}, EnvironmentVariables: !If [C, {{A: b}}, {{A: c}}]}}",
}


@pytest.mark.parametrize("properties", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_a_web_function_becomes_what_aws_makes_of_it(properties, same_as_aws):
    name = "W" * 60
    same_as_aws(
        f"{name}: {{Type: AWS::Serverless::WebFunction, DependsOn: T, Properties: {' '.join(properties.split())}}}"
    )


REFUSED = {
    "{Runtime: r, CodeUri: s3://b/k}": ("AuthType",),
    "{AuthType: IamAuth, CodeUri: s3://b/k}": ("Runtime",),
    "{AuthType: IamAuth, Runtime: r}": ("CodeUri",),
    "{AuthType: IamAuth, Runtime: r, InlineCode: a}": ("InlineCode",),
    f"{{{BASE}, Timeout: 1}}": ("Timeout",),
    f"{{{BASE}, RevisionWeights: {{a: 100}}}}": ("AutoDeploymentMode",),
    f"{{{BASE}, AutoDeploymentMode: Disabled}}": ("AutoDeploymentMode",),
    f"{{{BASE}, AutoDeploymentMode: Sometimes}}": ("AutoDeploymentMode",),
    f"{{{BASE}, AutoDeploymentMode: Disabled, RevisionWeights: {{a: 50}}}}": ("RevisionWeights",),
    f"{{{BASE}, AutoDeploymentMode: Disabled, RevisionWeights: {{a: 0, b: 100}}}}": ("RevisionWeights",),
    f"{{{BASE}, ReplicaRegions: [MARS]}}": ("ReplicaRegions",),
    f"{{{BASE}, ReplicaRegions: {{ExcludeRegions: [EU]}}}}": ("ReplicaRegions", "ExcludeRegions"),
    f"{{{BASE}, EgressNetworkConnectorArn: arn:aws:lambda:a:b:network-connector:c}}": (
        "EgressNetworkConnectorArn",
    ),
    f"{{{BASE}, EnvironmentVariables: {{_A: b}}}}": ("EnvironmentVariables", "_A"),
}


@pytest.mark.parametrize(("properties", "route"), REFUSED.items(), ids=REFUSED.keys())
def test_a_web_function_that_aws_refuses_is_a_problem(properties, route, refused_by_both):
    text = f"W: {{Type: AWS::Serverless::WebFunction, Properties: {properties}}}"
    refused_by_both(text, "Resources", "W", "Properties", *route)
