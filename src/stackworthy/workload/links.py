"""How each kind of resource passes on what comes to it.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html (batches and polling),
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html (two retries).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from stackworthy.core.graph import Edge
from stackworthy.core.resource import Resource
from stackworthy.core.value import NotKnown
from stackworthy.workload.code import calls_of
from stackworthy.workload.entries import APIS, ROUTES, api_of, named, routes
from stackworthy.workload.flow import ONE, ZERO, Flow, Link, Load
from stackworthy.workload.machines import Visits, visits
from stackworthy.workload.model import FACTS, Call

FUNCTION = "AWS::Lambda::Function"
MACHINE = "AWS::StepFunctions::StateMachine"
QUEUE = "AWS::SQS::Queue"
FIREHOSE = "AWS::KinesisFirehose::DeliveryStream"
STORES = frozenset({"AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket"})
RARELY_READ = frozenset({"AWS::SecretsManager::Secret", "AWS::SSM::Parameter"})
POLLED = frozenset(
    {QUEUE, "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::Kinesis::Stream",
     "AWS::MSK::Cluster", "AWS::MSK::ServerlessCluster", "AWS::AmazonMQ::Broker"}
)  # fmt: skip
BALANCING = "AWS::ElasticLoadBalancingV2::"
BATCHED = ("event source mapping", "pipe source")
FAILURES = ("on-failure destination", "dead-letter queue")
NEVER = frozenset(
    {"custom resource", "rotation", "alarm action", "budget notification", "cost anomaly subscription",
     "permission of a caller", "inventory", "storage class analysis", "vault notification", "provisioning hook"}
)  # fmt: skip
"""What starts a target so seldom that nothing flows."""
ATTEMPTS = 3
RECEIVES = 5


def links(made: Flow, resource: Resource) -> list[Link]:
    """What a resource passes on, in an order that does not change; each target and part once."""
    found = made.links.get(resource.address)
    if found is None:
        try:
            found = list(_links(made, resource))
        except NotKnown as error:
            made.assume(
                resource.address, "passes on", "nothing", f"what follows is not known: {error.reason}"
            )
            found = []
        made.links[resource.address] = found
    return found


def _links(made: Flow, resource: Resource) -> Iterator[Link]:
    kind = resource.kind
    if kind in ROUTES:
        yield from _route(made, resource)
    elif kind == MACHINE:
        yield from _machine(made, resource)
    elif kind == "AWS::CloudFront::Distribution":
        yield from _distribution(made, resource)
    elif kind in POLLED or kind == "AWS::S3::Bucket":
        yield from _started(made, resource)
        yield from _kept_messages(made, resource)
        yield from _copied(resource)
    elif kind in APIS:
        if not routes(resource):
            integrated = (edge for edge in _edges(resource, "invokes") if edge.by == "integration")
            yield from (
                Link(edge.target, load_part(edge.target, "invokes"), _all, edge.by) for edge in integrated
            )
    elif kind == FIREHOSE:
        yield from _delivered(made, resource)
    elif kind is not None and kind.startswith(BALANCING):
        yield from _balanced(resource)
    else:
        yield from _code(made, resource)


def _copied(store: Resource) -> Iterator[Link]:
    """What a store hands on of everything written to it: changes to a stream, replicas to a bucket."""
    for edge in _edges(store, "writes"):
        yield Link(edge.target, load_part(edge.target, "writes"), _all, edge.by)


def _delivered(made: Flow, stream: Resource) -> Iterator[Link]:
    """A delivery stream gathers records until its buffer is full or its interval over, and writes them as one object."""
    megabytes, seconds = _buffer(stream)
    size = made.stated(stream, "message_kb") or made.stated(stream, "record_kb") or FACTS["message_kb"].value

    def kilobytes(load: Load) -> Decimal:
        return load.count * size

    def objects(load: Load) -> Decimal:
        gathered = max(kilobytes(load) / (megabytes * 1024), made.seconds / seconds)
        return min(load.count, gathered)

    for edge in _edges(stream, "writes"):
        if edge.target.kind == "AWS::S3::Bucket":
            words = f"an object for each {megabytes} MB, or each {seconds} s"
            yield Link(edge.target, "writes", objects, edge.by, words, None, kilobytes)
        else:
            yield Link(edge.target, load_part(edge.target, "writes"), _all, edge.by)
    for edge in _edges(stream, "invokes"):
        yield Link(edge.target, "count", objects, edge.by, "a processor is called once for each buffer")


def _buffer(stream: Resource) -> tuple[Decimal, Decimal]:
    """The megabytes and seconds after which a delivery stream writes."""
    for path in ("ExtendedS3DestinationConfiguration", "S3DestinationConfiguration"):
        try:
            found = [stream[f"{path}.BufferingHints.{name}"] for name in ("SizeInMBs", "IntervalInSeconds")]
        except NotKnown:
            continue
        if all(isinstance(one, int) and one > 0 for one in found):
            return Decimal(found[0]), Decimal(found[1])
    return Decimal(5), Decimal(300)


def _balanced(part: Resource) -> Iterator[Link]:
    """A load balancer, listener, rule or target group passes requests to what stands behind it, to each alike."""
    behind = [*_edges(part, "routes"), *_edges(part, "triggers")]
    for edge in behind:
        share = ONE / len(behind)
        words = "requests go to all targets alike" if len(behind) > 1 else ""
        yield Link(edge.target, load_part(edge.target, "invokes"), _times(share), edge.by, words)


def _edges(resource: Resource, relation: str) -> Iterator[Edge]:
    for edge in resource.graph.edges(relation).by_source.get(resource.address, ()):
        if edge.target.address != resource.address and edge.by not in NEVER:
            yield edge


def _route(made: Flow, route: Resource) -> Iterator[Link]:
    """A route counts for its API, and calls what it integrates, and its authorizer."""
    api = api_of(route)
    if api is not None:
        yield Link(api, "count", _all, "route")
    for relation in ("invokes", "reads", "writes"):
        for edge in _edges(route, relation):
            part = load_part(edge.target, relation)
            yield Link(edge.target, part, _all, edge.by)
    yield from _through_data_source(route)
    for edge in route.graph.edges("protects").by_target.get(route.address, ()):
        for called in _edges(edge.source, "invokes"):
            if called.by == "authorizer":
                words = "each request asks the authorizer: its cache is left out"
                yield Link(called.target, "count", _all, "authorizer", words)
    yield from _stated(made, route, set())


def _through_data_source(route: Resource) -> Iterator[Link]:
    """A resolver reads, or (a mutation) writes, what stands behind its data source."""
    if route.kind != "AWS::AppSync::Resolver":
        return
    relation = "writes" if route["TypeName"] == "Mutation" else "reads"
    for source in _edges(route, "routes"):
        for edge in _edges(source.target, relation):
            yield Link(
                edge.target,
                load_part(edge.target, relation),
                _all,
                "data source",
                f"each request {relation} it once",
            )


def _started(made: Flow, resource: Resource) -> Iterator[Link]:
    """What polls a queue, table or stream, or is notified by a bucket."""
    for edge in _edges(resource, "triggers"):
        call = _call(made, resource, edge.target)
        if call is not None and call.calls is not None:
            yield Link(edge.target, load_part(edge.target, "invokes"), _times(call.calls), "as stated")
        elif edge.by in BATCHED:
            part = load_part(edge.target, "invokes")
            yield Link(edge.target, part, _batches(made, resource, edge), edge.by, "", _items)
        else:
            plain = resource.kind in POLLED or (
                edge.by == "bucket notification" and not edge.details.get("Filter")
            )
            words = "" if plain else "each upload starts it: filters are left out"
            yield Link(edge.target, load_part(edge.target, "invokes"), _all, edge.by, words)


def _batches(made: Flow, resource: Resource, edge: Edge) -> Callable[[Load], Decimal]:
    """Invocations for the items of a queue or stream: as many items in a batch as come in its window, up to its size."""
    size, window = _batch_size(edge), _window(edge)
    stated = made.stated(resource, "batch") or made.stated(edge.target, "batch")

    def invocations(load: Load) -> Decimal:
        items = load.writes if resource.kind in STORES else load.count
        failing = min(_failing(made, edge.target), Decimal("0.9"))
        tries = ONE
        for _ in range(RECEIVES - 1):
            tries = ONE + failing * tries
        if stated is not None:
            return items / stated * tries
        together = min(max(items / made.seconds * window, ONE), size)
        return items / together * tries

    return invocations


def _batch_size(edge: Edge) -> Decimal:
    usual = 10 if edge.source.kind == QUEUE else 100
    try:
        stated = edge["BatchSize"] if edge.resource is not None else None
        return Decimal(stated) if isinstance(stated, int) and stated > 0 else Decimal(usual)
    except NotKnown:
        return Decimal(usual)


def _window(edge: Edge) -> Decimal:
    """The seconds in which a batch is gathered; a poll of a stream comes each second."""
    try:
        stated = edge["MaximumBatchingWindowInSeconds"] if edge.resource is not None else None
        if isinstance(stated, int) and stated > 0:
            return Decimal(stated)
    except NotKnown:
        pass
    return ZERO if edge.source.kind == QUEUE else ONE


def _kept_messages(made: Flow, resource: Resource) -> Iterator[Link]:
    """What a queue gives up on goes to its dead-letter queue."""
    if resource.kind != QUEUE:
        return
    for edge in resource.graph.edges("protects").by_target.get(resource.address, ()):
        if edge.by == "dead-letter queue":
            consumers = [one.target for one in _edges(resource, "triggers")]
            yield Link(edge.source, "count", _given_up(made, consumers, RECEIVES), "dead-letter queue")


def _given_up(made: Flow, consumers: list[Resource], tries: int) -> Callable[[Load], Decimal]:
    def amount(load: Load) -> Decimal:
        worst = max((_failing(made, one) for one in consumers), default=ZERO)
        return load.count * worst**tries

    return amount


def _failing(made: Flow, resource: Resource) -> Decimal:
    stated = made.stated(resource, "error_percent")
    return stated / 100 if stated is not None else ZERO


def _machine(made: Flow, machine: Resource) -> Iterator[Link]:
    """Each state calls what it names, as often as it is entered."""
    entered = entries_of(made, machine)
    for relation in ("invokes", "reads", "writes"):
        for edge in _edges(machine, relation):
            if edge.by != "state":
                continue
            state = str(edge.details.get("state", ""))
            times = Decimal(str(entered.get(state, 1.0)))
            if times:
                yield Link(edge.target, load_part(edge.target, relation), _times(times), f"state {state}")


def entries_of(made: Flow, machine: Resource) -> dict[str, float]:
    """The entries of each state in one execution; what is assumed for them is listed."""
    shares = {
        key.removeprefix("share."): float(value) / 100
        for key, value in made.facts.get(machine.address, {}).items()
        if key.startswith("share.")
    }
    items = made.stated(machine, "items")
    given = items if items is not None else Decimal(10)
    failing = float(min(_failing(made, machine), Decimal("0.9")))
    key = ("visits", machine.address, given, failing, tuple(sorted(shares.items())))
    memo = machine.graph.memo
    if key not in memo:
        memo[key] = visits(machine, float(given), shares.get, failing)
    found: Visits = memo[key]
    for words in found.assumed:
        if "items in each run" in words and items is not None:
            continue
        reason = "state items" if "items in each run" in words else 'state share."NAME" (in %) of the states'
        made.assume(machine.address, words, "", reason)
    return found.by_state


def _distribution(made: Flow, distribution: Resource) -> Iterator[Link]:
    """What the cache does not answer goes to the origins; functions at the edge run for each request."""
    for edge in _edges(distribution, "invokes"):
        yield Link(edge.target, "count", _all, edge.by)
    origins = [edge.target for edge in _edges(distribution, "routes")]
    for origin in origins:
        into = routes(origin) if origin.kind in APIS else []
        for target in into or [origin]:
            share = ONE / (len(origins) * (len(into) or 1))
            part = "reads" if target.kind in STORES else "count"
            words = "requests go to all origins and routes alike" if len(origins) > 1 or len(into) > 1 else ""
            yield Link(target, part, _missed(made, distribution, share), "origin", words)


def _missed(made: Flow, distribution: Resource, share: Decimal) -> Callable[[Load], Decimal]:
    def amount(load: Load) -> Decimal:
        return load.count * share * (100 - made.fact(distribution, "cache_hit_percent")) / 100

    return amount


def _code(made: Flow, resource: Resource) -> Iterator[Link]:
    """A function, task or rule starts, calls, reads and writes what it may, once for each request unless somebody says otherwise."""
    handled: set[tuple[str, str]] = set()
    yield from _stated(made, resource, handled)
    for edge in _edges(resource, "triggers"):
        if (edge.target.address, "calls") not in handled:
            yield Link(edge.target, load_part(edge.target, "invokes"), _all, edge.by)
    told = _told_elsewhere(made, resource)
    for relation, fact in (
        ("invokes", "calls_per_call"),
        ("reads", "reads_per_call"),
        ("writes", "writes_per_call"),
    ):
        seen: set[str] = set()
        for edge in _edges(resource, relation):
            what = load_part(edge.target, relation)
            key = (edge.target.address, "reads" if what == "reads" else "writes")
            if key in handled or edge.target.address in told or edge.target.address in seen:
                continue
            seen.add(edge.target.address)
            yield from _used(made, resource, edge, relation, fact)


def _used(made: Flow, resource: Resource, edge: Edge, relation: str, fact: str) -> Iterator[Link]:
    target, part = edge.target, load_part(edge.target, relation)
    if edge.by in FAILURES:
        yield Link(target, part, lambda load: load.count * _failing(made, resource) ** ATTEMPTS, edge.by)
        return
    if relation == "reads" and target.kind == QUEUE:
        return
    if relation == "reads" and target.kind in RARELY_READ:
        fact = "secret_read_percent"
    stated = made.stated(resource, fact)
    if edge.by != "permission" and fact != "secret_read_percent":
        yield Link(target, part, _per_item(stated if stated is not None else ONE), edge.by)
        return
    often = "at 1 % of its runs" if fact == "secret_read_percent" else "once for each request"
    words = "" if stated is not None else f"{relation} it {often}, because it may"
    if edge.details.get("shared"):
        words = words and f"{words} (its role is shared by {edge.details['shared']})"
    calls = calls_of(resource) if resource.kind == FUNCTION else None
    if calls is not None:
        used, place = calls.says(target, relation)
        if used is False:
            made.assume(
                resource.address,
                f"{relation} {target.name}",
                "0 a month",
                "its code never does, though it may",
            )
            return
        if used and words:
            words = f"{relation} it {often}: {place}"
        elif place and words:
            words = f"{words}: {place} names it at run time"
    share = Decimal("0.01") if fact == "secret_read_percent" else ONE

    def amount(load: Load) -> Decimal:
        return load.items * share * (stated if stated is not None else FACTS[fact].value)

    yield Link(target, part, amount, relation, words)


def _stated(made: Flow, resource: Resource, handled: set[tuple[str, str]]) -> Iterator[Link]:
    """What somebody says of the calls of a resource; notes which targets need no assumption."""
    for call in made.calls.get(resource.address, ()):
        targets = named(made.graph, call.target) if call.target != "*" else _used_by(resource)
        for target in targets:
            handled.update((target.address, what) for what in ("reads", "writes", "calls"))
            is_store = target.kind in STORES
            for part, number in (
                ("reads", call.reads if is_store or target.kind in RARELY_READ else None),
                ("writes", call.writes if is_store else None),
                ("count", _larger(call) if not is_store else None),
            ):
                if number:
                    yield Link(target, part, _per_item(number), "as stated")


def _larger(call: Call) -> Decimal:
    """How often a target that is no store is used: its calls, else what is said to be written to it."""
    return call.calls or call.writes or ZERO


def _used_by(resource: Resource) -> list[Resource]:
    found: dict[str, Resource] = {}
    for relation in ("invokes", "reads", "writes"):
        for edge in _edges(resource, relation):
            found[edge.target.address] = edge.target
    return list(found.values())


def _told_elsewhere(made: Flow, function: Resource) -> set[str]:
    """What the routes that call a function are said to use: the function adds nothing of its own to that."""
    found: set[str] = set()
    for edge in function.graph.edges("invokes").by_target.get(function.address, ()):
        if edge.source.kind in ROUTES:
            for call in made.calls.get(edge.source.address, ()):
                found.update(one.address for one in named(made.graph, call.target))
    return found


def _call(made: Flow, source: Resource, target: Resource) -> Call | None:
    for call in made.calls.get(source.address, ()):
        if call.target == "*" or any(one.address == target.address for one in named(made.graph, call.target)):
            return call
    return None


def load_part(target: Resource, relation: str) -> str:
    """Which part of a target's load a relation adds to."""
    if relation == "reads":
        return "reads"
    return "writes" if target.kind in STORES else "count"


def _items(load: Load) -> Decimal:
    return load.count


def _all(load: Load) -> Decimal:
    return load.count


def _times(number: Decimal) -> Callable[[Load], Decimal]:
    return lambda load: load.count * number


def _per_item(number: Decimal) -> Callable[[Load], Decimal]:
    """Code does its work for each item, however many of them one invocation is given."""
    return lambda load: load.items * number
