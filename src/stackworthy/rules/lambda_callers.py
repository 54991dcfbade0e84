"""AWS Lambda: functions that may work for longer than their caller waits."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws.quotas import quota
from stackworthy.aws.routes import integration_timeout, waits
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Unsafe
from stackworthy.core.graph import Edge
from stackworthy.core.rule import Relation, Rule
from stackworthy.core.value import Value

_REST = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"
_HTTP = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"
_TIMEOUT = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html"


class _LongerThanCaller(Rule):
    """A function that goes on after its caller has given up."""

    pillar, severity = Pillar.RELIABILITY, Severity.HIGH
    message = "{caller} waits for {limit} s, the function may take {timeout} s: the caller gets an error while work goes on"
    fix_safety = Unsafe("a call that takes longer is then ended, where today it goes on unseen")

    def check(self, edge: Edge) -> Iterable[Finding]:
        """Compare the function's timeout with the time that its caller waits."""
        if not waits(edge):
            return
        function, limit = edge.target, self.limit(edge)
        timeout = function["Timeout"]
        if timeout > limit:
            also = [edge.source.place("", "the caller")]
            yield function.finding(
                "Timeout", also=also, caller=edge.source.name, limit=limit, timeout=timeout
            )

    def limit(self, edge: Edge) -> Value:
        """The seconds for which the caller waits."""
        raise NotImplementedError

    def fix(self, finding: Finding) -> Fix | None:
        """End the function when its caller gives up."""
        return self.offer(finding.resource.set("Timeout", finding.evidence["limit"]))


class TimeoutLongerThanRestApi(_LongerThanCaller):
    """API Gateway gives up after 29 seconds, answers with an error, and the function goes on for nobody.

    The client tries again while the first call still runs, so that the work is done twice. The limit of Regional and
    private REST APIs can be raised; work that takes longer belongs behind a queue or a state machine.
    """

    on = Relation("invokes", "AWS::ApiGateway::Method", "AWS::Lambda::Function", subject="target")
    references = (_REST, _TIMEOUT)

    def limit(self, edge: Edge) -> Value:
        """The timeout of the method's integration."""
        return integration_timeout(edge.source)

    bad = """
        Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: orders}}
        Fn: {Type: AWS::Lambda::Function, Properties: {Timeout: 120}}
        List:
          Type: AWS::ApiGateway::Method
          Properties:
            RestApiId: !Ref Api
            ResourceId: !GetAtt Api.RootResourceId
            HttpMethod: GET
            AuthorizationType: AWS_IAM
            Integration:
              Type: AWS_PROXY
              IntegrationHttpMethod: POST
              Uri: !Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations'
    """
    good = bad.replace("Timeout: 120", "Timeout: 20")


class TimeoutLongerThanHttpApi(_LongerThanCaller):
    """API Gateway gives up after 30 seconds, answers with an error, and the function goes on for nobody.

    The client tries again while the first call still runs, so that the work is done twice. The limit of HTTP APIs cannot
    be raised; work that takes longer belongs behind a queue or a state machine.
    """

    on = Relation("invokes", "AWS::ApiGatewayV2::Route", "AWS::Lambda::Function", subject="target")
    references = (_HTTP, _TIMEOUT)

    def limit(self, edge: Edge) -> Value:
        """The timeout of the route's integration."""
        return integration_timeout(edge.source)

    bad = """
        Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: orders, ProtocolType: HTTP}}
        Fn: {Type: AWS::Lambda::Function, Properties: {Timeout: 120}}
        Call:
          Type: AWS::ApiGatewayV2::Integration
          Properties:
            ApiId: !Ref Api
            IntegrationType: AWS_PROXY
            IntegrationUri: !GetAtt Fn.Arn
            PayloadFormatVersion: '2.0'
        List:
          Type: AWS::ApiGatewayV2::Route
          Properties:
            ApiId: !Ref Api
            RouteKey: GET /orders
            AuthorizationType: AWS_IAM
            Target: !Sub 'integrations/${Call}'
    """
    good = bad.replace("Timeout: 120", "Timeout: 20")


class TimeoutLongerThanGraphqlApi(_LongerThanCaller):
    """AppSync gives up on a request after 30 seconds, and a resolver's function goes on for nobody."""

    on = Relation("invokes", "AWS::AppSync::Resolver", "AWS::Lambda::Function", subject="target")
    references = ("https://docs.aws.amazon.com/general/latest/gr/appsync.html", _TIMEOUT)

    def limit(self, edge: Edge) -> Value:  # noqa: ARG002
        """The time in which AppSync answers."""
        return quota("appsync.request-timeout").value

    bad = """
        Api: {Type: AWS::AppSync::GraphQLApi, Properties: {Name: orders, AuthenticationType: AWS_IAM}}
        Fn: {Type: AWS::Lambda::Function, Properties: {Timeout: 120}}
        Source:
          Type: AWS::AppSync::DataSource
          Properties:
            ApiId: !GetAtt Api.ApiId
            Name: orders
            Type: AWS_LAMBDA
            LambdaConfig: {LambdaFunctionArn: !GetAtt Fn.Arn}
        List:
          Type: AWS::AppSync::Resolver
          Properties:
            ApiId: !GetAtt Api.ApiId
            TypeName: Query
            FieldName: orders
            DataSourceName: !GetAtt Source.Name
    """
    good = bad.replace("Timeout: 120", "Timeout: 20")


RULES = (
    TimeoutLongerThanRestApi(),
    TimeoutLongerThanHttpApi(),
    TimeoutLongerThanGraphqlApi(),
)
