"""Amazon API Gateway, HTTP and WebSocket APIs: routes, stages, CORS."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws.routes import MUTATING, READING, has_to_be_open, is_websocket, method_of
from stackworthy.core.finding import Confidence, Finding, Pillar, Severity
from stackworthy.core.fix import AddParameter, Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Rule
from stackworthy.core.value import List, Map, is_stated
from stackworthy.rules._cors import any_origin, http_cors
from stackworthy.rules._mending import ACCESS_LOG, ByHand, log_group

_ACCESS = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html"
_CORS = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html"


class _OpenRoute(Rule):
    """A route that anybody can call."""

    on = "AWS::ApiGatewayV2::Route"
    pillar = Pillar.SECURITY
    references = (_ACCESS,)
    methods: frozenset[str] = frozenset()

    def check(self, route: Resource) -> Iterable[Finding]:
        """Look at routes of HTTP APIs that ask for nothing."""
        if route["AuthorizationType"] != "NONE" or method_of(route) not in self.methods:
            return
        if not is_websocket(route) and not has_to_be_open(route):
            yield route.finding("AuthorizationType", route=route["RouteKey"])


class MutatingRouteWithoutAuthorization(_OpenRoute):
    """Anybody on the internet can call a route that changes data when it asks for no authorization.

    Paths that have to be open, to sign in or to receive a webhook, are left out. Whether the backend itself checks a
    token cannot be seen here.
    """

    severity = Severity.HIGH
    confidence = Confidence.MEDIUM
    message = "anybody can call {route}: the route asks for no authorization"
    equivalents = ("CKV_AWS_309", "APIGateway.8")
    methods = MUTATING

    bad = """
        Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: orders, ProtocolType: HTTP}}
        AddOrder: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: POST /orders}}
    """
    good = (
        bad.replace("POST /orders", "POST /orders, AuthorizationType: AWS_IAM"),
        bad.replace("POST /orders", "POST /login"),
    )


class ReadingRouteWithoutAuthorization(_OpenRoute):
    """Anybody on the internet can read what a route answers when it asks for no authorization."""

    severity = Severity.LOW
    confidence = Confidence.MEDIUM
    profile = STRICT
    message = "anybody can read {route}: the route asks for no authorization"
    equivalents = ("CKV_AWS_309", "APIGateway.8")
    methods = READING

    bad = MutatingRouteWithoutAuthorization.bad.replace("POST", "GET")
    good = bad.replace("GET /orders", "GET /orders, AuthorizationType: AWS_IAM")


class WebsocketWithoutAuthorization(Rule):
    """A WebSocket API is authorized when a client connects, or never: later messages ask for nothing more."""

    on = "AWS::ApiGatewayV2::Route"
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    confidence = Confidence.MEDIUM
    message = "anybody can connect and then send any message: the $connect route asks for no authorization"
    references = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-control-access.html",
    )
    equivalents = ("CKV_AWS_309", "APIGateway.8")

    def check(self, route: Resource) -> Iterable[Finding]:
        """Look at the route that every connection passes."""
        if route["RouteKey"] == "$connect" and route["AuthorizationType"] == "NONE":
            yield route.finding("AuthorizationType")

    bad = """
        Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: chat, ProtocolType: WEBSOCKET}}
        Connect: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: $connect}}
    """
    good = bad.replace("$connect", "$connect, AuthorizationType: AWS_IAM")


class HttpStageWithoutThrottling(Rule):
    """Without its own limits a stage takes as many requests as the whole account may have.

    One caller's loop then uses up the quota of every API in the account and Region, and is billed for each request that
    gets through.
    """

    on = "AWS::ApiGatewayV2::Stage"
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    message = "nothing throttles this stage but the account's limit, which all its APIs share"
    references = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html",)
    fix_safety = Unsafe(
        "requests above the limit are answered with 429: choose it from the traffic you expect"
    )

    def check(self, stage: Resource) -> Iterable[Finding]:
        """Look for limits of all routes, or of single ones."""
        if is_stated(stage["DefaultRouteSettings.ThrottlingRateLimit"]) or is_stated(stage["RouteSettings"]):
            return
        yield stage.finding("DefaultRouteSettings.ThrottlingRateLimit")

    def fix(self, finding: Finding) -> Fix | None:
        """Limit every route, generously."""
        stage = finding.resource
        return self.offer(
            stage.set("DefaultRouteSettings.ThrottlingRateLimit", 100),
            stage.set("DefaultRouteSettings.ThrottlingBurstLimit", 200),
        )

    bad = """
        Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: orders, ProtocolType: HTTP}}
        Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: $default}}
    """
    good = bad.replace(
        "StageName: $default", "StageName: $default, DefaultRouteSettings: {ThrottlingRateLimit: 50}"
    )


class HttpStageWithoutAccessLog(Rule):
    """Without an access log nobody can tell afterwards who called what, and which calls API Gateway itself refused."""

    on = "AWS::ApiGatewayV2::Stage"
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "requests to this stage leave no trace: no access log is stated"
    references = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html",)
    equivalents = (
        "CKV_AWS_95",
        "AVD-AWS-0001",
        "aws-api-gateway-enable-access-logging",
        "APIGateway.9",
        "W46",
    )

    def check(self, stage: Resource) -> Iterable[Finding]:
        """Look for a destination of the access log."""
        if not is_stated(stage["AccessLogSettings.DestinationArn"]):
            yield stage.finding("AccessLogSettings.DestinationArn")

    fix_safety = Unsafe(
        "each line is billed by its size, and holds the caller's IP address; "
        "for a WebSocket API, a role for logs must be set for the account in this Region (AWS::ApiGateway::Account)"
    )

    def fix(self, finding: Finding) -> Fix | None:
        """Add a log group, and write a line of JSON to it for each request."""
        stage = finding.resource
        logs = log_group(stage, "AccessLogs")
        setting = Map(DestinationArn=logs.reference("Arn"), Format=ACCESS_LOG)
        return self.offer(logs, stage.set("AccessLogSettings", setting))

    bad = HttpStageWithoutThrottling.bad
    good = (
        bad.replace(
            "StageName: $default",
            "StageName: $default, AccessLogSettings: {DestinationArn: !GetAtt Logs.Arn}",
        )
        + """
        Logs: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 30}}
    """
    )


_ORIGIN = "The site whose scripts may call the API, such as https://app.example.com"


class HttpApiForAnyOrigin(Rule):
    """Scripts of any website can call an API that allows every origin."""

    on = "AWS::ApiGatewayV2::Api"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "scripts of any website may call this API: allowed origins are {origins}"
    references = (_CORS,)
    equivalents = ("CKV2_AWS_75",)
    fix_safety = Unsafe(
        "scripts of all other sites are refused; the origin of yours is asked for at deployment"
    )

    def check(self, api: Resource) -> Iterable[Finding]:
        """Look for a wildcard; with credentials it is another rule's."""
        cors = http_cors(api)
        if any_origin(cors.origins) and not cors.credentials:
            yield api.finding(cors.path, origins=cors.origins)

    def fix(self, finding: Finding) -> Fix | None:
        """Allow one origin, which whoever deploys the stack gives."""
        origin = AddParameter("AllowedOrigin", _ORIGIN, finding.resource)
        return self.offer(origin, finding.resource.set(finding.property, List([origin.reference()])))

    bad = (
        """
        Api:
          Type: AWS::ApiGatewayV2::Api
          Properties: {Name: orders, ProtocolType: HTTP, CorsConfiguration: {AllowOrigins: ['*']}}
        """,
        """
        Api:
          Type: AWS::ApiGatewayV2::Api
          Properties: {Body: {openapi: 3.0.1, x-amazon-apigateway-cors: {allowOrigins: ['*']}, paths: {}}}
        """,
    )
    good = tuple(example.replace("'*'", "'https://app.example.com'") for example in bad)


class HttpApiForAnyOriginWithCredentials(ByHand):
    """Credentials from any origin let every website call in the name of its visitor.

    Where the answer repeats the caller's origin, any page reads what its visitor may read. Where the answer is a bare
    `*`, browsers refuse, and the cookies that somebody meant to allow never arrive.
    """

    on = "AWS::ApiGatewayV2::Api"
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "any website may call this API with its visitors' credentials: allowed origins are {origins}"
    references = (_CORS,)
    equivalents = ("CKV2_AWS_75",)
    steps = ("list the origins of your own sites in AllowOrigins, or turn AllowCredentials off",)

    def check(self, api: Resource) -> Iterable[Finding]:
        """Look for a wildcard together with credentials."""
        cors = http_cors(api)
        if cors.credentials and any_origin(cors.origins):
            yield api.finding(cors.path, origins=cors.origins)

    bad = """
        Api:
          Type: AWS::ApiGatewayV2::Api
          Properties:
            Name: orders
            ProtocolType: HTTP
            CorsConfiguration: {AllowOrigins: ['https://*'], AllowCredentials: true}
    """
    good = bad.replace("https://*", "https://app.example.com")


RULES = (
    MutatingRouteWithoutAuthorization(),
    ReadingRouteWithoutAuthorization(),
    WebsocketWithoutAuthorization(),
    HttpStageWithoutThrottling(),
    HttpStageWithoutAccessLog(),
    HttpApiForAnyOrigin(),
    HttpApiForAnyOriginWithCredentials(),
)
