"""What a principal needs, and the statements that allow just that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from stackworthy.capabilities.parts import arn, is_own, one_or_all
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, Map, NotKnown, Reference, Value, joined, show

EVERYTHING = "*"
_OBJECTS = frozenset(
    "GetObject PutObject DeleteObject GetObjectVersion DeleteObjectVersion AbortMultipartUpload GetObjectTagging PutObjectTagging RestoreObject".split()  # noqa: SIM905
)
_KEYS = {
    "AWS::DynamoDB::Table": "SSESpecification.KMSMasterKeyId",
    "AWS::SQS::Queue": "KmsMasterKeyId",
    "AWS::SNS::Topic": "KmsMasterKeyId",
    "AWS::S3::Bucket": "BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.KMSMasterKeyID",
    "AWS::SecretsManager::Secret": "KmsKeyId",
}
_KEY_ACTIONS = {
    "AWS::DynamoDB::Table": (
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
    ),
}


class CannotTell(Exception):
    """What a principal needs cannot be told in full; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Need(msgspec.Struct, frozen=True, eq=False):
    """One action, on a resource of the stack, or on ARNs. `indexes` are the names of indexes of a table that it asks."""

    action: str
    on: Resource | None = None
    arns: tuple[Value, ...] = (EVERYTHING,)
    indexes: tuple[str, ...] = ()


def statements_of(graph: Graph, needs: Iterable[Need]) -> list[Map]:
    """One statement for each set of ARNs, in the order of their first use; the keys of what is encrypted with one of its own too."""
    found: dict[str, tuple[list[Value], set[str]]] = {}
    needs = list(needs)
    for need in [*needs, *_keys(graph, needs)]:
        arns = list(_arns(need))
        found.setdefault(show(List(arns)), (arns, set()))[1].add(need.action)
    together: dict[tuple[str, ...], list[Value]] = {}
    for arns, actions in found.values():
        key = tuple(sorted(actions)) if EVERYTHING not in arns else (EVERYTHING, *sorted(actions))
        together.setdefault(key, []).extend(arns)
    return [
        Map(
            Effect="Allow",
            Action=one_or_all([name for name in key if name != EVERYTHING]),
            Resource=one_or_all(arns),
        )
        for key, arns in together.items()
    ]


def _arns(need: Need) -> Iterator[Value]:
    if need.on is None:
        yield from need.arns
        return
    if not is_own(need.on):
        raise CannotTell(f"{need.on.name} stands in another module or template")
    whole = arn(need.on)
    if need.action.partition(":")[2] in _OBJECTS and need.action.startswith("s3:"):
        yield joined((whole, "/*"))
        return
    if not need.indexes or "" in need.indexes:
        yield whole
    for index in need.indexes:
        if index:
            yield joined((whole, f"/index/{index}"))


def _keys(graph: Graph, needs: list[Need]) -> Iterator[Need]:
    for resource in {need.on.address: need.on for need in needs if need.on is not None}.values():
        path = _KEYS.get(resource.kind or "")
        if path is None:
            continue
        try:
            key = resource[path]
        except NotKnown:
            continue
        if isinstance(key, Reference):
            owner = graph.get(key.address)
            for action in _KEY_ACTIONS.get(resource.kind or "", ("kms:Decrypt", "kms:GenerateDataKey")):
                yield (
                    Need(action, None, (Reference(key.address, "Arn"),))
                    if owner is not None
                    else Need(action)
                )
        elif key is not ABSENT and "alias/aws/" not in show(key):
            raise CannotTell(f"{resource.name} is encrypted with a key that the stack does not describe")
