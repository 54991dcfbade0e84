import pytest

LIKE_AWS = {
    "from a bucket": "{ContentUri: s3://b/k}",
    "from a bucket in parts": "{ContentUri: {Bucket: b, Key: k, Version: v}}",
    "with everything": """
        {ContentUri: s3://b/k, LayerName: n, Description: d, LicenseInfo: MIT, CompatibleRuntimes: [python3.13],
         CompatibleArchitectures: [arm64, x86_64], RetentionPolicy: Delete, PublishLambdaVersion: true}
    """,
    "with values of parameters": "{ContentUri: s3://b/k, LayerName: !Sub 'a-${Name}', RetentionPolicy: !Ref Keep}",
}


@pytest.mark.parametrize("properties", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_a_layer_becomes_what_aws_makes_of_it(properties, same_as_aws):
    same_as_aws(f"""
        Parameters: {{Name: {{Type: String, Default: n}}, Keep: {{Type: String, Default: retain}}}}
        Resources:
          Layer:
            Type: AWS::Serverless::LayerVersion
            Metadata: {{a: b}}
            UpdateReplacePolicy: Delete
            Properties: {" ".join(properties.split())}
    """)


def test_references_to_a_layer_name_its_hashed_logical_id(same_as_aws):
    expansion = same_as_aws("""
        Layer: {Type: AWS::Serverless::LayerVersion, Condition: C, Properties: {ContentUri: s3://b/k}}
        Fn:
          Type: AWS::Serverless::Function
          DependsOn: Layer
          Properties:
            {Runtime: r, Handler: h, InlineCode: a, Layers: [!Ref Layer], Description: !Sub 'uses ${Layer}'}
        Other: {Type: AWS::SNS::Topic, DependsOn: [Layer, Fn], Properties: {DisplayName: !GetAtt Layer.Arn}}
    """)
    layer = next(name for name in expansion.resources if name.startswith("Layer"))
    assert expansion.resources["Fn"]["Properties"]["Layers"] == [{"Ref": layer}]
    assert expansion.resources["Fn"]["DependsOn"] == layer


REFUSED = {
    "{}": ("ContentUri",),
    "{ContentUri: s3://a/b, RetentionPolicy: Perhaps}": ("RetentionPolicy",),
} | {"{ContentUri: s3://a/b, CompatibleArchitectures: [ia64]}": ("CompatibleArchitectures", 0)}


@pytest.mark.parametrize(("properties", "route"), REFUSED.items(), ids=REFUSED.keys())
def test_a_layer_that_aws_refuses_is_a_problem(properties, route, refused_by_both):
    text = f"L: {{Type: AWS::Serverless::LayerVersion, Properties: {properties}}}"
    refused_by_both(text, "Resources", "L", "Properties", *route)
