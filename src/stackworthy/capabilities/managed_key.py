"""A table's own KMS key against the one that AWS manages.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
"""

from __future__ import annotations

from stackworthy.aws.arns import resolve
from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import own, word
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, Reference, Unknown, Value, show

KEY = "AWS::KMS::Key"
PATH = "SSESpecification.KMSMasterKeyId"


def improvements(graph: Graph) -> list[Improvement]:
    """The change of each table that is encrypted with a key of the account's own."""
    made = [_of(table) for table in own(graph, "AWS::DynamoDB::Table")]
    return [improvement for improvement in made if improvement is not None]


def _of(table: Resource) -> Improvement | None:
    key = table[PATH]
    if key is ABSENT or isinstance(key, Unknown) or "alias/aws/dynamodb" in show(key):
        return None
    found = resolve(table.graph, key, frozenset({KEY}))
    what = found.name if isinstance(found, Resource) else show(key)
    why = (
        "a key of your own is billed by the month and for each use; the key that AWS manages costs nothing by the month. "
        "You give up that the key can be revoked and that its policy says who may read"
    )
    steps = (
        f"keep {what} until the last backup made with it is gone: on-demand backups and, for 35 days, points in time need it to be restored",
        "then remove the key with its alias and the kms actions of roles that used it only here",
        "encryption with the key that AWS owns (SSESpecification.SSEEnabled: false) saves the fees for requests as well, and shows nothing in CloudTrail",
    )
    title = f"Encrypt {word(table)} with the key that AWS manages"
    return Improvement(title, why, (table.remove(PATH),), steps, _resources(table, key, found))


def _resources(table: Resource, key: Value, found: object) -> tuple[str, ...]:
    if isinstance(found, Resource):
        return (table.address, found.address)
    return (table.address, key.address) if isinstance(key, Reference) else (table.address,)
