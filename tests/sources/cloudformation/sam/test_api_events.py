import pytest

from stackworthy.sources.cloudformation.sam.expand import expand

FUNCTION = """
Fn:
  Type: AWS::Serverless::Function
  Condition: C
  Properties:
    Handler: a.b
    Runtime: python3.13
    CodeUri: s3://b/k
    {properties}
    Events: {{{events}}}
"""
REST = "Type: Api, Properties: {{Path: {path}, Method: {method}, RestApiId: !Ref Api}}"
HTTP = "Type: HttpApi, Properties: {{Path: {path}, Method: {method}, ApiId: !Ref Api}}"
APIS = {
    REST: "Api: {Type: AWS::Serverless::Api, Properties: {StageName: prod}}",
    HTTP: "Api: {Type: AWS::Serverless::HttpApi}",
}


def template(events, api="", properties=""):
    inner = ", ".join(f"E{number}: {{{event}}}" for number, event in enumerate(events))
    resources = FUNCTION.format(events=inner, properties=properties) + api
    lines = "\n".join("  " + line for line in resources.splitlines())
    return "Conditions: {C: !Equals [a, a]}\nResources:\n" + lines


@pytest.mark.parametrize("kind", [REST, HTTP], ids=["REST", "HTTP"])
@pytest.mark.parametrize(
    "where",
    [("/", "get"), ("'/a/{id}/'", "POST"), ("'/{proxy+}'", "any"), ("/a/b", "delete")],
    ids=lambda where: " ".join(where),
)
def test_the_api_may_call_the_function_for_its_method(kind, where, same_as_aws):
    path, method = where
    same_as_aws(template([kind.format(path=path, method=method)], APIS[kind]))


@pytest.mark.parametrize("kind", [REST, HTTP], ids=["REST", "HTTP"])
def test_the_api_calls_the_alias_where_there_is_one(kind, same_as_aws):
    event = kind.format(path="/a", method="get")
    same_as_aws(template([event], APIS[kind], "AutoPublishAlias: live"))


def test_one_permission_covers_the_routes_beside_the_catch_all(same_as_aws):
    events = [HTTP.format(path=path, method="any") for path in ("$default", "/a", "/b")]
    expansion = same_as_aws(template(events, APIS[HTTP]))
    assert [key for key in expansion.resources if "Permission" in key] == ["FnE0Permission"]


def test_the_catch_all_of_an_authors_definition_counts_as_well(same_as_aws):
    body = """
Api:
  Type: AWS::Serverless::HttpApi
  Properties:
    DefinitionBody:
      openapi: 3.0.1
      paths:
        $default:
          x-amazon-apigateway-any-method:
            x-amazon-apigateway-integration: {uri: !Sub 'arn:aws:x:functions/${Fn.Arn}/invocations'}
"""
    expansion = same_as_aws(template([HTTP.format(path="/a", method="get")], body))
    assert "FnE0Permission" not in expansion.resources


def test_an_api_that_is_plain_only_gets_the_permission(same_as_aws):
    api = "Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a}}"
    expansion = same_as_aws(template([REST.format(path="/a", method="get")], api))
    assert expansion.routes == []


def test_the_name_of_the_function_counts_for_the_id_of_the_deployment(same_as_aws):
    event = REST.format(path="/a", method="get")
    same_as_aws(template([event], APIS[REST], "FunctionName: !Sub '${AWS::StackName}-fn'"))
    same_as_aws(template([event], APIS[REST], "FunctionName: plain"))


MACHINE = """
Machine:
  Type: AWS::Serverless::StateMachine
  Properties:
    Definition: {{StartAt: A, States: {{A: {{Type: Pass, End: true}}}}}}
    Role: arn:role
    {properties}
    Events:
      Start: {{Type: Api, Properties: {{Path: /start, Method: post{event}}}}}
"""


@pytest.mark.parametrize(
    ("properties", "event"),
    [
        ("Name: m", ""),
        ("AutoPublishAlias: live\n    UseAliasAsEventTarget: true", ", UnescapeMappingTemplate: true"),
        ("PermissionsBoundary: arn", ", Auth: {ResourcePolicy: {IpRangeWhitelist: [1.2.3.4]}}"),
    ],
)
def test_an_api_may_start_a_state_machine(properties, event, same_as_aws):
    expansion = same_as_aws(MACHINE.format(properties=properties, event=event))
    assert [(route.method, route.path, route.by) for route in expansion.routes] == [
        ("POST", "/start", "Machine")
    ]


@pytest.mark.parametrize(
    "event",
    [
        "Type: Api, Properties: {Method: get}",
        "Type: Api, Properties: {Path: /a}",
        "Type: Api, Properties: {Path: [a], Method: get}",
        "Type: Api, Properties: {Path: /a, Method: get, RestApiId: !ImportValue a}",
        "Type: Api, Properties: {Path: /a, Method: get, RestApiId: Nowhere}",
        "Type: Api, Properties: text",
        "Type: Api",
        "Type: HttpApi, Properties: {Path: /a}",
        "Type: HttpApi, Properties: {Path: /a, Method: get, ApiId: {Ref: [a]}}",
        "Type: HttpApi, Properties: {Path: /a, Method: get, ApiId: !Ref Fn}",
    ],
)
def test_a_faulty_event_is_a_problem_and_leaves_the_function(event, template_of):
    expansion = expand(template_of(template([event])), {})
    assert "Fn" in expansion.resources
    if "!Ref Fn" not in event:
        assert expansion.problems[0][0][:5] == ("Resources", "Fn", "Properties", "Events", "E0")


def test_a_property_that_events_do_not_have_is_a_problem(refused_by_both):
    event = REST.format(path="/a", method="get").replace("Path:", "Foo: bar, Path:")
    place = ("Resources", "Fn", "Properties", "Events", "E0", "Properties", "Foo")
    refused_by_both(template([event], APIS[REST]), *place)


def test_a_mapping_template_is_unescaped_or_not(refused_by_both):
    text = MACHINE.format(properties="Name: m", event=", UnescapeMappingTemplate: !Ref A")
    place = ("Resources", "Machine", "Properties", "Events", "Start", "Properties", "UnescapeMappingTemplate")
    refused_by_both(text, *place)


def test_the_same_method_twice_is_a_problem_at_the_second_event(refused_by_both):
    event = "Type: Api, Properties: {Path: /a, Method: get}"
    refused_by_both(template([event, event]), "Resources", "Fn", "Properties", "Events", "E1")
