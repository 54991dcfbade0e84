import pytest

LIKE_AWS = {
    "without anything optional": "",
    "with every plain property": """
        FunctionName: name
        Description: does things
        MemorySize: 512
        Timeout: 30
        Environment: {Variables: {A: b}}
        KmsKeyArn: arn:aws:kms:us-east-1:123456789012:key/k
        ReservedConcurrentExecutions: 0
        Layers: [arn:aws:lambda:us-east-1:123456789012:layer:a:1]
        FileSystemConfigs: [{Arn: !GetAtt Point.Arn, LocalMountPath: /mnt/a}]
        Architectures: [arm64]
        EphemeralStorage: {Size: 1024}
        CodeSigningConfigArn: arn
        RuntimeManagementConfig: {UpdateRuntimeOn: Auto}
        LoggingConfig: {LogFormat: JSON}
        RecursiveLoop: Terminate
        SnapStart: {ApplyOn: PublishedVersions}
        PublishToLatestPublished: true
    """,
    "with code in a bucket": "CodeUri: {Bucket: b, Key: k, Version: v, StorageMode: REFERENCE}",
    "with a version in the address of the code": "CodeUri: s3://b/k?versionId=v",
    "with code in the template": "InlineCode: 'pass'",
    "with code encrypted under its own key": "SourceKMSKeyArn: arn",
    "with tags": "Tags: {team: a, empty: null}",
    "with a name from a parameter": "FunctionName: !Sub '${AWS::StackName}-a'",
    "with active tracing": "Tracing: Active",
    "with passive tracing": "Tracing: PassThrough",
    "with tracing disabled": "Tracing: Disabled",
    "with tracing from an unknown reference": "Tracing: !Ref Other",
    "in a network": "VpcConfig: {SubnetIds: [a], SecurityGroupIds: [b]}",
    "with a queue for dead letters": "DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Q.Arn}",
    "with a topic for dead letters": "DeadLetterQueue: {Type: SNS, TargetArn: arn}",
    "with a role of its own": "Role: arn:aws:iam::123456789012:role/r",
    "with path, boundary and trust of its role": """
        RolePath: /a/
        PermissionsBoundary: arn
        AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: []}
    """,
    "that lasts": "DurableConfig: {ExecutionTimeout: 60}",
    "for several tenants": "TenancyConfig: {TenantIsolationMode: PER_TENANT}",
    "on capacity of its own": """
        CapacityProviderConfig: {Arn: !GetAtt P.Arn, PerExecutionEnvironmentMaxConcurrency: 2}
        FunctionScalingConfig: {MinExecutionEnvironments: 1}
    """,
    "as an image": "PackageType: Image\nImageUri: 1.dkr.ecr.us-east-1.amazonaws.com/a:1\nImageConfig: {Command: [a]}",
    "with tags passed on to what belongs to it": """
        Tags: {team: a}
        PropagateTags: true
        EventInvokeConfig: {DestinationConfig: {OnFailure: {Type: SQS}}}
    """,
}


@pytest.mark.parametrize("properties", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_a_function_becomes_what_aws_makes_of_it(properties, function, same_as_aws):
    same_as_aws(function(properties))


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1", "eusc-de-east-1"])
def test_policies_of_aws_are_named_in_the_partition_of_the_region(region, function, same_as_aws):
    same_as_aws(
        function("Tracing: Active\nVpcConfig: {SubnetIds: [a]}\nPolicies: [AWSLambdaRole, Other]"), region
    )


@pytest.mark.parametrize(
    "role",
    [
        "!If [C, !Ref 'AWS::NoValue', arn]",
        "!If [C, arn, !Ref 'AWS::NoValue']",
        "!If [C, !Ref 'AWS::NoValue', !Ref 'AWS::NoValue']",
        "!If [C, arn, other]",
        "!If [C, !Ref Known, !Ref Unknown]",
    ],
)
def test_a_role_that_depends_on_a_condition_is_made_only_where_none_is_given(role, function, same_as_aws):
    text = function(f"Role: {role}")
    same_as_aws("Parameters: {Known: {Type: String, Default: r}}\nConditions: {C: !Equals [a, a]}\n" + text)


def test_attributes_of_the_function_are_handed_down_to_what_belongs_to_it(same_as_aws):
    expansion = same_as_aws("""
        Conditions: {C: !Equals [a, a]}
        Resources:
          Fn:
            Type: AWS::Serverless::Function
            Condition: C
            DependsOn: [Topic]
            DeletionPolicy: Retain
            UpdateReplacePolicy: Retain
            Metadata: {a: b}
            Properties:
              Runtime: python3.13
              Handler: a.b
              InlineCode: pass
              AutoPublishAlias: live
              FunctionUrlConfig: {AuthType: NONE}
              EventInvokeConfig: {MaximumRetryAttempts: 1}
              Events: {Topic: {Type: SNS, Properties: {Topic: !Ref Topic}}}
          Topic: {Type: AWS::SNS::Topic}
    """)
    assert {body.get("Condition") for name, body in expansion.resources.items() if name != "Topic"} == {"C"}


def test_a_function_that_is_not_packaged_yet_keeps_its_local_path(function, template_of):
    from stackworthy.sources.cloudformation.sam.expand import expand

    expansion = expand(template_of(function("CodeUri: src/")), {})
    assert expansion.resources["Fn"]["Properties"]["Code"] == "src/"
    assert expansion.problems == []


def test_an_image_that_is_not_built_yet_has_no_code(template_of):
    from stackworthy.sources.cloudformation.sam.expand import expand

    expansion = expand(
        template_of("""
            Fn:
              Type: AWS::Serverless::Function
              Metadata: {DockerContext: ., Dockerfile: Dockerfile}
              Properties: {PackageType: Image}
        """),
        {},
    )
    assert "Code" not in expansion.resources["Fn"]["Properties"]
    assert expansion.problems == []


REFUSED = {
    "DeadLetterQueue: {Type: Lambda, TargetArn: a}": ("DeadLetterQueue",),
    "ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 1}": ("ProvisionedConcurrencyConfig",),
    "CapacityProviderConfig: {Arn: a}\nVpcConfig: {SubnetIds: [a]}": ("VpcConfig",),
    "TenancyConfig: {TenantIsolationMode: PER_TENANT}\nSnapStart: {ApplyOn: None}": ("SnapStart",),
    "TenancyConfig: {A: b}\nEvents: {A: {Type: SQS, Properties: {Queue: a}}}": ("Events", "A"),
    "VersionDeletionPolicy: Delete": ("VersionDeletionPolicy",),
    "AutoPublishAlias: live\nVersionDeletionPolicy: Snapshot": ("VersionDeletionPolicy",),
    "Tags: {'lambda:createdBy': me}": ("Tags", "lambda:createdBy"),
    "Layers: 5": ("Layers",),
    "Speed: fast": ("Speed",),
    "CodeUri: https://example.com/a.zip": ("CodeUri",),
    "CodeUri: {Bucket: b}": ("CodeUri",),
    "CodeUri: '{{resolve:ssm:/a/b}}'": ("CodeUri",),
    "PackageType: Jar\nCodeUri: s3://a/b": ("PackageType",),
    "PackageType: Image\nRuntime: python3.13\nImageUri: a": ("Runtime",),
    "PackageType: Image": ("ImageUri",),
    "ImageConfig: {Command: [a]}": ("ImageConfig",),
    "Role: !If [C]": ("Role",),
    "CapacityProviderConfig: {Speed: 1}": ("CapacityProviderConfig", "Speed"),
}


@pytest.mark.parametrize(("properties", "route"), REFUSED.items(), ids=REFUSED.keys())
def test_what_aws_refuses_is_a_problem_and_the_function_stays(properties, route, function, refused_by_both):
    expansion = refused_by_both(function(properties), "Resources", "Fn", "Properties", *route)
    assert expansion.resources["Fn"]["Type"] == "AWS::Lambda::Function"


def test_a_missing_runtime_is_a_problem(refused_by_both):
    text = "Fn: {Type: AWS::Serverless::Function, Properties: {Handler: a.b, InlineCode: a}}"
    refused_by_both(text, "Resources", "Fn", "Properties", "Runtime")


def test_every_made_resource_says_who_asked_for_it_and_where(function, template_of):
    from stackworthy.sources.cloudformation.sam.expand import expand

    made = expand(
        template_of(function("AutoPublishAlias: live\nFunctionUrlConfig: {AuthType: AWS_IAM}")), {}
    ).made
    assert {one.by for one in made.values()} == {"Fn"}
    assert made["Fn"].route == ("Resources", "Fn")
    assert made["Fn"].properties["TracingConfig.Mode"] == ("Properties", "Tracing")
    assert made["FnUrl"].route == ("Resources", "Fn", "Properties", "FunctionUrlConfig")
    assert made["FnUrl"].properties["AuthType"] == ("Properties", "FunctionUrlConfig", "AuthType")
    assert made["FnAliaslive"].route == ("Resources", "Fn", "Properties", "AutoPublishAlias")
    assert made["FnRole"].properties["Policies"] == ("Properties", "Policies")
