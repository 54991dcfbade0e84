"""Amazon API Gateway, REST APIs: what some teams ask for, and others need not."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws.arns import resolve
from stackworthy.aws.routes import api_of
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, PropertyRule, Rule
from stackworthy.core.value import is_stated
from stackworthy.rules._forms import StatedRule, items, says_nothing
from stackworthy.rules._reading import surely_named

_GUIDE = "https://docs.aws.amazon.com/apigateway/latest/developerguide/"
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


_LIVE = """
        Live:
          Type: AWS::ApiGateway::Stage
          Properties: {RestApiId: a1b2c3, DeploymentId: d, StageName: live}
    """


class RestStageWithoutCache(PropertyRule):
    """Every request goes to the backend, though answers to many of them are the same; a cache costs by the hour."""

    on, property, expected = "AWS::ApiGateway::Stage", "CacheClusterEnabled", True
    pillar, severity = Pillar.PERFORMANCE, Severity.LOW
    profile = STRICT
    message = "every request goes to the backend: the stage has no cache"
    references = (f"{_GUIDE}api-gateway-caching.html",)
    equivalents = ("CKV_AWS_120",)
    bad = _LIVE
    good = _LIVE.replace("StageName: live", "StageName: live, CacheClusterEnabled: true")


class MethodsNotCached(Rule):
    """The settings of the stage leave the cache off for these methods."""

    on = "AWS::ApiGateway::Stage"
    pillar, severity = Pillar.PERFORMANCE, Severity.LOW
    profile = STRICT
    message = "answers of these methods are not cached: caching is off for them"
    references = (f"{_GUIDE}api-gateway-caching.html",)
    equivalents = ("CKV_AWS_225",)

    def check(self, stage: Resource) -> Iterable[Finding]:
        """Look at the settings of methods."""
        for path, settings in items(stage, "MethodSettings"):
            if is_stated(settings["CachingEnabled"]) and not settings["CachingEnabled"]:
                yield stage.finding(f"{path}.CachingEnabled")

    bad = _LIVE.replace(
        "StageName: live",
        "StageName: live, MethodSettings: [{HttpMethod: '*', ResourcePath: '/*', CachingEnabled: false}]",
    )
    good = bad.replace("CachingEnabled: false", "CachingEnabled: true")


class RestErrorsNotLogged(Rule):
    """Why API Gateway refused a request or could not use an answer stands only in its execution log, which is off."""

    on = "AWS::ApiGateway::Stage"
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "why a request failed inside API Gateway is not to be found: execution logging is off"
    references = (f"{_GUIDE}set-up-logging.html",)
    equivalents = ("CKV2_AWS_4", "APIGateway.1")

    def check(self, stage: Resource) -> Iterable[Finding]:
        """Look for a level of logging in the settings of methods."""
        settings = stage["MethodSettings"]
        if not is_stated(settings) or not settings.any_of(
            lambda entry: entry["LoggingLevel"] in ("ERROR", "INFO")
        ):
            yield stage.finding("MethodSettings")

    bad = _LIVE
    good = _LIVE.replace(
        "StageName: live",
        "StageName: live, MethodSettings: [{HttpMethod: '*', ResourcePath: '/*', LoggingLevel: ERROR}]",
    )


class BackendTakesAnybody(StatedRule):
    """A backend with a public address cannot tell API Gateway from anybody else: the stage shows it no certificate."""

    on, property = "AWS::ApiGateway::Stage", "ClientCertificateId"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "an HTTP backend cannot tell that a request comes from this API: no client certificate is used"
    references = (f"{_GUIDE}getting-started-client-side-ssl-authentication.html",)
    equivalents = ("CKV2_AWS_51", "APIGateway.2")

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Leave out stages whose backends are functions: who may invoke them is another question."""
        if _serves_functions_only(subject):
            return
        yield from super().check(subject)

    bad = _LIVE
    good = (
        _LIVE.replace("StageName: live", "StageName: live, ClientCertificateId: cert1"),
        _LIVE.replace("a1b2c3", "!Ref Api")
        + """
        Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: orders}}
        Ping:
          Type: AWS::ApiGateway::Method
          Properties:
            RestApiId: !Ref Api
            ResourceId: !GetAtt Api.RootResourceId
            HttpMethod: GET
            AuthorizationType: AWS_IAM
            Integration: {Type: MOCK}
    """,
    )


_NO_ADDRESS = ("AWS_PROXY", "AWS", "MOCK")


def _serves_functions_only(stage: Resource) -> bool:
    """Whether each method of the stage's API calls a function or service of AWS, or nothing: those have no address of their own."""
    api = surely_named(stage, stage["RestApiId"])
    if not api or api.kind != "AWS::ApiGateway::RestApi":
        return False
    methods = [method for method in stage.graph.of("AWS::ApiGateway::Method") if api_of(method) is api]
    return bool(methods) and all(method["Integration.Type"] in _NO_ADDRESS for method in methods)


class RequestsNotValidated(Rule):
    """What does not fit the API's own description reaches the backend and is paid for: API Gateway could answer 400 for nothing."""

    on = "AWS::ApiGateway::Method"
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = "requests that cannot be right reach the backend: no validator checks them"
    references = (f"{_GUIDE}api-gateway-method-request-validation.html",)
    equivalents = ("CKV2_AWS_53",)

    def check(self, method: Resource) -> Iterable[Finding]:
        """Look for a validator, of whatever the caller sends."""
        if method["HttpMethod"] != "OPTIONS" and says_nothing(method["RequestValidatorId"]):
            yield method.finding("RequestValidatorId")

    bad = "Add: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: a1, ResourceId: r1, HttpMethod: POST, AuthorizationType: AWS_IAM}}"
    good = bad.replace("POST", "POST, RequestValidatorId: v1")


RULES = (
    RestStageWithoutWebAcl(),
    RestStageWithoutCache(),
    MethodsNotCached(),
    RestErrorsNotLogged(),
    BackendTakesAnybody(),
    RequestsNotValidated(),
)
