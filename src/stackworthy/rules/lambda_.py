"""AWS Lambda: how functions are set up. Who may invoke them stands in lambda_access, what feeds them in lambda_events."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws import runtimes
from stackworthy.core.finding import Confidence, Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, PropertyRule, Rule
from stackworthy.core.value import ABSENT
from stackworthy.rules._reading import runs_at_edge
from stackworthy.rules._secrets import literal_secret

_RUNTIMES = ("https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html",)
_NEW_RUNTIME = Unsafe("a newer runtime may not run the code as it is: test the function on it first")


class TracingOff(PropertyRule):
    """Without tracing, a slow request cannot be followed from service to service."""

    on, property, expected = "AWS::Lambda::Function", "TracingConfig.Mode", "Active"
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "tracing is {actual}: a slow request cannot be followed through this function"
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html",)
    equivalents = ("CKV_AWS_50", "AVD-AWS-0066", "aws-lambda-enable-tracing", "Lambda.7")
    fix_safety = Unsafe("adds a permission and X-Ray's price per trace")

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look at the mode, where Lambda can trace."""
        for finding in super().check(subject):
            if not runs_at_edge(subject):
                yield finding

    bad = "Fn: {Type: AWS::Lambda::Function, Properties: {TracingConfig: {Mode: PassThrough}}}"
    good = (
        bad.replace("PassThrough", "Active"),
        """
        Fn: {Type: AWS::Lambda::Function, Properties: {TracingConfig: {Mode: PassThrough}}}
        Site:
          Type: AWS::CloudFront::Distribution
          Properties:
            DistributionConfig:
              Enabled: true
              DefaultCacheBehavior:
                TargetOriginId: site
                ViewerProtocolPolicy: redirect-to-https
                LambdaFunctionAssociations: [{EventType: origin-request, LambdaFunctionARN: !Sub '${Fn.Arn}:1'}]
        """,
    )


class _RuntimeRule(Rule):
    """A rule about the dates of a function's runtime."""

    on = "AWS::Lambda::Function"
    references = _RUNTIMES
    fix_safety = _NEW_RUNTIME

    def fix(self, finding: Finding) -> Fix | None:
        """Move to the newest runtime of the language."""
        successor = finding.evidence["successor"]
        return self.offer(finding.resource.set("Runtime", successor))


class RuntimeUpdateBlocked(_RuntimeRule):
    """Lambda refuses every change of a function whose runtime is blocked for updates.

    The function still runs, unpatched, but the next deployment that touches it fails: a fix for it cannot be shipped
    without moving to another runtime first.
    """

    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "since {blocked} Lambda refuses every update of a function on {runtime}; it has had no security patches since {deprecated}"
    equivalents = ("CKV_AWS_363", "E2533", "Lambda.2")

    def check(self, function: Resource) -> Iterable[Finding]:
        """Compare the date on which updates end with today."""
        name = function["Runtime"]
        dates = name and runtimes.runtime(name)
        if dates and dates.update_blocked and dates.update_blocked <= runtimes.today():
            yield function.finding(
                "Runtime",
                runtime=name,
                deprecated=str(dates.deprecated),
                blocked=str(dates.update_blocked),
                successor=dates.successor,
            )

    bad = "Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: python2.7}}"
    good = bad.replace("python2.7", "python3.14")


class RuntimeCreateBlocked(_RuntimeRule):
    """No function can be created any more with a runtime that is blocked for creation.

    The stack cannot be deployed afresh: to another Region, to a new account, or again after it was deleted.
    """

    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "since {blocked} Lambda creates no function on {runtime}: this stack cannot be deployed anew"
    equivalents = ("CKV_AWS_363", "E2531", "Lambda.2")

    def check(self, function: Resource) -> Iterable[Finding]:
        """Compare the date on which creation ends with today; blocked updates are another rule's."""
        name, today = function["Runtime"], runtimes.today()
        dates = name and runtimes.runtime(name)
        if not dates or not dates.create_blocked or dates.create_blocked > today:
            return
        if not dates.update_blocked or dates.update_blocked > today:
            yield function.finding(
                "Runtime", runtime=name, blocked=str(dates.create_blocked), successor=dates.successor
            )

    bad = "Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: nodejs14.x}}"
    good = bad.replace("nodejs14.x", "nodejs24.x")


class RuntimeDeprecated(_RuntimeRule):
    """AWS no longer patches a deprecated runtime, and soon refuses to create and then to change functions on it."""

    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "{runtime} has had no security patches since {deprecated}; its functions can be changed until {blocked}"
    equivalents = ("CKV_AWS_363", "W2531", "Lambda.2")

    def check(self, function: Resource) -> Iterable[Finding]:
        """Compare the date of deprecation with today; blocked creation is another rule's."""
        name, today = function["Runtime"], runtimes.today()
        dates = name and runtimes.runtime(name)
        if not dates or not dates.deprecated or dates.deprecated > today:
            return
        if not dates.create_blocked or dates.create_blocked > today:
            yield function.finding(
                "Runtime",
                runtime=name,
                deprecated=str(dates.deprecated),
                blocked=str(dates.update_blocked or "AWS says otherwise"),
                successor=dates.successor,
            )

    bad = "Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: nodejs20.x}}"
    good = bad.replace("nodejs20.x", "nodejs24.x")


class RuntimeDeprecatedSoon(_RuntimeRule):
    """The last half year before a runtime is deprecated is the time to test the code on its successor."""

    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "{runtime} gets no security patches after {deprecated}"

    def check(self, function: Resource) -> Iterable[Finding]:
        """Compare the date of deprecation with the next half year."""
        name, today = function["Runtime"], runtimes.today()
        dates = name and runtimes.runtime(name)
        if dates and dates.deprecated and today < dates.deprecated <= today + runtimes.SOON:
            yield function.finding(
                "Runtime", runtime=name, deprecated=str(dates.deprecated), successor=dates.successor
            )

    bad = "Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: nodejs22.x}}"
    good = bad.replace("nodejs22.x", "nodejs24.x")


class TimeoutLeftAtDefault(Rule):
    """The default timeout of 3 seconds was chosen by nobody, and ends calls that merely meet a cold start.

    A first call that loads a runtime, opens connections and waits for another service once can take longer than that;
    what it had done so far is left half done.
    """

    on = "AWS::Lambda::Function"
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    message = "no timeout is stated: a call is ended after {timeout} seconds, cold starts included"
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html",)
    profile = STRICT

    def check(self, function: Resource) -> Iterable[Finding]:
        """Ask whether anybody chose a timeout."""
        timeout = function["Timeout"]
        if timeout == 3 and function.stated("Timeout") == ABSENT:
            yield function.finding("Timeout", timeout=timeout)

    bad = "Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.14}}"
    good = "Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.14, Timeout: 10}}"


class MemoryLeftAtDefault(Rule):
    """The default of 128 MB is the smallest function there is, and its processor is a fourteenth of a core.

    Memory buys processor time: work that computes finishes several times sooner with more of it, often at the same price.
    """

    on = "AWS::Lambda::Function"
    pillar, severity = Pillar.PERFORMANCE, Severity.LOW
    message = "no memory size is stated: {memory} MB come with a fourteenth of a core"
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html",)
    profile = STRICT

    def check(self, function: Resource) -> Iterable[Finding]:
        """Ask whether anybody chose a memory size."""
        memory = function["MemorySize"]
        if memory == 128 and function.stated("MemorySize") == ABSENT:
            yield function.finding("MemorySize", memory=memory)

    bad = "Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.14}}"
    good = "Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.14, MemorySize: 512}}"


class SecretInEnvironment(Rule):
    """A secret written into a template is known to everybody who can read the template, its history or the function.

    It stands in the repository, in CloudFormation's records and in the console's view of the function, it cannot be
    rotated without a deployment, and nobody can tell who has read it. Secrets Manager and Parameter Store keep it,
    and the function reads it when it starts.
    """

    on = "AWS::Lambda::Function"
    pillar, severity = Pillar.SECURITY, Severity.CRITICAL
    confidence = Confidence.MEDIUM
    message = "the environment variable {variable} holds {what} as plain text"
    references = (
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/with-secrets-manager.html",
    )
    equivalents = ("CKV_AWS_45",)

    def check(self, function: Resource) -> Iterable[Finding]:
        """Look at every variable whose value is a literal."""
        variables = function["Environment.Variables"]
        for variable in variables.keys():  # noqa: SIM118  absent and open maps have keys, too
            path = f"Environment.Variables.{variable}"
            what = literal_secret(variable, function[path]) if variable else ""
            if what:
                yield function.finding(path, variable=variable, what=what)

    bad = """
        Fn:
          Type: AWS::Lambda::Function
          Properties: {Environment: {Variables: {STAGE: prod, DB_PASSWORD: hunter2-for-real}}}
    """
    good = bad.replace("hunter2-for-real", "'{{resolve:secretsmanager:database:SecretString:password}}'")


RULES = (
    TracingOff(),
    RuntimeUpdateBlocked(),
    RuntimeCreateBlocked(),
    RuntimeDeprecated(),
    RuntimeDeprecatedSoon(),
    TimeoutLeftAtDefault(),
    MemoryLeftAtDefault(),
    SecretInEnvironment(),
)
