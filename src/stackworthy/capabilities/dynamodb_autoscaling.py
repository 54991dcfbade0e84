"""Tables with provisioned capacity that follow their load.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html
"""

from __future__ import annotations

from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import TERRAFORM, own, word
from stackworthy.core.fix import AddResource, Change
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, Map, NotKnown, Reference, joined, references, show

APART = "autoscaling"
TABLE, TARGET = "AWS::DynamoDB::Table", "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
UTILISATION = 70
_MOST_TIMES = 10


def improvements(graph: Graph) -> list[Improvement]:
    """A target and a policy for reads and writes of each table with provisioned capacity; done where they are there."""
    made = []
    for table in own(graph, TABLE):
        try:
            if table["BillingMode"] == "PAY_PER_REQUEST" or table["ProvisionedThroughput"] is ABSENT:
                continue
            made.append(_of(graph, table))
        except NotKnown:
            continue
    return made


def _of(graph: Graph, table: Resource) -> Improvement:
    title = f"Let the capacity of {word(table)} follow its load"
    there = [target.address for target in graph.of(TARGET) if _is_for(target, table)]
    if there:
        return Improvement(title, "", resources=(table.address,), done=f"scaled by {', '.join(there)}")
    changes: list[Change] = []
    for what in ("Read", "Write"):
        capacity = table[f"ProvisionedThroughput.{what}CapacityUnits"]
        changes += _scaled(graph, table, what, capacity)
    why = (
        f"capacity follows the load between what the table has now and {_MOST_TIMES} times as much, at {UTILISATION} % use: less is throttled, and idle hours are billed less; "
        "the bill of a busy hour grows with it. Indexes keep their own capacity. Where the load comes in jumps, on-demand billing is simpler"
    )
    steps = (
        (
            "let Terraform ignore read_capacity and write_capacity (lifecycle.ignore_changes), else each apply sets them back",
        )
        if graph.format == TERRAFORM
        else ()
    )
    return Improvement(title, why, tuple(changes), steps, (table.address,))


def _is_for(target: Resource, table: Resource) -> bool:
    value = target["ResourceId"]
    named = any(reference.address == table.address for reference in references(value))
    name = show(table["TableName"])
    return named or (bool(name) and show(value).startswith(f"table/{name}"))


def _scaled(graph: Graph, table: Resource, what: str, capacity: int) -> list[Change]:
    dimension = f"dynamodb:table:{what}CapacityUnits"
    target = AddResource(
        TARGET,
        f"{word(table)}{what}Capacity",
        Map(
            ServiceNamespace="dynamodb",
            ResourceId=joined(("table/", Reference(table.address))),
            ScalableDimension=dimension,
            MinCapacity=capacity,
            MaxCapacity=capacity * _MOST_TIMES,
        ),
        table,
        APART,
    )
    tracked = Map(
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=Map(
            TargetValue=UTILISATION,
            PredefinedMetricSpecification=Map(PredefinedMetricType=f"DynamoDB{what}CapacityUtilization"),
        ),
    )
    if graph.format == TERRAFORM:
        place = {
            "ServiceNamespace": "dynamodb",
            "ResourceId": target.reference("ResourceId"),
            "ScalableDimension": dimension,
        }
    else:
        place = {"PolicyName": f"{what.lower()}-capacity", "ScalingTargetId": target.reference()}
    return [
        target,
        AddResource(POLICY, f"{word(table)}{what}Utilisation", Map({**place, **tracked}), table, APART),
    ]
