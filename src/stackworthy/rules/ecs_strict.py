"""Amazon ECS: what some teams ask for, and others need not."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, PropertyRule, Rule
from stackworthy.core.value import ABSENT, is_stated, same, show
from stackworthy.rules._forms import ForbiddenValueRule, items, says_nothing
from stackworthy.rules.ecs import CONTAINERS, GUIDE, PLAIN_TASK, PROPERTIES, with_line

TASK = "AWS::ECS::TaskDefinition"
SERVICE = "AWS::ECS::Service"
_CLUSTER = "AWS::ECS::Cluster"
_EXEC = "Configuration.ExecuteCommandConfiguration"


class ContainerInsightsOff(Rule):
    """Container Insights records the processor, memory and restarts of each task, for the price of its metrics."""

    on = _CLUSTER
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    profile = STRICT
    message = "nothing records how single tasks fare: Container Insights is off"
    references = (f"{GUIDE}cloudwatch-container-insights.html",)
    equivalents = ("CKV_AWS_65", "AVD-AWS-0034", "aws-ecs-enable-container-insight", "ECS.12")

    def check(self, cluster: Resource) -> Iterable[Finding]:
        """Look for the setting."""
        if not cluster["ClusterSettings"].any_of(
            lambda setting: (
                setting["Name"] == "containerInsights" and setting["Value"] in ("enabled", "enhanced")
            )
        ):
            yield cluster.finding("ClusterSettings")

    bad = "Cluster: {Type: AWS::ECS::Cluster, Properties: {ClusterName: apps}}"
    good = bad.replace("apps", "apps, ClusterSettings: [{Name: containerInsights, Value: enabled}]")


class FargatePlatformPinned(Rule):
    """A service that names its platform version stays on it when a newer one with its patches comes out."""

    on = SERVICE
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the service stays on platform version {version} when a newer one comes out"
    references = (f"{GUIDE}platform-fargate.html",)
    equivalents = ("CKV_AWS_332",)
    fix_safety = Unsafe("the tasks are replaced by tasks on the newest platform")

    def check(self, service: Resource) -> Iterable[Finding]:
        """Look for a version that is named."""
        version = service["PlatformVersion"]
        if service["LaunchType"] == "FARGATE" and version != "LATEST":
            yield service.finding("PlatformVersion", version=version)

    def fix(self, finding: Finding) -> Fix | None:
        """Follow the newest version."""
        return self.offer(finding.resource.set("PlatformVersion", "LATEST"))

    bad = "App: {Type: AWS::ECS::Service, Properties: {LaunchType: FARGATE, PlatformVersion: 1.4.0}}"
    good = bad.replace("1.4.0", "LATEST")


class ServiceHasPublicAddress(ForbiddenValueRule):
    """The tasks can be reached from the internet, as far as their security groups let anybody in."""

    on, forbidden = SERVICE, ("ENABLED",)
    property = "NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the tasks get public addresses"
    references = (f"{GUIDE}fargate-task-networking.html",)
    equivalents = ("CKV_AWS_333", "ECS.2")
    bad = "App: {Type: AWS::ECS::Service, Properties: {NetworkConfiguration: {AwsvpcConfiguration: {AssignPublicIp: ENABLED, Subnets: [subnet-1]}}}}"
    good = bad.replace("ENABLED", "DISABLED")


class ContainerFilesWritable(Rule):
    """What breaks into a container can change its programs: its file system can be written."""

    on = TASK
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the programs in {container} can be changed while it runs: its file system can be written"
    references = (f"{GUIDE}security-tasks-containers.html",)
    equivalents = ("CKV_AWS_336", "ECS.5")

    def check(self, task: Resource) -> Iterable[Finding]:
        """Look at each container."""
        for path, container in items(task, CONTAINERS):
            if container["ReadonlyRootFilesystem"] is ABSENT or not container["ReadonlyRootFilesystem"]:
                yield task.finding(f"{path}.ReadonlyRootFilesystem", container=show(container["Name"]))

    bad = PLAIN_TASK
    good = with_line("ReadonlyRootFilesystem: true")


class OneRoleForTaskAndAgent(Rule):
    """The program gets the permissions with which ECS fetches images and secrets: one role serves both."""

    on = TASK
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the containers act under the role with which ECS fetches their images and secrets"
    references = (f"{GUIDE}security-iam-roles.html",)
    equivalents = ("CKV_AWS_249",)

    def check(self, task: Resource) -> Iterable[Finding]:
        """Compare the two roles."""
        own, agents = task["TaskRoleArn"], task["ExecutionRoleArn"]
        if is_stated(own) and is_stated(agents) and same(own, agents):
            yield task.finding("TaskRoleArn")

    bad = PLAIN_TASK.replace(
        "ContainerDefinitions:",
        "TaskRoleArn: 'arn:aws:iam::111122223333:role/app'\n            ExecutionRoleArn: 'arn:aws:iam::111122223333:role/app'\n            ContainerDefinitions:",
    )
    good = bad.replace("role/app'", "role/agent'", 1)


class HostNetworkShared(ForbiddenValueRule):
    """A container in the network of its machine reaches the credentials of the machine, and what listens there."""

    on, property, forbidden = TASK, "NetworkMode", ("host",)
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the containers use the network of their machine, its metadata service included"
    references = (f"{PROPERTIES}aws-resource-ecs-taskdefinition.html",)
    equivalents = ("ECS.17",)
    bad = PLAIN_TASK.replace("ContainerDefinitions:", "NetworkMode: host\n            ContainerDefinitions:")
    good = bad.replace("host", "awsvpc")


class ExecNotRecorded(PropertyRule):
    """Somebody opens a shell in a container, and nothing records what was done there."""

    on, property, expected = _CLUSTER, f"{_EXEC}.Logging", "DEFAULT"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "what is done in a shell of a container leaves no trace"
    references = (f"{GUIDE}ecs-exec.html",)
    equivalents = ("CKV_AWS_223",)

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look for logs that are turned off."""
        if subject[f"{_EXEC}.Logging"] == "NONE":
            yield subject.finding(f"{_EXEC}.Logging")

    bad = "Cluster: {Type: AWS::ECS::Cluster, Properties: {Configuration: {ExecuteCommandConfiguration: {Logging: NONE}}}}"
    good = bad.replace("NONE", "DEFAULT")


class ExecRecordUnderSharedKey(Rule):
    """Some rules ask that what is typed in a shell of a container is encrypted with a key of yours."""

    on = _CLUSTER
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "what is typed in a shell of a container is recorded without a key of yours"
    references = (f"{GUIDE}ecs-exec.html",)
    equivalents = ("CKV_AWS_224",)

    def check(self, cluster: Resource) -> Iterable[Finding]:
        """Look at clusters that say how shells are recorded."""
        if says_nothing(cluster[_EXEC]) or cluster[f"{_EXEC}.Logging"] == "NONE":
            return
        encrypted = any(
            cluster[f"{_EXEC}.LogConfiguration.{name}EncryptionEnabled"] for name in ("CloudWatch", "S3")
        )
        if says_nothing(cluster[f"{_EXEC}.KmsKeyId"]) or not encrypted:
            yield cluster.finding(f"{_EXEC}.KmsKeyId")

    bad = "Cluster: {Type: AWS::ECS::Cluster, Properties: {Configuration: {ExecuteCommandConfiguration: {Logging: OVERRIDE}}}}"
    good = bad.replace(
        "OVERRIDE",
        "OVERRIDE, KmsKeyId: alias/shell, LogConfiguration: {CloudWatchEncryptionEnabled: true, CloudWatchLogGroupName: shell}",
    )


class FargateOnX86(Rule):
    """The same task costs a fifth less on arm64, for images that are built for it."""

    on = TASK
    pillar, severity = Pillar.COST, Severity.LOW
    profile = STRICT
    message = "the task costs a fifth less on arm64, where its images run on it"
    references = (f"{GUIDE}ecs-arm64.html",)
    fix_safety = Unsafe("the images must be built for arm64")

    def check(self, task: Resource) -> Iterable[Finding]:
        """Look at Linux tasks for Fargate."""
        architecture = "RuntimePlatform.CpuArchitecture"
        system = task["RuntimePlatform.OperatingSystemFamily"]
        if "FARGATE" not in task["RequiresCompatibilities"] or (system is not ABSENT and system != "LINUX"):
            return
        if task[architecture] is ABSENT or task[architecture] == "X86_64":
            yield task.finding(architecture)

    def fix(self, finding: Finding) -> Fix | None:
        """Run on arm64."""
        task = finding.resource
        system = task.set("RuntimePlatform.OperatingSystemFamily", "LINUX")
        return self.offer(task.set("RuntimePlatform.CpuArchitecture", "ARM64"), system)

    bad = PLAIN_TASK.replace(
        "ContainerDefinitions:", "RequiresCompatibilities: [FARGATE]\n            ContainerDefinitions:"
    )
    good = bad.replace(
        "RequiresCompatibilities",
        "RuntimePlatform: {CpuArchitecture: ARM64}\n            RequiresCompatibilities",
    )


RULES = (
    ContainerInsightsOff(),
    FargatePlatformPinned(),
    ServiceHasPublicAddress(),
    ContainerFilesWritable(),
    OneRoleForTaskAndAgent(),
    HostNetworkShared(),
    ExecNotRecorded(),
    ExecRecordUnderSharedKey(),
    FargateOnX86(),
)
