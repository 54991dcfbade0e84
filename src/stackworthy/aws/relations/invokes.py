"""`invokes`: the source calls the target: a route its function, a state machine a task, code another function."""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.aws.arns import resolve
from stackworthy.aws.names import (
    API,
    API_DESTINATION,
    FUNCTION,
    PROJECT,
    SECRET,
    STATE_MACHINE,
    TOPIC,
)
from stackworthy.aws.relations import api_calls, code, machines, permissions
from stackworthy.aws.relations.links import Link, Links, between, custom_resources, follow, to
from stackworthy.core.graph import Edge, Graph, LooseEnd
from stackworthy.core.resource import Resource
from stackworthy.core.value import Unknown

EDGE_FUNCTION = frozenset({"AWS::CloudFront::Function"})


def _processors() -> tuple[Link, ...]:
    """Where a delivery stream lists its processors; only a parameter that names a function leads to one."""
    return tuple(
        to(
            f"{name}DestinationConfiguration.ProcessingConfiguration.Processors[].Parameters[].ParameterValue",
            FUNCTION,
            "delivery stream processor",
        )
        for name in (
            "ExtendedS3",
            "Amazonopensearchservice",
            "AmazonOpenSearchServerless",
            "HttpEndpoint",
            "Redshift",
            "Splunk",
        )
    )


def _edge_functions() -> tuple[Link, ...]:
    found = []
    for behaviour in ("DefaultCacheBehavior", "CacheBehaviors[]"):
        at_edge = f"DistributionConfig.{behaviour}"
        found.append(
            to(
                f"{at_edge}.LambdaFunctionAssociations[].LambdaFunctionARN",
                FUNCTION,
                "Lambda@Edge",
                "EventType",
            )
        )
        found.append(
            to(
                f"{at_edge}.FunctionAssociations[].FunctionARN",
                EDGE_FUNCTION,
                "CloudFront function",
                "EventType",
            )
        )
    return tuple(found)


def _openapi_authorizers() -> tuple[Link, ...]:
    """Where the OpenAPI document of an API states its Lambda authorizers."""
    return tuple(
        to(f"Body.{place}.*.x-amazon-apigateway-authorizer.authorizerUri", FUNCTION, "authorizer")
        for place in ("components.securitySchemes", "securityDefinitions")
    )


LINKS: Links = {
    "AWS::Lambda::Url": (to("TargetFunctionArn", FUNCTION, "function URL", "AuthType", "InvokeMode"),),
    "AWS::ApiGatewayV2::Api": (to("Target", FUNCTION, "integration"), *_openapi_authorizers()),
    "AWS::ApiGateway::RestApi": _openapi_authorizers(),
    "AWS::ApiGateway::Authorizer": (to("AuthorizerUri", FUNCTION, "authorizer"),),
    "AWS::ApiGatewayV2::Authorizer": (to("AuthorizerUri", FUNCTION, "authorizer"),),
    "AWS::AppSync::GraphQLApi": (to("LambdaAuthorizerConfig.AuthorizerUri", FUNCTION, "authorizer"),),
    "AWS::CloudFront::Distribution": _edge_functions(),
    "AWS::SecretsManager::RotationSchedule": (
        between("SecretId", SECRET, "RotationLambdaARN", FUNCTION, "rotation", "RotationRules"),
    ),
    "AWS::Lambda::EventInvokeConfig": tuple(
        between("FunctionName", FUNCTION, f"DestinationConfig.{name}.Destination", FUNCTION, by)
        for name, by in (("OnFailure", "on-failure destination"), ("OnSuccess", "on-success destination"))
    ),
    "AWS::Pipes::Pipe": (to("Enrichment", FUNCTION | STATE_MACHINE | API | API_DESTINATION, "enrichment"),),
    "AWS::KinesisFirehose::DeliveryStream": _processors(),
    "AWS::Bedrock::Agent": (to("ActionGroups[].ActionGroupExecutor.Lambda", FUNCTION, "action group"),),
    "AWS::BedrockAgentCore::GatewayTarget": (
        to("TargetConfiguration.Mcp.Lambda.LambdaArn", FUNCTION, "gateway target"),
    ),
    "AWS::BedrockAgentCore::Gateway": (
        to("InterceptorConfigurations[].Interceptor.Lambda.Arn", FUNCTION, "gateway interceptor"),
    ),
    "AWS::S3ObjectLambda::AccessPoint": (
        to(
            "ObjectLambdaConfiguration.TransformationConfigurations[].ContentTransformation.AwsLambda.FunctionArn",
            FUNCTION,
            "object Lambda",
        ),
    ),
    "AWS::CodePipeline::Pipeline": (
        to("Stages[].Actions[].Configuration.FunctionName", FUNCTION, "pipeline action"),
        to("Stages[].Actions[].Configuration.ProjectName", PROJECT, "pipeline action"),
    ),
    "AWS::Transfer::Server": (to("IdentityProviderDetails.Function", FUNCTION, "identity provider"),),
    "AWS::IoT::ProvisioningTemplate": (to("PreProvisioningHook.TargetArn", FUNCTION, "provisioning hook"),),
    "AWS::CloudFormation::CustomResource": (to("ServiceToken", FUNCTION | TOPIC, "custom resource"),),
}
PATHS = machines.PATHS + permissions.PATHS + api_calls.PATHS


def find(graph: Graph) -> Iterator[Edge | LooseEnd]:
    """All calls in the stack."""
    yield from follow(graph, "invokes", LINKS)
    yield from _custom_resources(graph)
    yield from machines.find(graph, "invokes")
    yield from code.joined(graph, "invokes", permissions.find(graph, "invokes"))
    yield from api_calls.find(graph, "invokes")


def _custom_resources(graph: Graph) -> Iterator[Edge | LooseEnd]:
    """Custom resources of types that their authors named."""
    for resource in custom_resources(graph):
        found = resolve(graph, resource["ServiceToken"], FUNCTION | TOPIC)
        if isinstance(found, Resource):
            yield Edge(resource, found, "invokes", "custom resource", resource, {"path": "ServiceToken"})
        elif isinstance(found, Unknown):
            yield LooseEnd("invokes", f"custom resource: {found.reason}", resource, None, FUNCTION | TOPIC)
