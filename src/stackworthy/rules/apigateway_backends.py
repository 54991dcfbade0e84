"""Amazon API Gateway: whether requests reach the functions behind it, and whether what is stated is deployed."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws.routes import api_of, method_of, path_of
from stackworthy.core.finding import Confidence, Finding, Pillar, Severity
from stackworthy.core.fix import AddResource, Fix, Unsafe
from stackworthy.core.graph import Edge
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Relation, Rule
from stackworthy.core.value import Map, Reference, Value, joined, same
from stackworthy.rules._backends import (
    GATEWAY,
    PERMISSION,
    has_role,
    made_before,
    may_invoke,
    says_what_it_waits_for,
)
from stackworthy.rules._mending import ACCOUNT, PARTITION, REGION, ByHand, word


class _MayNotInvoke(Rule):
    """A route whose function does not let API Gateway invoke it."""

    pillar, severity = Pillar.RELIABILITY, Severity.HIGH
    confidence = Confidence.MEDIUM
    message = (
        "every request is answered with 500: no permission of the stack lets API Gateway invoke {function}"
    )
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html",)
    fix_safety = Unsafe("lets the API invoke the function")

    def check(self, edge: Edge) -> Iterable[Finding]:
        """Look for a permission, where the integration has no role of its own; a function elsewhere has its own."""
        route, function = edge.source, edge.target
        if edge.by != "integration" or has_role(route) or may_invoke(function):
            return
        yield route.finding("", function=function.name)

    def fix(self, finding: Finding) -> Fix | None:
        """Let the route's API invoke the function."""
        route = finding.resource
        edges = [edge for edge in route.graph.edges_from(route, "invokes") if edge.by == "integration"]
        api = api_of(route)
        if not api or len(edges) != 1:
            return None
        function = edges[0].target
        of_stack: tuple[Value, ...] = ("arn:", PARTITION, ":execute-api:", REGION, ":", ACCOUNT, ":")
        properties = Map(
            Action="lambda:InvokeFunction",
            FunctionName=Reference(function.address),
            Principal=GATEWAY,
            SourceArn=joined((*of_stack, Reference(api.address), "/*")),
        )
        return self.offer(AddResource(PERMISSION, f"{word(function)}ForApi", properties, route))


class MethodMayNotInvoke(_MayNotInvoke):
    """A REST API answers every request with 500 when the function behind a method does not let it invoke it.

    The function needs a permission (`AWS::Lambda::Permission`) for apigateway.amazonaws.com, or the integration a role.
    """

    on = Relation("invokes", "AWS::ApiGateway::Method", "AWS::Lambda::Function")

    bad = """
        Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: orders}}
        Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.14}}
        Read:
          Type: AWS::ApiGateway::Method
          Properties:
            RestApiId: !Ref Api
            ResourceId: !GetAtt Api.RootResourceId
            HttpMethod: GET
            AuthorizationType: AWS_IAM
            Integration:
              Type: AWS_PROXY
              IntegrationHttpMethod: POST
              Uri: !Sub 'arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations'
    """
    good = (
        bad
        + """
        ForApi:
          Type: AWS::Lambda::Permission
          Properties:
            FunctionName: !Ref Fn
            Action: lambda:InvokeFunction
            Principal: apigateway.amazonaws.com
            SourceArn: !Sub 'arn:aws:execute-api:eu-west-1:111122223333:${Api}/*'
    """,
        bad.replace(
            "Type: AWS_PROXY",
            "Type: AWS_PROXY\n              Credentials: 'arn:aws:iam::111122223333:role/api'",
        ),
    )


class RouteMayNotInvoke(_MayNotInvoke):
    """An HTTP API answers every request with 500 when the function behind a route does not let it invoke it.

    The function needs a permission (`AWS::Lambda::Permission`) for apigateway.amazonaws.com, or the integration a role.
    """

    on = Relation("invokes", "AWS::ApiGatewayV2::Route", "AWS::Lambda::Function")

    bad = """
        Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: orders, ProtocolType: HTTP}}
        Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.14}}
        ToFn:
          Type: AWS::ApiGatewayV2::Integration
          Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Fn.Arn, PayloadFormatVersion: '2.0'}
        Read:
          Type: AWS::ApiGatewayV2::Route
          Properties: {ApiId: !Ref Api, RouteKey: GET /orders, AuthorizationType: AWS_IAM, Target: !Sub 'integrations/${ToFn}'}
    """
    good = (
        bad
        + """
        ForApi:
          Type: AWS::Lambda::Permission
          Properties:
            FunctionName: !Ref Fn
            Action: lambda:InvokeFunction
            Principal: apigateway.amazonaws.com
            SourceArn: !Sub 'arn:aws:execute-api:eu-west-1:111122223333:${Api}/*'
    """
    )


class DeploymentBeforeMethods(ByHand):
    """A deployment is a picture of the API at the moment when it is made: a method that comes later is not in the stage.

    CloudFormation makes it as soon as what it depends on is there. Each method must stand in `DependsOn`, and a deployment
    under a new name is needed whenever a method changes.
    """

    on = "AWS::ApiGateway::Deployment"
    pillar, severity = Pillar.RELIABILITY, Severity.HIGH
    message = "{methods} may be missing in the stage: the deployment does not wait for {what}"
    references = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-deployment.html",
    )
    steps = (
        "list every method of the API in DependsOn of the deployment",
        "give the deployment another logical name whenever a method changes, or let SAM or the CDK do both",
    )

    def check(self, deployment: Resource) -> Iterable[Finding]:
        """Follow what the deployment waits for, and compare with the methods of its API."""
        if not says_what_it_waits_for(deployment) or deployment.made_by:
            return
        before = set(made_before(deployment))
        api = deployment["RestApiId"]
        late = [
            method
            for method in deployment.graph.of("AWS::ApiGateway::Method")
            if method.present and method.address not in before and same(method["RestApiId"], api)
        ]
        if late and all(method.origin.file == deployment.origin.file for method in late):
            names = [f"{method_of(method)} {path_of(method)}" for method in late[:3]]
            more = f" and {len(late) - 3} more" if len(late) > 3 else ""
            yield deployment.finding(
                "", methods=", ".join(names) + more, what="it" if len(late) == 1 else "them"
            )

    bad = """
        Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: orders}}
        Read:
          Type: AWS::ApiGateway::Method
          Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: GET, AuthorizationType: AWS_IAM, Integration: {Type: MOCK}}
        Now: {Type: AWS::ApiGateway::Deployment, Properties: {RestApiId: !Ref Api}}
    """
    good = bad.replace("AWS::ApiGateway::Deployment,", "AWS::ApiGateway::Deployment, DependsOn: Read,")


RULES = (MethodMayNotInvoke(), RouteMayNotInvoke(), DeploymentBeforeMethods())
