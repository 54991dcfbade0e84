import pytest

LIKE_AWS = {
    "from a place": "{Location: 'https://s3.amazonaws.com/b/t.yaml', Parameters: {A: b}, TimeoutInMinutes: 5}",
    "from the repository": """
        {Location: {ApplicationId: 'arn:aws:serverlessrepo:us-east-1:1:applications/a', SemanticVersion: 1.0.0},
         Tags: {a: b}, NotificationARNs: [arn]}
    """,
    "from the repository by parameter": "{Location: {ApplicationId: !Ref App, SemanticVersion: 1.0.0}}",
}


@pytest.mark.parametrize("properties", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_an_application_becomes_a_nested_stack_as_aws_makes_it(properties, same_as_aws):
    head = "Parameters: {App: {Type: String, Default: arn}}\n"
    properties = " ".join(properties.split())
    same_as_aws(f"{head}Resources:\n  App2: {{Type: AWS::Serverless::Application, Properties: {properties}}}")


def test_nobody_is_asked_where_the_template_of_the_repository_lies(template_of):
    from stackworthy.sources.cloudformation.sam.expand import expand

    place = "{Location: {ApplicationId: arn, SemanticVersion: 1.0.0}}"
    expansion = expand(template_of(f"A: {{Type: AWS::Serverless::Application, Properties: {place}}}"), {})
    assert "TemplateURL" not in expansion.resources["A"]["Properties"]


@pytest.mark.parametrize(
    ("properties", "route"),
    [
        ("{}", ("Location",)),
        ("{Location: {ApplicationId: a}}", ("Location", "SemanticVersion")),
        ("{Location: {ApplicationId: !GetAtt A.B, SemanticVersion: 1.0.0}}", ("Location", "ApplicationId")),
        (
            "{Location: a, Tags: {'serverlessrepo:applicationId': b}}",
            ("Tags", "serverlessrepo:applicationId"),
        ),
    ],
)
def test_an_application_that_aws_refuses_is_a_problem(properties, route, refused_by_both):
    text = f"A: {{Type: AWS::Serverless::Application, Properties: {properties}}}"
    refused_by_both(text, "Resources", "A", "Properties", *route)
