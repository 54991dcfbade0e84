import pytest

BASE = "Name: n, BaseImageArn: arn, BaseImageVersion: '1'"

LIKE_AWS = {
    "with what is required": f"{{{BASE}, CodeUri: s3://b/k}}",
    "with code at a place to be found later": f"{{{BASE}, CodeUri: !Sub 's3://${{B}}/k'}}",
    "with code of a parameter": f"{{{BASE}, CodeUri: !Ref Code}}",
    "with everything": f"""
        {{{BASE}, CodeUri: s3://b/k, BuildRoleArn: r, Description: d, Tags: {{a: b}}, PropagateTags: true, Logging: {{Disabled: true}},
         EgressNetworkConnectors: [a], CpuConfigurations: [{{Architecture: ARM_64}}], Resources: [{{MinimumMemoryInMiB: 512}}],
         AdditionalOsCapabilities: [ALL], Hooks: {{Port: 80}}, EnvironmentVariables: {{A: b}}}}
    """,
}


@pytest.mark.parametrize("properties", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_an_image_becomes_what_aws_makes_of_it(properties, same_as_aws):
    head = "Parameters: {Code: {Type: String, Default: 's3://c/d'}}\n"
    properties = " ".join(properties.split())
    same_as_aws(f"{head}Resources:\n  I: {{Type: AWS::Serverless::MicrovmImage, Properties: {properties}}}")


def test_an_image_without_code_is_a_problem(refused_by_both):
    text = f"I: {{Type: AWS::Serverless::MicrovmImage, Properties: {{{BASE}}}}}"
    refused_by_both(text, "Resources", "I", "Properties", "CodeUri")
