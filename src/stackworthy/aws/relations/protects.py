"""`protects`: the source keeps harm from the target: a web ACL, a dead-letter queue, a backup plan, an authorizer, a key."""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.aws.arn_patterns import matching
from stackworthy.aws.arns import resolve
from stackworthy.aws.names import (
    ALARM,
    API,
    BUCKET,
    DATABASE,
    DISTRIBUTION,
    DOCUMENT_DB,
    FILE_SYSTEM,
    FUNCTION,
    GRAPHQL_API,
    KEY,
    LOAD_BALANCER,
    QUEUE,
    REST_API,
    STAGE,
    STREAM,
    TABLE,
    TOPIC,
    USER_POOL,
    WEB_ACL,
    Kinds,
)
from stackworthy.aws.paths import each
from stackworthy.aws.relations.keys import KEY_PATHS
from stackworthy.aws.relations.links import Link, Links, at, between, follow, to
from stackworthy.core.graph import Edge, Graph, LooseEnd
from stackworthy.core.resource import Resource
from stackworthy.core.value import ABSENT, Map, NotKnown, Unknown, Value

_BEHIND_WEB_ACL = (
    STAGE
    | REST_API
    | LOAD_BALANCER
    | GRAPHQL_API
    | USER_POOL
    | DISTRIBUTION
    | frozenset({"AWS::AppRunner::Service", "AWS::EC2::VerifiedAccessInstance", "AWS::Amplify::App"})
)
_AUTHORIZER = frozenset({"AWS::ApiGateway::Authorizer"})
_AUTHORIZER_V2 = frozenset({"AWS::ApiGatewayV2::Authorizer"})
_PLAN = frozenset({"AWS::Backup::BackupPlan"})
_SCALED = (
    TABLE
    | FUNCTION
    | STREAM
    | frozenset(
        {"AWS::ECS::Service", "AWS::RDS::DBCluster", "AWS::Lambda::Alias", "AWS::SageMaker::Endpoint"}
    )
)
BACKED_UP = (
    TABLE
    | BUCKET
    | DATABASE
    | DOCUMENT_DB
    | FILE_SYSTEM
    | frozenset({"AWS::EC2::Volume", "AWS::EC2::Instance", "AWS::Neptune::DBCluster", "AWS::DSQL::Cluster"})
)
"""What AWS Backup takes copies of."""

_DEAD_LETTERS = "dead-letter queue"
_ON_FAILURE = QUEUE | TOPIC | BUCKET


def _openapi_providers() -> tuple[Link, ...]:
    """Where the OpenAPI document of an API states who answers for its callers."""
    found = []
    for place in ("components.securitySchemes", "securityDefinitions"):
        stated = f"Body.{place}.*.x-amazon-apigateway-authorizer"
        found += [
            at(f"{stated}.authorizerUri", FUNCTION, "authorizer"),
            at(f"{stated}.providerARNs[]", USER_POOL, "identity provider"),
            at(f"{stated}.jwtConfiguration.issuer", USER_POOL, "identity provider"),
        ]
    return tuple(found)


_LINKS: dict[str, tuple[Link, ...]] = {
    "AWS::SQS::Queue": (at("RedrivePolicy.deadLetterTargetArn", QUEUE, _DEAD_LETTERS, "RedrivePolicy"),),
    "AWS::SNS::Subscription": (at("RedrivePolicy.deadLetterTargetArn", QUEUE, _DEAD_LETTERS),),
    "AWS::Events::Rule": (at("Targets[].DeadLetterConfig.Arn", QUEUE, _DEAD_LETTERS, "Id"),),
    "AWS::Scheduler::Schedule": (at("Target.DeadLetterConfig.Arn", QUEUE, _DEAD_LETTERS),),
    "AWS::Pipes::Pipe": (
        at("SourceParameters.KinesisStreamParameters.DeadLetterConfig.Arn", QUEUE | TOPIC, _DEAD_LETTERS),
        at("SourceParameters.DynamoDBStreamParameters.DeadLetterConfig.Arn", QUEUE | TOPIC, _DEAD_LETTERS),
    ),
    "AWS::Events::EventBus": (at("DeadLetterConfig.Arn", QUEUE, _DEAD_LETTERS),),
    "AWS::Lambda::Function": (
        at("DeadLetterConfig.TargetArn", QUEUE | TOPIC, _DEAD_LETTERS),
        at("CodeSigningConfigArn", frozenset({"AWS::Lambda::CodeSigningConfig"}), "code signing"),
    ),
    "AWS::Lambda::EventInvokeConfig": (
        between(
            "DestinationConfig.OnFailure.Destination",
            _ON_FAILURE,
            "FunctionName",
            FUNCTION,
            "on-failure destination",
            "MaximumRetryAttempts",
            "MaximumEventAgeInSeconds",
        ),
    ),
    "AWS::Lambda::EventSourceMapping": (
        between(
            "DestinationConfig.OnFailure.Destination",
            _ON_FAILURE,
            "FunctionName",
            FUNCTION,
            "on-failure destination",
        ),
    ),
    "AWS::WAFv2::WebACLAssociation": (
        between("WebACLArn", WEB_ACL, "ResourceArn", _BEHIND_WEB_ACL, "web ACL"),
    ),
    "AWS::WAFRegional::WebACLAssociation": (
        between("WebACLId", WEB_ACL, "ResourceArn", _BEHIND_WEB_ACL, "web ACL"),
    ),
    "AWS::CloudFront::Distribution": (at("DistributionConfig.WebACLId", WEB_ACL, "web ACL"),),
    "AWS::Shield::Protection": (to("ResourceArn", DISTRIBUTION | LOAD_BALANCER, "Shield"),),
    "AWS::ApiGateway::Method": (at("AuthorizerId", _AUTHORIZER, "authorizer", "AuthorizationScopes"),),
    "AWS::ApiGatewayV2::Route": (at("AuthorizerId", _AUTHORIZER_V2, "authorizer", "AuthorizationScopes"),),
    "AWS::ApiGateway::Authorizer": (at("ProviderARNs[]", USER_POOL, "identity provider"),),
    "AWS::ApiGatewayV2::Authorizer": (at("JwtConfiguration.Issuer", USER_POOL, "identity provider"),),
    "AWS::AppSync::GraphQLApi": (
        at("UserPoolConfig.UserPoolId", USER_POOL, "identity provider"),
        at("AdditionalAuthenticationProviders[].UserPoolConfig.UserPoolId", USER_POOL, "identity provider"),
        at("LambdaAuthorizerConfig.AuthorizerUri", FUNCTION, "authorizer"),
    ),
    "AWS::ApiGateway::RestApi": _openapi_providers(),
    "AWS::ApiGatewayV2::Api": _openapi_providers(),
    "AWS::ApiGateway::UsagePlan": (to("ApiStages[].ApiId", API, "usage plan", "Stage", "Throttle"),),
    "AWS::Bedrock::Agent": (
        at("GuardrailConfiguration.GuardrailIdentifier", frozenset({"AWS::Bedrock::Guardrail"}), "guardrail"),
    ),
    "AWS::CodeDeploy::DeploymentGroup": (at("AlarmConfiguration.Alarms[].Name", ALARM, "rollback alarm"),),
    "AWS::AppConfig::Environment": (at("Monitors[].AlarmArn", ALARM, "rollback alarm"),),
    "AWS::ECS::Service": (at("DeploymentConfiguration.Alarms.AlarmNames[]", ALARM, "rollback alarm"),),
    "AWS::ApplicationAutoScaling::ScalableTarget": (
        to("ResourceId", _SCALED, "auto scaling", "MinCapacity", "MaxCapacity", "ScalableDimension"),
    ),
}


def _with_keys() -> dict[str, tuple[Link, ...]]:
    links = dict(_LINKS)
    for kind, paths in KEY_PATHS.items():
        links[kind] = (*links.get(kind, ()), *(at(path, KEY, "encryption key") for path in paths))
    return links


LINKS: Links = _with_keys()
PATHS = (
    ("AWS::Backup::BackupSelection", "BackupPlanId"),
    ("AWS::Backup::BackupSelection", "BackupSelection.Resources[]"),
    ("AWS::Backup::BackupSelection", "BackupSelection.NotResources[]"),
    ("AWS::Backup::BackupSelection", "BackupSelection.Conditions"),
    ("AWS::Backup::BackupSelection", "BackupSelection.ListOfTags[].ConditionKey"),
    ("AWS::Backup::BackupSelection", "BackupSelection.ListOfTags[].ConditionValue"),
)


def find(graph: Graph) -> Iterator[Edge | LooseEnd]:
    """All protection in the stack."""
    yield from follow(graph, "protects", LINKS)
    for selection in graph.of("AWS::Backup::BackupSelection"):
        yield from _backed_up(graph, selection)


def _backed_up(graph: Graph, selection: Resource) -> Iterator[Edge | LooseEnd]:
    """From the plan to what a selection names by ARN, by pattern or by tag."""
    plan = resolve(graph, selection["BackupPlanId"], _PLAN)
    if not isinstance(plan, Resource):
        return
    chosen: dict[str, tuple[Resource, str]] = {}
    gaps: list[tuple[str, Kinds]] = []
    for found in each(selection, "BackupSelection.Resources[]"):
        covered = matching(graph, found.value, BACKED_UP)
        chosen.update((resource.address, (resource, found.path)) for resource in covered.resources)
        if covered.undecided is not None:
            gaps.append((covered.undecided.reason, BACKED_UP))
    for found in each(selection, "BackupSelection.ListOfTags[]"):
        for resource in graph.of(*BACKED_UP):
            tagged = _is_tagged(resource, found.value)
            if tagged:
                chosen[resource.address] = (resource, found.path)
            elif tagged is None:
                gaps.append((f"the tags of {resource.name} are not known", frozenset({resource.kind or ""})))
    for found in each(selection, "BackupSelection.NotResources[]"):
        for resource in matching(graph, found.value, BACKED_UP).resources:
            chosen.pop(resource.address, None)
    narrowed = selection["BackupSelection.Conditions"] is not ABSENT
    for resource, path in chosen.values():
        if narrowed:
            gaps.append(("the selection holds under conditions on tags", frozenset({resource.kind or ""})))
        else:
            yield Edge(plan, resource, "protects", "backup plan", selection, {"path": path})
    for reason, kinds in gaps:
        yield LooseEnd("protects", f"backup plan: {reason}", plan, None, kinds)


def _is_tagged(resource: Resource, wanted: Value) -> bool | None:
    """Whether a resource has the tag that a selection asks for; None when that cannot be told."""
    if not isinstance(wanted, Map):
        return None if isinstance(wanted, Unknown) else False
    tags = resource["Tags"]
    try:
        if isinstance(tags, Map):
            return bool(tags[wanted["ConditionKey"]] == wanted["ConditionValue"])
        if tags is ABSENT:
            return False
        return bool(
            tags.any_of(
                lambda tag: tag["Key"] == wanted["ConditionKey"] and tag["Value"] == wanted["ConditionValue"]
            )
        )
    except (NotKnown, TypeError, AttributeError):
        return None
