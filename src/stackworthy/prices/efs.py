"""EFS: https://aws.amazon.com/efs/pricing/"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.core.value import is_stated
from stackworthy.prices.registry import UsageOf, length, number, prices, unpriced, usage

SYSTEM = "AWS::EFS::FileSystem"
# Standard storage brings 50 KB a second of throughput for each GB, which is 1 MB a second for 20 GB.
GB_PER_MBPS = 20

usage(
    SYSTEM,
    storage_gb=("GB", 0, "Data in Standard or One Zone."),
    infrequent_access_storage_gb=("GB", 0, "Data that the lifecycle has moved to infrequent access."),
    monthly_infrequent_access_read_gb=("GB", 0, "Data read from infrequent access."),
    monthly_infrequent_access_write_gb=("GB", 0, "Data moved to or written in infrequent access."),
    monthly_read_gb=("GB", 0, "Data read with elastic throughput."),
    monthly_write_gb=("GB", 0, "Data written with elastic throughput."),
)


@prices(SYSTEM)
def storage(system: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Storage by class."""
    one_zone = is_stated(system["AvailabilityZoneName"])
    price = "efs.one-zone" if one_zone else "efs.standard"
    yield Cost("Storage", asked["storage_gb"], price, "{storage_gb} GB")
    if not length(system["LifecyclePolicies"]) and not asked["infrequent_access_storage_gb"]:
        return
    elastic = system["ThroughputMode"] == "elastic"
    price = "efs.one-zone-ia" if one_zone else "efs.ia-elastic" if elastic else "efs.ia"
    words = "{infrequent_access_storage_gb} GB"
    yield Cost("Infrequent access storage", asked["infrequent_access_storage_gb"], price, words)
    for component, key in (
        ("Reads of infrequent access", "monthly_infrequent_access_read_gb"),
        ("Writes to infrequent access", "monthly_infrequent_access_write_gb"),
    ):
        yield Cost(component, asked[key], "efs.ia-access", f"{{{key}}} GB")


@prices(SYSTEM)
def throughput(system: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Provisioned and elastic throughput."""
    mode = system["ThroughputMode"]
    if mode == "provisioned":
        stated = number(system["ProvisionedThroughputInMibps"])
        amount = max(stated - asked["storage_gb"] / GB_PER_MBPS, Decimal(0))
        words = f"{stated} MB/s - {{storage_gb}} GB / 20, which come with the storage"
        yield Cost("Provisioned throughput", amount, "efs.throughput", words)
    elif mode == "elastic":
        yield Cost("Elastic reads", asked["monthly_read_gb"], "efs.elastic-read", "{monthly_read_gb} GB")
        yield Cost("Elastic writes", asked["monthly_write_gb"], "efs.elastic-write", "{monthly_write_gb} GB")
    if system["FileSystemProtection.ReplicationOverwriteProtection"] == "REPLICATING" or length(
        system["ReplicationConfiguration.Destinations"]
    ):
        yield unpriced("Replication", "storage and transfer of the replica are not priced")
