"""AWS Lambda: settings that make a deployment fail, or are paid for and do nothing."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws.names import FUNCTION
from stackworthy.core.finding import Confidence, Finding, Pillar, Severity
from stackworthy.core.fix import SAFE, Fix, Unsafe
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Rule
from stackworthy.core.value import is_stated
from stackworthy.rules._reading import surely_named

RESERVED = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    }
)
"""Names of environment variables that only Lambda itself may set."""

_VARIABLES = "Environment.Variables"


class ReservedVariableSet(Rule):
    """Lambda refuses a function that sets one of the variables that Lambda sets itself, and the deployment fails.

    Its Region, its name, its credentials and the trace's id are in the environment of every function already.
    """

    on = "AWS::Lambda::Function"
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "the deployment fails: only Lambda itself may set the variable {name}"
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",)
    equivalents = ("E3663",)
    fix_safety = SAFE

    def check(self, function: Resource) -> Iterable[Finding]:
        """Look at the names of the variables."""
        variables = function[_VARIABLES]
        for name in sorted(RESERVED) if is_stated(variables) else ():
            if is_stated(variables[name]):
                yield function.finding(f"{_VARIABLES}.{name}", name=name)

    def fix(self, finding: Finding) -> Fix | None:
        """Take it away: Lambda sets it."""
        return self.offer(finding.resource.remove(finding.property))

    bad = "Fn: {Type: AWS::Lambda::Function, Properties: {Environment: {Variables: {AWS_REGION: eu-west-1, TABLE: orders}}}}"
    good = bad.replace("AWS_REGION", "TARGET_REGION")


class ProvisionedConcurrencyUncalled(Rule):
    """Provisioned concurrency belongs to an alias or version, and serves only who calls that: all others start cold.

    It is paid for by the hour, called or not.
    """

    on = "AWS::Lambda::Alias"
    pillar, severity = Pillar.COST, Severity.MEDIUM
    confidence = Confidence.MEDIUM
    message = "environments are kept warm for nobody: the stack calls {function} itself, and nothing in it calls this alias"
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html",)
    fix_safety = Unsafe("callers of the alias outside of the stack start cold, if there are any")

    def check(self, alias: Resource) -> Iterable[Finding]:
        """Look for a caller of the alias; where nothing of the stack calls the function either, callers are elsewhere."""
        if not is_stated(alias["ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions"]):
            return
        graph = alias.graph
        function = surely_named(alias, alias["FunctionName"], FUNCTION)
        if not function or _is_referred_to(graph, alias):
            return
        if graph.edges_to(function, "invokes") or graph.edges_to(function, "triggers"):
            yield alias.finding("ProvisionedConcurrencyConfig", function=function.name)

    def fix(self, finding: Finding) -> Fix | None:
        """Provision nothing."""
        return self.offer(finding.resource.remove("ProvisionedConcurrencyConfig"))

    bad = """
        Orders: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.14}}
        Live:
          Type: AWS::Lambda::Alias
          Properties:
            Name: live
            FunctionName: !Ref Orders
            FunctionVersion: '3'
            ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 10}
        Nightly:
          Type: AWS::Events::Rule
          Properties: {ScheduleExpression: rate(1 day), Targets: [{Id: run, Arn: !GetAtt Orders.Arn}]}
    """
    good = bad.replace("!GetAtt Orders.Arn", "!Ref Live")


def _is_referred_to(graph: Graph, alias: Resource) -> bool:
    """Whether anything of the stack names the alias, other than what scales it or says who may invoke it."""
    callers = (edge.source.kind for edge in graph.edges_to(alias, "refers to"))
    silent = (
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "AWS::Lambda::Permission",
        "AWS::CloudWatch::Alarm",
    )
    return any(kind not in silent for kind in callers)


RULES = (ReservedVariableSet(), ProvisionedConcurrencyUncalled())
