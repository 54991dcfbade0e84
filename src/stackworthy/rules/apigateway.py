"""Amazon API Gateway, REST APIs: methods and stages."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws.exposure import is_public
from stackworthy.aws.iam import resource_policies
from stackworthy.aws.routes import MUTATING, READING, api_of, has_to_be_open, method_of, path_of
from stackworthy.core.finding import Confidence, Finding, Pillar, Severity
from stackworthy.core.fix import SAFE, Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, PropertyRule, Rule
from stackworthy.core.value import Map, is_stated, same
from stackworthy.rules._cors import allows_any_origin, preflights
from stackworthy.rules._mending import ACCESS_LOG, ByHand, log_group

_ACCESS = "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html"
_LOGGING = "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html"
_THROTTLING = (
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html"
)


class _OpenMethod(Rule):
    """A method that anybody can call."""

    on = "AWS::ApiGateway::Method"
    pillar = Pillar.SECURITY
    references = (_ACCESS,)
    methods: frozenset[str] = frozenset()

    def check(self, method: Resource) -> Iterable[Finding]:
        """Look at the method's own authorization, then at what guards its whole API."""
        verb = method_of(method)
        if verb not in self.methods or method["AuthorizationType"] != "NONE" or method["ApiKeyRequired"]:
            return
        if method["Integration.Type"] == "MOCK" or has_to_be_open(method):
            return
        api = api_of(method)
        if not api or not _is_guarded(api):
            yield method.finding("AuthorizationType", verb=verb, path=path_of(method))


def _is_guarded(api: Resource) -> bool:
    """Whether the API is private, or its own policy says who may call."""
    if "PRIVATE" in api["EndpointConfiguration.Types"]:
        return True
    return is_stated(api["Policy"]) and not resource_policies(api).any_of(is_public)


class MutatingMethodWithoutAuthorization(ByHand, _OpenMethod):
    """Anybody on the internet can call a method that changes data when it asks for no authorization.

    Paths that have to be open, to sign in or to receive a webhook, are left out, and so are methods that ask for an API
    key. Whether the backend itself checks a token cannot be seen here.
    """

    severity = Severity.HIGH
    confidence = Confidence.MEDIUM
    message = "anybody can call {verb} {path}: the method asks for no authorization"
    equivalents = ("CKV_AWS_59", "CKV2_AWS_70", "AVD-AWS-0004", "aws-api-gateway-no-public-access", "W59")
    methods = MUTATING
    steps = (
        "decide who may call it: signed-in users, other services, or partners",
        "state AuthorizationType: AWS_IAM for callers with a role, COGNITO_USER_POOLS or CUSTOM with an AuthorizerId for users",
        "where the backend itself checks a token or signature, suppress this finding with that reason",
    )

    bad = """
        Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: orders}}
        Orders:
          Type: AWS::ApiGateway::Resource
          Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: orders}
        AddOrder:
          Type: AWS::ApiGateway::Method
          Properties: {RestApiId: !Ref Api, ResourceId: !Ref Orders, HttpMethod: POST, AuthorizationType: NONE}
    """
    good = (
        bad.replace("AuthorizationType: NONE", "AuthorizationType: AWS_IAM"),
        bad.replace("PathPart: orders", "PathPart: login"),
        bad.replace("Name: orders", "Name: orders, EndpointConfiguration: {Types: [PRIVATE]}"),
    )


class ReadingMethodWithoutAuthorization(_OpenMethod):
    """Anybody on the internet can read what a method answers when it asks for no authorization."""

    severity = Severity.LOW
    confidence = Confidence.MEDIUM
    profile = STRICT
    message = "anybody can read {verb} {path}: the method asks for no authorization"
    equivalents = ("CKV_AWS_59", "CKV2_AWS_70", "AVD-AWS-0004", "aws-api-gateway-no-public-access", "W59")
    methods = READING

    bad = MutatingMethodWithoutAuthorization.bad.replace("HttpMethod: POST", "HttpMethod: GET")
    good = bad.replace("AuthorizationType: NONE", "AuthorizationType: AWS_IAM")


class ApiKeyAsAuthorization(ByHand):
    """An API key tells applications apart for quotas; it does not say who is calling.

    Keys are sent in every request, stand in every client, never expire and are shared by all of an application's users.
    """

    on = "AWS::ApiGateway::Method"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "an API key is all that {verb} {path} asks for: it identifies an application, not a caller"
    references = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html",
    )
    steps = ("keep the key for quotas, and add an authorizer (AuthorizationType) that says who calls",)

    def check(self, method: Resource) -> Iterable[Finding]:
        """Look for methods with a key and nothing else."""
        if method["ApiKeyRequired"] and method["AuthorizationType"] == "NONE":
            api = api_of(method)
            if not api or not _is_guarded(api):
                yield method.finding("ApiKeyRequired", verb=method_of(method), path=path_of(method))

    bad = MutatingMethodWithoutAuthorization.bad.replace("NONE", "NONE, ApiKeyRequired: true")
    good = bad.replace("NONE", "AWS_IAM")


class RestStageWithoutThrottling(Rule):
    """Without its own limits a stage takes as many requests as the whole account may have.

    One caller's loop then uses up the quota of every API in the account and Region, and is billed for each request that
    gets through.
    """

    on = "AWS::ApiGateway::Stage"
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    message = "nothing throttles this stage but the account's limit, which all its APIs share"
    references = (_THROTTLING,)
    fix_safety = Unsafe(
        "requests above the limit are answered with 429: choose it from the traffic you expect"
    )

    def check(self, stage: Resource) -> Iterable[Finding]:
        """Look for limits of the stage's methods, or of a usage plan for it."""
        for index in range(len(stage["MethodSettings"])):
            if is_stated(stage[f"MethodSettings[{index}].ThrottlingRateLimit"]):
                return
        if not any(_limits(plan, stage) for plan in stage.graph.of("AWS::ApiGateway::UsagePlan")):
            yield stage.finding("MethodSettings")

    def fix(self, finding: Finding) -> Fix | None:
        """Limit every method, generously."""
        stage = finding.resource
        limits = {"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 200}
        for index in range(len(stage["MethodSettings"])):
            at = f"MethodSettings[{index}]"
            if (stage[f"{at}.HttpMethod"], stage[f"{at}.ResourcePath"]) == ("*", "/*"):
                return self.offer(*(stage.set(f"{at}.{name}", limit) for name, limit in limits.items()))
        at = f"MethodSettings[{len(stage['MethodSettings'])}]"
        return self.offer(stage.set(at, Map({"HttpMethod": "*", "ResourcePath": "/*", **limits})))

    bad = """
        Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: orders}}
        Prod:
          Type: AWS::ApiGateway::Stage
          Properties: {RestApiId: !Ref Api, StageName: prod}
    """
    good = bad.replace(
        "StageName: prod",
        "StageName: prod, MethodSettings: [{HttpMethod: '*', ResourcePath: '/*', ThrottlingRateLimit: 50}]",
    )


def _limits(plan: Resource, stage: Resource) -> bool:
    """Whether a usage plan throttles its callers, and may be for the stage's API."""
    if not is_stated(plan["Throttle.RateLimit"]):
        return False
    api = stage["RestApiId"]
    return any(same(plan[f"ApiStages[{index}].ApiId"], api) for index in range(len(plan["ApiStages"])))


class RestStageWithoutAccessLog(Rule):
    """Without an access log nobody can tell afterwards who called what, and which calls API Gateway itself refused."""

    on = "AWS::ApiGateway::Stage"
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "requests to this stage leave no trace: no access log is stated"
    references = (_LOGGING,)
    equivalents = ("CKV_AWS_76", "AVD-AWS-0001", "aws-api-gateway-enable-access-logging", "W69")

    def check(self, stage: Resource) -> Iterable[Finding]:
        """Look for a destination of the access log."""
        if not is_stated(stage["AccessLogSetting.DestinationArn"]):
            yield stage.finding("AccessLogSetting.DestinationArn")

    fix_safety = Unsafe(
        "API Gateway refuses it unless a role for logs is set for the account in this Region (AWS::ApiGateway::Account); "
        "each line is billed by its size, and holds the caller's IP address"
    )

    def fix(self, finding: Finding) -> Fix | None:
        """Add a log group, and write a line of JSON to it for each request."""
        stage = finding.resource
        logs = log_group(stage, "AccessLogs")
        setting = Map(DestinationArn=logs.reference("Arn"), Format=ACCESS_LOG)
        return self.offer(logs, stage.set("AccessLogSetting", setting))

    bad = RestStageWithoutThrottling.bad
    good = (
        bad.replace(
            "StageName: prod", "StageName: prod, AccessLogSetting: {DestinationArn: !GetAtt Logs.Arn}"
        )
        + """
        Logs: {Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 30}}
    """
    )


class RestTracingOff(PropertyRule):
    """A trace that starts at the API shows how long a request waited before any function saw it."""

    on, property, expected = "AWS::ApiGateway::Stage", "TracingEnabled", True
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "tracing is off: a slow request cannot be followed from the API on"
    references = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-xray.html",)
    equivalents = ("CKV_AWS_73", "AVD-AWS-0003", "aws-api-gateway-enable-tracing", "APIGateway.3")
    fix_safety = Unsafe("adds X-Ray's price per trace")
    bad = RestStageWithoutThrottling.bad
    good = bad.replace("StageName: prod", "StageName: prod, TracingEnabled: true")


class RestBodiesInLogs(Rule):
    """Data trace writes whole requests and responses to the log, with tokens and personal data in them."""

    on = "AWS::ApiGateway::Stage"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "whole requests and responses are logged, whatever secrets they hold: data trace is on"
    references = (_LOGGING,)
    equivalents = ("CKV_AWS_276",)
    fix_safety = SAFE

    def check(self, stage: Resource) -> Iterable[Finding]:
        """Look at the settings of each method, or of all."""
        for index in range(len(stage["MethodSettings"])):
            path = f"MethodSettings[{index}].DataTraceEnabled"
            if stage[path]:
                yield stage.finding(path)

    def fix(self, finding: Finding) -> Fix | None:
        """Keep the log, without bodies."""
        return self.offer(finding.resource.set(finding.property, False))

    bad = RestStageWithoutThrottling.bad.replace(
        "StageName: prod",
        "StageName: prod, MethodSettings: [{HttpMethod: '*', ResourcePath: '/*', DataTraceEnabled: true}]",
    )
    good = bad.replace("DataTraceEnabled: true", "DataTraceEnabled: false")


class RestCacheUnencrypted(Rule):
    """Cached responses are written to disk unencrypted unless the stage says otherwise."""

    on = "AWS::ApiGateway::Stage"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "responses are cached unencrypted"
    references = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html",)
    equivalents = ("CKV_AWS_308", "AVD-AWS-0002", "aws-api-gateway-enable-cache-encryption", "APIGateway.5")
    fix_safety = SAFE

    def check(self, stage: Resource) -> Iterable[Finding]:
        """Look at the settings of methods that cache."""
        for index in range(len(stage["MethodSettings"]) if stage["CacheClusterEnabled"] else 0):
            at = f"MethodSettings[{index}]"
            if stage[f"{at}.CachingEnabled"] and not stage[f"{at}.CacheDataEncrypted"]:
                yield stage.finding(f"{at}.CacheDataEncrypted")

    def fix(self, finding: Finding) -> Fix | None:
        """Encrypt the cache."""
        return self.offer(finding.resource.set(finding.property, True))

    bad = RestStageWithoutThrottling.bad.replace(
        "StageName: prod",
        """StageName: prod, CacheClusterEnabled: true,
                       MethodSettings: [{HttpMethod: '*', ResourcePath: '/*', CachingEnabled: true}]""",
    )
    good = bad.replace("CachingEnabled: true", "CachingEnabled: true, CacheDataEncrypted: true")


class ApiDomainWithOldTls(Rule):
    """A domain name that accepts TLS 1.0 accepts a protocol that was broken years ago and is forbidden by most standards."""

    on = "AWS::ApiGateway::DomainName"
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "clients may connect with {policy}, which is broken: ask for TLS 1.2 or later"
    references = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-custom-domain-tls-version.html",
    )
    equivalents = ("CKV_AWS_206", "AVD-AWS-0005", "aws-api-gateway-use-secure-tls-policy")
    fix_safety = Unsafe("clients that know no newer protocol are refused")

    def check(self, domain: Resource) -> Iterable[Finding]:
        """Look for the one policy that allows it."""
        if domain["SecurityPolicy"] == "TLS_1_0":
            yield domain.finding("SecurityPolicy", policy="TLS 1.0")

    def fix(self, finding: Finding) -> Fix | None:
        """Ask for TLS 1.2."""
        return self.offer(finding.resource.set("SecurityPolicy", "TLS_1_2"))

    bad = "Domain: {Type: AWS::ApiGateway::DomainName, Properties: {DomainName: api.example.com, SecurityPolicy: TLS_1_0}}"
    good = bad.replace("TLS_1_0", "TLS_1_2")


class RestApiForAnyOrigin(ByHand):
    """Scripts of any website can call an API whose preflight answer allows every origin.

    A REST API has no setting for it: the answer stands in a mock integration of the OPTIONS method, in the template or in its
    OpenAPI document.
    """

    on = "AWS::ApiGateway::RestApi"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "scripts of any website may call this API: preflight requests are answered for every origin"
    references = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html",)
    steps = (
        "answer OPTIONS with the origins of your own sites instead of *",
        "let the functions behind it answer with the same Access-Control-Allow-Origin",
    )

    def check(self, api: Resource) -> Iterable[Finding]:
        """Look at what OPTIONS answers, in the document and in methods of their own."""
        for operation in preflights(api):
            if allows_any_origin(operation):
                yield api.finding("Body")
                return
        for method in api.graph.of("AWS::ApiGateway::Method"):
            if method["HttpMethod"] == "OPTIONS" and api_of(method) is api:
                responses = method["Integration.IntegrationResponses"]
                if is_stated(responses) and responses.any_of(allows_any_origin):
                    place = method.place("Integration.IntegrationResponses", "the answer to OPTIONS")
                    yield api.finding("", also=[place])
                    return

    bad = (
        """
        Api:
          Type: AWS::ApiGateway::RestApi
          Properties:
            Body:
              paths:
                /orders:
                  options:
                    x-amazon-apigateway-integration:
                      type: mock
                      responses:
                        default: {responseParameters: {method.response.header.Access-Control-Allow-Origin: "'*'"}}
        """,
        """
        Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: orders}}
        Preflight:
          Type: AWS::ApiGateway::Method
          Properties:
            RestApiId: !Ref Api
            ResourceId: !GetAtt Api.RootResourceId
            HttpMethod: OPTIONS
            AuthorizationType: NONE
            Integration:
              Type: MOCK
              IntegrationResponses:
                - StatusCode: '200'
                  ResponseParameters: {method.response.header.Access-Control-Allow-Origin: "'*'"}
        """,
    )
    good = tuple(example.replace("'*'", "'https://app.example.com'") for example in bad)


RULES = (
    RestApiForAnyOrigin(),
    MutatingMethodWithoutAuthorization(),
    ReadingMethodWithoutAuthorization(),
    ApiKeyAsAuthorization(),
    RestStageWithoutThrottling(),
    RestStageWithoutAccessLog(),
    RestTracingOff(),
    RestBodiesInLogs(),
    RestCacheUnencrypted(),
    ApiDomainWithOldTls(),
)
