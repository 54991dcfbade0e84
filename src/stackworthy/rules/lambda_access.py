"""AWS Lambda: who may invoke a function."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws.arns import resolve
from stackworthy.aws.names import FUNCTION
from stackworthy.aws.routes import api_of
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import AddParameter, Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Rule
from stackworthy.core.value import List, Reference, Value, is_stated, joined
from stackworthy.rules._cors import any_origin
from stackworthy.rules._mending import ACCOUNT, PARTITION, REGION
from stackworthy.rules._words import name_of

NARROWED_BY = ("SourceArn", "SourceAccount", "PrincipalOrgID", "EventSourceToken")
"""What ties a permission to certain callers."""

_ACCESS = "https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html"
_URLS = "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"


class FunctionUrlWithoutAuthorization(Rule):
    """Anybody on the internet can invoke a function whose URL asks for no authorization.

    The URL is the only secret, and it stands in every client and log. Each call costs money and uses concurrency that
    the account's other functions need; nothing in front of it throttles.
    """

    on = "AWS::Lambda::Url"
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "the function URL asks for no authorization: anybody who has it can invoke the function"
    references = (_URLS,)
    equivalents = ("CKV_AWS_258",)
    fix_safety = Unsafe("callers that do not sign their requests with AWS credentials are refused")

    def check(self, url: Resource) -> Iterable[Finding]:
        """Look at the type of authorization."""
        if url["AuthType"] == "NONE":
            yield url.finding("AuthType")

    def fix(self, finding: Finding) -> Fix | None:
        """Let only signed requests through."""
        return self.offer(finding.resource.set("AuthType", "AWS_IAM"))

    bad = """
        Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.14}}
        Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !Ref Fn, AuthType: NONE}}
    """
    good = bad.replace("NONE", "AWS_IAM")


class PublicInvokePermission(Rule):
    """A permission for the principal * lets every AWS account invoke the function.

    `SourceArn`, `SourceAccount`, `PrincipalOrgID` or an Alexa skill's token narrow it down. The permissions of a
    function URL are judged at the URL.
    """

    on = "AWS::Lambda::Permission"
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "every AWS account may do {action} on {function}"
    references = (_ACCESS,)
    equivalents = ("CKV_AWS_301", "F13", "Lambda.1")

    def check(self, permission: Resource) -> Iterable[Finding]:
        """Look for a principal that is everybody and for what narrows it down."""
        if permission["Principal"] != "*":
            return
        if permission["InvokedViaFunctionUrl"] or permission["FunctionUrlAuthType"] == "NONE":
            return
        if not any(is_stated(permission[name]) for name in NARROWED_BY):
            yield permission.finding(
                "Principal", action=permission["Action"], function=name_of(permission["FunctionName"])
            )

    bad = """
        Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.14}}
        Anybody:
          Type: AWS::Lambda::Permission
          Properties: {FunctionName: !Ref Fn, Action: lambda:InvokeFunction, Principal: '*'}
    """
    good = bad.replace("'*'", "'*', PrincipalOrgID: o-example1234")


TELL_ACCOUNT = ("s3", "bedrock", "config", "logs", "secretsmanager")
"""Services that say for which account they call; a bucket's ARN would lead in a circle, as the bucket waits for the permission."""

_ARN_OF = {
    "AWS::SNS::Topic": ("sns", "Ref"),
    "AWS::Events::Rule": ("events", "Arn"),
    "AWS::Cognito::UserPool": ("cognito-idp", "Arn"),
    "AWS::IoT::TopicRule": ("iot", "Arn"),
}
_ROUTES = ("AWS::ApiGateway::Method", "AWS::ApiGatewayV2::Route")
_APIS = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")


_OF_ACCOUNT = {
    "apigateway": "execute-api",
    "elasticloadbalancing": "elasticloadbalancing",
    "events": "events",
    "iot": "iot",
    "sns": "sns",
}
"""Services whose callers are told apart by the account in their ARNs. A target group, too, waits for the permission."""


def _of_account(service: str, *rest: Value) -> Value:
    return joined(("arn:", PARTITION, f":{service}:", REGION, ":", ACCOUNT, ":", *rest))


def _callers(function: Resource, service: str) -> list[Value]:
    """The ARNs of the resources of the stack that call a function through a service."""
    graph = function.graph
    edges = [*graph.edges_to(function, "triggers"), *graph.edges_to(function, "invokes")]
    found: dict[str, Value] = {}
    for caller in (edge.source for edge in edges):
        api = api_of(caller) if caller.kind in _ROUTES else caller
        if service == "apigateway" and api and api.kind in _APIS:
            found[api.address] = _of_account("execute-api", Reference(api.address), "/*")
        elif _ARN_OF.get(caller.kind or "", ("", ""))[0] == service:
            found[caller.address] = Reference(caller.address, _ARN_OF[caller.kind or ""][1])
    return list(found.values())


class PermissionWithoutSource(Rule):
    """A service that may invoke a function for anybody can be made to do so by anybody's account.

    Without `SourceArn` or `SourceAccount` the permission trusts the service, not your bucket, rule or API: another
    account's bucket can send its events to this function (the confused deputy).
    """

    on = "AWS::Lambda::Permission"
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = (
        "{principal} may invoke {function} for any account: neither SourceArn nor SourceAccount is stated"
    )
    references = (
        _ACCESS,
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
    )
    equivalents = ("CKV_AWS_364", "AVD-AWS-0067", "aws-lambda-restrict-source-arn")

    def check(self, permission: Resource) -> Iterable[Finding]:
        """Look at permissions of services for what names the source."""
        principal = permission["Principal"]
        if not principal.endswith((".amazonaws.com", ".amazonaws.com.cn")):
            return
        if not any(is_stated(permission[name]) for name in NARROWED_BY):
            yield permission.finding(
                "SourceArn", principal=principal, function=name_of(permission["FunctionName"])
            )

    fix_safety = Unsafe(
        "what calls the function from elsewhere, another account or stack, is refused from then on"
    )

    def fix(self, finding: Finding) -> Fix | None:
        """Name the one resource of the stack that calls the function, or the account."""
        permission = finding.resource
        service = permission["Principal"].split(".")[0]
        if service in TELL_ACCOUNT:
            return self.offer(permission.set("SourceAccount", ACCOUNT))
        function = resolve(permission.graph, permission["FunctionName"], FUNCTION)
        arns = _callers(function, service) if isinstance(function, Resource) else []
        if len(arns) != 1 and service in _OF_ACCOUNT:
            arns = [_of_account(_OF_ACCOUNT[service], "*")]
        return self.offer(permission.set("SourceArn", arns[0])) if len(arns) == 1 else None

    bad = """
        Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.14}}
        Topic: {Type: AWS::SNS::Topic, Properties: {Subscription: [{Protocol: lambda, Endpoint: !GetAtt Fn.Arn}]}}
        FromTopic:
          Type: AWS::Lambda::Permission
          Properties: {FunctionName: !Ref Fn, Action: lambda:InvokeFunction, Principal: sns.amazonaws.com}
    """
    good = bad.replace("sns.amazonaws.com", "sns.amazonaws.com, SourceArn: !Ref Topic")


_ORIGIN = "The site whose scripts may call the function, such as https://app.example.com"


class FunctionUrlForAnyOrigin(Rule):
    """Scripts of any website can call a function URL that allows every origin."""

    on = "AWS::Lambda::Url"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "scripts of any website may call this function URL: allowed origins are {origins}"
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html",)
    equivalents = ("CKV2_AWS_75",)

    def check(self, url: Resource) -> Iterable[Finding]:
        """Look for a wildcard; with credentials it is another rule's."""
        origins = url["Cors.AllowOrigins"]
        if any_origin(origins) and not url["Cors.AllowCredentials"]:
            yield url.finding("Cors.AllowOrigins", origins=origins)

    fix_safety = Unsafe(
        "scripts of all other sites are refused; the origin of yours is asked for at deployment"
    )

    def fix(self, finding: Finding) -> Fix | None:
        """Allow one origin, which whoever deploys the stack gives."""
        origin = AddParameter("AllowedOrigin", _ORIGIN, finding.resource)
        return self.offer(origin, finding.resource.set(finding.property, List([origin.reference()])))

    bad = """
        Url:
          Type: AWS::Lambda::Url
          Properties: {TargetFunctionArn: users, AuthType: AWS_IAM, Cors: {AllowOrigins: ['*']}}
    """
    good = bad.replace("'*'", "'https://app.example.com'")


class FunctionUrlForAnyOriginWithCredentials(Rule):
    """Credentials from any origin let every website call in the name of its visitor.

    Where the answer repeats the caller's origin, any page reads what its visitor may read. Where the answer is a bare
    `*`, browsers refuse, and the cookies that somebody meant to allow never arrive.
    """

    on = "AWS::Lambda::Url"
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = (
        "any website may call this function URL with its visitors' credentials: allowed origins are {origins}"
    )
    references = ("https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html",)
    equivalents = ("CKV2_AWS_75",)

    def check(self, url: Resource) -> Iterable[Finding]:
        """Look for a wildcard together with credentials."""
        origins = url["Cors.AllowOrigins"]
        if url["Cors.AllowCredentials"] and any_origin(origins):
            yield url.finding("Cors.AllowOrigins", origins=origins)

    bad = """
        Url:
          Type: AWS::Lambda::Url
          Properties:
            TargetFunctionArn: users
            AuthType: AWS_IAM
            Cors: {AllowOrigins: ['https://*'], AllowCredentials: true}
    """
    good = bad.replace("https://*", "https://app.example.com")


RULES = (
    FunctionUrlWithoutAuthorization(),
    PublicInvokePermission(),
    PermissionWithoutSource(),
    FunctionUrlForAnyOrigin(),
    FunctionUrlForAnyOriginWithCredentials(),
)
