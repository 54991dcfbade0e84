"""How many requests X-Ray follows: rules act where a trace begins, so that only a REST stage with tracing makes them useful.

https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html
"""

from __future__ import annotations

from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import anchor, is_known_to_be
from stackworthy.core.fix import AddResource
from stackworthy.core.graph import Graph
from stackworthy.core.value import Map

APART = "tracing"
TITLE = "Follow fewer requests, but always some"
STAGE, RULE = "AWS::ApiGateway::Stage", "AWS::XRay::SamplingRule"
SHARE, EACH_SECOND = 0.05, 1


def improvements(graph: Graph) -> list[Improvement]:
    """A sampling rule where a REST stage begins traces; nothing elsewhere: a function's own sampling cannot be set."""
    stages = [stage for stage in graph.of(STAGE) if is_known_to_be(stage, "TracingEnabled", True)]
    if not stages:
        return []
    resources = tuple(stage.address for stage in stages)
    rules = [rule.address for rule in graph.of(RULE)]
    if rules:
        return [Improvement(TITLE, "", resources=resources, done=f"rules are there: {', '.join(rules)}")]
    beside = anchor(graph, STAGE, "AWS::ApiGateway::RestApi") or stages[0]
    rule = AddResource(
        RULE,
        "ApiSamplingRule",
        Map(
            SamplingRule=Map(
                RuleName="api",
                Priority=100,
                Version=1,
                ReservoirSize=EACH_SECOND,
                FixedRate=SHARE,
                ServiceType="AWS::ApiGateway::Stage",
                ServiceName="*",
                ResourceARN="*",
                Host="*",
                HTTPMethod="*",
                URLPath="*",
            )
        ),
        beside,
        APART,
    )
    why = (
        f"X-Ray follows {EACH_SECOND} request a second and {SHARE:.0%} of the others, as it does without a rule: a rule of the stack's own lets you raise or lower it "
        "without a deployment of code. Traces are billed for each that is kept"
    )
    steps = (
        "the X-Ray SDKs are in maintenance: for new code, take OpenTelemetry (the ADOT layer, or CloudWatch Application Signals)",
    )
    return [Improvement(TITLE, why, (rule,), steps, resources)]
