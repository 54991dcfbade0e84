"""S3: https://aws.amazon.com/s3/pricing/

What is stated per storage class is billed as it is. What is only stated as uploads flows through the bucket's lifecycle
rules (`prices/s3_lifecycle.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.core.cost import Cost
from stackworthy.core.resource import Resource
from stackworthy.core.value import is_stated
from stackworthy.prices.registry import UsageOf, maps, prices, unpriced, usage
from stackworthy.prices.s3_lifecycle import flow

BUCKET = "AWS::S3::Bucket"
DIRECTORY = "AWS::S3Express::DirectoryBucket"

CLASSES = {
    "standard": ("Standard", "s3.standard"),
    "intelligent_tiering": ("Intelligent-Tiering", "s3.intelligent"),
    "standard_infrequent_access": ("Standard-IA", "s3.standard-ia"),
    "one_zone_infrequent_access": ("One Zone-IA", "s3.one-zone-ia"),
    "glacier_instant_retrieval": ("Glacier Instant Retrieval", "s3.glacier-instant"),
    "glacier_flexible_retrieval": ("Glacier Flexible Retrieval", "s3.glacier"),
    "glacier_deep_archive": ("Glacier Deep Archive", "s3.deep-archive"),
    "express_one_zone": ("Express One Zone", "s3.express"),
}
STORAGE = {"storage_gb": ("storage", "storage")}
REQUESTS = {
    "monthly_tier_1_requests": ("PUT, COPY, POST and LIST requests", "put"),
    "monthly_tier_2_requests": ("GET and other requests", "get"),
    "monthly_lifecycle_transition_requests": ("lifecycle transitions", "transition"),
}
RETRIEVAL = {"monthly_data_retrieval_gb": ("retrieval", "retrieval")}
PARTS = {
    "standard": {**STORAGE, **REQUESTS},
    "intelligent_tiering": {
        "frequent_access_storage_gb": ("frequent access storage", "frequent"),
        "infrequent_access_storage_gb": ("infrequent access storage", "infrequent"),
        "archive_instant_access_storage_gb": ("archive instant access storage", "archive-instant"),
        "archive_access_storage_gb": ("archive access storage", "archive"),
        "deep_archive_access_storage_gb": ("deep archive access storage", "deep-archive"),
        "monitored_objects": ("monitoring of objects", "monitoring"),
        **REQUESTS,
        "early_delete_gb": ("deleted early", "frequent"),
    },
    "standard_infrequent_access": {**STORAGE, **REQUESTS, **RETRIEVAL},
    "one_zone_infrequent_access": {**STORAGE, **REQUESTS, **RETRIEVAL},
    "glacier_instant_retrieval": {**STORAGE, **REQUESTS, **RETRIEVAL},
    "glacier_flexible_retrieval": {
        **STORAGE,
        **REQUESTS,
        "monthly_standard_data_retrieval_requests": (
            "standard retrieval requests",
            "standard-retrieval-request",
        ),
        "monthly_standard_data_retrieval_gb": ("standard retrieval", "standard-retrieval"),
        "monthly_expedited_data_retrieval_requests": (
            "expedited retrieval requests",
            "expedited-retrieval-request",
        ),
        "monthly_expedited_data_retrieval_gb": ("expedited retrieval", "expedited-retrieval"),
        "early_delete_gb": ("deleted early", "storage"),
    },
    "glacier_deep_archive": {
        **STORAGE,
        **REQUESTS,
        "monthly_standard_data_retrieval_requests": (
            "standard retrieval requests",
            "standard-retrieval-request",
        ),
        "monthly_standard_data_retrieval_gb": ("standard retrieval", "standard-retrieval"),
        "monthly_bulk_data_retrieval_requests": ("bulk retrieval requests", "bulk-retrieval-request"),
        "monthly_bulk_data_retrieval_gb": ("bulk retrieval", "bulk-retrieval"),
        "early_delete_gb": ("deleted early", "storage"),
    },
    "express_one_zone": {
        **STORAGE,
        "monthly_tier_1_requests": ("PUT requests", "put"),
        "monthly_tier_2_requests": ("GET requests", "get"),
        "monthly_upload_gb": ("uploads", "upload"),
        "monthly_data_retrieval_gb": ("retrieval", "retrieval"),
    },
}
SELECT = (
    "monthly_select_data_scanned_gb",
    "monthly_select_data_returned_gb",
    "monthly_standard_select_data_scanned_gb",
    "monthly_standard_select_data_returned_gb",
    "monthly_bulk_select_data_scanned_gb",
    "monthly_bulk_select_data_returned_gb",
    "monthly_expedited_select_data_scanned_gb",
    "monthly_expedited_select_data_returned_gb",
)

usage(
    BUCKET,
    monthly_uploaded_gb=("GB", 0, "Data uploaded; it lives through the bucket's lifecycle rules."),
    monthly_objects=("objects", None, "Objects uploaded, each by one request; from the size of an object when not stated."),
    object_kb=("KB", 1024, "Average size of an object."),
    accessed_percent=("%", 100, "Objects in Intelligent-Tiering that are read at least once in 30 days; others move on to colder tiers."),
    months_kept=("months", 12, "Months of uploads that are held where no rule expires them."),
    object_tags=("tags", 0, "Tags of objects held."),
    noncurrent_storage_gb=("GB", 0, "Noncurrent versions held in Standard."),
    monthly_outbound_gb=("GB", 0, "Data sent to the internet, not by CloudFront."),
    replicated_gb=("GB", None, "Data replicated to another region; the uploads when not stated."),
    monthly_listed_objects=("objects", 0, "Objects listed by inventories."),
    monthly_monitored_objects=("objects", 0, "Objects watched by storage class analysis."),
)  # fmt: skip
usage(
    DIRECTORY,
    **{
        key: ("GB" if key.endswith("_gb") else "requests", 0, f"Express One Zone: {what}.")
        for key, (what, _) in PARTS["express_one_zone"].items()
    },
)
for _class, _parts in PARTS.items():
    usage(
        BUCKET,
        **{
            f"{_class}__{key}": (
                "GB" if key.endswith("_gb") else "objects" if key == "monitored_objects" else "requests",
                None,
                f"{CLASSES[_class][0]}: {what}; what the uploads and rules come to when not stated.",
            )
            for key, (what, _) in _parts.items()
        },
        **{f"{_class}__{key}": ("GB", 0, "S3 Select, which new customers cannot use.") for key in SELECT},
    )


@prices(BUCKET)
def classes(bucket: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Storage and requests, class by class."""
    derived = flow(bucket, asked)
    for name, parts in PARTS.items():
        title, prefix = CLASSES[name]
        for key, (what, price) in parts.items():
            path = f"{name}.{key}"
            if asked.stated(path):
                yield Cost(f"{title}: {what}", asked[path], f"{prefix}.{price}", f"{{{path}}}")
            elif path in derived:
                amount, words, assumed = derived[path]
                yield Cost(f"{title}: {what}", amount, f"{prefix}.{price}", words, assumption=assumed)
            elif path == "standard.storage_gb":
                yield Cost(
                    "Standard: storage", 0, "s3.standard.storage", "{monthly_uploaded_gb} GB uploaded a month"
                )
        for key in SELECT:
            if asked[f"{name}.{key}"]:
                yield unpriced(f"{title}: S3 Select", "no price of S3 Select is in the catalogue")


@prices(DIRECTORY)
def express(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Storage, requests and data of Express One Zone."""
    for key, (what, price) in PARTS["express_one_zone"].items():
        if asked[key] or key == "storage_gb":
            yield Cost(what.capitalize(), asked[key], f"s3.express.{price}", f"{{{key}}}")


@prices(BUCKET)
def extras(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Tags, old versions, inventories, analysis, data sent out."""
    for component, key, price, unit in (
        ("Object tags", "object_tags", "s3.object-tags", "tags"),
        ("Noncurrent versions", "noncurrent_storage_gb", "s3.standard.storage", "GB"),
        ("Inventory", "monthly_listed_objects", "s3.inventory", "objects"),
        ("Storage class analysis", "monthly_monitored_objects", "s3.storage-class-analytics", "objects"),
        ("Data transfer out", "monthly_outbound_gb", "data-transfer.out", "GB"),
    ):
        if asked[key]:
            yield Cost(component, asked[key], price, f"{{{key}}} {unit}")


@prices(BUCKET)
def replication(bucket: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Replication to another region; storage and requests there are the other bucket's."""
    rules = [rule for rule in maps(bucket["ReplicationConfiguration.Rules"]) if rule["Status"] == "Enabled"]
    if not rules:
        return
    amount = asked.get("replicated_gb", asked["monthly_uploaded_gb"])
    key = "replicated_gb" if asked.stated("replicated_gb") else "monthly_uploaded_gb"
    assumed = "the other bucket lies in another region"
    yield Cost("Replication transfer", amount, "data-transfer.region", f"{{{key}}} GB", assumption=assumed)
    objects = amount * 1024 * 1024 / asked["object_kb"] if asked["object_kb"] else amount * 0
    words = f"{{{key}}} GB × 1,048,576 / {{object_kb}} KB, one request each"
    yield Cost("Replication requests", objects, "s3.standard.put", words)
    if any(is_stated(rule["Destination"]["ReplicationTime"]) for rule in rules):
        yield unpriced("Replication time control", "no price of replication time control is in the catalogue")


@prices(BUCKET)
def acceleration(bucket: Resource, _: UsageOf) -> Iterator[Cost]:
    """Transfer acceleration."""
    if bucket["AccelerateConfiguration.AccelerationStatus"] == "Enabled":
        yield unpriced("Transfer acceleration", "no price of transfer acceleration is in the catalogue")
