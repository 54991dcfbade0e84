import pytest

from stackworthy.sources.cloudformation.sam.expand import expand

LIKE_AWS = {
    "names of managed policies": "Policies: [AmazonDynamoDBFullAccess, AWSLambdaRole, MadeUpByMe]",
    "one name": "Policies: AmazonS3ReadOnlyAccess",
    "a policy that the role has anyway": "Policies: [AWSLambdaBasicExecutionRole]",
    "ARNs and references": "Policies: [arn:aws:iam::aws:policy/A, !Ref Own, !Sub '${Own}']",
    "documents": """
        Policies:
          - Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]
          - Version: '2012-10-17'
            Statement: {Effect: Deny, Action: a, Resource: b}
    """,
    "one document": "Policies: {Statement: [{Effect: Allow, Action: a, Resource: b}]}",
    "policy templates": """
        Policies:
          - SQSPollerPolicy: {QueueName: !GetAtt Q.QueueName}
          - DynamoDBCrudPolicy: {TableName: !Ref TableName}
          - VPCAccessPolicy: {}
          - AWSSecretsManagerRotationPolicy: {FunctionName: f}
          - EFSWriteAccessPolicy: {FileSystem: a, AccessPoint: b}
    """,
    "a mixture": """
        Policies:
          - AWSLambdaRole
          - S3ReadPolicy: {BucketName: b}
          - Statement: []
        DeadLetterQueue: {Type: SQS, TargetArn: a}
    """,
    "conditional names": "Policies: [!If [C, AWSLambdaRole, !Ref 'AWS::NoValue']]",
    "conditional documents": "Policies: [!If [C, {Statement: []}, !Ref 'AWS::NoValue']]",
    "conditional policy templates": """
        Policies:
          - !If [C, {S3ReadPolicy: {BucketName: a}}, {S3CrudPolicy: {BucketName: b}}]
          - !If [C, !Ref 'AWS::NoValue', {S3ReadPolicy: {BucketName: a}}]
    """,
    "nothing": "Policies: []",
}


@pytest.mark.parametrize("properties", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_policies_become_a_role_as_aws_makes_it(properties, function, same_as_aws):
    same_as_aws("Conditions: {C: !Equals [a, a]}\n" + function(properties))


REFUSED = {
    "Policies: [{S3ReadPolicy: {}}]": ("Policies", 0, "S3ReadPolicy"),
    "Policies: [{S3ReadPolicy: text}]": ("Policies", 0, "S3ReadPolicy"),
    "Policies: [{Unheard: {A: b}}]": ("Policies", 0),
    "Policies: [!If [C, AWSLambdaRole, {Statement: []}]]": ("Policies", 0),
    "Policies: [!If [C]]": ("Policies", 0),
}


@pytest.mark.parametrize(("properties", "route"), REFUSED.items(), ids=REFUSED.keys())
def test_a_policy_that_aws_refuses_is_a_problem_and_the_other_policies_stay(
    properties, route, function, refused_by_both
):
    expansion = refused_by_both(function(properties), "Resources", "Fn", "Properties", *route)
    assert len(expansion.resources["FnRole"]["Properties"]["ManagedPolicyArns"]) == 1


def test_each_policy_of_a_role_leads_to_what_asked_for_it(function, template_of):
    text = function("""
        Tracing: Active
        VpcConfig: {SubnetIds: [a]}
        DeadLetterQueue: {Type: SQS, TargetArn: a}
        Policies:
          - AWSLambdaRole
          - S3ReadPolicy: {BucketName: b}
    """)
    places = expand(template_of(text), {}).made["FnRole"].properties
    assert places["ManagedPolicyArns.1"] == ("Properties", "Tracing")
    assert places["ManagedPolicyArns.2"] == ("Properties", "VpcConfig")
    assert places["ManagedPolicyArns.3"] == ("Properties", "Policies", 0)
    assert places["Policies.0"] == ("Properties", "DeadLetterQueue")
    assert places["Policies.1"] == ("Properties", "Policies", 1)


def test_a_caller_may_know_further_managed_policies(function, template_of):
    template = template_of(function("Policies: [OfMine]"))
    known = expand(template, {}, managed_policies={"OfMine": "arn:aws:iam::aws:policy/OfMine"})
    assert "arn:aws:iam::aws:policy/OfMine" in known.resources["FnRole"]["Properties"]["ManagedPolicyArns"]
