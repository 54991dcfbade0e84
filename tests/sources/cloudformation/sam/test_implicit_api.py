import textwrap

import pytest

from stackworthy.sources.cloudformation.sam.expand import expand


def function(name, events, attributes="", properties=""):
    text = f"{name}:\n  Type: AWS::Serverless::Function\n"
    text += textwrap.indent(textwrap.dedent(attributes), "  ")
    text += "\n  Properties:\n    Handler: a.b\n    Runtime: python3.13\n    CodeUri: s3://b/k\n"
    text += textwrap.indent(textwrap.dedent(properties), "    ") + "\n    Events:\n"
    return text + textwrap.indent(textwrap.dedent(events), "      ") + "\n"


GET = "Get: {Type: Api, Properties: {Path: /a, Method: get}}"
POST = "Post: {Type: Api, Properties: {Path: /a, Method: post}}"
HTTP = "Get: {Type: HttpApi, Properties: {Path: '/a/{id}', Method: get}}"
CONDITIONS = "Conditions:\n  C: !Equals [a, a]\n  D: !Equals [a, b]\nResources:\n"


def within(conditions, resources):
    return conditions + textwrap.indent(resources, "  ")


@pytest.mark.parametrize("event", [GET, HTTP, "All: {Type: HttpApi}"], ids=["REST", "HTTP", "catch-all"])
def test_an_event_that_names_no_api_gets_one(event, same_as_aws):
    same_as_aws(function("Fn", event))


def test_a_template_may_have_both_kinds(same_as_aws):
    same_as_aws(function("Fn", GET) + function("Other", HTTP) + function("Third", POST.replace("/a", "/b")))


@pytest.mark.parametrize("event", [GET, HTTP], ids=["REST", "HTTP"])
def test_an_api_all_of_whose_methods_hang_on_one_condition_hangs_on_it(event, same_as_aws):
    same_as_aws(within(CONDITIONS, function("Fn", event, "Condition: C")))


@pytest.mark.parametrize("event", [GET, HTTP], ids=["REST", "HTTP"])
def test_several_conditions_are_combined(event, same_as_aws):
    other = event.replace("get", "put")
    resources = function("Fn", event, "Condition: C") + function("Other", other, "Condition: D")
    same_as_aws(within(CONDITIONS, resources))


def test_more_than_ten_conditions_are_combined_in_steps(same_as_aws):
    conditions = "Conditions:\n" + "".join(f"  C{number}: !Equals [a, b]\n" for number in range(23))
    resources = "".join(
        function(f"Fn{number}", GET.replace("/a", f"/{number}"), f"Condition: C{number}")
        for number in range(23)
    )
    same_as_aws(within(conditions + "Resources:\n", resources))


def test_one_method_without_condition_keeps_the_api(same_as_aws):
    resources = function("Fn", GET, "Condition: C") + function("Other", POST)
    same_as_aws(within(CONDITIONS, resources))


def test_an_explicit_api_gets_conditions_on_its_paths_too(same_as_aws):
    api = "Api: {Type: AWS::Serverless::Api, Properties: {StageName: a, Cors: \"'*'\"}}\n"
    named = GET.replace("get", "get, RestApiId: !Ref Api")
    same_as_aws(within(CONDITIONS, api + function("Fn", named, "Condition: C")))


@pytest.mark.parametrize(
    "attributes", ["DeletionPolicy: Retain", "DeletionPolicy: Delete\nUpdateReplacePolicy: Snapshot"]
)
def test_policies_of_functions_go_to_the_api(attributes, same_as_aws):
    same_as_aws(function("Fn", GET, attributes) + function("Other", POST))


@pytest.mark.parametrize("event", [GET, HTTP], ids=["REST", "HTTP"])
def test_tags_of_functions_go_to_the_api_where_they_are_propagated(event, same_as_aws):
    same_as_aws(function("Fn", event, properties="Tags: {z: a, b: c, d: null}\nPropagateTags: true"))


def test_settings_of_routes_stand_on_the_stage(same_as_aws):
    settings = HTTP.replace("get", "get, RouteSettings: {ThrottlingBurstLimit: 5}")
    every = "Every: {Type: HttpApi, Properties: {RouteSettings: {DetailedMetricsEnabled: true}}}"
    same_as_aws(
        within(CONDITIONS, function("Fn", settings + "\n" + every) + function("Other", GET, "Condition: C"))
    )


def test_the_author_may_have_an_api_of_that_name(same_as_aws):
    api = "ServerlessRestApi: {Type: AWS::Serverless::Api, Properties: {StageName: a}}\n"
    same_as_aws(api + function("Fn", HTTP))


def test_a_template_without_apis_is_left_alone(template_of):
    template = template_of("Table: {Type: AWS::Serverless::SimpleTable}")
    assert list(expand(template, {}).resources) == ["Table"]


def test_what_nobody_wrote_is_placed_at_the_event_that_asked_for_it(same_as_aws):
    made = same_as_aws(function("Fn", GET)).made
    event = ("Resources", "Fn", "Properties", "Events", "Get")
    assert made["ServerlessRestApi"].route == event
    assert made["ServerlessRestApiProdStage"].route == event
    assert made["FnGetPermissionProd"].route == event


def test_the_authors_template_stays_as_it_was(template_of):
    text = function("Fn", GET) + function("Other", HTTP)
    template = template_of(text)
    expand(template, {})
    assert template == template_of(text)
