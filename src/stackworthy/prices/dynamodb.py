"""DynamoDB: https://aws.amazon.com/dynamodb/pricing/

A write unit is 1 KB, a read unit 4 KB of an item; a transaction takes two of each, an eventually consistent read half
a unit. Every global secondary index is written (and stored, and provisioned) beside its table.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, Map, NotKnown, Reference, Value, is_stated, references
from stackworthy.prices.registry import UsageOf, ceil, maps, number, prices, usage

TABLE = "AWS::DynamoDB::Table"
GLOBAL = "AWS::DynamoDB::GlobalTable"
BYTES_PER_ITEM = Decimal("0.1")
KB_PER_GB = 1024 * 1024

usage(
    TABLE,
    GLOBAL,
    monthly_write_request_units=("WRU", None, "Write request units of the table and its indexes; worked out from the writes when not stated."),
    monthly_read_request_units=("RRU", None, "Read request units of the table and its indexes; worked out from the reads when not stated."),
    monthly_writes=("items", 0, "Items written: put, updated or deleted."),
    monthly_reads=("items", 0, "Items read, or queries and scans of up to 4 KB."),
    item_kb=("KB", 1, "Average size of an item."),
    transactional_write_percent=("%", 0, "Writes in transactions: they take two units."),
    consistent_read_percent=("%", 0, "Strongly consistent reads: they take one unit, others half of one."),
    transactional_read_percent=("%", 0, "Reads in transactions: they take two units."),
    index_write_percent=("%", 100, "Writes that change an entry of each global secondary index."),
    index_item_kb=("KB", None, "Size of an index's item; from the projection when not stated: the item's for ALL, half of it for INCLUDE, 0.1 KB for KEYS_ONLY."),
    items=("items", 0, "Items held."),
    storage_gb=("GB", None, "Data held by the table and its indexes; worked out from the items when not stated."),
    average_write_capacity=("WCU", None, "Write capacity that auto scaling holds on average; its minimum when not stated."),
    average_read_capacity=("RCU", None, "Read capacity that auto scaling holds on average; its minimum when not stated."),
    pitr_backup_storage_gb=("GB", None, "Size of the data under point-in-time recovery; that of the table when not stated."),
    on_demand_backup_storage_gb=("GB", 0, "Backups held."),
    monthly_data_restored_gb=("GB", 0, "Data restored from backups."),
    monthly_streams_read_request_units=("requests", 0, "GetRecords calls on the stream; those of Lambda triggers are free."),
    monthly_change_units=("units", 0, "Changes copied to Kinesis, in units of 1 KB."),
    monthly_export_gb=("GB", 0, "Data exported to S3."),
    monthly_contributor_events=("events", 0, "Reads and writes that Contributor Insights looks at."),
)  # fmt: skip


class _Index(NamedTuple):
    name: str
    spec: Map


def on_demand(table: Resource) -> bool:
    """Whether the table pays per request; provisioned is CloudFormation's default."""
    return bool(table["BillingMode"] == "PAY_PER_REQUEST")


def _class(table: Resource) -> str:
    return "ia" if table["TableClass"] == "STANDARD_INFREQUENT_ACCESS" else "standard"


def _indexes(table: Resource) -> list[_Index]:
    found = []
    for position, spec in enumerate(maps(table["GlobalSecondaryIndexes"])):
        name = spec["IndexName"]
        found.append(_Index(name if isinstance(name, str) else f"#{position + 1}", spec))
    return found


def _index_kb(index: _Index, asked: UsageOf) -> Decimal:
    if asked.stated("index_item_kb"):
        return asked["index_item_kb"]
    projection = index.spec["Projection"]["ProjectionType"]
    if projection == "KEYS_ONLY":
        return min(BYTES_PER_ITEM, asked["item_kb"])
    return asked["item_kb"] / 2 if projection == "INCLUDE" else asked["item_kb"]


@prices(TABLE, GLOBAL)
def writes(table: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Writes on demand."""
    if not on_demand(table):
        return
    key = f"dynamodb.wru.{_class(table)}"
    if asked.stated("monthly_write_request_units"):
        units = asked["monthly_write_request_units"]
        yield Cost("Write request units", units, key, "{monthly_write_request_units} units")
        yield from _replicated(table, units, "{monthly_write_request_units} units")
        return
    each = ceil(asked["item_kb"]) * (1 + asked["transactional_write_percent"] / 100)
    units = asked["monthly_writes"] * each
    words = "{monthly_writes} writes × {item_kb} KB in units of 1 KB"
    if asked["transactional_write_percent"]:
        words += ", {transactional_write_percent} % of them in transactions twice"
    yield Cost("Write request units", units, key, words)
    for index in _indexes(table):
        size = _index_kb(index, asked)
        amount = asked["monthly_writes"] * asked["index_write_percent"] / 100 * ceil(size)
        words = f"{{monthly_writes}} writes × {{index_write_percent}} % × {size} KB in units of 1 KB"
        yield Cost(f"Write request units of index {index.name}", amount, key, words)
    yield from _replicated(table, units, words)


def _replicas(table: Resource) -> Iterator[str]:
    """The regions of the replicas, without the table's own."""
    stated = table.properties.native() if table.kind == TABLE else None
    if isinstance(stated, Map):
        found, name = stated["replica"], "region_name"
    else:
        found, name = table["Replicas"], "Region"
    for replica in maps(found):
        region = replica[name]
        if not isinstance(region, str):
            raise NotKnown(getattr(region, "reason", "the region of a replica is not known"))
        if region != table.region:
            yield region


def _replicated(table: Resource, units: Decimal, words: str) -> Iterator[Cost]:
    for region in _replicas(table):
        yield Cost(f"Replicated write request units in {region}", units, "dynamodb.rwru", words, region)


@prices(TABLE, GLOBAL)
def reads(table: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Reads on demand."""
    if not on_demand(table):
        return
    key = f"dynamodb.rru.{_class(table)}"
    if asked.stated("monthly_read_request_units"):
        units = asked["monthly_read_request_units"]
        yield Cost("Read request units", units, key, "{monthly_read_request_units} units")
        return
    strong, twice = asked["consistent_read_percent"], asked["transactional_read_percent"]
    share = Decimal("0.5") * (100 - strong - twice) / 100 + strong / 100 + 2 * twice / 100
    if strong + twice > 100:
        raise NotKnown("consistent_read_percent and transactional_read_percent are more than 100 % together")
    units = asked["monthly_reads"] * ceil(asked["item_kb"], 4) * share
    words = "{monthly_reads} reads × {item_kb} KB in units of 4 KB, "
    words += "{consistent_read_percent} % strongly consistent, {transactional_read_percent} % in transactions, others half"
    yield Cost("Read request units", units, key, words)


@prices(TABLE, GLOBAL)
def capacity(table: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Provisioned capacity of the table and its indexes."""
    if on_demand(table):
        return
    for name, letter in (("Write", "w"), ("Read", "r")):
        units, words = _capacity(table, asked, name)
        key = f"dynamodb.{letter}cu.{_class(table)}"
        yield Cost(f"{name} capacity units", units * asked.hours, key, f"{words} × {asked.hours} h")
        for index in _indexes(table):
            units, words = _index_capacity(table, index, name)
            component = f"{name} capacity units of index {index.name}"
            yield Cost(component, units * asked.hours, key, f"{words} × {asked.hours} h")
    for region in _replicas(table):
        units, words = _capacity(table, asked, "Write")
        component = f"Replicated write capacity units in {region}"
        yield Cost(component, units * asked.hours, "dynamodb.rwcu", f"{words} × {asked.hours} h", region)


def _capacity(table: Resource, asked: UsageOf, name: str) -> tuple[Decimal, str]:
    key = f"average_{name.lower()}_capacity"
    if asked.stated(key):
        return asked[key], f"{{{key}}} units on average"
    if table.kind == GLOBAL:
        return _settled(table[f"{name}ProvisionedThroughputSettings"] or _replica_reads(table), name)
    least = _least(table, f"dynamodb:table:{name}CapacityUnits")
    if least is not None:
        return least, f"{least} units, the least of auto scaling"
    units = number(table[f"ProvisionedThroughput.{name}CapacityUnits"])
    return units, f"{units} units"


def _index_capacity(table: Resource, index: _Index, name: str) -> tuple[Decimal, str]:
    if table.kind == GLOBAL:
        return _settled(index.spec[f"{name}ProvisionedThroughputSettings"], name)
    stated = index.spec["ProvisionedThroughput"]
    units = number(stated[f"{name}CapacityUnits"] if isinstance(stated, Map) else stated)
    return units, f"{units} units"


def _replica_reads(table: Resource) -> Value:
    """The read capacity of a global table is stated on its replicas: the first one's."""
    for replica in maps(table["Replicas"]):
        return replica["ReadProvisionedThroughputSettings"]
    return ABSENT


def _settled(settings: Value, name: str) -> tuple[Decimal, str]:
    """The capacity that a global table states: fixed, or the least of its auto scaling. Raises `NotKnown`."""
    if not isinstance(settings, Map):
        raise NotKnown(
            getattr(settings, "reason", f"the {name.lower()} capacity is stated nowhere that can be read")
        )
    if is_stated(settings[f"{name}CapacityUnits"]):
        units = number(settings[f"{name}CapacityUnits"])
        return units, f"{units} units"
    scaling = settings[f"{name}CapacityAutoScalingSettings"]
    units = number(scaling["MinCapacity"] if isinstance(scaling, Map) else scaling)
    return units, f"{units} units, the least of auto scaling"


def _least(table: Resource, dimension: str) -> Decimal | None:
    for target in table.graph.of("AWS::ApplicationAutoScaling::ScalableTarget"):
        if target["ScalableDimension"] == dimension and _scales(target["ResourceId"], table):
            return number(target["MinCapacity"])
    return None


def _scales(name: Value, table: Resource) -> bool:
    if isinstance(name, str):
        own = table["TableName"]
        return isinstance(own, str) and name == f"table/{own}"
    return any(isinstance(one, Reference) and one.address == table.address for one in references(name))


def _stored(table: Resource, asked: UsageOf) -> tuple[Decimal, str]:
    if asked.stated("storage_gb"):
        return asked["storage_gb"], "{storage_gb} GB"
    item = asked["item_kb"] + BYTES_PER_ITEM
    for index in _indexes(table):
        item += _index_kb(index, asked) + BYTES_PER_ITEM
    return asked[
        "items"
    ] * item / KB_PER_GB, f"{{items}} items × {item} KB, overhead and indexes included, / 1,048,576"


@prices(TABLE, GLOBAL)
def storage(table: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Storage, in every region."""
    amount, words = _stored(table, asked)
    key = f"dynamodb.storage.{_class(table)}"
    yield Cost("Storage", amount, key, words)
    for region in _replicas(table):
        yield Cost(f"Storage in {region}", amount, key, words, region)


@prices(TABLE, GLOBAL)
def backups(table: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Point-in-time recovery, backups and restores."""
    if _recovers(table):
        if asked.stated("pitr_backup_storage_gb"):
            amount, words = asked["pitr_backup_storage_gb"], "{pitr_backup_storage_gb} GB"
        else:
            amount, words = _stored(table, asked)
        yield Cost("Point-in-time recovery", amount, "dynamodb.pitr", words)
    if asked["on_demand_backup_storage_gb"]:
        words = "{on_demand_backup_storage_gb} GB"
        yield Cost("Backups", asked["on_demand_backup_storage_gb"], "dynamodb.backup", words)
    if asked["monthly_data_restored_gb"]:
        yield Cost(
            "Restores", asked["monthly_data_restored_gb"], "dynamodb.restore", "{monthly_data_restored_gb} GB"
        )


def _recovers(table: Resource) -> bool:
    if table.kind == TABLE:
        return bool(table["PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"])
    return any(
        replica["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
        for replica in maps(table["Replicas"])
        if isinstance(replica["PointInTimeRecoverySpecification"], Map)
    )


@prices(TABLE, GLOBAL)
def changes(table: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Streams, copies to Kinesis, exports and Contributor Insights."""
    for component, key, price in (
        ("Stream reads", "monthly_streams_read_request_units", "dynamodb.streams"),
        ("Changes copied to Kinesis", "monthly_change_units", "dynamodb.cdc-kinesis"),
        ("Exports to S3", "monthly_export_gb", "dynamodb.export"),
    ):
        if asked[key]:
            yield Cost(component, asked[key], price, f"{{{key}}} units")
    if table["ContributorInsightsSpecification.Enabled"]:
        # One rule each for the most accessed and the most throttled keys; two more where there is a sort key.
        rules = 4 if sum(1 for _ in maps(table["KeySchema"])) > 1 else 2
        yield Cost("Contributor Insights rules", rules, "cloudwatch.contributor-rule", f"{rules} rules")
        amount = asked["monthly_contributor_events"]
        words = "{monthly_contributor_events} events"
        yield Cost("Contributor Insights events", amount, "cloudwatch.contributor-events-dynamodb", words)


@prices("AWS::DAX::Cluster")
def accelerator(cluster: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Nodes of a DAX cluster."""
    kind = str(cluster["NodeType"]).removeprefix("dax.")
    count = number(cluster["ReplicationFactor"])
    name = f"dax.{kind}"
    if name not in asked.catalogue.dimensions:
        raise NotKnown(f"no price of DAX nodes of the type {kind} is in the catalogue")
    yield Cost("Nodes", count * asked.hours, name, f"{count} nodes × {asked.hours} h")
