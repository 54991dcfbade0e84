"""What a picture of a stack shows: the resources that people think of, and the relations between them.

Satellites are drawn as their owners, and what only states a relation (a mapping, a permission, a role) is drawn as
the arrow that it makes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from stackworthy.reports.graph_json import EnvironmentGraph, GraphResource, StackGraph

DRAWN = ("triggers", "invokes", "routes", "reads", "writes", "watches", "protects")
"""The relations that are drawn; the others (who assumes which role, who logs where) would hide them."""

_PLUMBING = (
    "AWS::IAM::",
    "AWS::Lambda::Permission",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Version",
    "AWS::Lambda::Alias",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Url",
    "AWS::ApiGateway::",
    "AWS::ApiGatewayV2::",
    "AWS::Logs::",
    "AWS::CloudFormation::",
    "AWS::CDK::",
    "AWS::S3::BucketPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SNS::Subscription",
    "AWS::EC2::",
)
_OWNED = {"AWS::ApiGateway::": "RestApiId", "AWS::ApiGatewayV2::": "ApiId"}
"""Kinds whose property names the resource that they are a piece of."""
_APIS = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")
_GROUPS = {
    "compute": (
        "Lambda",
        "ECS",
        "Batch",
        "StepFunctions",
        "AppRunner",
        "EC2",
        "Bedrock",
        "SageMaker",
        "CodeBuild",
    ),
    "entry": (
        "ApiGateway",
        "ApiGatewayV2",
        "AppSync",
        "CloudFront",
        "ElasticLoadBalancingV2",
        "Amplify",
        "Route53",
        "IoT",
    ),
    "message": (
        "SQS",
        "SNS",
        "Events",
        "Scheduler",
        "Pipes",
        "Kinesis",
        "KinesisFirehose",
        "MSK",
        "SES",
        "AmazonMQ",
    ),
    "data": (
        "S3",
        "DynamoDB",
        "RDS",
        "DSQL",
        "ElastiCache",
        "OpenSearchService",
        "EFS",
        "DocDB",
        "Redshift",
        "Athena",
        "Glue",
        "Timestream",
        "SSM",
    ),
    "guard": ("IAM", "KMS", "Cognito", "SecretsManager", "WAFv2", "CertificateManager"),
}
_CALLED = {
    "ApiGateway": "API Gateway",
    "ApiGatewayV2": "API Gateway",
    "ElasticLoadBalancingV2": "Load balancing",
    "Events": "EventBridge",
    "KinesisFirehose": "Firehose",
    "OpenSearchService": "OpenSearch",
    "SecretsManager": "Secrets Manager",
    "StepFunctions": "Step Functions",
}
"""Services that people call by another name than CloudFormation does."""
GROUP_OF = {service: group for group, services in _GROUPS.items() for service in services}


@dataclass(frozen=True, slots=True)
class Node:
    """One resource of the picture: its address, its kind in words, and the group of services that it belongs to."""

    address: str
    words: str
    group: str


@dataclass(frozen=True, slots=True)
class Arrow:
    """What one resource does to another; `label` says how often when it is more than once."""

    source: str
    target: str
    kind: str
    count: int

    @property
    def label(self) -> str:
        """`triggers`, or `reads ×3`."""
        return self.kind if self.count == 1 else f"{self.kind} ×{self.count}"


@dataclass(slots=True)
class Picture:
    """What is drawn of one stack."""

    title: str
    nodes: list[Node] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)


def pictures(stacks: Iterable[StackGraph]) -> list[Picture]:
    """One picture for each stack and environment that has anything to draw."""
    drawn = []
    for stack in stacks:
        for environment in stack.environments:
            title = f"{stack.path} · {environment.name}" if environment.name else stack.path
            picture = _picture(title, environment)
            if picture.nodes:
                drawn.append(picture)
    return drawn


def _picture(title: str, graph: EnvironmentGraph) -> Picture:
    resources = {resource.address: resource for resource in graph.resources if resource.present}
    counts: dict[tuple[str, str, str], int] = {}
    for relation in graph.relations:
        if relation.kind in DRAWN and relation.source in resources and relation.target in resources:
            source, target = (_owner(address, resources) for address in (relation.source, relation.target))
            if source != target:
                key = (source, target, relation.kind)
                counts[key] = counts.get(key, 0) + 1
    arrows = [Arrow(*key, count) for key, count in counts.items()]
    ends = {end for arrow in arrows for end in (arrow.source, arrow.target)}
    nodes = [
        _node(resource)
        for address, resource in resources.items()
        if address in ends or (_owner(address, resources) == address and not _is_plumbing(resource))
    ]
    return Picture(title, nodes, arrows)


def _owner(address: str, resources: dict[str, GraphResource]) -> str:
    """The resource that a satellite is drawn as; a circle of owners ends where it began."""
    seen = {address}
    while True:
        owner = resources[address].part_of or _named_owner(resources[address])
        if owner is None or owner not in resources or owner in seen:
            return address
        seen.add(owner)
        address = owner


def _named_owner(resource: GraphResource) -> str | None:
    for prefix, name in _OWNED.items():
        if resource.kind is not None and resource.kind.startswith(prefix):
            reference = resource.properties.get(name)
            if isinstance(reference, dict) and isinstance(reference.get("$ref"), list):
                return str(reference["$ref"][0])
    return None


def _is_plumbing(resource: GraphResource) -> bool:
    kind = resource.kind
    return kind is None or (kind.startswith(_PLUMBING) and kind not in _APIS)


def _node(resource: GraphResource) -> Node:
    service, _, name = (resource.kind or resource.type).removeprefix("AWS::").partition("::")
    called = _CALLED.get(service, service)
    words = f"{called} {_spaced(name)}" if name else called
    return Node(resource.address, words, GROUP_OF.get(service, "other"))


def _spaced(name: str) -> str:
    """`EventSourceMapping` as `event source mapping`; abbreviations stay (`RestApi` is `rest API`)."""
    words: list[str] = []
    for character in name:
        if character.isupper() and words and not words[-1][-1].isupper():
            words.append(character)
        elif words:
            words[-1] += character
        else:
            words.append(character)
    lowered = (word if word.isupper() and len(word) > 1 else word.lower() for word in words)
    return " ".join("API" if word == "api" else word for word in lowered)
