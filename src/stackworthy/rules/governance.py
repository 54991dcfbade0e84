"""What sets accounts up and keeps them safe: CloudTrail, Config, Backup, budgets and cost anomalies."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import SAFE, Unsafe
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, PropertyRule, Rule, Stack
from stackworthy.core.value import Value, is_stated, show
from stackworthy.rules._forms import StatedRule, items
from stackworthy.rules._reading import named

_TRAIL = "AWS::CloudTrail::Trail"
_RECORDER = "AWS::Config::ConfigurationRecorder"
_PLAN = "AWS::Backup::BackupPlan"
_TRAILS = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/"
_CONFIG = "https://docs.aws.amazon.com/config/latest/developerguide/"
_BACKUP = "https://docs.aws.amazon.com/aws-backup/latest/devguide/"
_COST = "https://docs.aws.amazon.com/cost-management/latest/userguide/"
_ACCOUNT = ("AWS::CloudTrail::Trail", "AWS::Config::ConfigurationRecorder", "AWS::Organizations::Account")

_PLAIN = """
        Trail:
          Type: AWS::CloudTrail::Trail
          Properties:
            IsLogging: true
            S3BucketName: trail
            IsMultiRegionTrail: true
            EnableLogFileValidation: true
    """


def _with(line: str) -> str:
    return _PLAIN.replace("IsLogging: true", f"IsLogging: true\n            {line}")


class TrailOff(PropertyRule):
    """Nothing that happens in the account is recorded: the trail is there, and turned off."""

    on, property, expected = _TRAIL, "IsLogging", True
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "nothing that happens in the account is recorded: the trail is turned off"
    references = (f"{_TRAILS}cloudtrail-turning-off-logging.html",)
    equivalents = ("CKV_AWS_251",)
    fix_safety = Unsafe("events beyond the first copy of management events are billed")
    bad = _PLAIN.replace("IsLogging: true", "IsLogging: false")
    good = _PLAIN


class TrailOfOneRegion(PropertyRule):
    """Whoever gets in works in a Region that nobody watches: the trail records one only."""

    on, property, expected = _TRAIL, "IsMultiRegionTrail", True
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "what happens in other Regions is not recorded"
    references = (f"{_TRAILS}cloudtrail-multi-region-trails.html",)
    equivalents = ("CKV_AWS_67", "AVD-AWS-0014", "aws-cloudtrail-enable-all-regions", "CloudTrail.1")
    fix_safety = Unsafe("a second trail of the same events is billed")
    bad = _PLAIN.replace("IsMultiRegionTrail: true", "IsMultiRegionTrail: false")
    good = _PLAIN


class TrailCanBeForged(PropertyRule):
    """Nobody can prove that the record is whole: files can be changed or deleted without anybody noticing."""

    on, property, expected = _TRAIL, "EnableLogFileValidation", True
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "files of the record can be changed without anybody noticing: validation is off"
    references = (f"{_TRAILS}cloudtrail-log-file-validation-intro.html",)
    equivalents = ("CKV_AWS_36", "AVD-AWS-0016", "aws-cloudtrail-enable-log-validation", "CloudTrail.4")
    fix_safety = SAFE
    bad = _PLAIN.replace("EnableLogFileValidation: true", "EnableLogFileValidation: false")
    good = _PLAIN


class TrailUnderSharedKey(StatedRule):
    """Some rules ask that the record is encrypted with a key of yours; it is encrypted in any case."""

    on, property = _TRAIL, "KMSKeyId"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the record is not encrypted with a key of yours"
    references = (f"{_TRAILS}encrypting-cloudtrail-log-files-with-aws-kms.html",)
    equivalents = (
        "CKV_AWS_35",
        "AVD-AWS-0015",
        "aws-cloudtrail-encryption-customer-managed-key",
        "CloudTrail.2",
    )
    bad = _PLAIN
    good = _with("KMSKeyId: alias/trail")


class TrailNotWatched(StatedRule):
    """Nobody can be told at once of a sign-in as root: alarms need the record in CloudWatch Logs."""

    on, property = _TRAIL, "CloudWatchLogsLogGroupArn"
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "no alarm can watch the record: it does not go to CloudWatch Logs"
    references = (f"{_TRAILS}monitor-cloudtrail-log-files-with-cloudwatch-logs.html",)
    equivalents = (
        "CKV2_AWS_10",
        "AVD-AWS-0162",
        "aws-cloudtrail-ensure-cloudwatch-integration",
        "CloudTrail.5",
    )
    bad = _PLAIN
    good = _with("CloudWatchLogsLogGroupArn: 'arn:aws:logs:eu-west-1:111122223333:log-group:trail'")


class TrailAnnouncesNothing(StatedRule):
    """Nobody is told when a new file of the record is there."""

    on, property = _TRAIL, "SnsTopicName"
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "nobody is told of new files of the record"
    references = (f"{_TRAILS}configure-sns-notifications-for-cloudtrail.html",)
    equivalents = ("CKV_AWS_252",)
    bad = _PLAIN
    good = _with("SnsTopicName: trail")


class EventStoreUnderSharedKey(StatedRule):
    """Some rules ask that recorded events are encrypted with a key of yours."""

    on, property = "AWS::CloudTrail::EventDataStore", "KmsKeyId"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "recorded events are not encrypted with a key of yours"
    references = (f"{_TRAILS}query-event-data-store.html",)
    equivalents = ("CKV_AWS_294",)
    bad = "Store: {Type: AWS::CloudTrail::EventDataStore, Properties: {RetentionPeriod: 90}}"
    good = bad.replace("90}", "90, KmsKeyId: alias/trail}")


class EveryObjectRecorded(Rule):
    """Each read and write of each object of each bucket is an event that is paid for: on busy buckets more than the requests."""

    on = _TRAIL
    pillar, severity = Pillar.COST, Severity.LOW
    message = "every request to {what} of the account is an event that is paid for"
    references = (f"{_TRAILS}logging-data-events-with-cloudtrail.html",)

    def check(self, trail: Resource) -> Iterable[Finding]:
        """Look for data events without a name."""
        for path, selector in items(trail, "EventSelectors"):
            for index, data in enumerate(selector["DataResources"]):
                for value in data["Values"]:
                    if value in ("arn:aws:s3", "arn:aws:s3:::", "arn:aws:lambda", "arn:aws:dynamodb"):
                        yield trail.finding(f"{path}.DataResources[{index}].Values", what=show(data["Type"]))

    bad = _with("EventSelectors: [{DataResources: [{Type: AWS::S3::Object, Values: ['arn:aws:s3']}]}]")
    good = bad.replace("'arn:aws:s3'", "'arn:aws:s3:::invoices/'")


class ResourcesNotRecorded(Rule):
    """Config cannot say what changed in resources that it does not record."""

    on = _RECORDER
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "changes of some kinds of resource are not recorded"
    references = (f"{_CONFIG}select-resources.html",)
    equivalents = (
        "CKV2_AWS_45",
        "CKV2_AWS_48",
        "AVD-AWS-0019",
        "aws-config-aggregate-all-regions",
        "Config.1",
    )

    def check(self, recorder: Resource) -> Iterable[Finding]:
        """Look for a recorder that leaves kinds out, or the global ones."""
        group = recorder["RecordingGroup"]
        if is_stated(group["AllSupported"]) and not group["AllSupported"]:
            yield recorder.finding("RecordingGroup.AllSupported")
        elif not is_stated(group["RecordingStrategy"]) and not _is_on(group["IncludeGlobalResourceTypes"]):
            yield recorder.finding("RecordingGroup.IncludeGlobalResourceTypes")

    bad = "Recorder: {Type: AWS::Config::ConfigurationRecorder, Properties: {RoleARN: 'arn:aws:iam::111122223333:role/config', RecordingGroup: {AllSupported: false}}}"
    good = bad.replace("false", "true, IncludeGlobalResourceTypes: true")


def _is_on(setting: Value) -> bool:
    return is_stated(setting) and bool(setting)


class AggregatorOfOneRegion(Rule):
    """What Config finds in other Regions does not show: the aggregator asks some only."""

    on = "AWS::Config::ConfigurationAggregator"
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "what is found in other Regions does not show: some Regions only are collected"
    references = (f"{_CONFIG}aggregate-data.html",)
    equivalents = ("CKV_AWS_121", "AVD-AWS-0019", "aws-config-aggregate-all-regions")

    def check(self, aggregator: Resource) -> Iterable[Finding]:
        """Look for all Regions in any of the sources."""
        sources = [source for _, source in items(aggregator, "AccountAggregationSources")]
        if is_stated(aggregator["OrganizationAggregationSource"]):
            sources.append(aggregator["OrganizationAggregationSource"])
        if not any(is_stated(source["AllAwsRegions"]) and source["AllAwsRegions"] for source in sources):
            yield aggregator.finding("AccountAggregationSources")

    bad = "All: {Type: AWS::Config::ConfigurationAggregator, Properties: {AccountAggregationSources: [{AccountIds: ['111122223333'], AwsRegions: [eu-west-1]}]}}"
    good = bad.replace("AwsRegions: [eu-west-1]", "AllAwsRegions: true")


class PlanBacksUpNothing(Rule):
    """The backup plan has rules and a schedule, and no selection says what it covers: nothing is backed up."""

    on = _PLAN
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    message = "the plan backs up nothing: no selection names it"
    references = (f"{_BACKUP}assigning-resources.html",)

    def check(self, plan: Resource) -> Iterable[Finding]:
        """Look for a selection of the plan."""
        for selection in plan.graph.of("AWS::Backup::BackupSelection"):
            if named(plan, selection["BackupPlanId"], frozenset({_PLAN})) is plan:
                return
        yield plan.finding("")

    bad = """
        Plan:
          Type: AWS::Backup::BackupPlan
          Properties:
            BackupPlan:
              BackupPlanName: daily
              BackupPlanRule: [{RuleName: daily, TargetBackupVault: vault, Lifecycle: {DeleteAfterDays: 35}}]
    """
    good = (
        bad
        + """
        Tables:
          Type: AWS::Backup::BackupSelection
          Properties:
            BackupPlanId: !Ref Plan
            BackupSelection: {SelectionName: tables, IamRoleArn: 'arn:aws:iam::111122223333:role/backup', Resources: ['arn:aws:dynamodb:*:*:table/*']}
    """
    )


class BackupsKeptForEver(Rule):
    """Every backup is kept for ever, and the bill only grows: the rule says neither when to delete nor when to move them."""

    on = _PLAN
    pillar, severity = Pillar.COST, Severity.LOW
    message = "every backup of the rule {rule} is kept for ever, and the bill only grows"
    references = (f"{_BACKUP}plan-options-and-configuration.html",)

    def check(self, plan: Resource) -> Iterable[Finding]:
        """Look at each rule."""
        for path, rule in items(plan, "BackupPlan.BackupPlanRule"):
            if not is_stated(rule["Lifecycle"]["DeleteAfterDays"]):
                yield plan.finding(f"{path}.Lifecycle.DeleteAfterDays", rule=show(rule["RuleName"]))

    bad = PlanBacksUpNothing.good.replace(", Lifecycle: {DeleteAfterDays: 35}", "")
    good = PlanBacksUpNothing.good


class VaultUnderSharedKey(StatedRule):
    """Some rules ask that backups are encrypted with a key of yours; they are encrypted in any case."""

    on, property = "AWS::Backup::BackupVault", "EncryptionKeyArn"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "backups are encrypted with a key of AWS, not with one of yours"
    references = (f"{_BACKUP}encryption.html",)
    equivalents = ("CKV_AWS_166",)
    bad = "Vault: {Type: AWS::Backup::BackupVault, Properties: {BackupVaultName: vault}}"
    good = bad.replace("vault}", "vault, EncryptionKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/1'}")


class BackupsDeletable(StatedRule):
    """Whoever takes over an administrator's account can delete the backups with the data: the vault is not locked."""

    on, property = "AWS::Backup::BackupVault", "LockConfiguration"
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = "an administrator can delete the backups with the data: the vault is not locked"
    references = (f"{_BACKUP}vault-lock.html",)
    bad = VaultUnderSharedKey.bad
    good = bad.replace("vault}", "vault, LockConfiguration: {MinRetentionDays: 7}}")


class BudgetTellsNobody(StatedRule):
    """A budget that is exceeded tells nobody: it has no notification."""

    on, property = "AWS::Budgets::Budget", "NotificationsWithSubscribers"
    pillar, severity = Pillar.COST, Severity.MEDIUM
    message = "nobody is told when the budget is exceeded: it has no notification"
    references = (f"{_COST}budgets-create.html",)
    bad = "Month: {Type: AWS::Budgets::Budget, Properties: {Budget: {BudgetType: COST, TimeUnit: MONTHLY, BudgetLimit: {Amount: 50, Unit: USD}}}}"
    good = (
        bad[:-2]
        + ", NotificationsWithSubscribers: [{Notification: {NotificationType: FORECASTED, ComparisonOperator: GREATER_THAN, Threshold: 100}, Subscribers: [{SubscriptionType: EMAIL, Address: a@example.com}]}]}}"
    )


class AnomalyTellsNobody(Rule):
    """Cost anomalies are found, and nobody is told: no subscription names the monitor."""

    on = "AWS::CE::AnomalyMonitor"
    pillar, severity = Pillar.COST, Severity.LOW
    message = "nobody is told of odd costs: no subscription names the monitor"
    references = (f"{_COST}manage-ad.html",)

    def check(self, monitor: Resource) -> Iterable[Finding]:
        """Look for a subscription."""
        if not monitor.graph.edges_to(monitor, "refers to"):
            yield monitor.finding("")

    bad = """
        Services: {Type: AWS::CE::AnomalyMonitor, Properties: {MonitorName: services, MonitorType: DIMENSIONAL, MonitorDimension: SERVICE}}
    """
    good = (
        bad
        + """
        Told:
          Type: AWS::CE::AnomalySubscription
          Properties: {SubscriptionName: told, Frequency: DAILY, MonitorArnList: [!Ref Services], Subscribers: [{Type: EMAIL, Address: a@example.com}]}
    """
    )


class AccountWithoutBudget(Rule):
    """The stack sets an account up, and no budget in it tells anybody when the bill runs away.

    The first two budgets of an account cost nothing. Often they stand in the stack of the management account instead.
    """

    on = Stack(_ACCOUNT)
    pillar, severity = Pillar.COST, Severity.LOW
    profile = STRICT
    message = "nobody is told when the bill of the account runs away: the stack sets the account up without a budget"
    references = (f"{_COST}budgets-managing-costs.html",)

    def check(self, graph: Graph) -> Iterable[Finding]:
        """Look for a budget, or a watch over odd costs."""
        if not graph.of("AWS::Budgets::Budget", "AWS::CE::AnomalyMonitor"):
            yield graph.finding()

    bad = _PLAIN
    good = "\n        " + BudgetTellsNobody.bad + _PLAIN


RULES = (
    TrailOff(),
    TrailOfOneRegion(),
    TrailCanBeForged(),
    TrailUnderSharedKey(),
    TrailNotWatched(),
    TrailAnnouncesNothing(),
    EventStoreUnderSharedKey(),
    EveryObjectRecorded(),
    ResourcesNotRecorded(),
    AggregatorOfOneRegion(),
    PlanBacksUpNothing(),
    BackupsKeptForEver(),
    VaultUnderSharedKey(),
    BackupsDeletable(),
    BudgetTellsNobody(),
    AnomalyTellsNobody(),
    AccountWithoutBudget(),
)
