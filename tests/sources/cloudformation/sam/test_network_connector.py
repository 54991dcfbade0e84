import pytest

LIKE_AWS = {
    "with what is required": "{VpcConfig: {SubnetIds: [a], SecurityGroupIds: [b], NetworkProtocol: IPv4}}",
    "with everything": """
        {Name: n, VpcConfig: {SubnetIds: [a], SecurityGroupIds: [b], NetworkProtocol: IPv4}, ComputeTypes: [WebFunction], OperatorRole: arn,
         Tags: {a: b}}
    """,
    "with tags passed on": "{VpcConfig: {SubnetIds: [a], SecurityGroupIds: [b], NetworkProtocol: IPv4}, Tags: {a: b}, PropagateTags: true}",
}


@pytest.mark.parametrize("properties", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_a_network_connector_becomes_what_aws_makes_of_it(properties, same_as_aws):
    same_as_aws(f"N: {{Type: AWS::Serverless::NetworkConnector, Properties: {' '.join(properties.split())}}}")


@pytest.mark.parametrize(
    ("properties", "place"),
    [
        ("{}", ("VpcConfig",)),
        ("{VpcConfig: {SubnetIds: [a], SecurityGroupIds: [b]}}", ("VpcConfig", "NetworkProtocol")),
        ("{VpcConfig: {SubnetIds: [a]}, ComputeTypes: [MicroVm, WebFunction]}", ("ComputeTypes",)),
        ("{VpcConfig: {SubnetIds: [a]}, ComputeTypes: [Mainframe]}", ("ComputeTypes",)),
    ],
)
def test_a_network_connector_that_aws_refuses_is_a_problem(properties, place, refused_by_both):
    text = f"N: {{Type: AWS::Serverless::NetworkConnector, Properties: {properties}}}"
    refused_by_both(text, "Resources", "N", "Properties", *place)
