import textwrap

import pytest

from stackworthy.sources.cloudformation.sam.expand import expand

FUNCTION = """
Fn:
  Type: AWS::Serverless::Function
  Properties:
    Handler: a.b
    Runtime: python3.13
    CodeUri: s3://b/k
    Events:
      Get: {Type: HttpApi, Properties: {Path: '/items/{id}/{part}', Method: GET, ApiId: !Ref Api}}
      All: {Type: HttpApi, Properties: {ApiId: !Ref Api, TimeoutInMillis: 900, PayloadFormatVersion: '1.0'}}
"""
OPENAPI = """
DefinitionBody:
  openapi: 3.0.1
  info: {title: !Ref AWS::StackName}
  tags: [{name: team, x-amazon-apigateway-tag-value: old}]
  paths:
    '/items/{id}/{part}':
      get: {x-amazon-apigateway-integration: {uri: u}, parameters: [{name: id, in: query}]}
    /own: {post: {x-amazon-apigateway-integration: {uri: u}, security: [{Mine: []}]}, parameters: []}
    /if: {Fn::If: [C, {get: {x-amazon-apigateway-integration: {uri: u}}}, !Ref AWS::NoValue]}
"""
AUTHORIZERS = """
Authorizers:
  Jwt: {JwtConfiguration: {Issuer: i, audience: [a]}, IdentitySource: $request.header.A, AuthorizationScopes: [s]}
  Function:
    FunctionArn: !GetAtt Check.Arn
    AuthorizerPayloadFormatVersion: '2.0'
    EnableSimpleResponses: true
    EnableFunctionDefaultPermissions: true
    FunctionInvokeRole: arn
    Identity: {Headers: [A], QueryStrings: [q], StageVariables: [s], Context: [c], ReauthorizeEvery: 0}
"""

LIKE_AWS = {
    "with nothing": "",
    "with a stage": "StageName: v1\nStageVariables: {a: b}",
    "with a stage from a parameter": "StageName: !Ref Stage",
    "with logs and throttling": """
        AccessLogSettings: {DestinationArn: arn, Format: f}
        DefaultRouteSettings: {ThrottlingBurstLimit: 5}
        RouteSettings: {'GET /a': {ThrottlingRateLimit: 1}}
    """,
    "with tags": "Tags: {team: a, z: b, other: c}",
    "that fails on warnings": "FailOnWarnings: true",
    "with CORS": "CorsConfiguration: true",
    "with CORS settings": """
        CorsConfiguration:
          AllowOrigins: ['https://a.com']
          AllowHeaders: [x]
          AllowMethods: [GET]
          ExposeHeaders: [y]
          MaxAge: 0
          AllowCredentials: true
    """,
    "with CORS under a condition": "CorsConfiguration: {Fn::If: [C, {AllowOrigins: [a]}, {AllowOrigins: [b]}]}",
    "with name and description": "Name: n\nDescription: d",
    "without its default endpoint": "DisableExecuteApiEndpoint: true",
    "with a token authorizer": f"Auth:\n{textwrap.indent(AUTHORIZERS, '  ')}  DefaultAuthorizer: Jwt",
    "with a function that authorizes": f"Auth:\n{textwrap.indent(AUTHORIZERS, '  ')}  DefaultAuthorizer: Function",
    "with IAM": "Auth: {EnableIamAuthorizer: true, DefaultAuthorizer: AWS_IAM}",
    "with IAM at hand": "Auth: {EnableIamAuthorizer: true}",
    "with a definition": OPENAPI,
    "with everything on a definition": OPENAPI
    + "CorsConfiguration: true\nTags: {team: new}\nDescription: d\nName: n\nDisableExecuteApiEndpoint: false\n"
    + f"Auth:\n{textwrap.indent(AUTHORIZERS, '  ')}  DefaultAuthorizer: Jwt",
    "with a definition in a bucket": "DefinitionUri: s3://b/k.yaml",
    "with a definition in a named place": "DefinitionUri: {Bucket: b, Key: k, Version: v}",
}


def with_api(properties, events=FUNCTION):
    inner = textwrap.indent(textwrap.dedent(properties), "    ")
    api = "Api:\n  Type: AWS::Serverless::HttpApi\n  Properties:\n    FailOnWarnings: false\n"
    api = api if "FailOnWarnings" not in properties else api.replace("    FailOnWarnings: false\n", "")
    resources = textwrap.indent(api + inner + "\n" + events, "  ")
    return "Conditions: {C: !Equals [a, a]}\nResources:\n" + resources


@pytest.mark.parametrize("properties", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_an_api_becomes_what_aws_makes_of_it(properties, same_as_aws):
    same_as_aws(with_api(properties))


AUTH = f"Auth:\n{textwrap.indent(AUTHORIZERS, '  ')}  EnableIamAuthorizer: true\n"


@pytest.mark.parametrize(
    "event",
    [
        "{Authorizer: Jwt, AuthorizationScopes: [other]}",
        "{Authorizer: Jwt}",
        "{Authorizer: Function}",
        "{Authorizer: AWS_IAM}",
    ],
)
def test_a_route_may_name_its_own_authorizer(event, same_as_aws):
    named = FUNCTION.replace("Method: GET", f"Method: GET, Auth: {event}")
    same_as_aws(with_api(AUTH, named))


@pytest.mark.parametrize("event", ["{Authorizer: NONE}", "{AuthorizationScopes: [other]}"])
def test_a_route_may_vary_the_default_authorizer(event, same_as_aws):
    named = FUNCTION.replace("Method: GET", f"Method: GET, Auth: {event}")
    expansion = same_as_aws(with_api(AUTH + "  DefaultAuthorizer: Jwt", named))
    wanted = "NONE" if "NONE" in event else "Jwt"
    assert {route.path: route.auth for route in expansion.routes} == {
        "/items/{id}/{part}": wanted,
        "$default": "Jwt",
    }


@pytest.mark.parametrize(
    ("properties", "name"),
    [
        ("DefinitionUri: s3://b/k\nTags: {a: b}", "Tags"),
        ("DefinitionUri: s3://b/k\nCorsConfiguration: true", "CorsConfiguration"),
        ("DefinitionUri: s3://b/k\nName: n", "Name"),
        ("DefinitionUri: s3://b/k\nDefinitionBody: {a: b}", "DefinitionUri"),
        ("CorsConfiguration: {Foo: bar}", None),
        ("CorsConfiguration: {AllowOrigins: ['*'], AllowCredentials: true}", None),
        ("Auth: {Foo: bar}", "Auth"),
        ("Auth: {DefaultAuthorizer: Nobody}", None),
        ("Auth: {Authorizers: {A: {FunctionArn: arn}}}", "Auth"),
        ("Auth: {Authorizers: {A: {JwtConfiguration: {a: b}, Identity: {}}}}", "Auth"),
        ("Auth: {Authorizers: {A: {OpenIdConnectUrl: u}}}", "Auth"),
    ],
)
def test_what_aws_refuses_is_a_problem(properties, name, template_of):
    expansion = expand(template_of(with_api(properties, "")), {})
    assert "Api" not in expansion.resources
    wanted = ("Resources", "Api", "Properties", name) if name else ("Resources", "Api")
    assert [route[: len(wanted)] for route, _ in expansion.problems] == [wanted]


def test_an_event_that_the_definition_does_not_fit_is_a_problem(template_of):
    text = with_api("DefinitionBody: {swagger: '2.0', paths: {}}")
    expansion = expand(template_of(text), {})
    assert {route[:4] for route, _ in expansion.problems} == {("Resources", "Fn", "Properties", "Events")}


def test_origins_lead_to_what_the_author_wrote(same_as_aws):
    made = same_as_aws(with_api("Domain: {DomainName: a.com, CertificateArn: arn}")).made
    assert made["Api"].route == ("Resources", "Api")
    assert made["ApiApiMapping"].route == ("Resources", "Api", "Properties", "Domain")
    assert made["ApiApiGatewayDefaultStage"].properties["Tags"] == ("Properties", "Tags")
