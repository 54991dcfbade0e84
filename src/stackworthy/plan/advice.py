"""Advice that no fault calls for: cheaper ways to run the same, which only a measurement or a person can decide on.

Prices stand nowhere here: each piece says what to price, and the bill says what it comes to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from stackworthy.core.code import Literal
from stackworthy.core.cost import Given
from stackworthy.core.fix import Remove, Set
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import List, Map, NotKnown, Reference, references, show
from stackworthy.plan.draft import Advice, WhatIf

Asked = Mapping[str, Mapping[str, Given]]
"""Usage by address and key, as the bill was made with."""

TABLE, KEY, FUNCTION = "AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::Lambda::Function"
TASK, MACHINE, BUCKET = "AWS::ECS::TaskDefinition", "AWS::StepFunctions::StateMachine", "AWS::S3::Bucket"
_MODEL = re.compile(r"claude-(sonnet|opus)-(\d+)-(\d+)")
_SMALLER = "haiku"


def advice(graph: Graph, asked: Asked, have: Iterable[str], others: Iterable[Graph]) -> list[Advice]:
    """All advice on a stack; what cannot be known is left out. `have` are capabilities that say the same better."""
    found: list[Advice] = []
    sources = [_indexes, _table_keys, _models, _metrics]
    if "batch-spot-migration" not in have:
        sources.append(_spot)
    for source in sources:
        try:
            found += source(graph, asked)
        except NotKnown:
            continue
    return found + list(_log_settings(graph, others))


def _word(resource: Resource) -> str:
    return resource.name.rsplit(".", 1)[-1]


def _indexes(graph: Graph, _: Asked) -> Iterator[Advice]:
    """Secondary indexes that no code of the stack names: each copies what is written."""
    tables = [table for table in graph.of(TABLE) if _maps(table["GlobalSecondaryIndexes"])]
    named = _texts(graph) if tables else None
    if named is None:
        return
    for table in tables:
        indexes = _maps(table["GlobalSecondaryIndexes"])
        unused = [one for one in indexes if str(one["IndexName"]) not in named]
        if not unused:
            continue
        kept = List(one for one in indexes if one not in unused)
        names = ", ".join(str(one["IndexName"]) for one in unused)
        gone = _attributes(unused) - _attributes([*kept]) - _schema(table["KeySchema"])
        left = List(
            one for one in _maps(table["AttributeDefinitions"]) if str(one["AttributeName"]) not in gone
        )
        yield Advice(
            "unused-indexes",
            "Remove secondary indexes that no code names",
            "needs testing",
            "cost",
            f"{_word(table)} keeps {len(indexes)} secondary indexes; no code of this stack names {names}",
            f"the table without {names}; what they answered is filtered by the caller, or not asked",
            "every index that an item belongs to is written, stored and billed with it",
            (table.address,),
            (
                f"Make sure that nobody outside this stack queries {names}: CloudWatch's ConsumedReadCapacityUnits of each index over a month",
                "Filter in the caller, and measure how long it takes with the largest user's items",
                "Remove the indexes in an environment that is not production, then one index at a time: AWS deletes one index of a table at once",
            ),
            (
                Set(table, "GlobalSecondaryIndexes", kept)
                if kept
                else Remove(table, "GlobalSecondaryIndexes"),
                Set(table, "AttributeDefinitions", left),
            ),
            evidence=(f"no text {names} is in the code of the stack's functions",),
            basis="the patched table under the same writes: an index bears a write for each item that has its key",
        )


def _texts(graph: Graph) -> set[str] | None:
    """All texts in the code of the stack's functions; None when some code is out of reach."""
    from stackworthy.sources.code.handler import Handler, code_of

    found: set[str] = set()
    functions = graph.of(FUNCTION)
    for function in functions:
        handler = code_of(function)
        if not isinstance(handler, Handler):
            return None
        for node in handler.all(Literal, init=True):
            if isinstance(node.value, str):
                found.add(node.value)
    return found if functions else None


def _attributes(indexes: Iterable[Map]) -> set[str]:
    return {name for one in indexes for name in _schema(one["KeySchema"])}


def _schema(value: object) -> set[str]:
    return {str(one["AttributeName"]) for one in _maps(value)}


def _maps(value: object) -> list[Map]:
    return [one for one in value if isinstance(one, Map)] if isinstance(value, List) else []


def _table_keys(graph: Graph, _: Asked) -> Iterator[Advice]:
    """Tables under a key of the stack's own: control over who decrypts, for a price."""
    for table in graph.of(TABLE):
        key = table["SSESpecification.KMSMasterKeyId"]
        if not isinstance(key, Reference) or (owner := graph.get(key.address)) is None or owner.kind != KEY:
            continue
        users = [
            one.address
            for one in graph
            if one.address != owner.address and any(ref.address == owner.address for ref in _refers(one))
        ]
        alone = {one for one in users if (found := graph.get(one)) and found.kind != "AWS::KMS::Alias"}
        alone.discard(table.address)
        yield Advice(
            "table-key",
            "Encrypt the table with a key that AWS manages",
            "needs testing",
            "cost",
            f"{_word(table)} is encrypted with {_word(owner)}, a key of this stack",
            "no KMSMasterKeyId: the table is encrypted all the same, with a key that nobody here controls",
            "a key of one's own costs a fee each month and for its requests; it gives the power to refuse and to revoke, which is to be weighed",
            (table.address, owner.address),
            (
                "Ask who needs the power to revoke the key: personal data and contracts may demand it",
                f"Keep {_word(owner)} as long as a backup or a restored table needs it; only its deletion ends its fee",
            ),
            (Remove(table, "SSESpecification.KMSMasterKeyId"),),
            None if alone else WhatIf(without=(owner.address,)),
            basis="the bill without the key, once it is deleted; until then the change saves nothing",
        )


def _refers(resource: Resource) -> Iterator[Reference]:
    for name in resource.properties.names():
        yield from references(resource[name])


def _models(graph: Graph, asked: Asked) -> Iterator[Advice]:
    """Functions that are told to call a large model, where a smaller one of the family may do."""
    for function in graph.of(FUNCTION):
        named = _model(function)
        if named is None:
            continue
        size, version = named
        large, small = f"claude-{size}-{version}-", f"claude-{_SMALLER}-{version}-"
        tokens = [key for key in asked.get(function.address, {}) if key.startswith(f"bedrock.{large}")]
        yield Advice(
            "smaller-model",
            "Try a smaller model",
            "experiment",
            "cost",
            f"{_word(function)} calls Claude {size.capitalize()} {version}",
            f"Claude {_SMALLER.capitalize()} {version} for what needs no more: extraction, lists, short answers",
            "a token of the smaller model costs a fraction; whether its answers do is for your own examples to say",
            (function.address,),
            (
                "Take ten real inputs, and have both models answer them; let somebody judge the answers without knowing which is whose",
                "Write down tokens and price of each call (the usage that Bedrock answers with)",
                "When the answers do, change the model's id in one environment, and watch how often people correct the result",
            ),
            whatif=WhatIf(moved=tuple((function.address, key, key.replace(large, small)) for key in tokens))
            if tokens
            else None,
            basis="the same tokens at the smaller model's price; how many tokens it needs is part of the experiment",
        )


def _model(function: Resource) -> tuple[str, str] | None:
    variables = function["Environment.Variables"]
    for name in variables if isinstance(variables, Map) else ():
        found = _MODEL.search(show(variables[name]))
        if found:
            return found[1], f"{found[2]}.{found[3]}"
    return None


def _spot(graph: Graph, asked: Asked) -> Iterator[Advice]:
    """Containers that a workflow starts on Fargate and waits for: they can be started again, so Spot may run them."""
    started = {edge.target.address for edge in graph.edges("invokes").all if edge.source.kind == MACHINE}
    for task in graph.of(TASK):
        spot = asked.get(task.address, {}).get("spot_percent")
        if task.address not in started or "FARGATE" not in show(task["RequiresCompatibilities"]):
            continue
        if spot is not None and spot.value:
            continue
        yield Advice(
            "spot",
            "Migrate to Batch on Spot",
            "major change",
            "cost",
            f"a workflow runs {_word(task)} on Fargate, on demand",
            "the same container as a job of AWS Batch in a compute environment of FARGATE_SPOT, of the same size",
            "Spot is much cheaper, and work that a workflow can start again bears an interruption",
            (task.address,),
            (
                "Make a Batch compute environment (FARGATE_SPOT), a job queue, and a job definition for the same image and size",
                "Let the workflow call batch:submitJob.sync instead of ecs:runTask.sync, with a Retry for interruptions",
                "Keep the task definition for two weeks, as the way back; run real inputs through both",
                "Move production when interruptions and durations are known",
            ),
            whatif=WhatIf(quantities=((task.address, "spot_percent", Decimal(100)),)),
            basis="all tasks at the typical Spot price, for the same size and duration; interrupted work is run twice",
        )


def _metrics(graph: Graph, asked: Asked) -> Iterator[Advice]:
    """Figures of the business, where a workflow does its work and nobody counts it."""
    for machine in graph.of(MACHINE):
        functions = [
            edge.target for edge in graph.edges("invokes").by_source.get(machine.address, ()) if edge.target.kind == FUNCTION
        ]  # fmt: skip
        if not functions or any("custom_metrics" in asked.get(one.address, {}) for one in functions):
            continue
        counted = ["how long one run takes from end to end", "how much one user stores"]
        if any(_model(one) for one in functions):
            counted.append("tokens per answer, in and out")
        if any(edge.target.kind == TASK for edge in graph.edges("invokes").by_source[machine.address]):
            counted.append("time of the container for each minute of its input")
        yield Advice(
            "business-metrics",
            "Publish figures of the business",
            "experiment",
            "operations",
            f"AWS's own metrics tell that {_word(machine)} runs, not whether it does its work well",
            f"{len(counted)} metrics of one's own: {'; '.join(counted)}",
            "a bill or a delay that creeps up is seen before users see it",
            (machine.address,),
            (
                "Write them as lines of JSON in CloudWatch's embedded metric format: no call, no permission",
                "Keep dimensions few: each combination of their values is a metric that is billed",
                "Show them on a dashboard, and set an alarm once their usual range is known",
            ),
            whatif=WhatIf(quantities=((functions[-1].address, "custom_metrics", Decimal(len(counted))),)),
            basis=f"{len(counted)} custom metrics, one for each",
        )
        return


def _log_settings(graph: Graph, others: Iterable[Graph]) -> Iterator[Advice]:
    """Buckets whose access is logged in this environment and not in all others."""
    rest = list(others)
    for bucket in graph.of(BUCKET):
        if not _logged(bucket):
            continue
        same = [found for other in rest if (found := other.get(bucket.address)) is not None]
        if all(_logged(one) for one in same):
            continue
        yield Advice(
            "access-log-in-every-environment",
            "Log access to the bucket in every environment",
            "todo",
            "operations",
            f"access to {_word(bucket)} is logged in some environments only",
            "the same log in all of them, in a bucket of its own",
            "a fault in what only production has is found in production",
            (bucket.address,),
            (
                "Make a bucket for access logs, with a lifecycle rule that ends them, and let it be written by logging.s3.amazonaws.com",
                f"Take away the condition on the logging of {_word(bucket)}, and name the new bucket as its target",
            ),
        )


def _logged(bucket: Resource) -> bool:
    try:
        return isinstance(bucket["LoggingConfiguration"], Map) and bool(bucket["LoggingConfiguration"])
    except NotKnown:
        return True


__all__ = ["Asked", "advice"]
