import pytest

LIKE_AWS = {
    "with what is required": "{VpcConfig: {SubnetIds: [a]}}",
    "with everything": """
        {CapacityProviderName: n, VpcConfig: {SubnetIds: [a], SecurityGroupIds: [b]}, OperatorRole: arn, KmsKeyArn: k,
         InstanceRequirements: {Architectures: [arm64], AllowedTypes: [m7g.large]}, LoggingConfig: {LogGroup: g},
         ScalingConfig: {MaxVCpuCount: 10, AverageCPUUtilization: 70}, ManagedResourceTags: {Tags: {c: d}}}
    """,
    "with tags passed on": "{VpcConfig: {SubnetIds: [a]}, Tags: {a: b}, PropagateTags: true}",
    "that scales by itself": "{VpcConfig: {SubnetIds: [a]}, ScalingConfig: {MaxVCpuCount: 10}}",
}


@pytest.mark.parametrize("properties", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_a_capacity_provider_becomes_what_aws_makes_of_it(properties, same_as_aws):
    same_as_aws(
        f"P: {{Type: AWS::Serverless::CapacityProvider, Condition: C, Properties: {' '.join(properties.split())}}}"
    )


def test_globals_reach_capacity_providers_by_rules_of_their_own(same_as_aws):
    same_as_aws("""
        Globals:
          CapacityProvider:
            VpcConfig: {SubnetIds: [a]}
            InstanceRequirements: {Architectures: [arm64], ExcludedTypes: [a]}
            ManagedResourceTags: {Tags: {a: b}}
        Resources:
          P:
            Type: AWS::Serverless::CapacityProvider
            Properties:
              VpcConfig: {SubnetIds: [b]}
              InstanceRequirements: {Architectures: [x86_64]}
              ManagedResourceTags: {Tags: {c: d}}
    """)


@pytest.mark.parametrize(
    ("properties", "route"),
    [
        ("{}", ("VpcConfig",)),
        ("{VpcConfig: {SecurityGroupIds: [a]}}", ("VpcConfig", "SubnetIds")),
        (
            "{VpcConfig: {SubnetIds: [a]}, InstanceRequirements: {AllowedTypes: [a], ExcludedTypes: [b]}}",
            ("InstanceRequirements", "ExcludedTypes"),
        ),
    ],
)
def test_a_capacity_provider_that_aws_refuses_is_a_problem(properties, route, refused_by_both):
    text = f"P: {{Type: AWS::Serverless::CapacityProvider, Properties: {properties}}}"
    refused_by_both(text, "Resources", "P", "Properties", *route)
