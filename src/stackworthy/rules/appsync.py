"""AWS AppSync: who may ask, what a query may cost, and what is recorded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from stackworthy.aws import runtimes
from stackworthy.aws.arns import resolve
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import AddResource, Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, PropertyRule, Rule
from stackworthy.core.value import List, Map, Reference, is_stated, joined
from stackworthy.rules._forms import StatedRule, says_nothing
from stackworthy.rules._mending import KEEP_LOGS, ByHand, word

_API = "AWS::AppSync::GraphQLApi"
_CACHE = "AWS::AppSync::ApiCache"
_GUIDE = "https://docs.aws.amazon.com/appsync/latest/devguide/"
_PROPERTIES = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
_PLAIN = """
        Api: {Type: AWS::AppSync::GraphQLApi, Properties: {Name: booking, AuthenticationType: AWS_IAM}}
    """
_CACHED = """
        Cache:
          Type: AWS::AppSync::ApiCache
          Properties:
            ApiId: api
            ApiCachingBehavior: FULL_REQUEST_CACHING
            Ttl: 60
            Type: SMALL
            AtRestEncryptionEnabled: true
            TransitEncryptionEnabled: true
    """


_LONGEST = 360
"""Days for which a fix lets a key live: AppSync takes at most 365, and the stack is deployed some days later."""


def _with(more: str) -> str:
    return _PLAIN.replace("AWS_IAM", f"AWS_IAM, {more}")


class GraphqlApiKeyOnly(ByHand):
    """An API key stands in every copy of the application: whoever has one may ask whatever the schema answers.

    AWS means keys for development and for data that anybody may see. User pools, IAM, OIDC or a function say who asks.
    """

    on = _API
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = (
        "everybody with a copy of the application may ask everything: an API key is the only authentication"
    )
    references = (f"{_GUIDE}security-authz.html",)
    equivalents = ("AppSync.5",)
    steps = (
        "choose how users are told apart: AMAZON_COGNITO_USER_POOLS, AWS_IAM, OPENID_CONNECT or AWS_LAMBDA",
        "make it the authentication of the API, and keep the key as an additional provider for public fields only (@aws_api_key)",
    )

    def check(self, api: Resource) -> Iterable[Finding]:
        """Look for another way to authenticate."""
        if api["AuthenticationType"] != "API_KEY" or api["Visibility"] == "PRIVATE":
            return
        others = api["AdditionalAuthenticationProviders"]
        if not others.any_of(lambda provider: provider["AuthenticationType"] != "API_KEY"):
            yield api.finding("AuthenticationType")

    bad = _PLAIN.replace("AWS_IAM", "API_KEY")
    good = (
        _PLAIN,
        bad.replace("API_KEY", "API_KEY, AdditionalAuthenticationProviders: [{AuthenticationType: AWS_IAM}]"),
    )


class GraphqlApiKeyExpiresInAWeek(StatedRule):
    """An API key without a date expires seven days after it was made, and every client is refused from then on.

    A key may live for a year at most; note the date, or use an authentication that does not end.
    """

    on, property = "AWS::AppSync::ApiKey", "Expires"
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    message = "every client that uses this key is refused a week after the deployment: the key states no date of expiry"
    references = (f"{_PROPERTIES}aws-resource-appsync-apikey.html",)
    fix_safety = Unsafe("the key ends all the same, some days before a year has passed: note the date")

    def fix(self, finding: Finding) -> Fix | None:
        """Let it live for nearly a year, which is the longest."""
        end = datetime.combine(runtimes.today() + timedelta(days=_LONGEST), time(), UTC)
        return self.offer(finding.resource.set("Expires", int(end.timestamp())))

    bad = "Key: {Type: AWS::AppSync::ApiKey, Properties: {ApiId: api}}"
    good = bad.replace("api}", "api, Expires: 1830297600}")


_WRITES_LOGS = "arn:aws:iam::aws:policy/service-role/AWSAppSyncPushToCloudWatchLogs"
_BY_APPSYNC = Map(
    Version="2012-10-17",
    Statement=List(
        [Map(Effect="Allow", Principal=Map(Service="appsync.amazonaws.com"), Action="sts:AssumeRole")]
    ),
)


class GraphqlLogsOff(StatedRule):
    """When a query fails, nothing says which resolver failed or why: AppSync keeps no log unless asked to."""

    on, property = _API, "LogConfig"
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "a failed query leaves no trace: logs are off"
    references = (f"{_GUIDE}monitoring.html",)
    equivalents = ("CKV_AWS_193", "AppSync.2")
    fix_safety = Unsafe("log lines are billed by their size; AppSync is given a role for them")

    def fix(self, finding: Finding) -> Fix | None:
        """Log fields that fail, without their content, to the group that AppSync writes to, which then ends."""
        api = finding.resource
        properties = Map(AssumeRolePolicyDocument=_BY_APPSYNC, ManagedPolicyArns=List([_WRITES_LOGS]))
        role = AddResource("AWS::IAM::Role", f"{word(api)}LogRole", properties, api)
        name = joined(("/aws/appsync/apis/", Reference(api.address, "ApiId")))
        group = Map(LogGroupName=name, RetentionInDays=KEEP_LOGS)
        logs = AddResource("AWS::Logs::LogGroup", f"{word(api)}Logs", group, api)
        setting = Map(
            CloudWatchLogsRoleArn=role.reference("Arn"), FieldLogLevel="ERROR", ExcludeVerboseContent=True
        )
        return self.offer(role, logs, api.set("LogConfig", setting))

    bad = _PLAIN
    good = _with(
        "LogConfig: {FieldLogLevel: ERROR, CloudWatchLogsRoleArn: 'arn:aws:iam::111122223333:role/logs'}"
    )


class GraphqlFieldLogsOff(Rule):
    """Logs of requests alone do not say which field's resolver failed."""

    on = _API
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "logs do not say which resolver failed: fields are not logged"
    references = (f"{_GUIDE}monitoring.html",)
    equivalents = ("CKV_AWS_194", "AppSync.2")

    def check(self, api: Resource) -> Iterable[Finding]:
        """Look for a level that records fields."""
        level = api["LogConfig.FieldLogLevel"]
        if says_nothing(level) or level == "NONE":
            yield api.finding("LogConfig.FieldLogLevel")

    bad = _with(
        "LogConfig: {FieldLogLevel: NONE, CloudWatchLogsRoleArn: 'arn:aws:iam::111122223333:role/logs'}"
    )
    good = bad.replace("NONE", "ERROR")


class GraphqlTracingOff(PropertyRule):
    """Without tracing, a slow query cannot be followed into the resolvers that make it slow."""

    on, property, expected = _API, "XrayEnabled", True
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "a slow query cannot be followed into its resolvers: tracing is off"
    references = (f"{_GUIDE}x-ray-tracing.html",)
    fix_safety = Unsafe("adds X-Ray's price per trace")
    bad = _PLAIN
    good = _with("XrayEnabled: true")


class GraphqlCacheUnencryptedAtRest(PropertyRule):
    """What resolvers answered lies unencrypted in the cache."""

    on, property, expected = _CACHE, "AtRestEncryptionEnabled", True
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "answers lie unencrypted in the cache"
    references = (f"{_GUIDE}enabling-caching.html",)
    equivalents = ("CKV_AWS_214", "AppSync.1")
    fix_safety = Unsafe("the cache is made anew, empty")
    bad = _CACHED.replace("AtRestEncryptionEnabled: true", "AtRestEncryptionEnabled: false")
    good = _CACHED


class GraphqlCacheUnencryptedInTransit(PropertyRule):
    """What resolvers answered travels unencrypted between AppSync and the cache."""

    on, property, expected = _CACHE, "TransitEncryptionEnabled", True
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "answers travel unencrypted to and from the cache"
    references = (f"{_GUIDE}enabling-caching.html",)
    equivalents = ("CKV_AWS_215", "AppSync.6")
    fix_safety = Unsafe("the cache is made anew, empty")
    bad = _CACHED.replace("TransitEncryptionEnabled: true", "TransitEncryptionEnabled: false")
    good = _CACHED


class GraphqlWithoutWebAcl(Rule):
    """A web ACL stops known attacks and floods before they reach the API, for a monthly price and one per request."""

    on = _API
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "no web ACL filters what reaches this API"
    references = (f"{_GUIDE}WAF-Integration.html",)
    equivalents = ("CKV2_AWS_33",)

    def check(self, api: Resource) -> Iterable[Finding]:
        """Look for the association of a web ACL."""
        protections = api.graph.edges_to(api, "protects")
        if not protections.any_of(lambda edge: edge.by == "web ACL"):
            associations = api.graph.of("AWS::WAFv2::WebACLAssociation")
            if not any(_names(association, api) for association in associations):
                yield api.finding("")

    bad = _PLAIN
    good = (
        _PLAIN
        + """
        Filter:
          Type: AWS::WAFv2::WebACLAssociation
          Properties: {ResourceArn: !GetAtt Api.Arn, WebACLArn: 'arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/a/1'}
    """
    )


def _names(association: Resource, api: Resource) -> bool:
    """Whether an association with a web ACL of another stack is the API's."""
    return resolve(api.graph, association["ResourceArn"]) is api and is_stated(association["WebACLArn"])


class GraphqlQueryDepthUnlimited(PropertyRule):
    """One query that nests deeply enough keeps resolvers and databases busy for all other users.

    AppSync refuses queries beyond a depth that is stated.
    """

    on, property, expected = _API, "QueryDepthLimit", 10
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = "one query may nest as deeply as it likes: no depth limit is set"
    references = (f"{_PROPERTIES}aws-resource-appsync-graphqlapi.html",)
    fix_safety = Unsafe("deeper queries that clients send today are refused")

    def check(self, api: Resource) -> Iterable[Finding]:
        """Look for any limit."""
        if api["QueryDepthLimit"] == 0:
            yield api.finding("QueryDepthLimit")

    bad = _PLAIN
    good = _with("QueryDepthLimit: 10")


class GraphqlIntrospectionOn(Rule):
    """Introspection tells everybody who may ask the whole schema, with the fields that no application shows."""

    on = _API
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "whoever may ask can read the whole schema: introspection is on"
    references = (f"{_PROPERTIES}aws-resource-appsync-graphqlapi.html",)
    fix_safety = Unsafe("tools that read the schema from the API no longer work")

    def check(self, api: Resource) -> Iterable[Finding]:
        """Ask whether introspection is on."""
        if api["IntrospectionConfig"] == "ENABLED":
            yield api.finding("IntrospectionConfig")

    def fix(self, finding: Finding) -> Fix | None:
        """Turn it off."""
        return self.offer(finding.resource.set("IntrospectionConfig", "DISABLED"))

    bad = _PLAIN
    good = _with("IntrospectionConfig: DISABLED")


RULES = (
    GraphqlApiKeyOnly(),
    GraphqlApiKeyExpiresInAWeek(),
    GraphqlLogsOff(),
    GraphqlFieldLogsOff(),
    GraphqlTracingOff(),
    GraphqlCacheUnencryptedAtRest(),
    GraphqlCacheUnencryptedInTransit(),
    GraphqlWithoutWebAcl(),
    GraphqlQueryDepthUnlimited(),
    GraphqlIntrospectionOn(),
)
