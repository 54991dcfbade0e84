"""`runs code`: the target holds code that the source runs: a layer, an image, a task, a bucket with its package."""

from __future__ import annotations

from collections.abc import Iterator

from stackworthy.aws.arns import resolve
from stackworthy.aws.names import BUCKET, LAYER, REPOSITORY, TASK_DEFINITION
from stackworthy.aws.relations.links import Links, follow, to
from stackworthy.core.graph import Edge, Graph, LooseEnd
from stackworthy.core.resource import Resource
from stackworthy.core.value import Map, Unknown

LINKS: Links = {
    "AWS::Lambda::Function": (
        to("Layers[]", LAYER, "layer"),
        to("Code.ImageUri", REPOSITORY, "image"),
    ),
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
    "AWS::Synthetics::Canary": (to("Code.S3Bucket", BUCKET, "package", "Code"),),
    "AWS::StepFunctions::StateMachine": (to("DefinitionS3Location.Bucket", BUCKET, "definition"),),
    "AWS::ApiGateway::RestApi": (to("BodyS3Location.Bucket", BUCKET, "definition"),),
    "AWS::ApiGatewayV2::Api": (to("BodyS3Location.Bucket", BUCKET, "definition"),),
}
PACKAGES = {
    "AWS::Lambda::Function": ("Code", "Code.S3Bucket"),
    "AWS::Lambda::LayerVersion": ("Content", "Content.S3Bucket"),
}
"""Where kinds state the bucket of their package; a text in its place is a local folder, which is put elsewhere."""

PATHS = tuple((kind, path) for kind, (_, path) in PACKAGES.items())


def find(graph: Graph) -> Iterator[Edge | LooseEnd]:
    """All code that the stack itself holds."""
    yield from follow(graph, "runs code", LINKS)
    for kind, (holder, path) in PACKAGES.items():
        for resource in graph.of(kind):
            if not isinstance(resource.properties.value(holder), Map):
                continue
            bucket = resolve(graph, resource[path], BUCKET)
            if isinstance(bucket, Resource):
                yield Edge(resource, bucket, "runs code", "package", resource, {"path": path})
            elif isinstance(bucket, Unknown):
                yield LooseEnd("runs code", f"package: {bucket.reason}", resource, None, BUCKET)
