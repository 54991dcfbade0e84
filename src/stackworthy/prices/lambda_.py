"""Lambda: https://aws.amazon.com/lambda/pricing/"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

from stackworthy.core.cost import Cost
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, Map, NotKnown, OpenList, Value, references, show
from stackworthy.prices.registry import UsageOf, ceil, number, prices, referred, usage

FUNCTION = "AWS::Lambda::Function"
VERSION = "AWS::Lambda::Version"
ALIAS = "AWS::Lambda::Alias"
CONFIG = "aws_lambda_provisioned_concurrency_config"

usage(
    FUNCTION,
    monthly_requests=("requests", 0, "Invocations, failed ones and retries too; those that provisioned concurrency serves are its alias's."),
    request_duration_ms=("ms", 100, "Average billed duration of an invocation, rounded up to a millisecond."),
    async_payload_kb=("KB", 0, "Size of an asynchronous event: one request for the first 256 KB, one more for each further 64 KB."),
    cold_start_percent=("%", 0, "Invocations that start a new environment, whose initialisation is billed too."),
    init_duration_ms=("ms", 500, "Average duration of an initialisation."),
    monthly_streamed_gb=("GB", 0, "Streamed responses beyond the first 6 MB of each request."),
    snapstart_versions=("versions", 1, "Published versions whose snapshot is kept (Python and .NET)."),
    monthly_restores=("restores", 0, "Environments restored from a snapshot (Python and .NET)."),
    monthly_durable_operations=("operations", 0, "Operations of durable functions: steps, waits and callbacks."),
    monthly_durable_written_gb=("GB", 0, "Data that durable functions write."),
    durable_retained_gb=("GB", 0, "Data of durable functions that is held."),
    monthly_tenant_environments=("environments", 0, "Environments made for a tenant of its own."),
)  # fmt: skip
usage(
    ALIAS,
    VERSION,
    CONFIG,
    monthly_duration_hrs=("hours", None, "Hours in which provisioned concurrency is switched on; all hours of the month when not stated."),
    monthly_requests=("requests", 0, "Invocations that provisioned concurrency serves."),
    memory_mb=("MB", None, "Memory of the function; as the stack says when not stated."),
    request_duration_ms=("ms", 100, "Average billed duration of such an invocation, rounded up to a millisecond."),
)  # fmt: skip
usage(
    "AWS::Lambda::EventSourceMapping",
    event_poller_units=(
        "units",
        None,
        "Provisioned event pollers on average; the stated minimum when not stated.",
    ),
)


def architecture(fn: Resource) -> str:
    """`arm64` or `x86`."""
    return "arm64" if "arm64" in fn["Architectures"] else "x86"


def gigabytes(fn: Resource) -> Decimal:
    """The memory in GB of 1,024 MB."""
    return number(fn["MemorySize"]) / 1024


def _milliseconds(asked: UsageOf) -> Decimal:
    """The billed duration of all invocations, initialisations among them."""
    each = asked["request_duration_ms"].to_integral_value(ROUND_CEILING)
    started = asked["monthly_requests"] * asked["cold_start_percent"] / 100
    return asked["monthly_requests"] * each + started * asked["init_duration_ms"].to_integral_value(
        ROUND_CEILING
    )


def _duration_words(asked: UsageOf, memory: object) -> str:
    words = f"{{monthly_requests}} requests × {{request_duration_ms}} ms × {memory} MB / 1,024 / 1,000"
    if asked["cold_start_percent"]:
        words += ", and {cold_start_percent} % of them with {init_duration_ms} ms of initialisation"
    return words


def _associations(distribution: Resource) -> Iterator[Value]:
    """The functions that a distribution's behaviours name."""
    yield distribution["DistributionConfig.DefaultCacheBehavior.LambdaFunctionAssociations"]
    behaviors = distribution["DistributionConfig.CacheBehaviors"]
    if isinstance(behaviors, List) and not isinstance(behaviors, OpenList):
        for behavior in behaviors:
            if isinstance(behavior, Map):
                yield behavior["LambdaFunctionAssociations"]


def _at_edge(graph: Graph) -> set[str]:
    """The addresses of the functions that a distribution runs at the edge."""
    if "functions at the edge" not in graph.memo:
        found: set[str] = set()
        for distribution in graph.of("AWS::CloudFront::Distribution"):
            for reference in references(List(_associations(distribution))):
                target = graph.get(reference.address)
                if target is not None and target.kind == VERSION:
                    found.update(one.address for one in references(target["FunctionName"]))
                else:
                    found.add(reference.address)
        graph.memo["functions at the edge"] = found
    known: set[str] = graph.memo["functions at the edge"]
    return known


@prices(FUNCTION)
def requests(fn: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Requests."""
    units = Decimal(1)
    formula = "{monthly_requests} requests"
    if asked["async_payload_kb"] > 256:
        units += ceil(asked["async_payload_kb"] - 256, 64)
        formula += " × 1 for the first 256 KB and 1 for each further 64 KB of {async_payload_kb} KB"
    key = "lambda-edge.requests" if fn.address in _at_edge(fn.graph) else "lambda.requests"
    yield Cost("Requests", asked["monthly_requests"] * units, key, formula)


@prices(FUNCTION)
def compute(fn: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Compute in GB-seconds."""
    memory = gigabytes(fn)
    edge = fn.address in _at_edge(fn.graph)
    key = "lambda-edge.gb-second" if edge else f"lambda.gb-second.{architecture(fn)}"
    yield Cost("Compute", _milliseconds(asked) / 1000 * memory, key, _duration_words(asked, fn["MemorySize"]))


@prices(FUNCTION)
def temporary_storage(fn: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Temporary storage above 512 MB."""
    size = number(fn["EphemeralStorage.Size"], 512)
    if size > 512:
        # Billed like memory: for the duration of the invocation, in the function's memory-independent GB.
        amount = _milliseconds(asked) / 1000 * (size - 512) / 1024
        words = _duration_words(asked, f"({size} - 512)")
        yield Cost("Temporary storage", amount, "lambda.ephemeral-storage", words)


@prices(FUNCTION)
def streaming(_: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Response streaming."""
    if asked["monthly_streamed_gb"]:
        formula = "{monthly_streamed_gb} GB beyond the first 6 MB of each request"
        yield Cost("Response streaming", asked["monthly_streamed_gb"], "lambda.response-streaming", formula)


@prices(FUNCTION)
def durable(fn: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Durable functions and environments of tenants."""
    for component, key, price, unit in (
        (
            "Durable operations",
            "monthly_durable_operations",
            "lambda.durable-functions-operation",
            "operations",
        ),
        ("Durable data written", "monthly_durable_written_gb", "lambda.durable-functions-data-written", "GB"),
        ("Durable data held", "durable_retained_gb", "lambda.durable-functions-data-retained", "GB"),
    ):
        if asked[key]:
            yield Cost(component, asked[key], price, f"{{{key}}} {unit}")
    if asked["monthly_tenant_environments"]:
        words = f"{{monthly_tenant_environments}} environments × {fn['MemorySize']} MB / 1,024"
        price = f"lambda.tenant-isolation-env-creation-{architecture(fn)}"
        yield Cost(
            "Tenants' environments", asked["monthly_tenant_environments"] * gigabytes(fn), price, words
        )


@prices(FUNCTION)
def snapstart(fn: Resource, asked: UsageOf) -> Iterator[Cost]:
    """SnapStart cache and restores."""
    if fn["SnapStart.ApplyOn"] != "PublishedVersions" or fn["Runtime"].startswith("java"):
        return
    memory = gigabytes(fn)
    cached = memory * asked.seconds * asked["snapstart_versions"]
    words = f"{{snapstart_versions}} versions × {fn['MemorySize']} MB / 1,024 × {asked.seconds} s"
    yield Cost("SnapStart cache", cached, "lambda.snapstart-cache", words)
    restored = memory * asked["monthly_restores"]
    words = f"{{monthly_restores}} restores × {fn['MemorySize']} MB / 1,024"
    yield Cost("SnapStart restores", restored, "lambda.snapstart-restore", words)


def _function(target: Resource) -> Resource:
    """The function of an alias or version; in Terraform, that which the settings of provisioned concurrency name."""
    if target.type != CONFIG:
        return referred(target, "FunctionName", FUNCTION)
    stated = target.properties.native()
    named = stated["function_name"] if isinstance(stated, Map) else ABSENT
    addresses = {reference.address for reference in references(named)}
    for fn in target.graph.of(FUNCTION):
        if fn.address in addresses or (isinstance(named, str) and fn["FunctionName"] == named):
            return fn
    raise NotKnown("the function is not of this stack")


@prices(ALIAS, VERSION, CONFIG)
def provisioned(target: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Provisioned concurrency."""
    count = number(target["ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions"], 0)
    if not count:
        return
    fn = _function(target)
    arch = architecture(fn)
    size = asked["memory_mb"] if asked.stated("memory_mb") else number(fn["MemorySize"])
    memory = size / 1024
    hours = asked.get("monthly_duration_hrs", asked.hours)
    # Rounded up to five minutes.
    seconds = ceil(hours * 3600, 300) * 300
    words = f"{count} environments × {size} MB / 1,024 × {seconds} s"
    yield Cost("Provisioned concurrency", count * memory * seconds, f"lambda.provisioned.{arch}", words)
    yield Cost("Requests", asked["monthly_requests"], "lambda.requests", "{monthly_requests} requests")
    each = asked["request_duration_ms"].to_integral_value(ROUND_CEILING)
    yield Cost(
        "Compute under provisioned concurrency",
        asked["monthly_requests"] * each / 1000 * memory,
        f"lambda.provisioned-gb-second.{arch}",
        f"{{monthly_requests}} requests × {{request_duration_ms}} ms × {size} MB / 1,024 / 1,000",
    )


@prices("AWS::Lambda::EventSourceMapping")
def pollers(mapping: Resource, asked: UsageOf) -> Iterator[Cost]:
    """Provisioned event pollers."""
    if not mapping["ProvisionedPollerConfig"]:
        return
    kafka = bool(mapping["SelfManagedEventSource"]) or "kafka" in show(mapping["EventSourceArn"])
    least = number(mapping["ProvisionedPollerConfig.MinimumPollers"], 1 if kafka else 2)
    units = asked.get("event_poller_units", least)
    key = f"lambda.event-poller.{'kafka' if kafka else 'sqs'}"
    yield Cost("Event pollers", units * asked.hours, key, f"{units} pollers × {asked.hours} h")
