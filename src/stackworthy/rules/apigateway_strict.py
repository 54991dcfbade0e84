"""Amazon API Gateway, REST APIs: what some teams ask for, and others need not."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws.arns import resolve
from stackworthy.aws.routes import api_of
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Rule

_ASSOCIATIONS = ("AWS::WAFv2::WebACLAssociation", "AWS::WAFRegional::WebACLAssociation")
_STAGES = frozenset({"AWS::ApiGateway::Stage"})


class RestStageWithoutWebAcl(Rule):
    """A web ACL stops known attacks and floods before they reach the API, for a monthly price and one per request.

    It also counts per address, which throttling does not. A private API is out of the internet's reach.
    """

    on = "AWS::ApiGateway::Stage"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "no web ACL filters what reaches this stage"
    references = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-aws-waf.html",
    )
    equivalents = ("CKV2_AWS_29", "APIGateway.4")

    def check(self, stage: Resource) -> Iterable[Finding]:
        """Look for the association of a web ACL, unless the API is private or stands elsewhere."""
        graph = stage.graph
        api = api_of(stage)
        if not api or "PRIVATE" in api["EndpointConfiguration.Types"]:
            return
        associations = [each for kind in _ASSOCIATIONS for each in graph.of(kind)]
        if any(resolve(graph, each["ResourceArn"], _STAGES) is stage for each in associations):
            return
        if not graph.edges_to(stage, "protects").any_of(lambda edge: edge.by == "web ACL"):
            yield stage.finding("")

    _API = "Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: orders}}"
    _STAGE = "Live: {Type: AWS::ApiGateway::Stage, Properties: {RestApiId: !Ref Api, DeploymentId: d, StageName: live}}"
    bad = f"""
        {_API}
        {_STAGE}
    """
    good = (
        bad
        + """
        Filter:
          Type: AWS::WAFv2::WebACLAssociation
          Properties:
            ResourceArn: !Sub 'arn:aws:apigateway:${AWS::Region}::/restapis/${Api}/stages/${Live}'
            WebACLArn: 'arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/a/1'
    """,
        bad.replace("Name: orders", "Name: orders, EndpointConfiguration: {Types: [PRIVATE]}"),
    )


RULES = (RestStageWithoutWebAcl(),)
