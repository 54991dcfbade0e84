"""NAT gateways that cost more by the hour than they carry: what needs them, and what would do.

https://aws.amazon.com/vpc/pricing/ https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html
"""

from __future__ import annotations

from stackworthy.aws.arns import resolve
from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import asked, own, word
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource

NAT, ADDRESS = "AWS::EC2::NatGateway", "AWS::EC2::EIP"
STAYING = (
    "AWS::EC2::Instance",
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::ECS::Service",
    "AWS::EKS::Cluster",
)
"""What runs all day behind a gateway, so that its hours are not idle ones."""
FUNCTION = "AWS::Lambda::Function"


def improvements(graph: Graph) -> list[Improvement]:
    """A trial by hand for each gateway that only carries what runs now and then: tasks and functions."""
    if graph.of(*STAYING):
        return []
    return [_of(gateway) for gateway in own(graph, NAT)]


def _of(gateway: Resource) -> Improvement:
    graph = gateway.graph
    address = resolve(graph, asked(gateway, "AllocationId"), frozenset({ADDRESS}))
    resources = [gateway.address, *([address.address] if isinstance(address, Resource) else [])]
    inside = [word(one) for one in own(graph, FUNCTION) if asked(one, "VpcConfig.SubnetIds")]
    why = "a NAT gateway and its address are billed for every hour, whether anything goes through or not; here nothing runs behind it all day"
    steps = [
        "list what goes through it: flow logs, or the gateway's metrics, over a week",
        "take S3 and DynamoDB off it first, by gateway endpoints, which cost nothing",
        "run tasks in a public subnet with a public address of their own (AssignPublicIp: ENABLED) and a security group that lets nothing in: "
        "the address is billed while the task runs",
    ]
    if inside:
        steps.append(
            f"take functions out of the VPC that reach nothing private ({', '.join(inside[:5])}): a function has no public address, "
            "and inside it reaches the internet through a gateway only"
        )
    steps.append(
        "where addresses must stay private, weigh interface endpoints for what is left: each is billed by the hour in each zone"
    )
    return Improvement(
        f"Do without the NAT gateway {word(gateway)}", why, steps=tuple(steps), resources=tuple(resources)
    )
