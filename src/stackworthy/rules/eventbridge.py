"""Amazon EventBridge: buses, rules and their targets, schedules, connections and archives."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws.exposure import is_public
from stackworthy.aws.iam import resource_policies
from stackworthy.aws.names import EVENT_BUS
from stackworthy.aws.statements import read_statement
from stackworthy.core.finding import Confidence, Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Unsafe
from stackworthy.core.graph import Edge
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Kinds, PropertyRule, Relation, Rule
from stackworthy.core.value import (
    ABSENT,
    Value,
    is_stated,
    show,
)
from stackworthy.rules._forms import LiteralSecretRule, StatedRule, items, says_nothing
from stackworthy.rules._reading import is_known_list, is_map, named, read_document, settled, surely_named

_RULE = "AWS::Events::Rule"
_GUIDE = "https://docs.aws.amazon.com/eventbridge/latest/userguide/"
_SCHEDULES = "https://docs.aws.amazon.com/scheduler/latest/UserGuide/"
_SECRETS = {
    "AuthParameters.ApiKeyAuthParameters.ApiKeyValue": "api key",
    "AuthParameters.BasicAuthParameters.Password": "password",
    "AuthParameters.OAuthParameters.ClientParameters.ClientSecret": "secret",
}


class RuleTargetNotRetried(Rule):
    """One throttled call and the event is gone: the target is not tried again, and no queue keeps what it missed."""

    on = _RULE
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    message = "an event that {target} cannot take at once is lost: no retries, and no dead-letter queue"
    references = (f"{_GUIDE}eb-rule-retry-policy.html",)
    fix_safety = Unsafe("an event may be delivered late, up to a day")

    def check(self, rule: Resource) -> Iterable[Finding]:
        """Look for targets that are tried once and keep nothing."""
        for path, target in items(rule, "Targets"):
            if target["RetryPolicy"]["MaximumRetryAttempts"] == 0 and not is_stated(
                target["DeadLetterConfig"]["Arn"]
            ):
                yield rule.finding(f"{path}.RetryPolicy.MaximumRetryAttempts", target=show(target["Id"]))

    def fix(self, finding: Finding) -> Fix | None:
        """Retry as EventBridge does by default."""
        return self.offer(finding.resource.set(finding.property, 185))

    bad = """
        Booked:
          Type: AWS::Events::Rule
          Properties:
            EventPattern: {source: [booking]}
            Targets: [{Id: mail, Arn: 'arn:aws:sqs:eu-west-1:111122223333:mail', RetryPolicy: {MaximumRetryAttempts: 0}}]
    """
    good = bad.replace("Attempts: 0", "Attempts: 10")


class RuleTargetWithoutDeadLetters(Rule):
    """An event that a target could not take for a day, or that it refused, is dropped without a trace."""

    on = _RULE
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = "events that {target} cannot take are dropped: it has no dead-letter queue"
    references = (f"{_GUIDE}eb-rule-dlq.html",)

    def check(self, rule: Resource) -> Iterable[Finding]:
        """Look at each target."""
        for path, target in items(rule, "Targets"):
            if not is_stated(target["DeadLetterConfig"]["Arn"]):
                yield rule.finding(f"{path}.DeadLetterConfig.Arn", target=show(target["Id"]))

    bad = """
        Booked:
          Type: AWS::Events::Rule
          Properties:
            EventPattern: {source: [booking]}
            Targets: [{Id: mail, Arn: 'arn:aws:sqs:eu-west-1:111122223333:mail'}]
    """
    good = bad.replace(
        "'arn:aws:sqs:eu-west-1:111122223333:mail'",
        "'arn:aws:sqs:eu-west-1:111122223333:mail', DeadLetterConfig: {Arn: 'arn:aws:sqs:eu-west-1:111122223333:lost'}",
    )


class PatternMatchesOwnOutput(Rule):
    """What the rule sends to its own bus matches the rule again: one event goes round for ever, and is paid for each time."""

    on = _RULE
    pillar, severity = Pillar.COST, Severity.HIGH
    message = (
        "events go round for ever: the rule sends what it matches back to the bus {bus} that it listens to"
    )
    references = (f"{_GUIDE}eb-rules-best-practices.html",)

    def check(self, rule: Resource) -> Iterable[Finding]:
        """Compare each target with the bus; a target event keeps its source and detail, so that it matches again."""
        bus = named(rule, rule["EventBusName"], EVENT_BUS)
        if not bus or not is_stated(rule["EventPattern"]):
            return
        for path, target in items(rule, "Targets"):
            if named(rule, target["Arn"], EVENT_BUS) is bus:
                yield rule.finding(f"{path}.Arn", bus=bus.name)

    bad = """
        Bus: {Type: AWS::Events::EventBus, Properties: {Name: booking}}
        Booked:
          Type: AWS::Events::Rule
          Properties:
            EventBusName: !Ref Bus
            EventPattern: {source: [booking]}
            Targets: [{Id: again, Arn: !GetAtt Bus.Arn}]
    """
    good = bad.replace("!GetAtt Bus.Arn", "'arn:aws:events:eu-west-1:444455556666:event-bus/other'")


class FunctionAnswersItsOwnEvents(Rule):
    """A function that takes every event of a bus, and writes to the same bus, starts itself with what it writes.

    A pattern that names the sources or types that the function is for keeps its own events away from it.
    """

    on = Relation("triggers", _RULE, "AWS::Lambda::Function")
    pillar, severity = Pillar.COST, Severity.HIGH
    confidence = Confidence.MEDIUM
    message = (
        "{function} starts itself for ever: it writes to {bus}, and the rule hands it every event of that bus"
    )
    references = (f"{_GUIDE}eb-rules-best-practices.html",)

    def check(self, edge: Edge) -> Iterable[Finding]:
        """Look for a pattern that leaves nothing out, and a function that writes to the rule's bus."""
        rule, function = edge.source, edge.target
        bus = surely_named(rule, rule["EventBusName"], EVENT_BUS)
        if not bus or not is_stated(rule["EventPattern"]) or not matches_everything(rule):
            return
        if any(other is bus for other in rule.graph.targets(function, "writes")):
            also = [function.place("", "writes to the bus")]
            yield rule.finding("EventPattern", also=also, function=function.name, bus=bus.name)

    bad = """
        Bus: {Type: AWS::Events::EventBus, Properties: {Name: booking}}
        Role:
          Type: AWS::IAM::Role
          Properties:
            AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]}
            Policies:
              - PolicyName: events
                PolicyDocument: {Statement: [{Effect: Allow, Action: 'events:PutEvents', Resource: !GetAtt Bus.Arn}]}
        Audit: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn, Runtime: python3.14}}
        All:
          Type: AWS::Events::Rule
          Properties:
            EventBusName: !Ref Bus
            EventPattern: {account: ['111122223333']}
            Targets: [{Id: audit, Arn: !GetAtt Audit.Arn}]
    """
    good = bad.replace("{account: ['111122223333']}", "{source: [booking]}")


def matches_everything(rule: Resource) -> bool:
    """Whether an event pattern leaves out no event for its source, type or contents; raises `NotKnown`."""
    pattern = read_document(rule["EventPattern"])
    if not is_map(pattern):
        return False
    return all(
        key in ("account", "region", "version") or _is_anything(value) for key, value in pattern.items()
    )


def _is_anything(value: Value) -> bool:
    return is_known_list(value) and any(is_map(item) and item.get("prefix") == "" for item in value)


class EveryEventMatched(Rule):
    """The default bus carries the events of all AWS services: a pattern that leaves none out starts the target for each.

    Most are of no use to it, and each start is paid for.
    """

    on = _RULE
    pillar, severity = Pillar.COST, Severity.LOW
    message = "the target is started for every event of the account: the pattern leaves none out"
    references = (f"{_GUIDE}eb-patterns-best-practices.html",)

    def check(self, rule: Resource) -> Iterable[Finding]:
        """Look for such a pattern on the default bus."""
        if rule["EventBusName"] == "default" and is_stated(rule["EventPattern"]) and matches_everything(rule):
            yield rule.finding("EventPattern")

    bad = """
        All:
          Type: AWS::Events::Rule
          Properties:
            EventPattern: {source: [{prefix: ''}]}
            Targets: [{Id: audit, Arn: 'arn:aws:lambda:eu-west-1:111122223333:function:audit'}]
    """
    good = bad.replace("{prefix: ''}", "aws.s3")


class BusOpenToEverybody(Rule):
    """A policy that allows everybody lets any AWS account put events on the bus, and start what listens to it."""

    on = Kinds(("AWS::Events::EventBus", "AWS::Events::EventBusPolicy"))
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "everybody may do {actions} on the bus: no condition says who"
    references = (f"{_GUIDE}eb-event-bus-permissions.html",)

    def check(self, resource: Resource) -> Iterable[Finding]:
        """Look for statements that allow everybody without saying from where."""
        if resource.kind == "AWS::Events::EventBusPolicy":
            yield from _open_statement(resource)
            return
        for statement in resource_policies(resource):
            if statement.origin is resource and is_public(statement):
                yield resource.finding(statement.path, actions=statement.actions)

    bad = """
        Policy:
          Type: AWS::Events::EventBusPolicy
          Properties:
            StatementId: all
            Statement: {Effect: Allow, Principal: '*', Action: 'events:PutEvents', Resource: '*'}
    """
    good = bad.replace(
        "Resource: '*'", "Resource: '*', Condition: {StringEquals: {'aws:PrincipalOrgID': o-1}}"
    )


def _open_statement(policy: Resource) -> Iterable[Finding]:
    statement = settled(policy["Statement"])
    if is_map(statement):
        read = read_statement(statement, policy, "Statement")
        if is_public(read):
            yield policy.finding("Statement", actions=read.actions)
    elif policy["Principal"] == "*" and not is_stated(policy["Condition"]):
        yield policy.finding("Principal", actions="events:PutEvents")


class BusWithoutPolicy(Rule):
    """Without a policy of its own, every role of the account with wide permissions may put events on the bus."""

    on = "AWS::Events::EventBus"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "no policy says who may put events on this bus"
    references = (f"{_GUIDE}eb-event-bus-permissions.html",)
    equivalents = ("EventBridge.3",)

    def check(self, bus: Resource) -> Iterable[Finding]:
        """Look for a policy."""
        if not resource_policies(bus):
            yield bus.finding("Policy")

    bad = "Bus: {Type: AWS::Events::EventBus, Properties: {Name: booking}}"
    good = """
        Bus: {Type: AWS::Events::EventBus, Properties: {Name: booking}}
        Policy:
          Type: AWS::Events::EventBusPolicy
          Properties:
            EventBusName: !Ref Bus
            StatementId: own
            Statement: {Effect: Allow, Principal: {AWS: '111122223333'}, Action: 'events:PutEvents', Resource: !GetAtt Bus.Arn}
    """


class SecretInConnection(LiteralSecretRule):
    """The secret of somebody else's API stands in the template for everybody who can read it or its history.

    A reference to a secret (`{{resolve:secretsmanager:...}}`) keeps it out.
    """

    on, paths = "AWS::Events::Connection", _SECRETS
    pillar, severity = Pillar.SECURITY, Severity.CRITICAL
    message = "the secret of the connection stands in the template for everybody who can read it"
    references = (f"{_GUIDE}eb-target-connection.html",)
    bad = """
        Shop:
          Type: AWS::Events::Connection
          Properties:
            AuthorizationType: API_KEY
            AuthParameters: {ApiKeyAuthParameters: {ApiKeyName: x-api-key, ApiKeyValue: hk3Jd8sLq0Xz7Rt2}}
    """
    good = bad.replace("hk3Jd8sLq0Xz7Rt2", "'{{resolve:secretsmanager:shop:SecretString:key}}'")


class ArchiveKeptForEver(Rule):
    """An archive that never ends grows with every event, and so does its bill."""

    on = "AWS::Events::Archive"
    pillar, severity = Pillar.COST, Severity.LOW
    message = "the archive keeps every event for ever, and its bill only grows: no retention is stated"
    references = (f"{_GUIDE}eb-archive.html",)
    fix_safety = Unsafe("events older than three months are deleted")

    def check(self, archive: Resource) -> Iterable[Finding]:
        """Ask how long events are kept; 0 is for ever."""
        if archive["RetentionDays"] == 0:
            yield archive.finding("RetentionDays")

    def fix(self, finding: Finding) -> Fix | None:
        """Keep events for three months."""
        return self.offer(finding.resource.set("RetentionDays", 90))

    bad = "Events: {Type: AWS::Events::Archive, Properties: {SourceArn: 'arn:aws:events:eu-west-1:111122223333:event-bus/booking'}}"
    good = bad.replace("booking'}", "booking', RetentionDays: 30}")


class GlobalEndpointNotReplicated(Rule):
    """The second Region gets events only after the failover: what the first had taken and not handed out stays there."""

    on = "AWS::Events::Endpoint"
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    message = "events that the first Region holds when it fails are not in the second: replication is off"
    references = (f"{_GUIDE}eb-ge-best-practices.html",)
    equivalents = ("EventBridge.4",)
    fix_safety = Unsafe("every event is billed in both Regions, and needs a role")

    def check(self, endpoint: Resource) -> Iterable[Finding]:
        """Ask whether events are replicated."""
        if endpoint["ReplicationConfig.State"] == "DISABLED":
            yield endpoint.finding("ReplicationConfig.State")

    def fix(self, finding: Finding) -> Fix | None:
        """Turn replication on."""
        return self.offer(finding.resource.set("ReplicationConfig.State", "ENABLED"))

    bad = """
        Global:
          Type: AWS::Events::Endpoint
          Properties:
            EventBuses:
              - {EventBusArn: 'arn:aws:events:eu-west-1:111122223333:event-bus/b'}
              - {EventBusArn: 'arn:aws:events:eu-central-1:111122223333:event-bus/b'}
            ReplicationConfig: {State: DISABLED}
            RoutingConfig: {FailoverConfig: {Primary: {HealthCheck: 'arn:aws:route53:::healthcheck/1'}, Secondary: {Route: eu-central-1}}}
    """
    good = bad.replace("DISABLED", "ENABLED")


class ScheduleNotRetried(Rule):
    """A run that fails at its first start is skipped until the next time: no retries, and no dead-letter queue."""

    on = "AWS::Scheduler::Schedule"
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    message = "a run that cannot start at once is skipped: no retries, and no dead-letter queue"
    references = (f"{_SCHEDULES}managing-schedule.html",)
    fix_safety = Unsafe("a run may start late, up to a day")

    def check(self, schedule: Resource) -> Iterable[Finding]:
        """Look for a schedule that is tried once and keeps nothing."""
        path = "Target.RetryPolicy.MaximumRetryAttempts"
        if schedule[path] == 0 and not is_stated(schedule["Target.DeadLetterConfig.Arn"]):
            yield schedule.finding(path)

    def fix(self, finding: Finding) -> Fix | None:
        """Retry a few times."""
        return self.offer(finding.resource.set(finding.property, 3))

    bad = """
        Nightly:
          Type: AWS::Scheduler::Schedule
          Properties:
            ScheduleExpression: rate(1 day)
            FlexibleTimeWindow: {Mode: 'OFF'}
            Target:
              Arn: 'arn:aws:lambda:eu-west-1:111122223333:function:report'
              RoleArn: 'arn:aws:iam::111122223333:role/scheduler'
              RetryPolicy: {MaximumRetryAttempts: 0}
    """
    good = bad.replace("Attempts: 0", "Attempts: 3")


class ScheduleWithoutDeadLetters(StatedRule):
    """A run that could not be started for a day is dropped without a trace."""

    on, property = "AWS::Scheduler::Schedule", "Target.DeadLetterConfig.Arn"
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = "runs that cannot start are dropped: the schedule has no dead-letter queue"
    references = (f"{_SCHEDULES}configuring-schedule-dlq.html",)
    bad = ScheduleNotRetried.good
    good = bad.replace(
        "RetryPolicy:",
        "DeadLetterConfig: {Arn: 'arn:aws:sqs:eu-west-1:111122223333:lost'}\n              RetryPolicy:",
    )


class ScheduleWithoutOwnKey(StatedRule):
    """Some rules ask that the key is yours with which the payload of a schedule is encrypted; it is encrypted in any case."""

    on, property = "AWS::Scheduler::Schedule", "KmsKeyArn"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the payload is encrypted with a key of AWS, not with one of yours"
    references = (f"{_SCHEDULES}encryption-rest.html",)
    equivalents = ("CKV_AWS_297",)
    bad = ScheduleNotRetried.good
    good = bad.replace(
        "ScheduleExpression:",
        "KmsKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/1'\n            ScheduleExpression:",
    )


class ScheduleAsRule(Rule):
    """Schedules by rule are kept for old stacks: EventBridge Scheduler knows time zones, one-time runs and flexible windows."""

    on = _RULE
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "the schedule runs in UTC only, as a rule: EventBridge Scheduler follows time zones and their summer time"
    references = (f"{_GUIDE}eb-create-rule-schedule.html",)

    def check(self, rule: Resource) -> Iterable[Finding]:
        """Look for a cron expression at a rule; a rate needs no time zone."""
        expression = rule["ScheduleExpression"]
        if expression is not ABSENT and not says_nothing(expression) and expression.startswith("cron("):
            yield rule.finding("ScheduleExpression")

    bad = "Nightly: {Type: AWS::Events::Rule, Properties: {ScheduleExpression: 'cron(0 3 * * ? *)'}}"
    good = bad.replace("cron(0 3 * * ? *)", "rate(1 day)")


class BusFailuresNotLogged(PropertyRule):
    """EventBridge can say why an event reached no target, and says nothing unless asked to."""

    on, property, expected = "AWS::Events::EventBus", "LogConfig.Level", "ERROR"
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "an event that reaches no target leaves no trace: the bus logs nothing"
    references = (f"{_GUIDE}eb-event-bus-logs.html",)

    def check(self, bus: Resource) -> Iterable[Finding]:
        """Look for any level."""
        if bus["LogConfig.Level"] == "OFF":
            yield bus.finding("LogConfig.Level")

    bad = "Bus: {Type: AWS::Events::EventBus, Properties: {Name: booking}}"
    good = bad.replace("booking}", "booking, LogConfig: {Level: ERROR, IncludeDetail: NONE}}")


RULES = (
    RuleTargetNotRetried(),
    RuleTargetWithoutDeadLetters(),
    PatternMatchesOwnOutput(),
    FunctionAnswersItsOwnEvents(),
    EveryEventMatched(),
    BusOpenToEverybody(),
    BusWithoutPolicy(),
    SecretInConnection(),
    ArchiveKeptForEver(),
    GlobalEndpointNotReplicated(),
    ScheduleNotRetried(),
    ScheduleWithoutDeadLetters(),
    ScheduleWithoutOwnKey(),
    ScheduleAsRule(),
    BusFailuresNotLogged(),
)
