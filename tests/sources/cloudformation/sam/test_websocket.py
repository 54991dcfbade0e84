import textwrap

import pytest

ROUTES = """
RouteSelectionExpression: $request.body.action
Routes:
  $connect: {FunctionArn: !GetAtt Join.Arn, RequestParameters: {a: {Required: true}}, OperationName: Join}
  $default: {FunctionArn: arn:aws:lambda:us-east-1:1:function:a, IntegrationTimeout: 900}
  send: {FunctionArn: !Ref Send, ApiKeyRequired: true, ModelSelectionExpression: m, RequestModels: {a: b}}
"""
LIKE_AWS = {
    "with routes": "",
    "with what is passed on": """
        Name: n
        Description: d
        ApiKeySelectionExpression: $request.header.x-api-key
        DisableExecuteApiEndpoint: true
        DisableSchemaValidation: true
        IpAddressType: dualstack
    """,
    "with a stage": "StageName: v1\nStageVariables: {a: b}\nAccessLogSettings: {DestinationArn: arn}",
    "with a stage from a parameter": "StageName: !Ref Stage",
    "with settings of routes": "RouteSettings: {send: {ThrottlingRateLimit: 1}}\nDefaultRouteSettings: {a: b}",
    "with tags": "Tags: {a: b}\nPropagateTags: true\nDomain: {DomainName: a.com, CertificateArn: arn}",
    "with tags of its own": "Tags: {a: b}",
    "with a domain": """
        Domain:
          DomainName: a.com
          CertificateArn: arn
          BasePath: [a, b]
          Route53: {HostedZoneId: Z}
    """,
    "open": "Auth: {AuthType: NONE}",
    "with IAM": "Auth: {AuthType: AWS_IAM}",
    "with a function that authorizes": "Auth: {AuthType: CUSTOM, AuthArn: !GetAtt Check.Arn, IdentitySource: [a]}",
    "with a role that authorizes": "Auth: {AuthType: CUSTOM, AuthArn: arn, InvokeRole: arn:role, Name: n}",
}


def with_api(properties, routes=ROUTES):
    inner = textwrap.indent(textwrap.dedent(properties) + "\n" + routes, "    ")
    return "Api:\n  Type: AWS::Serverless::WebSocketApi\n  Properties:\n" + inner


@pytest.mark.parametrize("properties", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_an_api_becomes_what_aws_makes_of_it(properties, same_as_aws):
    same_as_aws(with_api(properties))


def test_each_route_key_is_a_route(same_as_aws):
    expansion = same_as_aws(with_api("Auth: {AuthType: CUSTOM, AuthArn: arn, Name: n}"))
    assert [(route.method, route.path, route.auth) for route in expansion.routes] == [
        ("", "$connect", "n"),
        ("", "$default", None),
        ("", "send", None),
    ]
    assert expansion.routes[2].target == {"Ref": "Send"}
    assert expansion.routes[2].route == ("Resources", "Api", "Properties", "Routes", "send")
    assert expansion.made["ApiSendRoute"].route == expansion.routes[2].route


@pytest.mark.parametrize(
    ("properties", "place"),
    [
        ("StageName: $default", ("StageName",)),
        ("IpAddressType: ipv6", ("IpAddressType",)),
        ("Domain: {MutualTlsAuthentication: {a: b}}", ("Domain", "MutualTlsAuthentication")),
        ("Auth: {AuthType: OTHER}", ("Auth", "AuthType")),
        ("Auth: {AuthType: CUSTOM}", ("Auth", "AuthArn")),
        ("Auth: {AuthType: NONE, Name: n}", ("Auth",)),
    ],
)
def test_what_aws_refuses_is_a_problem(properties, place, refused_by_both):
    refused_by_both(with_api(properties), "Resources", "Api", "Properties", *place)


@pytest.mark.parametrize(
    ("routes", "place"),
    [
        ("{}", ()),
        ("{a-b: {FunctionArn: arn}}", ("a-b",)),
        ("{a: {}}", ("a", "FunctionArn")),
        ("{a: {FunctionArn: arn, RequestParameters: {b: c}}}", ("a", "RequestParameters")),
    ],
)
def test_a_faulty_route_is_refused(routes, place, refused_by_both):
    text = with_api("", f"RouteSelectionExpression: a\nRoutes: {routes}")
    refused_by_both(text, "Resources", "Api", "Properties", "Routes", *place)


def test_authorization_needs_a_route_to_connect(refused_by_both):
    routes = "RouteSelectionExpression: a\nRoutes: {a: {FunctionArn: arn}}"
    refused_by_both(with_api("Auth: {AuthType: AWS_IAM}", routes), "Resources", "Api", "Properties", "Auth")
