"""Amazon DynamoDB: what keeps a table's data, and what it costs."""

from __future__ import annotations

import re
from collections.abc import Iterable

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Rule
from stackworthy.core.value import ABSENT, is_stated, joined, references
from stackworthy.rules._reading import known_text

_RECOVERY = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery.html"
_PROTECTION = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html"
_KEYS = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html"
_RECOVERS = "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"


_PASSING = re.compile(
    r"(?:^|[^a-z])(?:cache|locks?|holds?|sessions?|te?mp|idempoten\w*|nonces?|otps?|connections?|rate-?limits?|throttl\w*)(?:$|[^a-z])"
)


def _is_passing(table: Resource) -> bool:
    """Whether a table says that its items are gone soon anyway: by a time to live, or by its name."""
    if table["TimeToLiveSpecification.Enabled"]:
        return True
    texts = [table.name.rsplit(".", 1)[-1], known_text(table["TableName"])]
    return any(_PASSING.search(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text).lower()) for text in texts)


class RecoveryOff(Rule):
    """A table without point-in-time recovery cannot be brought back after a bad deployment, script or request.

    Replication and durability keep what was written, mistakes included. Continuous backups let the table be restored as
    it was at any second of the last 35 days, and cost a fraction of its storage.
    """

    on = "AWS::DynamoDB::Table"
    pillar, severity = Pillar.RELIABILITY, Severity.HIGH
    message = "what a mistake deletes or overwrites here is gone: point-in-time recovery is off"
    references = (_RECOVERY,)
    equivalents = ("CKV_AWS_28", "AVD-AWS-0024", "aws-dynamodb-enable-recovery", "DynamoDB.2", "W78")
    fix_safety = Unsafe("continuous backups are billed by the size of the table")

    def check(self, table: Resource) -> Iterable[Finding]:
        """Ask whether continuous backups are on; what is gone soon anyway is another rule's."""
        if not table[_RECOVERS] and not _is_passing(table):
            yield table.finding(_RECOVERS)

    def fix(self, finding: Finding) -> Fix | None:
        """Turn them on."""
        return self.offer(finding.resource.set(_RECOVERS, True))

    bad = "Orders: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST}}"
    good = bad.replace("T}", "T, PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}}")


class PassingDataRecoveryOff(RecoveryOff):
    """What a mistake deletes from a table of sessions, locks or cached answers is gone, though seldom missed for long.

    Its items have a time to live, or its name says that they are gone soon anyway.
    """

    severity = Severity.LOW
    message = "what a mistake deletes or overwrites here is gone until it is written anew: point-in-time recovery is off"

    def check(self, table: Resource) -> Iterable[Finding]:
        """Ask whether continuous backups are on."""
        if not table[_RECOVERS] and _is_passing(table):
            yield table.finding(_RECOVERS)

    bad = RecoveryOff.bad.replace("T}", "T, TimeToLiveSpecification: {AttributeName: ends, Enabled: true}}")
    good = RecoveryOff.good


class ReplicaRecoveryOff(Rule):
    """Every replica of a global table repeats a mistake within seconds: replication is no backup."""

    on = "AWS::DynamoDB::GlobalTable"
    pillar, severity = Pillar.RELIABILITY, Severity.HIGH
    message = (
        "what a mistake deletes is deleted in every Region: point-in-time recovery is off for all replicas"
    )
    references = (_RECOVERY,)
    equivalents = ("CKV_AWS_165",)
    fix_safety = Unsafe("continuous backups are billed by the size of the replica")

    def check(self, table: Resource) -> Iterable[Finding]:
        """Ask whether any replica has continuous backups."""
        count = len(table["Replicas"])
        if count and not any(table[f"Replicas[{index}].{_RECOVERS}"] for index in range(count)):
            yield table.finding(f"Replicas[0].{_RECOVERS}")

    def fix(self, finding: Finding) -> Fix | None:
        """Turn them on for the first replica: one copy of the data is enough to restore from."""
        return self.offer(finding.resource.set(finding.property, True))

    bad = "Orders: {Type: AWS::DynamoDB::GlobalTable, Properties: {Replicas: [{Region: eu-west-1}]}}"
    good = bad.replace(
        "eu-west-1", "eu-west-1, PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}"
    )


class DeletionProtectionOff(Rule):
    """One wrong call, or a change that replaces the table, deletes it with everything in it.

    Deletion protection makes DynamoDB refuse until somebody turns it off on purpose. It costs nothing.
    """

    on = "AWS::DynamoDB::Table"
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    message = "one wrong call deletes this table and all its data: deletion protection is off"
    references = (_PROTECTION,)
    equivalents = ("DynamoDB.6",)
    fix_safety = Unsafe(
        "deleting the stack, or a change that replaces the table, fails until it is turned off again"
    )

    def check(self, table: Resource) -> Iterable[Finding]:
        """Ask whether DynamoDB refuses to delete the table."""
        if not table["DeletionProtectionEnabled"]:
            yield table.finding("DeletionProtectionEnabled")

    def fix(self, finding: Finding) -> Fix | None:
        """Turn it on."""
        return self.offer(finding.resource.set("DeletionProtectionEnabled", True))

    bad = "Orders: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST}}"
    good = bad.replace("T}", "T, DeletionProtectionEnabled: true}")


class ProvisionedWithoutScaling(Rule):
    """A table with fixed capacity throttles above it, and pays for what it does not use below it.

    On demand, or an Application Auto Scaling target for the table, follows the load in both directions.
    """

    on = "AWS::DynamoDB::Table"
    pillar, severity = Pillar.PERFORMANCE, Severity.LOW
    message = (
        "requests above {reads} reads and {writes} writes a second are throttled: nothing scales this table"
    )
    references = ("https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html",)
    equivalents = ("CKV2_AWS_16", "DynamoDB.1")
    fix_safety = Unsafe("on demand costs more per request: for a steady load the bill rises")

    def check(self, table: Resource) -> Iterable[Finding]:
        """Look for a scaling target that names the table."""
        if table["BillingMode"] != "PROVISIONED":
            return
        targets = table.graph.of("AWS::ApplicationAutoScaling::ScalableTarget")
        if any(_scales(target, table) for target in targets):
            return
        yield table.finding(
            "BillingMode",
            reads=table["ProvisionedThroughput.ReadCapacityUnits"],
            writes=table["ProvisionedThroughput.WriteCapacityUnits"],
        )

    def fix(self, finding: Finding) -> Fix | None:
        """Pay per request."""
        table = finding.resource
        return self.offer(table.set("BillingMode", "PAY_PER_REQUEST"), table.remove("ProvisionedThroughput"))

    bad = """
        Orders:
          Type: AWS::DynamoDB::Table
          Properties: {BillingMode: PROVISIONED, ProvisionedThroughput: {ReadCapacityUnits: 5, WriteCapacityUnits: 5}}
    """
    good = (
        "Orders: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST}}",
        bad
        + """
        Reads:
          Type: AWS::ApplicationAutoScaling::ScalableTarget
          Properties:
            ServiceNamespace: dynamodb
            ResourceId: !Sub 'table/${Orders}'
            ScalableDimension: dynamodb:table:ReadCapacityUnits
            MinCapacity: 5
            MaxCapacity: 100
    """,
    )


def _scales(target: Resource, table: Resource) -> bool:
    """Whether a scaling target names the table, by reference or by name."""
    named = target["ResourceId"]
    if any(reference.address == table.address for reference in references(named)):
        return True
    name = table["TableName"]
    return name != ABSENT and bool(named == joined(("table/", name)))


class TableKeyOnlyCosts(Rule):
    """The key that AWS manages for DynamoDB costs a fee for its requests, and gives hardly more than the free one.

    Every table is encrypted. The default key is DynamoDB's own and free; `aws/dynamodb` is billed per request to KMS, and
    its policy cannot be changed. Only a key of your own adds control.
    """

    on = "AWS::DynamoDB::Table"
    pillar, severity = Pillar.COST, Severity.LOW
    profile = STRICT
    message = "the key aws/dynamodb is billed per KMS request and adds no control: the default key is free"
    references = (_KEYS,)
    fix_safety = Unsafe("CloudTrail then no longer records the use of the key, and old backups still need it")

    def check(self, table: Resource) -> Iterable[Finding]:
        """Look for KMS encryption without a key of one's own."""
        if table["SSESpecification.SSEEnabled"] and not is_stated(table["SSESpecification.KMSMasterKeyId"]):
            yield table.finding("SSESpecification.SSEEnabled")

    def fix(self, finding: Finding) -> Fix | None:
        """Encrypt with the key that DynamoDB owns."""
        return self.offer(finding.resource.set("SSESpecification.SSEEnabled", False))

    bad = "Orders: {Type: AWS::DynamoDB::Table, Properties: {SSESpecification: {SSEEnabled: true}}}"
    good = bad.replace("SSEEnabled: true", "SSEEnabled: true, KMSMasterKeyId: alias/orders")


class TableWithoutOwnKey(Rule):
    """Some rules ask that the key of a table is yours, so that you decide who may use it and can take it away.

    The table is encrypted in any case. A key of your own costs a monthly fee and a fee for its requests.
    """

    on = "AWS::DynamoDB::Table"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the table is encrypted with a key of AWS, not with one of yours"
    references = (_KEYS,)
    equivalents = ("CKV_AWS_119", "AVD-AWS-0025", "aws-dynamodb-table-customer-key", "W74")

    def check(self, table: Resource) -> Iterable[Finding]:
        """Look for a key of one's own."""
        if (
            not is_stated(table["SSESpecification.KMSMasterKeyId"])
            or not table["SSESpecification.SSEEnabled"]
        ):
            yield table.finding("SSESpecification.KMSMasterKeyId")

    bad = "Orders: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST}}"
    good = bad.replace("T}", "T, SSESpecification: {SSEEnabled: true, KMSMasterKeyId: alias/orders}}")


RULES = (
    RecoveryOff(),
    PassingDataRecoveryOff(),
    ReplicaRecoveryOff(),
    DeletionProtectionOff(),
    ProvisionedWithoutScaling(),
    TableKeyOnlyCosts(),
    TableWithoutOwnKey(),
)
