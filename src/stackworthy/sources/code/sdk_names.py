"""What the SDKs call services and operations: boto3's methods, packages and commands of the SDK for JavaScript (versions 2 and 3).

The operation of a boto3 method is its words put together, except for those that the table lists (made by tools/make_sdk_services.py).
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import msgspec

DOCUMENT = {
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "BatchGet": "BatchGetItem",
    "BatchWrite": "BatchWriteItem",
    "TransactGet": "TransactGetItems",
    "TransactWrite": "TransactWriteItems",
}
"""The document clients' words for DynamoDB's operations; all others keep their name."""

RESOURCES: dict[str, tuple[str, ...]] = {
    "dynamodb.Table": ("TableName",),
    "s3.Bucket": ("Bucket",),
    "s3.Object": ("Bucket", "Key"),
    "sqs.Queue": ("QueueUrl",),
    "sns.Topic": ("TopicArn",),
}
"""boto3's resource objects, and the parameters of the API that their arguments are."""

TRANSFERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "upload_file": ("PutObject", ("", "Bucket", "Key")),
    "upload_fileobj": ("PutObject", ("", "Bucket", "Key")),
    "download_file": ("GetObject", ("Bucket", "Key")),
    "download_fileobj": ("GetObject", ("Bucket", "Key")),
    "copy": ("CopyObject", ("CopySource", "Bucket", "Key")),
}
"""What the S3 client and its resources add to the operations, with the order of their arguments."""

RESOURCE_METHODS: dict[str, dict[str, str]] = {
    "dynamodb.Table": {"batch_writer": "BatchWriteItem", "load": "DescribeTable", "delete": "DeleteTable"},
    "s3.Bucket": {
        "objects.all": "ListObjectsV2",
        "objects.filter": "ListObjectsV2",
        "objects.limit": "ListObjectsV2",
        "objects.delete": "DeleteObjects",
    },
    "s3.Object": {
        "put": "PutObject",
        "get": "GetObject",
        "delete": "DeleteObject",
        "load": "HeadObject",
        "copy_from": "CopyObject",
    },
    "sqs.Queue": {
        "send_messages": "SendMessageBatch",
        "receive_messages": "ReceiveMessage",
        "delete_messages": "DeleteMessageBatch",
        "purge": "PurgeQueue",
    },
    "sns.Topic": {},
}
_V2_NAMES = {
    "cognitoidentityserviceprovider": "cognito-idp",
    "stepfunctions": "stepfunctions",
    "cloudwatchevents": "events",
    "iotdata": "iot-data",
}


class Service(msgspec.Struct, frozen=True):
    """One service: `js` is the package of version 3 without "client-", `v2` the class of version 2, `iam` the prefix of its actions."""

    js: str
    v2: str
    iam: str
    odd: dict[str, str] = {}


@cache
def services() -> dict[str, Service]:
    """Every service by boto3's name."""
    content = (files(__package__) / "data/sdk.json").read_bytes()
    found: dict[str, Service] = msgspec.json.decode(content, type=dict[str, Service])
    return found


@cache
def _by_package() -> dict[str, str]:
    return {service.js: name for name, service in services().items()}


@cache
def _by_class() -> dict[str, str]:
    return {**{service.v2.lower(): name for name, service in services().items()}, **_V2_NAMES}


def of_package(package: str) -> str:
    """The service of a package such as "client-dynamodb"; "" for no service's."""
    return "dynamodb" if package == "lib-dynamodb" else _by_package().get(package.removeprefix("client-"), "")


def of_class(name: str) -> str:
    """The service of a class of version 2 ("S3"), or of the last part of a path such as "aws-sdk/clients/s3"."""
    return _by_class().get(name.lower(), "")


@lru_cache(maxsize=4096)
def operation(service: str, method: str) -> str:
    """The operation of a client's method in boto3: "put_item" is PutItem."""
    known: Any = services().get(service)
    if known is not None and method in known.odd:
        return str(known.odd[method])
    return "".join([word[:1].upper() + word[1:] for word in method.split("_")])


def document(word: str) -> str:
    """The operation that a document client calls Get, Put, ..."""
    return DOCUMENT.get(word, word)


def capital(text: str) -> str:
    """`putItem` as PutItem."""
    return text[:1].upper() + text[1:]
