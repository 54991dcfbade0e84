"""`runs code`: the target holds code that the source runs: a layer, an image, a task, a bucket with its package."""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.aws.names import BUCKET, LAYER, REPOSITORY, TASK_DEFINITION
from stackworthy.aws.relations.links import Links, follow, to
from stackworthy.core.graph import Edge, Graph, LooseEnd

LINKS: Links = {
    "AWS::Lambda::Function": (
        to("Layers[]", LAYER, "layer"),
        to("Code.ImageUri", REPOSITORY, "image"),
        to("Code.S3Bucket", BUCKET, "package"),
    ),
    "AWS::Lambda::LayerVersion": (to("Content.S3Bucket", BUCKET, "package"),),
    "AWS::ECS::TaskDefinition": (to("ContainerDefinitions[].Image", REPOSITORY, "image", "Name"),),
    "AWS::ECS::Service": (to("TaskDefinition", TASK_DEFINITION, "task definition"),),
    "AWS::Batch::JobDefinition": (to("ContainerProperties.Image", REPOSITORY, "image"),),
    "AWS::AppRunner::Service": (
        to("SourceConfiguration.ImageRepository.ImageIdentifier", REPOSITORY, "image"),
    ),
    "AWS::BedrockAgentCore::Runtime": (
        to("AgentRuntimeArtifact.ContainerConfiguration.ContainerUri", REPOSITORY, "image"),
    ),
    "AWS::CodeBuild::Project": (to("Environment.Image", REPOSITORY, "image"),),
    "AWS::Glue::Job": (to("Command.ScriptLocation", BUCKET, "script"),),
    "AWS::Synthetics::Canary": (to("Code.S3Bucket", BUCKET, "package"),),
    "AWS::StepFunctions::StateMachine": (to("DefinitionS3Location.Bucket", BUCKET, "definition"),),
    "AWS::ApiGateway::RestApi": (to("BodyS3Location.Bucket", BUCKET, "definition"),),
    "AWS::ApiGatewayV2::Api": (to("BodyS3Location.Bucket", BUCKET, "definition"),),
}
PATHS = ()


def find(graph: Graph) -> Iterator[Edge | LooseEnd]:
    """All code that the stack itself holds."""
    return follow(graph, "runs code", LINKS)
