from stackworthy.sources.cloudformation.sam.expand import expand

TEMPLATE = """
    Resources:
      Fn:
        Type: AWS::Serverless::Function
        Properties:
          Runtime: r
          Handler: h
          CodeUri: s3://a/b
          AutoPublishAlias: live
          EventInvokeConfig: {DestinationConfig: {OnSuccess: {Type: SQS}, OnFailure: {Type: SNS}}}
      Topic:
        Type: AWS::SNS::Topic
        Properties:
          One: !Ref Fn.Alias
          Two: !GetAtt Fn.Version.Version
          Three: !Sub '${Fn.Alias} and ${Fn.Version.Version} and ${Fn} and ${Other.Alias} and ${!Fn.Alias}'
          Four: !Sub ['${Fn.Alias}', {a: !Ref Fn.Version}]
          Five: {Fn::GetAtt: [Fn.Alias, Arn]}
          Six: !GetAtt Fn.DestinationQueue.Arn
          Seven: !Ref Fn.DestinationTopic
          Eight: [!Ref Fn.Unknown, {Ref: [Fn.Alias]}, {Fn::GetAtt: Fn.Alias}]
    Outputs:
      Alias: {Value: !Ref Fn.Alias}
"""


def test_references_to_parts_of_sam_resources_are_made_plain_as_aws_does(same_as_aws):
    expansion = same_as_aws(TEMPLATE)
    assert expansion.outputs["Alias"]["Value"] == {"Ref": "FnAliaslive"}
    assert expansion.resources["Topic"]["Properties"]["Six"] == {
        "Fn::GetAtt": ["FnEventInvokeConfigOnSuccessQueue", "Arn"]
    }


def test_the_authors_template_keeps_its_references(template_of):
    template = template_of(TEMPLATE)
    before = repr(template)
    expand(template, {})
    assert repr(template) == before


def test_resources_without_such_references_are_shared_with_the_authors_template(template_of):
    template = template_of(TEMPLATE + "      Other: {Value: a}\n")
    template["Resources"]["Queue"] = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Fn"}}}
    assert expand(template, {}).resources["Queue"] is template["Resources"]["Queue"]
