import textwrap

import pytest

AUTHORIZERS = """
Authorizers:
  Pool: {UserPoolArn: !GetAtt Users.Arn, AuthorizationScopes: [read], Identity: {Header: X, ValidationExpression: y}}
  Pools: {UserPoolArn: [a, b]}
  Token: {FunctionArn: !GetAtt Check.Arn, Identity: {ReauthorizeEvery: 0}, FunctionInvokeRole: arn:role}
  Request:
    FunctionArn: !GetAtt Check.Arn
    FunctionPayloadType: REQUEST
    DisableFunctionDefaultPermissions: true
    Identity: {Headers: [A, B], QueryStrings: [q], StageVariables: [s], Context: [c], ReauthorizeEvery: 30}
"""
EVENTS = """
Plain: {}
None: {Auth: {Authorizer: NONE}}
Iam: {Auth: {Authorizer: AWS_IAM}}
Role: {Auth: {Authorizer: AWS_IAM, InvokeRole: arn:role}}
NoRole: {Auth: {Authorizer: AWS_IAM, InvokeRole: NONE}}
Caller: {Auth: {InvokeRole: CALLER_CREDENTIALS}}
Scoped: {Auth: {Authorizer: Pools, AuthorizationScopes: [write]}}
Unscoped: {Auth: {Authorizer: Pool}}
Key: {Auth: {ApiKeyRequired: true}}
"""


def with_auth(auth, events, *, cors=False):
    text = "Api:\n  Type: AWS::Serverless::Api\n  Properties:\n    StageName: prod\n    Auth:\n"
    text += textwrap.indent(textwrap.dedent(auth), " " * 6)
    text += "\n    Cors: \"'*'\"\n" if cors else "\n"
    text += (
        "Fn:\n  Type: AWS::Serverless::Function\n  Properties:\n    Handler: a.b\n    Runtime: python3.13\n"
    )
    text += "    CodeUri: s3://b/k\n    Events:\n"
    for line in events.strip().splitlines():
        name, properties = line.split(": ", 1)
        common = f"Path: /{name}, Method: get, RestApiId: !Ref Api"
        inner = properties.strip()[1:-1]
        text += f"      {name}: {{Type: Api, Properties: {{{common}{', ' + inner if inner else ''}}}}}\n"
    return text


WITHOUT_NONE = "\n".join(line for line in EVENTS.splitlines() if not line.startswith("None"))


@pytest.mark.parametrize("default", ["Pool", "Token", "Request", "AWS_IAM"])
def test_a_default_authorizer_guards_what_says_nothing(default, same_as_aws):
    same_as_aws(with_auth(AUTHORIZERS + f"DefaultAuthorizer: {default}", EVENTS, cors=True))


def test_methods_may_have_authorizers_without_a_default(same_as_aws):
    same_as_aws(with_auth(AUTHORIZERS, WITHOUT_NONE))


@pytest.mark.parametrize(
    "auth",
    [
        "DefaultAuthorizer: AWS_IAM",
        "DefaultAuthorizer: AWS_IAM\nInvokeRole: NONE",
        "DefaultAuthorizer: AWS_IAM\nInvokeRole: arn:role\nAddDefaultAuthorizerToCorsPreflight: false",
        "ApiKeyRequired: true",
        "ApiKeyRequired: true\nAddApiKeyRequiredToCorsPreflight: false",
        AUTHORIZERS
        + "ApiKeyRequired: true\nDefaultAuthorizer: Pool\nAddDefaultAuthorizerToCorsPreflight: false",
    ],
)
def test_iam_and_api_keys_guard_as_in_aws(auth, same_as_aws):
    same_as_aws(with_auth(auth, "Get: {}\nPost: {}", cors=True))


def test_a_method_may_do_without_the_key_that_the_api_requires(same_as_aws):
    expansion = same_as_aws(
        with_auth("ApiKeyRequired: true", "Open: {Auth: {ApiKeyRequired: false}}\nShut: {}")
    )
    assert {route.path: route.auth for route in expansion.routes} == {"/Open": "NONE", "/Shut": "API_KEY"}


def test_an_event_may_override_what_a_definition_says(same_as_aws):
    auth = AUTHORIZERS + "DefaultAuthorizer: Token"
    text = with_auth(auth, "Over: {Auth: {Authorizer: Pool, OverrideApiAuth: true}}\nLeft: {}")
    body = "DefinitionBody: {swagger: '2.0', paths: {/Over: {get: &m {x-amazon-apigateway-integration: {uri: u}}}, "
    same_as_aws(text.replace("StageName: prod", f"StageName: prod\n    {body}/Left: {{get: *m}}}}}}"))


@pytest.mark.parametrize(
    ("auth", "event"),
    [
        ("ApiKeyRequired: false", "{Auth: {Authorizer: Pool}}"),
        (AUTHORIZERS, "{Auth: {Authorizer: Other}}"),
        (AUTHORIZERS, "{Auth: {Authorizer: NONE}}"),
        (AUTHORIZERS, "{Auth: {AuthorizationScopes: [a]}}"),
        (AUTHORIZERS, "{Auth: {Authorizer: Pool, AuthorizationScopes: a}}"),
        (AUTHORIZERS, "{Auth: {ApiKeyRequired: false}}"),
    ],
)
def test_an_event_whose_authorization_cannot_be_is_refused_and_the_others_stay(auth, event, refused_by_both):
    text = with_auth(auth, f"Bad: {event}\nGood: {{}}")
    expansion = refused_by_both(text, "Resources", "Fn", "Properties", "Events", "Bad")
    assert [route.path for route in expansion.routes if route.target] == ["/Bad", "/Good"]


def test_a_default_authorizer_that_is_not_there_is_refused(refused_by_both):
    refused_by_both(with_auth(AUTHORIZERS + "DefaultAuthorizer: Other", "Get: {}"), "Resources", "Api")
