import pytest
from tests.support.code import javascript, python


def in_python(text: str) -> list[tuple[str, list[str], str]]:
    handler = python(
        f"import boto3\nfrom boto3.session import Session\nimport os\n\ndef handler(event, context):\n{text}\n"
    )
    return [(call.action, sorted(call.parameters), call.form) for call in handler.sdk_calls()]


def in_javascript(text: str) -> list[tuple[str, list[str], str]]:
    handler = javascript(text)
    return [(call.action, sorted(call.parameters), call.form) for call in handler.sdk_calls()]


@pytest.mark.parametrize(
    ("text", "action", "parameters", "form"),
    [
        ("    boto3.client('s3').put_object(Bucket='b', Key='k')", "s3:PutObject", ["Bucket", "Key"], "call"),
        (
            "    boto3.client(service_name='sqs').send_message(QueueUrl='q')",
            "sqs:SendMessage",
            ["QueueUrl"],
            "call",
        ),
        ("    Session().client('sns').publish(TopicArn='t')", "sns:Publish", ["TopicArn"], "call"),
        (
            "    s = boto3.Session()\n    s.client('rds').describe_db_instances()",
            "rds:DescribeDBInstances",
            [],
            "call",
        ),
        (
            "    t = boto3.resource('dynamodb').Table('t')\n    t.get_item(Key={})",
            "dynamodb:GetItem",
            ["Key", "TableName"],
            "call",
        ),
        (
            "    boto3.resource('s3').Object('b', 'k').put(Body=b'')",
            "s3:PutObject",
            ["Body", "Bucket", "Key"],
            "call",
        ),
        ("    boto3.resource('s3').Bucket('b').objects.all()", "s3:ListObjectsV2", ["Bucket"], "paginator"),
        ("    boto3.client('s3').upload_file('/tmp/a', 'b', 'k')", "s3:PutObject", ["Bucket", "Key"], "call"),
        (
            "    boto3.client('s3').get_paginator('list_objects_v2').paginate(Bucket='b')",
            "s3:ListObjectsV2",
            ["Bucket"],
            "paginator",
        ),
        (
            "    boto3.client('s3').generate_presigned_url('get_object', Params={'Bucket': 'b'})",
            "s3:GetObject",
            ["Bucket"],
            "presigned",
        ),
        (
            "    p = {'QueueUrl': 'q'}\n    boto3.client('sqs').receive_message(**p)",
            "sqs:ReceiveMessage",
            ["QueueUrl"],
            "call",
        ),
        (
            "    boto3.client('stepfunctions').start_execution(stateMachineArn='m')",
            "states:StartExecution",
            ["stateMachineArn"],
            "call",
        ),
        (
            "    with boto3.resource('dynamodb').Table('t').batch_writer() as b:\n        b.put_item(Item={})",
            "dynamodb:BatchWriteItem",
            ["TableName"],
            "batch writer",
        ),
    ],
)
def test_calls_of_boto3_have_one_form(text, action, parameters, form):
    assert in_python(text) == [(action, parameters, form)]


@pytest.mark.parametrize(
    ("text", "action", "parameters", "form"),
    [
        (
            "import { SQSClient, SendMessageCommand as Send } from '@aws-sdk/client-sqs';\nconst c = new SQSClient({});\n"
            "export const handler = async (e) => { await c.send(new Send({ QueueUrl: 'q', MessageBody: e })); };",
            "sqs:SendMessage",
            ["MessageBody", "QueueUrl"],
            "call",
        ),
        (
            "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';\nimport { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';\n"
            "const c = DynamoDBDocumentClient.from(new DynamoDBClient());\n"
            "export const handler = async (e) => { const command = new PutCommand({ TableName: 't', Item: e }); return c.send(command); };",
            "dynamodb:PutItem",
            ["Item", "TableName"],
            "call",
        ),
        (
            "import { S3 } from '@aws-sdk/client-s3';\nconst s3 = new S3({});\nexport const handler = async (e) => s3.getObject({ Bucket: 'b', Key: 'k' });",
            "s3:GetObject",
            ["Bucket", "Key"],
            "call",
        ),
        (
            "import AWS from 'aws-sdk';\nconst db = new AWS.DynamoDB.DocumentClient();\n"
            "export const handler = async (e) => { const params = { TableName: 't' }; return db.scan(params).promise(); };",
            "dynamodb:Scan",
            ["TableName"],
            "call",
        ),
        (
            "const lib = require('@aws-sdk/lib-dynamodb');\n"
            "exports.handler = async () => { for await (const page of (0, lib.paginateQuery)({}, { TableName: 't' })) use(page); };",
            "dynamodb:Query",
            ["TableName"],
            "paginator",
        ),
        (
            "import { paginateScan, DynamoDBClient } from '@aws-sdk/client-dynamodb';\nconst client = new DynamoDBClient({});\n"
            "export const handler = async () => { for await (const page of paginateScan({ client }, { TableName: 't' })) use(page); };",
            "dynamodb:Scan",
            ["TableName"],
            "paginator",
        ),
        (
            "import { S3Client, GetObjectCommand } from '@aws-sdk/client-s3';\nimport { getSignedUrl } from '@aws-sdk/s3-request-presigner';\n"
            "const s3 = new S3Client({});\nexport const handler = async () => getSignedUrl(s3, new GetObjectCommand({ Bucket: 'b' }));",
            "s3:GetObject",
            ["Bucket"],
            "presigned",
        ),
    ],
)
def test_calls_of_both_versions_for_javascript_have_the_same_form(text, action, parameters, form):
    assert in_javascript(text) == [(action, parameters, form)]


def test_the_client_of_a_call_is_known_through_what_wraps_it():
    handler = javascript(
        "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';\nimport { DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';\n"
        "import AWSXRay from 'aws-xray-sdk-core';\nconst c = DynamoDBDocumentClient.from(AWSXRay.captureAWSv3Client(new DynamoDBClient({ maxAttempts: 2 })));\n"
        "export const handler = async (e) => c.send(new GetCommand({ TableName: 't', Key: e }));"
    )
    (call,) = handler.sdk_calls()
    assert call.client is not None
    assert (call.client.service, handler.source(call.client.node)) == (
        "dynamodb",
        "new DynamoDBClient({ maxAttempts: 2 })",
    )


def test_making_a_client_is_no_call_and_each_is_found_once():
    handler = python(
        "import boto3\n\ns3 = boto3.client('s3')\n\ndef make():\n    return boto3.client('sqs')\n\ndef handler(event, context):\n    make().list_queues()\n"
    )
    assert [client.service for client in handler.clients(init=True)] == ["s3", "sqs"]
    assert [call.action for call in handler.sdk_calls(init=True)] == ["sqs:ListQueues"]


def test_methods_of_other_objects_are_no_calls_of_aws():
    assert (
        in_python(
            "    event.put_item(Item={})\n    {}.get('x')\n    boto3.client('s3').exceptions.NoSuchKey()"
        )
        == []
    )


def test_what_may_be_given_unseen_is_told():
    handler = python(
        "import boto3\n\ndef handler(event, context):\n    boto3.client('sqs').send_message(QueueUrl='q', **event)\n"
    )
    (call,) = handler.sdk_calls()
    assert call.is_open
