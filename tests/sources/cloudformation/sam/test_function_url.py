import pytest

LIKE_AWS = {
    "for everybody": "FunctionUrlConfig: {AuthType: NONE}",
    "for callers with permission": "FunctionUrlConfig: {AuthType: AWS_IAM, InvokeMode: RESPONSE_STREAM}",
    "with authorization from a parameter": "FunctionUrlConfig: {AuthType: !Ref Other}",
    "for pages of other sites": """
        FunctionUrlConfig:
          AuthType: NONE
          Cors: {AllowOrigins: ['*'], AllowMethods: [GET], AllowHeaders: [a], ExposeHeaders: [b], MaxAge: 5}
    """,
    "of an alias": "AutoPublishAlias: live\nFunctionUrlConfig: {AuthType: NONE}",
}


@pytest.mark.parametrize("properties", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_a_url_is_as_aws_makes_it(properties, function, same_as_aws):
    same_as_aws(function(properties))


REFUSED = {
    "FunctionUrlConfig: {AuthType: OPEN}": ("AuthType",),
    "FunctionUrlConfig: {InvokeMode: BUFFERED}": ("AuthType",),
    "FunctionUrlConfig: {AuthType: NONE, Cors: all}": ("Cors",),
    "FunctionUrlConfig: {AuthType: NONE, Cors: {AllowOrigin: ['*']}}": ("Cors", "AllowOrigin"),
    "FunctionUrlConfig: {AuthType: NONE, Cors: {AllowOrigins: '*'}}": ("Cors", "AllowOrigins"),
}


@pytest.mark.parametrize(("properties", "route"), REFUSED.items(), ids=REFUSED.keys())
def test_a_url_that_aws_refuses_is_a_problem(properties, route, function, refused_by_both):
    refused_by_both(function(properties), "Resources", "Fn", "Properties", "FunctionUrlConfig", *route)
