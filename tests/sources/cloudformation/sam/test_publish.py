import pytest

LIKE_AWS = {
    "from a bucket": "AutoPublishAlias: live",
    "with a name from a parameter": "AutoPublishAlias: !Ref Name",
    "with dashes in its name": "AutoPublishAlias: a-b_c",
    "with memory and environment": "AutoPublishAlias: live\nMemorySize: 512\nEnvironment: {Variables: {A: !Ref Name}}",
    "with code from parameters": "AutoPublishAlias: live\nCodeUri: {Bucket: !Ref Name, Key: !Sub 'a/${Name}'}",
    "with a hash of the code": "AutoPublishAlias: live\nAutoPublishCodeSha256: 6b86b273ff34fce1",
    "with a hash and a description": "AutoPublishAlias: live\nAutoPublishCodeSha256: 6b86b273ff34fce1\nDescription: a",
    "with a hash and an unknown description": """
        AutoPublishAlias: live
        AutoPublishCodeSha256: 6b86b273ff34fce1
        Description: !GetAtt Other.Name
    """,
    "for every change": "AutoPublishAlias: live\nAutoPublishAliasAllProperties: true\nTags: {a: b}\nTimeout: 3",
    "for changes of its layers": """
        AutoPublishAlias: live
        AutoPublishAliasAllProperties: true
        Layers: [!Ref Layer, !Ref Other, arn]
        ---
        Layer:
          Type: AWS::Serverless::LayerVersion
          Properties: {ContentUri: 's3://a/b', PublishLambdaVersion: true}
        Other: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: 's3://a/c'}}
    """,
    "with snapshots": "AutoPublishAlias: live\nSnapStart: {ApplyOn: PublishedVersions}",
    "without snapshots": "AutoPublishAlias: live\nSnapStart: {ApplyOn: None}",
    "with a description of the version": "AutoPublishAlias: live\nVersionDescription: a",
    "with provisioned concurrency": """
        AutoPublishAlias: live
        ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 5}
    """,
    "with versions that are deleted": "AutoPublishAlias: live\nVersionDeletionPolicy: Delete",
    "on capacity of its own": """
        AutoPublishAlias: live
        CapacityProviderConfig: {Arn: a}
        FunctionScalingConfig: {MinExecutionEnvironments: 1}
    """,
    "that sources of events call": """
        AutoPublishAlias: live
        Events:
          Queue: {Type: SQS, Properties: {Queue: arn}}
          Topic: {Type: SNS, Properties: {Topic: arn}}
          Time: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
    """,
}


@pytest.mark.parametrize("properties", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_an_alias_and_its_version_are_as_aws_makes_them(properties, function, same_as_aws):
    same_as_aws("Parameters: {Name: {Type: String, Default: prod}}\n" + function(properties))


@pytest.mark.parametrize("name", ["'1'", "a b", "!GetAtt A.B", "''"])
def test_a_name_that_no_alias_can_have_is_a_problem(name, function, template_of):
    from stackworthy.sources.cloudformation.sam.expand import expand

    expansion = expand(template_of(function(f"AutoPublishAlias: {name}")), {})
    kinds = {body["Type"] for body in expansion.resources.values()}
    assert "AWS::Lambda::Alias" not in kinds
    assert [route for route, _message in expansion.problems] == (
        [] if name == "''" else [("Resources", "Fn", "Properties", "AutoPublishAlias")]
    )


def test_a_changed_parameter_gives_another_version(function, template_of):
    from stackworthy.sources.cloudformation.sam.expand import expand

    template = template_of(function("AutoPublishAlias: live\nCodeUri: {Bucket: b, Key: !Ref Key}"))
    one, other = (
        {name for name, body in expand(template, {"Key": key}).resources.items() if "Version" in body["Type"]}
        for key in ("a", "b")
    )
    assert one != other
