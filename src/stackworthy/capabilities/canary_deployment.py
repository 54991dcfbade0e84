"""New versions for a part of the requests first, taken back by alarms.

https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
"""

from __future__ import annotations

from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.notifications import ALARM
from stackworthy.capabilities.parts import TERRAFORM, aws_policy, is_own, role, word
from stackworthy.core.fix import AddResource, Change
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import List, Map, NotKnown, Reference, same

APART = "deployment"
ALIAS, FUNCTION = "AWS::Lambda::Alias", "AWS::Lambda::Function"
APPLICATION, GROUP = "AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup"
HOW = "CodeDeployDefault.LambdaCanary10Percent5Minutes"


def improvements(graph: Graph) -> list[Improvement]:
    """A deployment group with alarms for each alias of the stack; what to do first where there is none."""
    groups = [group.address for group in graph.of(GROUP)]
    aliases = [alias for alias in graph.of(ALIAS) if is_own(alias)]
    functions = graph.of(FUNCTION)
    if groups:
        return [
            Improvement(
                "Deploy new versions step by step",
                "",
                resources=tuple(groups),
                done=f"done by {', '.join(groups[:5])}",
            )
        ]
    if not functions:
        return []
    if not aliases:
        return [_first_an_alias(functions)]
    return [_of(graph, alias) for alias in aliases]


_WHY = "a tenth of the requests meets the new version for five minutes; an alarm takes it back. CodeDeploy is free for functions"


def _first_an_alias(functions: list[Resource]) -> Improvement:
    sam = any(
        function.made_by is not None or function.type == "AWS::Serverless::Function" for function in functions
    )
    steps = (
        (
            "AutoPublishAlias: live in the function (or in Globals), so that each deployment publishes a version and moves the alias",
            "DeploymentPreference: {Type: Canary10Percent5Minutes, Alarms: [an alarm on Errors with the alias as Resource]}",
        )
        if sam
        else (
            "publish a version with each deployment, and give the function an alias that all its callers use",
            "run this again: it adds a deployment group of CodeDeploy with the function's alarms",
        )
    )
    return Improvement(
        "Deploy new versions step by step",
        _WHY,
        steps=steps,
        resources=tuple(function.address for function in functions),
    )


def _of(graph: Graph, alias: Resource) -> Improvement:
    title = f"Deploy new versions of {word(alias)} step by step"
    function = alias["FunctionName"]
    alarms = [alarm for alarm in graph.of(ALARM) if is_own(alarm) and _watches(alarm, function)]
    resources = (alias.address, *(alarm.address for alarm in alarms))
    if not alarms:
        steps = (
            "add an alarm on the errors of the function first (stackworthy generate alarms): without one, nothing takes a bad version back",
        )
        return Improvement(title, _WHY, steps=steps, resources=resources)
    application = AddResource(
        APPLICATION, "DeploymentApplication", Map(ComputePlatform="Lambda"), alias, APART
    )
    managed = [aws_policy(graph, "service-role/AWSCodeDeployRoleForLambda")]
    acting = role("DeploymentRole", "codedeploy.amazonaws.com", alias, APART, managed)
    group = AddResource(
        GROUP,
        f"{word(alias)}DeploymentGroup",
        Map(
            ApplicationName=application.reference(),
            ServiceRoleArn=acting.reference("Arn"),
            DeploymentConfigName=HOW,
            DeploymentStyle=Map(DeploymentType="BLUE_GREEN", DeploymentOption="WITH_TRAFFIC_CONTROL"),
            AlarmConfiguration=Map(
                Enabled=True, Alarms=List(Map(Name=Reference(alarm.address)) for alarm in alarms)
            ),
            AutoRollbackConfiguration=Map(
                Enabled=True, Events=List(["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"])
            ),
        ),
        alias,
        APART,
    )
    changes: tuple[Change, ...] = (application, acting, group)
    return Improvement(title, _WHY, changes, (_last_step(graph, alias),), resources)


def _last_step(graph: Graph, alias: Resource) -> str:
    if graph.format == TERRAFORM:
        return f"let Terraform ignore function_version of {word(alias)} (lifecycle.ignore_changes), and start a deployment of CodeDeploy for each new version"
    return f"give {word(alias)} an UpdatePolicy with CodeDeployLambdaAliasUpdate that names the application and the group"


def _watches(alarm: Resource, function: object) -> bool:
    try:
        dimensions = list(alarm["Dimensions"] or ())
    except NotKnown:
        return False
    return any(same(dimension["Value"], function) for dimension in dimensions if isinstance(dimension, Map))
