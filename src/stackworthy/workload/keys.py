"""Turns the loads of resources into the usage keys that their prices depend on.

Sources: https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html (the first request of each second and 5 %),
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html (five pollers, each waiting up to 20 s).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NamedTuple

from stackworthy.core.cost import Usage, UsageError
from stackworthy.core.resource import Resource
from stackworthy.core.value import NotKnown
from stackworthy.prices import catalogue, functions, usage_keys
from stackworthy.workload.beside import beside, served
from stackworthy.workload.entries import ROUTES, api_of, label
from stackworthy.workload.flow import ZERO, Flow, Load, checked_facts
from stackworthy.workload.links import FUNCTION, MACHINE, QUEUE, entries_of, load_part
from stackworthy.workload.model import FACTS

KB_PER_GB = Decimal(1024 * 1024)
BYTES_PER_GB = KB_PER_GB * 1024
PLATFORM_BYTES = Decimal(400)
POLLERS, POLL_SECONDS = 5, 20
SAMPLED = Decimal("0.05")
LOGGED = "monthly_data_ingested_gb"
EXACT = Decimal("0.000001")


class Row(NamedTuple):
    """One quantity of a resource (of another than that it is asked of: `address`), what it rests on (`derived` or `assumed`), and why."""

    key: str
    value: Decimal
    basis: str
    why: str = ""
    address: str = ""


Deriver = Callable[[Flow, Resource, Load], Iterator[Row]]


def usage_of(made: Flow, usage: Usage | None = None) -> Usage:
    """The usage of every resource that something comes to, with what the workload states of it over that.

    What `usage` says already (measured, or of a usage file) stands above both. Raises `UsageError`.
    """
    usage = usage if usage is not None else Usage()
    graph = made.graph
    before = {address: set(usage.of(graph.path, address)) for address in (*made.loads, *made.facts)}
    elsewhere: dict[tuple[str, str], Row] = {}

    def add(address: str, row: Row) -> None:
        known = before.get(address)
        if row.key not in (known if known is not None else usage.of(graph.path, address)):
            usage.add(address, row.key, tidy(row.value), stack=graph.path, basis=row.basis, why=row.why)

    for address, load in made.loads.items():
        for row in _rows(made, graph[address], load):
            if not row.address:
                add(address, row)
                continue
            earlier = elsewhere.get((row.address, row.key))
            value = row.value + (earlier.value if earlier is not None and adds_up(row.key) else ZERO)
            elsewhere[row.address, row.key] = row._replace(value=value)
    for (address, _), row in elsewhere.items():
        add(address, row)
    for one in beside(made):
        add(one.address, Row(one.key, one.value, "derived", one.why))
    for address, facts in made.facts.items():
        _state(made, usage, graph[address], facts, before[address])
    return usage


def adds_up(key: str) -> bool:
    """Whether quantities of several sources come to their sum, as durations do not."""
    return key.startswith("monthly_")


def tidy(value: Decimal) -> Decimal:
    """A quantity without the dust of divisions."""
    if value > EXACT and value == value.to_integral_value():
        return value
    return value.quantize(EXACT) if value < 10**15 else value


ALIASES = {
    ("duration_ms", FUNCTION): "request_duration_ms",
    ("duration_ms", MACHINE): "workflow_duration_ms",
    ("message_kb", "AWS::Kinesis::Stream"): "record_kb",
    ("message_kb", "AWS::KinesisFirehose::DeliveryStream"): "record_kb",
    ("message_kb", "AWS::Events::EventBus"): "event_size_kb",
    ("message_kb", QUEUE): "request_size_kb",
    ("message_kb", "AWS::SNS::Topic"): "request_size_kb",
}


def _state(made: Flow, usage: Usage, resource: Resource, facts: dict[str, Decimal], before: set[str]) -> None:
    """What is stated of a resource stands over what flows."""
    kind = resource.kind or resource.type
    keys = set(usage_keys(kind))
    workload = made.workload
    line = next((one.line for one in workload.resources if one.name in (resource.address, resource.name)), 0)
    route_facts = {"response_kb"} if kind in ROUTES or kind == "AWS::CloudFront::Distribution" else set()
    checked_facts(keys | route_facts, facts, kind, resource.name, workload.file, line)
    if not functions(kind):
        return
    for key, value in facts.items():
        name = ALIASES.get((key, kind), key)
        if name in before:
            continue
        if key.startswith(("bedrock.", "model.")):
            _check_model(key, resource, workload.file, line)
            usage.add(resource.address, key, value, stack=made.graph.path, why=f"stated in {workload.file}")
        elif name in keys and not (
            key in FACTS and name == key and key not in ("object_kb", "item_kb", "items")
        ):
            usage.add(resource.address, name, value, stack=made.graph.path, why=f"stated in {workload.file}")


def _check_model(key: str, resource: Resource, file: str, line: int) -> None:
    """Refuse the tokens of a model that the catalogue has no price of."""
    prices = catalogue()
    if key.startswith("bedrock.") and key not in prices.dimensions:
        near = prices.nearest_key(key)
        hint = f"did you mean {near}?" if near else "stackworthy prices show bedrock lists them"
        raise UsageError(
            f"there is no price {key!r}", hint, key=f"{resource.name}.{key}", file=file, line=line
        )


def _rows(made: Flow, resource: Resource, load: Load) -> Iterator[Row]:
    derive = DERIVERS.get(resource.kind or "")
    if derive is None:
        return
    try:
        yield from derive(made, resource, load)
    except NotKnown as error:
        made.assume(resource.address, "usage", "a part of it", f"is not known: {error.reason}")


def _from(made: Flow, load: Load, part: str = "count") -> str:
    """Who sends how much, in words."""
    sent = sorted(
        ((amount, source) for (which, source), amount in load.sources.items() if which == part),
        key=lambda one: -one[0],
    )
    said = [
        f"{amount:,.0f} {'stated' if not source else 'from ' + label(made.graph[source])}"
        for amount, source in sent[:2]
    ]
    if len(sent) > 2:
        said.append(f"{len(sent) - 2} more")
    return ", ".join(said)


def _sized(made: Flow, resource: Resource, fact: str, key: str) -> Iterator[Row]:
    """A size or duration: stated by default, or assumed."""
    if fact in made.facts.get(resource.address, {}):
        return
    default = made.workload.defaults.get(fact)
    if default is not None:
        yield Row(key, default, "stated", "by default")
    else:
        yield Row(key, made.fact(resource, fact), "assumed", FACTS[fact].why)


def _function(made: Flow, fn: Resource, load: Load) -> Iterator[Row]:
    count = load.total("count") * _retries(made, fn)
    stated = made.facts.get(fn.address, {}).get("request_duration_ms")
    duration = stated if stated is not None else made.fact(fn, "duration_ms")
    warm = served(made, fn, count, duration)
    for address, part in warm:
        words = "what provisioned concurrency serves"
        yield Row("monthly_requests", part, "derived", words, address)
        yield Row("request_duration_ms", duration, "derived", f"as {fn.name}", address)
    left = count - sum((part for _, part in warm), ZERO)
    yield Row("monthly_requests", left, "derived", _from(made, load))
    yield from _sized(made, fn, "duration_ms", "request_duration_ms")
    gigabytes = (
        count * (made.fact(fn, "log_lines") * made.fact(fn, "log_line_bytes") + PLATFORM_BYTES) / BYTES_PER_GB
    )
    yield from _logs(made, fn, gigabytes)
    if fn["TracingConfig.Mode"] == "Active":
        traces = _sampled(made, count - _traced_before(made, load))
        yield Row(
            "monthly_traces", traces, "derived", "the first request of each second and 5 % of the others"
        )


def _retries(made: Flow, fn: Resource) -> Decimal:
    """Runs for each event that comes asynchronously: what fails is tried again twice."""
    stated = made.stated(fn, "error_percent")
    if not stated:
        return Decimal(1)
    pushed = [
        edge
        for edge in fn.graph.edges("triggers").by_target.get(fn.address, ())
        if edge.by not in ("event source mapping", "target group")
    ]
    share = stated / 100
    return 1 + share + share**2 if pushed else Decimal(1)


def _traced_before(made: Flow, load: Load) -> Decimal:
    """What comes from routes of an API that traces: its traces begin there."""
    found = ZERO
    for (part, address), amount in load.sources.items():
        source = made.graph.get(address) if address and part == "count" else None
        if source is not None and source.kind == "AWS::ApiGateway::Method":
            api = api_of(source)
            stages = api.graph.edges("routes").by_source.get(api.address, ()) if api is not None else ()
            if any(edge.target.kind == STAGE and edge.target["TracingEnabled"] for edge in stages):
                found += amount
    return found


def _sampled(made: Flow, count: Decimal) -> Decimal:
    return min(count, made.seconds) + max(count - made.seconds, ZERO) * SAMPLED


def _logs(made: Flow, resource: Resource, gigabytes: Decimal) -> Iterator[Row]:
    groups = [
        edge.target
        for edge in resource.graph.edges("logs to").by_source.get(resource.address, ())
        if edge.target.kind == "AWS::Logs::LogGroup"
    ]
    if groups:
        yield Row(LOGGED, gigabytes, "derived", "lines of all that logs to it", groups[0].address)
        return
    words = "lines of code and platform, in a group that Lambda makes by itself"
    yield Row("monthly_log_gb", gigabytes, "derived", words)
    made.assume(
        resource.address, "log storage", "12 months of logs at 15 %", "its own log group never expires"
    )
    yield Row("log_storage_gb", gigabytes * Decimal("0.15") * 12, "assumed", "12 months are held, at 15 %")


STAGE = "AWS::ApiGateway::Stage"


def _api(made: Flow, api: Resource, load: Load) -> Iterator[Row]:
    count = load.total("count")
    websocket = api["ProtocolType"] == "WEBSOCKET" if api.kind == "AWS::ApiGatewayV2::Api" else False
    key = "monthly_messages" if websocket else "monthly_requests"
    yield Row(key, count, "derived", _from(made, load))
    if websocket:
        yield from _sized(made, api, "message_kb", "message_size_kb")
    elif api.kind == "AWS::ApiGatewayV2::Api":
        yield Row("request_size_kb", Decimal(512), "assumed", "no request or answer is larger than 512 KB")
    yield from _answers(made, api)
    for edge in api.graph.edges("routes").by_source.get(api.address, ()):
        stage = edge.target
        if stage.kind not in (STAGE, "AWS::ApiGatewayV2::Stage"):
            continue
        for logged in stage.graph.edges("logs to").by_source.get(stage.address, ()):
            if logged.target.kind == "AWS::Logs::LogGroup":
                amount = count * made.fact(stage, "access_log_bytes") / BYTES_PER_GB
                yield Row(LOGGED, amount, "derived", "lines of all that logs to it", logged.target.address)
                break


def _answers(made: Flow, api: Resource) -> Iterator[Row]:
    """What the routes answer, where somebody says how large that is."""
    sent = ZERO
    for edge in api.graph.edges("routes").by_source.get(api.address, ()):
        size = made.facts.get(edge.target.address, {}).get("response_kb")
        if size is not None and edge.target.address in made.loads:
            sent += made.loads[edge.target.address].count * size / KB_PER_GB
    if sent:
        yield Row("monthly_outbound_gb", sent, "derived", "answers of its routes")
    elif not made.is_stated(api, "response_kb", "monthly_outbound_gb"):
        made.assume(api.address, "answers sent to the internet", "0 GB", "state response_kb of its routes")


def _graphql(made: Flow, _: Resource, load: Load) -> Iterator[Row]:
    yield Row("monthly_requests", load.total("count"), "derived", _from(made, load))


def _table(made: Flow, table: Resource, load: Load) -> Iterator[Row]:
    writes, reads = load.total("writes"), load.total("reads")
    yield Row("monthly_writes", writes, "derived", _from(made, load, "writes"))
    yield Row("monthly_reads", reads, "derived", _from(made, load, "reads"))
    yield from _sized(made, table, "item_kb", "item_kb")
    if not made.is_stated(table, "items", "storage_gb"):
        made.assume(table.address, "items held", "0", "state items or storage_gb for its storage")


def _bucket(made: Flow, bucket: Resource, load: Load) -> Iterator[Row]:
    facts = made.facts.get(bucket.address, {})
    size = made.fact(bucket, "object_kb")
    uploads = load.total("writes")
    yield Row("monthly_objects", uploads, "derived", _from(made, load, "writes"))
    if load.sized:
        gigabytes = ((uploads - load.sized) * size + load.kilobytes) / KB_PER_GB
        size = gigabytes * KB_PER_GB / uploads
        yield Row("object_kb", size, "derived", "as what is delivered comes to")
    else:
        gigabytes = uploads * size / KB_PER_GB
        yield from _sized(made, bucket, "object_kb", "object_kb")
    if "monthly_uploaded_gb" not in facts:
        yield Row("monthly_uploaded_gb", gigabytes, "derived", f"{uploads:,.0f} × {tidy(size):f} KB")
    yield Row("standard.monthly_tier_2_requests", load.total("reads"), "derived", _from(made, load, "reads"))


def _queue(made: Flow, queue: Resource, load: Load) -> Iterator[Row]:
    messages = load.total("count")
    consumers = queue.graph.edges("triggers").by_source.get(queue.address, ())
    batches = ZERO
    for edge in consumers:
        passed = made.loads.get(edge.target.address)
        batches += (
            passed.sources.get((load_part(edge.target, "triggers"), queue.address), ZERO)
            if passed is not None
            else ZERO
        )
    calls = messages + 2 * batches
    words = f"{tidy(messages):,.0f} sends, a receive and a delete for each of {tidy(batches):,.0f} batches"
    yield Row("monthly_requests", calls, "derived", words)
    yield from _sized(made, queue, "message_kb", "request_size_kb")
    if any(edge.by == "event source mapping" for edge in consumers):
        idle = max(POLLERS * made.seconds / POLL_SECONDS - batches, ZERO)
        yield Row(
            "monthly_empty_receives", idle, "derived", "five pollers wait up to 20 s each, day and night"
        )


def _topic(made: Flow, topic: Resource, load: Load) -> Iterator[Row]:
    yield Row("monthly_requests", load.total("count"), "derived", _from(made, load))
    yield from _sized(made, topic, "message_kb", "request_size_kb")


def _bus(made: Flow, bus: Resource, load: Load) -> Iterator[Row]:
    yield Row("monthly_custom_events", load.total("count"), "derived", _from(made, load))
    yield from _sized(made, bus, "message_kb", "event_size_kb")


def _stream(made: Flow, stream: Resource, load: Load) -> Iterator[Row]:
    yield Row("monthly_records", load.total("count"), "derived", _from(made, load))
    yield from _sized(made, stream, "message_kb", "record_kb")


def _machine(made: Flow, machine: Resource, load: Load) -> Iterator[Row]:
    count = load.total("count")
    yield Row("monthly_requests", count, "derived", _from(made, load))
    entered = entries_of(made, machine)
    total = Decimal(str(round(sum(entered.values()), 4)))
    if machine["StateMachineType"] == "EXPRESS":
        if "duration_ms" not in made.facts.get(machine.address, {}):
            each = made.workload.defaults.get("duration_ms", FACTS["duration_ms"].value)
            words = f"{total} states, {each} ms each"
            made.assume(machine.address, "workflow_duration_ms", f"{total * each} ms", words)
            yield Row("workflow_duration_ms", max(total, Decimal(1)) * each, "assumed", words)
        return
    yield Row("transitions_per_execution", total + 1, "derived", f"{total} states entered, and the start")


def _tasks(made: Flow, task: Resource, load: Load) -> Iterator[Row]:
    count = load.total("count")
    yield Row("monthly_tasks", count, "derived", _from(made, load))
    yield from _own_logs(made, task, count)


def _jobs(made: Flow, job: Resource, load: Load) -> Iterator[Row]:
    count = load.total("count")
    yield Row("monthly_jobs", count, "derived", _from(made, load))
    yield from _own_logs(made, job, count)


def _own_logs(made: Flow, runner: Resource, count: Decimal) -> Iterator[Row]:
    """Lines of a task, where its log group is of the stack."""
    gigabytes = count * made.fact(runner, "log_lines") * made.fact(runner, "log_line_bytes") / BYTES_PER_GB
    yield from (row for row in _logs(made, runner, gigabytes) if row.address)


def _distribution(made: Flow, distribution: Resource, load: Load) -> Iterator[Row]:
    count = load.total("count")
    yield Row("monthly_https_requests", count, "derived", _from(made, load))
    size = made.facts.get(distribution.address, {}).get("response_kb")
    if size is None:
        made.assume(distribution.address, "answers sent to the internet", "0 GB", "state its response_kb")
    else:
        sent = count * size / KB_PER_GB
        yield Row("monthly_data_transfer_to_internet_gb", sent, "derived", f"answers of {size} KB")


def _edge_function(made: Flow, _: Resource, load: Load) -> Iterator[Row]:
    yield Row("monthly_requests", load.total("count"), "derived", _from(made, load))


def _secret(made: Flow, _: Resource, load: Load) -> Iterator[Row]:
    yield Row("monthly_requests", load.total("reads"), "derived", _from(made, load, "reads"))


def _parameter(made: Flow, _: Resource, load: Load) -> Iterator[Row]:
    yield Row("monthly_api_interactions", load.total("reads"), "derived", _from(made, load, "reads"))


DERIVERS: dict[str, Deriver] = {
    FUNCTION: _function,
    "AWS::ApiGateway::RestApi": _api,
    "AWS::ApiGatewayV2::Api": _api,
    "AWS::AppSync::GraphQLApi": _graphql,
    "AWS::DynamoDB::Table": _table,
    "AWS::DynamoDB::GlobalTable": _table,
    "AWS::S3::Bucket": _bucket,
    QUEUE: _queue,
    "AWS::SNS::Topic": _topic,
    "AWS::Events::EventBus": _bus,
    "AWS::Kinesis::Stream": _stream,
    "AWS::KinesisFirehose::DeliveryStream": _stream,
    MACHINE: _machine,
    "AWS::ECS::TaskDefinition": _tasks,
    "AWS::Batch::JobDefinition": _jobs,
    "AWS::CloudFront::Distribution": _distribution,
    "AWS::CloudFront::Function": _edge_function,
    "AWS::Events::ApiDestination": _edge_function,
    "AWS::Pipes::Pipe": _edge_function,
    "AWS::Scheduler::Schedule": _edge_function,
    "AWS::SecretsManager::Secret": _secret,
    "AWS::SSM::Parameter": _parameter,
}
"""What the load of a kind means for its price."""

__all__ = ["Row", "UsageError", "tidy", "usage_of"]
