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
      Get: {Type: Api, Properties: {Path: /a, Method: get, RestApiId: !Ref Api}}
      Any: {Type: Api, Properties: {Path: /b, Method: ANY, RestApiId: !Ref Api}}
"""
EVENTS = ("Resources", "Fn", "Properties", "Events")
PATHS = ("Resources", "Api", "Properties", "DefinitionBody", "paths")


def routes(text, template_of):
    return expand(template_of(text), {}).routes


def api(properties, kind="Api"):
    return f"Api: {{Type: AWS::Serverless::{kind}, Properties: {{StageName: a, {properties}}}}}\n"


def body(paths, top="swagger: '2.0'"):
    return api(f"DefinitionBody: {{{top}, paths: {{{paths}}}}}")


def test_each_event_is_a_route_at_the_event(template_of):
    found = routes(api("") + FUNCTION, template_of)
    assert {(route.api, route.method, route.path, route.route, route.by) for route in found} == {
        ("Api", "GET", "/a", (*EVENTS, "Get"), "Fn"),
        ("Api", "ANY", "/b", (*EVENTS, "Any"), "Fn"),
    }
    assert found[0].target == {"Fn::GetAtt": ["Fn", "Arn"]}


def test_answers_to_preflight_requests_are_no_routes(template_of):
    found = routes(api("Cors: \"'*'\"") + FUNCTION, template_of)
    assert sorted(route.method for route in found) == ["ANY", "GET"]


def test_each_method_of_a_definition_is_a_route_at_the_method(template_of):
    found = routes(
        body("/a: {get: {x-amazon-apigateway-integration: {uri: u}}, parameters: [], options: {}}"),
        template_of,
    )
    assert [(route.method, route.path, route.target, route.route, route.by) for route in found] == [
        ("GET", "/a", "u", (*PATHS, "/a", "get"), "Api"),
        ("OPTIONS", "/a", None, (*PATHS, "/a", "options"), "Api"),
    ]


def test_a_route_that_stands_in_a_definition_is_not_counted_again_for_its_event(template_of):
    paths = "/a: {get: {x-amazon-apigateway-integration: {uri: u}}}"
    found = routes(body(paths) + FUNCTION, template_of)
    assert [(route.method, route.path, route.by) for route in found] == [("GET", "/a", "Api")]


def test_events_that_are_merged_into_a_definition_are_routes(template_of):
    text = api("MergeDefinitions: true, DefinitionBody: {swagger: '2.0', paths: {/c: {get: {}}}}") + FUNCTION
    assert {(route.path, route.by) for route in routes(text, template_of)} == {
        ("/a", "Fn"),
        ("/b", "Fn"),
        ("/c", "Api"),
    }


def test_without_a_definition_at_hand_the_events_tell(template_of):
    found = routes(api("DefinitionUri: s3://b/k") + FUNCTION, template_of)
    assert [(route.method, route.path) for route in found] == [("GET", "/a"), ("ANY", "/b")]


def test_both_branches_of_a_condition_are_routes(template_of):
    paths = "/a: {Fn::If: [C, {get: {Fn::If: [D, {}, !Ref AWS::NoValue]}}, {put: {}}]}"
    assert [(route.method, route.route) for route in routes(body(paths), template_of)] == [
        ("GET", (*PATHS, "/a", "Fn::If", 1, "get", "Fn::If", 1)),
        ("PUT", (*PATHS, "/a", "Fn::If", 2, "put")),
    ]


@pytest.mark.parametrize(
    ("method", "auth"),
    [
        ("{}", None),
        ("{security: []}", "NONE"),
        ("{security: [{NONE: []}]}", "NONE"),
        ("{security: [{Mine: []}]}", "Mine"),
        ("{security: [{key: []}]}", "API_KEY"),
        ("{security: [{key: []}, {Mine: []}]}", "Mine"),
        ("{security: [{sig: []}]}", "AWS_IAM"),
        ("{x-amazon-apigateway-auth: {type: AWS_IAM}}", "AWS_IAM"),
        ("{x-amazon-apigateway-auth: {type: NONE}}", "NONE"),
        ("{security: text}", None),
    ],
)
@pytest.mark.parametrize("openapi", [False, True], ids=["Swagger", "OpenAPI 3"])
def test_what_protects_a_route_is_read_from_its_definition(method, auth, openapi, template_of):
    schemes = (
        "{key: {type: apiKey, name: x-api-key}, sig: {type: apiKey, x-amazon-apigateway-authtype: awsSigv4}}"
    )
    top = f"openapi: 3.0.1, components: {{securitySchemes: {schemes}}}"
    if not openapi:
        top = f"swagger: '2.0', securityDefinitions: {schemes}"
    assert [route.auth for route in routes(body(f"/a: {{get: {method}}}", top), template_of)] == [auth]


def test_the_default_authorizer_protects_events_that_say_nothing(template_of):
    auth = "Auth: {DefaultAuthorizer: P, Authorizers: {P: {UserPoolArn: a}}}"
    assert {route.auth for route in routes(api(auth) + FUNCTION, template_of)} == {"P"}


@pytest.mark.parametrize(
    "paths", ["/a: text", "/a: [1]", "/a: {get: text}", "/a: {get: [], 5: {}}", "5: {get: {}}"]
)
def test_odd_paths_are_no_routes_or_routes_with_nothing_said(paths, template_of):
    assert all(route.auth is None for route in routes(body(paths), template_of))
