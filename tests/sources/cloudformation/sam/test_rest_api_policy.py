import pytest

from stackworthy.sources.cloudformation.sam.rest_api_policy import wildcard_path

POLICIES = {
    "accounts": "AwsAccountWhitelist: ['123456789012'], AwsAccountBlacklist: ['210987654321']",
    "one account": "AwsAccountBlacklist: {Ref: Account}",
    "addresses": "IpRangeWhitelist: [1.2.3.4, 5.6.7.8/24], IpRangeBlacklist: 9.9.9.9",
    "networks": "SourceVpcWhitelist: [vpc-1, vpce-2], SourceVpcBlacklist: [vpce-3]",
    "networks that are intrinsics": "IntrinsicVpcWhitelist: [!Ref V], IntrinsicVpceBlacklist: [!Ref E, vpce-1]",
    "statements": "CustomStatements: [{Action: 'execute-api:Invoke', Resource: a, Effect: Allow, Principal: '*'}]",
    "one statement": "CustomStatements: {Action: a, Resource: b, Effect: Deny, Principal: '*'}",
    "several": "IpRangeWhitelist: [1.2.3.4], CustomStatements: [{Action: a}, {Action: b}, {Action: a}]",
    "nothing": "Foo: bar",
}

API = """
Api: {{Type: AWS::Serverless::Api, Properties: {{StageName: {stage}, Auth: {{ResourcePolicy: {{{policy}}}}}}}}}
Fn:
  Type: AWS::Serverless::Function
  Properties:
    Handler: a.b
    Runtime: python3.13
    CodeUri: s3://b/k
    Events:
      One: {{Type: Api, Properties: {{Path: '/a/{{id}}', Method: get, RestApiId: !Ref Api}}}}
      Two: {{Type: Api, Properties: {{Path: '/a/{{id}}', Method: post, RestApiId: !Ref Api}}}}
      Any: {{Type: Api, Properties: {{Path: '/{{proxy+}}', Method: any, RestApiId: !Ref Api}}}}
"""


@pytest.mark.parametrize("stage", ["prod", "!Ref Stage"])
@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
def test_a_policy_of_the_api_covers_every_path(policy, stage, same_as_aws):
    same_as_aws(API.format(policy=policy, stage=stage))


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES.keys())
def test_a_policy_of_an_event_covers_its_path(policy, same_as_aws):
    implicit = API.split("\n", 2)[2].format().replace(", RestApiId: !Ref Api", "")
    event = f"Method: post, Auth: {{ResourcePolicy: {{{policy}}}}}"
    same_as_aws(implicit.replace("Method: post", event))


def test_networks_that_are_no_strings_are_refused(refused_by_both):
    text = API.format(policy="SourceVpcWhitelist: [{Ref: V}]", stage="prod")
    refused_by_both(text, "Resources", "Api")


def test_path_parameters_become_wildcards():
    assert wildcard_path("/a/{id}/b/{rest+}") == "/a/*/b/*"
    assert wildcard_path("/a") == "/a"
