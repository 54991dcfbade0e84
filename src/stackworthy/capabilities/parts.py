"""What capabilities are put together of: where to add, names, roles, policies, whom to write to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stackworthy.core.fix import AddParameter, AddResource, Change
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, List, Map, NotKnown, Reference, Unknown, Value, joined

TERRAFORM = "terraform"
ROLE = "AWS::IAM::Role"
REGION = Unknown("the Region is that of whoever deploys", "AWS::Region", stated=True)
PARTITION = Unknown("the partition is that of whoever deploys", "AWS::Partition", stated=True)
ACCOUNT = Unknown("the account is that of whoever deploys", "AWS::AccountId", stated=True)
_STACK = Unknown("the name of the stack is known at deployment", "AWS::StackName", stated=True)


def own(graph: Graph, *kinds: str) -> list[Resource]:
    """The resources of these kinds that the author of the stack wrote himself, outside of modules and nested templates."""
    return [resource for resource in graph.of(*kinds) if is_own(resource)]


def is_own(resource: Resource) -> bool:
    """Whether the author wrote the resource himself, at the top of the stack."""
    address = resource.address
    return resource.made_by is None and not address.startswith("module.") and "/" not in address.split(" ")[0]


def anchor(graph: Graph, *kinds: str) -> Resource | None:
    """A resource beside which something for the whole stack is added: one of these kinds, else the first of all."""
    for resource in (*own(graph, *kinds), *(resource for resource in graph if is_own(resource))):
        if resource.present and resource.kind is not None and resource.part_of is None:
            return resource
    return next((resource for resource in graph if resource.present and resource.kind is not None), None)


def word(resource: Resource) -> str:
    """The resource's own name, without its type and the key of its instance."""
    name = resource.name.rsplit(".", 1)[-1]
    return name.partition("[")[0]


def asked(resource: Resource, path: str) -> Value:
    """A property, `ABSENT` where it cannot be known."""
    try:
        value = resource[path]
    except NotKnown:
        return ABSENT
    return ABSENT if isinstance(value, Unknown) else value


def is_known_to_be(resource: Resource, path: str, *values: Value) -> bool:
    """Whether a property is certainly one of these values."""
    try:
        return any(bool(resource[path] == value) for value in values)
    except NotKnown:
        return False


def is_stated_at(resource: Resource, path: str) -> bool:
    """Whether somebody states a property, or may."""
    return resource[path] is not ABSENT


def items(value: Value) -> Iterator[Value]:
    """The elements of a list as far as they are known; none for anything else."""
    if isinstance(value, list):
        yield from list.__iter__(value)


def arn(resource: Resource) -> Reference:
    """The ARN of a resource, as a reference."""
    return Reference(resource.address, "Ref" if resource.kind in _ARN_IS_REF else "Arn")


_ARN_IS_REF = frozenset(
    {
        "AWS::SNS::Topic",
        "AWS::StepFunctions::StateMachine",
        "AWS::SecretsManager::Secret",
        "AWS::IAM::ManagedPolicy",
        "AWS::ECS::TaskDefinition",
        "AWS::Batch::JobQueue",
        "AWS::Batch::JobDefinition",
        "AWS::RDS::DBProxy",
    }
)


def named(graph: Graph, property: str, text: str) -> Map:
    """A name that a template must state; Terraform names what needs one after its label."""
    return Map() if graph.format == TERRAFORM else Map({property: joined((_STACK, f"-{text}"))})


def partition(graph: Graph) -> Value:
    """The partition in ARNs as the format states it."""
    return "aws" if graph.format == TERRAFORM else PARTITION


def aws_policy(graph: Graph, name: str) -> Value:
    """The ARN of a policy that AWS manages."""
    return joined(("arn:", partition(graph), f":iam::aws:policy/{name}"))


def statement(actions: Sequence[str], resources: Sequence[Value], **more: Value) -> Map:
    """One statement that allows."""
    made = Map(Effect="Allow", Action=one_or_all(actions), Resource=one_or_all(resources))
    made.update(more)
    return made


def one_or_all(values: Sequence[Value]) -> Value:
    """A single value by itself, several as a list."""
    return values[0] if len(values) == 1 else List(values)


def policy(*statements: Map) -> Map:
    """A policy document."""
    return Map(Version="2012-10-17", Statement=List(statements))


def trust(service: str) -> Map:
    """The document that lets a service take a role on."""
    return policy(Map(Effect="Allow", Principal=Map(Service=service), Action="sts:AssumeRole"))


def role(
    label: str,
    service: str,
    beside: Resource,
    apart: str,
    managed: Sequence[Value] = (),
    inline: Sequence[Map] = (),
) -> AddResource:
    """A role for a service, with policies that AWS manages and statements of its own."""
    properties = Map(AssumeRolePolicyDocument=trust(service))
    if managed:
        properties["ManagedPolicyArns"] = List(managed)
    if inline:
        properties["Policies"] = List([Map(PolicyName="own", PolicyDocument=policy(*inline))])
    return AddResource(ROLE, label, properties, beside, apart)


def address_of_people(graph: Graph, beside: Resource) -> tuple[Value, list[Change]]:
    """The e-mail address that the stack writes to already, else one that is asked for."""
    for subscription in own(graph, "AWS::SNS::Subscription"):
        if is_known_to_be(subscription, "Protocol", "email"):
            if graph.format == TERRAFORM:
                return Reference(subscription.address, "Endpoint"), []
            return subscription["Endpoint"], []
    asking = AddParameter("AlarmEmail", "The address that alarms are sent to", beside)
    return asking.reference(), [asking]
