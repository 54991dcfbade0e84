import pytest

API = (
    "Api: {{Type: AWS::Serverless::Api, Properties: {{StageName: a, Auth: {{Authorizers: {authorizers}}}}}}}"
)
ROUTE = ("Resources", "Api", "Properties", "Auth", "Authorizers")


@pytest.mark.parametrize(
    ("authorizers", "place"),
    [
        ("[a]", ()),
        ("{A: text}", ("A",)),
        ("{A: {FunctionArn: a, FunctionPayloadType: OTHER}}", ("A", "FunctionPayloadType")),
        ("{A: {FunctionArn: a, FunctionPayloadType: REQUEST}}", ("A",)),
        ("{A: {FunctionArn: a, FunctionPayloadType: REQUEST, Identity: {ReauthorizeEvery: 5}}}", ("A",)),
        (
            "{A: {FunctionArn: a, FunctionPayloadType: REQUEST, Identity: {Headers: text}}}",
            ("A", "Identity", "Headers"),
        ),
        (
            "{A: {FunctionArn: a, FunctionPayloadType: REQUEST, Identity: {Headers: [5]}}}",
            ("A", "Identity", "Headers", 0),
        ),
        ("{A: {FunctionArn: a, Identity: text}}", ("A", "Identity")),
        ("{A: {UserPoolArn: a, AuthorizationScopes: text}}", ("A", "AuthorizationScopes")),
        (
            "{A: {FunctionArn: a, DisableFunctionDefaultPermissions: 'no'}}",
            ("A", "DisableFunctionDefaultPermissions"),
        ),
    ],
)
def test_an_authorizer_that_cannot_be_is_refused_at_its_place(authorizers, place, refused_by_both):
    refused_by_both(API.format(authorizers=authorizers), *ROUTE, *place)


@pytest.mark.parametrize(
    "authorizers",
    [
        "{A: {FunctionArn: a, FunctionPayloadType: REQUEST, Identity: {ReauthorizeEvery: 0}}}",
        "{A: {FunctionArn: !GetAtt F.Arn, FunctionInvokeRole: NONE, Identity: {Header: H}}}",
        "{A: {UserPoolArn: !Ref P}, B: {FunctionArn: {Ref: F}}}",
    ],
)
def test_an_authorizer_is_declared_as_in_aws(authorizers, same_as_aws):
    same_as_aws(API.format(authorizers=authorizers))


def test_an_authorizer_from_globals_is_placed_there(template_of):
    from stackworthy.sources.cloudformation.sam.expand import expand

    text = "Globals: {Api: {Auth: {Authorizers: {A: {FunctionArn: !GetAtt F.Arn}}}}}\nResources:\n"
    expansion = expand(
        template_of(text + "  Api: {Type: AWS::Serverless::Api, Properties: {StageName: a}}"), {}
    )
    place = ("Globals", "Api", "Auth", "Authorizers", "A")
    assert expansion.made["ApiAAuthorizerPermission"].route == place
