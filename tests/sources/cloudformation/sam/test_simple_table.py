import pytest

LIKE_AWS = {
    "with nothing stated": "T: {Type: AWS::Serverless::SimpleTable}",
    "with a key": "T: {Type: AWS::Serverless::SimpleTable, Properties: {PrimaryKey: {Name: k, Type: Number}}}",
    "with everything": """
        T:
          Type: AWS::Serverless::SimpleTable
          DeletionPolicy: Retain
          DependsOn: [Other]
          Properties:
            TableName: t
            ProvisionedThroughput: {ReadCapacityUnits: 1, WriteCapacityUnits: 2}
            PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
            SSESpecification: {SSEEnabled: true}
            Tags: {a: b}
        Other: {Type: AWS::SNS::Topic}
    """,
}


@pytest.mark.parametrize("text", LIKE_AWS.values(), ids=LIKE_AWS.keys())
def test_a_table_becomes_what_aws_makes_of_it(text, same_as_aws):
    same_as_aws(text)


@pytest.mark.parametrize(("key", "place"), [("{Name: k, Type: Text}", "Type"), ("{Type: String}", "Name")])
def test_a_table_with_a_faulty_key_is_left_out_with_a_problem(key, place, refused_by_both):
    text = f"T: {{Type: AWS::Serverless::SimpleTable, Properties: {{PrimaryKey: {key}}}}}\nQ: {{Type: AWS::SQS::Queue}}"
    expansion = refused_by_both(text, "Resources", "T", "Properties", "PrimaryKey", place)
    assert expansion.resources.keys() == {"Q"}
