import pytest

API = """
Api:
  Type: AWS::Serverless::Api
  Properties: {{StageName: prod, {api}Models: {{User: {{type: object}}, Item: {{type: object, required: [id]}}}}}}
Fn:
  Type: AWS::Serverless::Function
  Properties:
    Handler: a.b
    Runtime: python3.13
    CodeUri: s3://b/k
    Events:
      One: {{Type: Api, Properties: {{Path: '/a', Method: post, RestApiId: !Ref Api, {event}}}}}
      Two: {{Type: Api, Properties: {{Path: '/b', Method: post, RestApiId: !Ref Api, RequestModel: {{Model: Item}}}}}}
"""

LIKE_AWS = {
    "with a model": "RequestModel: {Model: User}",
    "with a required model": "RequestModel: {Model: User, Required: true}",
    "with a validated body": "RequestModel: {Model: User, ValidateBody: true}",
    "with validated parameters": "RequestModel: {Model: User, ValidateParameters: true, ValidateBody: true}",
    "with nothing validated": "RequestModel: {Model: User, ValidateBody: false}",
    "with no model": "RequestModel: {Required: true}",
    "with parameters": """
        RequestParameters: [
          method.request.header.Authorization,
          method.request.querystring.type: {Required: true, Caching: true},
          method.request.path.id: {Caching: false}]
    """,
    "with a timeout": "TimeoutInMillis: 5000",
    "with a streamed response": "ResponseTransferMode: RESPONSE_STREAM",
}


@pytest.mark.parametrize("api", ["", "OpenApiVersion: 3.0.1, "], ids=["Swagger", "OpenAPI 3"])
@pytest.mark.parametrize("event", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_a_method_asks_of_requests_what_aws_makes_it_ask(event, api, same_as_aws):
    same_as_aws(API.format(event=event, api=api))


@pytest.mark.parametrize(
    "event",
    [
        "RequestModel: {Model: Other}",
        "RequestModel: {Model: [User]}",
        "RequestModel: {Model: User, ValidateBody: 'yes'}",
        "RequestParameters: [Authorization]",
        "RequestParameters: [{method.request.header.A: {Foo: true}}]",
        "RequestParameters: [5]",
    ],
)
def test_what_cannot_be_asked_is_refused_at_the_event(event, refused_by_both):
    text = API.format(event=event, api="")
    refused_by_both(text, "Resources", "Fn", "Properties", "Events", "One")


def test_a_model_needs_models_of_the_api(refused_by_both):
    text = API.format(event="RequestModel: {Model: User}", api="").replace("Models:", "Variables:")
    refused_by_both(text, "Resources", "Fn", "Properties", "Events", "One")
