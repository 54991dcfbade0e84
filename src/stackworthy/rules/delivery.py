"""How changes are built and rolled out: CodeBuild, CodePipeline, CodeDeploy, AppConfig, and canaries that watch them."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import SAFE, Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, PropertyRule, Rule
from stackworthy.core.value import is_stated, show
from stackworthy.rules._forms import StatedRule, items, says_nothing
from stackworthy.rules._reading import settled
from stackworthy.rules._secrets import literal_secret

_PROJECT = "AWS::CodeBuild::Project"
_GROUP = "AWS::CodeDeploy::DeploymentGroup"
_CANARY = "AWS::Synthetics::Canary"
_BUILD = "https://docs.aws.amazon.com/codebuild/latest/userguide/"
_DEPLOY = "https://docs.aws.amazon.com/codedeploy/latest/userguide/"
_APPCONFIG = "https://docs.aws.amazon.com/appconfig/latest/userguide/"
_MONITORING = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/"
_PLAIN = """
        Build:
          Type: AWS::CodeBuild::Project
          Properties:
            ServiceRole: build
            Source: {Type: GITHUB}
            Artifacts: {Type: S3, Location: builds}
            Environment:
              Type: LINUX_CONTAINER
              ComputeType: BUILD_GENERAL1_SMALL
              Image: aws/codebuild/standard:7.0
    """
_ROLLOUT = """
        Group:
          Type: AWS::CodeDeploy::DeploymentGroup
          Properties:
            ApplicationName: booking
            ServiceRoleArn: 'arn:aws:iam::111122223333:role/deploy'
            DeploymentConfigName: CodeDeployDefault.LambdaCanary10Percent5Minutes
            AutoRollbackConfiguration: {Enabled: true, Events: [DEPLOYMENT_FAILURE, DEPLOYMENT_STOP_ON_ALARM]}
            AlarmConfiguration: {Enabled: true, Alarms: [{Name: errors}]}
    """


def _with(line: str) -> str:
    return _PLAIN.replace("ServiceRole: build", f"ServiceRole: build\n            {line}")


class SecretInBuild(Rule):
    """A secret among the variables of a build stands in the template, and in every description and log of the build.

    CodeBuild reads secrets from Secrets Manager or Parameter Store when a build starts.
    """

    on = _PROJECT
    pillar, severity = Pillar.SECURITY, Severity.CRITICAL
    message = "{what} stands in the variable {name} for everybody who can read the template or the project"
    references = (f"{_BUILD}build-env-ref-env-vars.html",)
    equivalents = ("CodeBuild.2",)

    def check(self, project: Resource) -> Iterable[Finding]:
        """Look at the plain variables; by their names too, since AWS's keys have theirs."""
        for path, variable in items(project, "Environment.EnvironmentVariables"):
            name, value = variable["Name"], variable["Value"]
            plain = not is_stated(variable["Type"]) or variable["Type"] == "PLAINTEXT"
            if not plain or not is_stated(value):
                continue
            what = literal_secret(show(name), value)
            if what:
                yield project.finding(f"{path}.Value", what=what, name=show(name))

    bad = _PLAIN.replace(
        "Image:", "EnvironmentVariables: [{Name: DB_PASSWORD, Value: hk3Jd8sLq0}]\n              Image:"
    )
    good = bad.replace("hk3Jd8sLq0", "shop/password, Type: SECRETS_MANAGER")


class BuildPrivileged(PropertyRule):
    """The build is root on its machine: needed for building images of containers, and for nothing else."""

    on, property, expected = _PROJECT, "Environment.PrivilegedMode", False
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the build is root on its machine"
    references = (f"{_BUILD}change-project.html",)
    equivalents = ("CKV_AWS_316", "CodeBuild.5")
    fix_safety = Unsafe("builds that make images of containers fail")
    bad = _PLAIN.replace("Image:", "PrivilegedMode: true\n              Image:")
    good = _PLAIN


class BuildNotLogged(Rule):
    """When a build fails, nobody can say why: logs are turned off in both places."""

    on = _PROJECT
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "nobody can say why a build failed: its logs are turned off"
    references = (f"{_BUILD}change-project.html",)
    equivalents = ("CodeBuild.4",)

    def check(self, project: Resource) -> Iterable[Finding]:
        """Look for logs that are turned off; they go to CloudWatch unless somebody says otherwise."""
        path = "LogsConfig.CloudWatchLogs.Status"
        s3 = project["LogsConfig.S3Logs.Status"]
        if (
            is_stated(project[path])
            and project[path] == "DISABLED"
            and (not is_stated(s3) or s3 == "DISABLED")
        ):
            yield project.finding(path)

    bad = _with("LogsConfig: {CloudWatchLogs: {Status: DISABLED}}")
    good = _PLAIN


class BuildLogsUnstated(StatedRule):
    """Nobody chose where the logs of builds go: they go to a group that is kept for ever."""

    on, property = _PROJECT, "LogsConfig"
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "nobody chose where the logs of builds go: they are kept for ever"
    references = (f"{_BUILD}change-project.html",)
    equivalents = ("CKV_AWS_314", "CodeBuild.4")
    bad = _PLAIN
    good = _with("LogsConfig: {CloudWatchLogs: {Status: ENABLED, GroupName: builds}}")


class BuildLogsUnencrypted(PropertyRule):
    """Logs of builds lie unencrypted in their bucket: encryption was turned off."""

    on, property, expected = _PROJECT, "LogsConfig.S3Logs.EncryptionDisabled", False
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "logs of builds lie unencrypted: encryption was turned off"
    references = (f"{_BUILD}change-project.html",)
    equivalents = ("CKV_AWS_311", "CodeBuild.3")
    fix_safety = SAFE

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look for encryption that was turned off."""
        if is_stated(subject[self.property]) and subject[self.property]:
            yield subject.finding(self.property)

    bad = _with("LogsConfig: {S3Logs: {Status: ENABLED, Location: logs, EncryptionDisabled: true}}")
    good = bad.replace("true", "false")


class ArtifactsUnencrypted(Rule):
    """What is built lies unencrypted in its bucket: encryption was turned off."""

    on = _PROJECT
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "what is built lies unencrypted: encryption was turned off"
    references = (f"{_BUILD}security-encryption.html",)
    equivalents = ("CKV_AWS_78", "AVD-AWS-0018", "aws-codebuild-enable-encryption", "W32")
    fix_safety = SAFE

    def check(self, project: Resource) -> Iterable[Finding]:
        """Look at the first and the further artifacts."""
        off = project["Artifacts.EncryptionDisabled"]
        if is_stated(off) and off and project["Artifacts.Type"] != "NO_ARTIFACTS":
            yield project.finding("Artifacts.EncryptionDisabled")
        for path, artifact in items(project, "SecondaryArtifacts"):
            if is_stated(artifact["EncryptionDisabled"]) and artifact["EncryptionDisabled"]:
                yield project.finding(f"{path}.EncryptionDisabled")

    def fix(self, finding: Finding) -> Fix | None:
        """Encrypt what is built from now on."""
        return self.offer(finding.resource.set(finding.property, False))

    bad = _PLAIN.replace("Location: builds", "Location: builds, EncryptionDisabled: true")
    good = _PLAIN


class BuildUnderSharedKey(StatedRule):
    """Some rules ask that what is built is encrypted with a key of yours; it is encrypted in any case."""

    on, property = _PROJECT, "EncryptionKey"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "what is built is encrypted with a key of AWS, not with one of yours"
    references = (f"{_BUILD}security-encryption.html",)
    equivalents = ("CKV_AWS_147",)
    bad = _PLAIN
    good = _with("EncryptionKey: alias/builds")


class PipelineUnderSharedKey(Rule):
    """Some rules ask that what a pipeline hands on is encrypted with a key of yours; it is encrypted in any case."""

    on = "AWS::CodePipeline::Pipeline"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "what the pipeline hands on is encrypted with a key of AWS, not with one of yours"
    references = ("https://docs.aws.amazon.com/codepipeline/latest/userguide/S3-artifact-encryption.html",)
    equivalents = ("CKV_AWS_219",)

    def check(self, pipeline: Resource) -> Iterable[Finding]:
        """Look at the store of each Region."""
        stores = [path for path, _ in items(pipeline, "ArtifactStores")]
        for path in [f"{store}.ArtifactStore" for store in stores] or ["ArtifactStore"]:
            if says_nothing(pipeline[f"{path}.EncryptionKey"]):
                yield pipeline.finding(f"{path}.EncryptionKey")

    bad = "Flow: {Type: AWS::CodePipeline::Pipeline, Properties: {RoleArn: flow, ArtifactStore: {Type: S3, Location: flow}, Stages: []}}"
    good = bad.replace("Location: flow", "Location: flow, EncryptionKey: {Type: KMS, Id: alias/flow}")


class RolloutNeverRolledBack(Rule):
    """A version that fails stays where it is, half rolled out, until somebody puts the old one back."""

    on = _GROUP
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    message = "a version that fails stays where it is: nothing rolls it back"
    references = (f"{_DEPLOY}deployments-rollback-and-redeploy.html",)
    equivalents = ("CodeDeploy.1",)
    fix_safety = Unsafe("a deployment that fails half way goes back to the version before, by itself")

    def check(self, group: Resource) -> Iterable[Finding]:
        """Ask whether failures are rolled back."""
        if not group["AutoRollbackConfiguration.Enabled"]:
            yield group.finding("AutoRollbackConfiguration.Enabled")

    def fix(self, finding: Finding) -> Fix | None:
        """Roll back on failure, and when an alarm stops the deployment."""
        group = finding.resource
        events = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]
        return self.offer(
            group.set("AutoRollbackConfiguration.Enabled", True),
            group.set("AutoRollbackConfiguration.Events", events),
        )

    bad = _ROLLOUT.replace(
        "AutoRollbackConfiguration: {Enabled: true, ", "AutoRollbackConfiguration: {Enabled: false, "
    )
    good = _ROLLOUT


class RolloutWatchesNoAlarm(Rule):
    """A version that starts well and then fails each request is rolled out to all: no alarm can stop it."""

    on = _GROUP
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    message = "a version that fails its requests is rolled out to all: no alarm stops it"
    references = (f"{_DEPLOY}monitoring-create-alarms.html",)

    def check(self, group: Resource) -> Iterable[Finding]:
        """Look for alarms."""
        if says_nothing(group["AlarmConfiguration.Alarms"]):
            yield group.finding("AlarmConfiguration.Alarms")
        elif is_stated(group["AlarmConfiguration.Enabled"]) and not group["AlarmConfiguration.Enabled"]:
            yield group.finding("AlarmConfiguration.Enabled")

    bad = _ROLLOUT.replace(
        "AlarmConfiguration: {Enabled: true, Alarms: [{Name: errors}]}", "OutdatedInstancesStrategy: UPDATE"
    )
    good = _ROLLOUT


class RolloutAllAtOnce(Rule):
    """Every user gets the new version in the same moment, and its faults with it."""

    on = _GROUP
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    message = "every user gets the new version, and its faults, in the same moment"
    references = (f"{_DEPLOY}deployment-configurations.html",)
    fix_safety = Unsafe("a deployment takes five minutes longer, with two versions at work")

    def check(self, group: Resource) -> Iterable[Finding]:
        """Look at the configuration of functions and of services on ECS."""
        name = settled(group["DeploymentConfigName"])
        if is_stated(name) and name in _CANARIES:
            yield group.finding("DeploymentConfigName")

    def fix(self, finding: Finding) -> Fix | None:
        """Send a tenth of the requests to the new version first."""
        return self.offer(
            finding.resource.set(finding.property, _CANARIES[finding.resource[finding.property]])
        )

    bad = _ROLLOUT.replace("LambdaCanary10Percent5Minutes", "LambdaAllAtOnce")
    good = _ROLLOUT


_CANARIES = {
    "CodeDeployDefault.LambdaAllAtOnce": "CodeDeployDefault.LambdaCanary10Percent5Minutes",
    "CodeDeployDefault.ECSAllAtOnce": "CodeDeployDefault.ECSCanary10Percent5Minutes",
}


class SettingsRolledOutAtOnce(Rule):
    """A wrong setting reaches every copy of the program in the same moment, and no alarm has time to take it back."""

    on = "AWS::AppConfig::DeploymentStrategy"
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    message = (
        "a wrong setting reaches everything in the same moment: it neither grows nor is watched afterwards"
    )
    references = (f"{_APPCONFIG}appconfig-creating-deployment-strategy.html",)
    fix_safety = Unsafe("a deployment is complete ten minutes later")

    def check(self, strategy: Resource) -> Iterable[Finding]:
        """Look for time to watch, while it grows or after."""
        if strategy["DeploymentDurationInMinutes"] == 0 and strategy["FinalBakeTimeInMinutes"] == 0:
            yield strategy.finding("FinalBakeTimeInMinutes")

    def fix(self, finding: Finding) -> Fix | None:
        """Watch for ten minutes before it counts as done."""
        return self.offer(finding.resource.set("FinalBakeTimeInMinutes", 10))

    bad = "Fast: {Type: AWS::AppConfig::DeploymentStrategy, Properties: {Name: fast, ReplicateTo: NONE, DeploymentDurationInMinutes: 0, GrowthFactor: 100, FinalBakeTimeInMinutes: 0}}"
    good = bad.replace("FinalBakeTimeInMinutes: 0", "FinalBakeTimeInMinutes: 10")


class SettingsWatchNoAlarm(StatedRule):
    """A setting that makes requests fail is not taken back: no alarm watches its deployment."""

    on, property = "AWS::AppConfig::Environment", "Monitors"
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = "a setting that makes requests fail is not taken back: no alarm is watched"
    references = (f"{_APPCONFIG}monitoring-deployments.html",)
    bad = "Live: {Type: AWS::AppConfig::Environment, Properties: {ApplicationId: app, Name: live}}"
    good = bad.replace(
        "live}", "live, Monitors: [{AlarmArn: 'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:errors'}]}"
    )


class CanaryTellsNobody(Rule):
    """The canary tries the site day and night, and when it fails nobody is told: no alarm watches it."""

    on = _CANARY
    pillar, severity = Pillar.OPERATIONS, Severity.MEDIUM
    message = "when the canary finds the site down, nobody is told: no alarm watches it"
    references = (f"{_MONITORING}CloudWatch_Synthetics_Canaries.html",)

    def check(self, canary: Resource) -> Iterable[Finding]:
        """Look for an alarm."""
        if not canary.graph.edges_to(canary, "watches"):
            yield canary.finding("")

    bad = """
        Probe:
          Type: AWS::Synthetics::Canary
          Properties:
            Name: probe
            ArtifactS3Location: s3://probes
            ExecutionRoleArn: 'arn:aws:iam::111122223333:role/probe'
            RuntimeVersion: syn-nodejs-puppeteer-9.1
            Schedule: {Expression: rate(5 minutes)}
            Code: {Handler: index.handler, S3Bucket: code, S3Key: probe.zip}
            RunConfig: {ActiveTracing: true}
    """
    good = (
        bad
        + """
        Down:
          Type: AWS::CloudWatch::Alarm
          Properties:
            Namespace: CloudWatchSynthetics
            MetricName: SuccessPercent
            Dimensions: [{Name: CanaryName, Value: !Ref Probe}]
            Statistic: Average
            Period: 300
            EvaluationPeriods: 2
            Threshold: 90
            ComparisonOperator: LessThanThreshold
    """
    )


RULES = (
    SecretInBuild(),
    BuildPrivileged(),
    BuildNotLogged(),
    BuildLogsUnstated(),
    BuildLogsUnencrypted(),
    ArtifactsUnencrypted(),
    BuildUnderSharedKey(),
    PipelineUnderSharedKey(),
    RolloutNeverRolledBack(),
    RolloutWatchesNoAlarm(),
    RolloutAllAtOnce(),
    SettingsRolledOutAtOnce(),
    SettingsWatchNoAlarm(),
    CanaryTellsNobody(),
)
