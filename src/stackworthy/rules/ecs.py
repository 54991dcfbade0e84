"""Amazon ECS: services, tasks and their containers. What only some ask for is in ecs_strict."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import Allow, Change, Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Rule
from stackworthy.core.value import Map, NotKnown, is_stated, joined, show
from stackworthy.rules._forms import ForbiddenValueRule, items, says_nothing
from stackworthy.rules._mending import REGION, log_group, role_named
from stackworthy.rules._reading import variables
from stackworthy.rules._secrets import literal_secret

TASK = "AWS::ECS::TaskDefinition"
SERVICE = "AWS::ECS::Service"
CONTAINERS = "ContainerDefinitions"
GUIDE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/"
PROPERTIES = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
_OLD_PLATFORMS = ("1.0.0", "1.1.0", "1.2.0", "1.3.0")

PLAIN_TASK = """
        Execute: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}
        Task:
          Type: AWS::ECS::TaskDefinition
          Properties:
            ExecutionRoleArn: !GetAtt Execute.Arn
            ContainerDefinitions:
              - Name: app
                Image: app
                LogConfiguration: {LogDriver: awslogs}
    """


def with_line(line: str) -> str:
    """The plain task with one more line in its container."""
    return PLAIN_TASK.replace("Image: app", f"Image: app\n                {line}")


class ContainerPrivileged(Rule):
    """A privileged container is root on the machine that it runs on: whoever breaks out of it has all the others too."""

    on = TASK
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "the container {container} is root on its machine"
    references = (f"{GUIDE}security-tasks-containers.html",)
    equivalents = ("CKV_AWS_334", "AVD-AWS-0036", "aws-ecs-no-plaintext-secrets", "ECS.4")
    fix_safety = Unsafe("programs that reach for the machine's devices or kernel no longer can")

    def check(self, task: Resource) -> Iterable[Finding]:
        """Look at each container."""
        for path, container in items(task, CONTAINERS):
            if container["Privileged"] is not False and container["Privileged"]:
                yield task.finding(f"{path}.Privileged", container=show(container["Name"]))

    def fix(self, finding: Finding) -> Fix | None:
        """Run it as any other."""
        return self.offer(finding.resource.set(finding.property, False))

    bad = with_line("Privileged: true")
    good = bad.replace("true", "false")


class SecretInContainer(Rule):
    """A secret among the variables of a container stands in the template and in every description of the task.

    ECS reads secrets from Secrets Manager or Parameter Store when it starts the container (`Secrets`).
    """

    on = TASK
    pillar, severity = Pillar.SECURITY, Severity.CRITICAL
    message = "{what} stands in the variable {name} for everybody who can read the template or the task"
    references = (f"{GUIDE}specifying-sensitive-data.html",)
    equivalents = ("AVD-AWS-0036", "aws-ecs-no-plaintext-secrets", "ECS.8")

    def check(self, task: Resource) -> Iterable[Finding]:
        """Look at the variables of each container."""
        for path, container in items(task, CONTAINERS):
            for index, name, value in variables(container["Environment"]):
                what = literal_secret(name, value)
                if what:
                    yield task.finding(f"{path}.Environment[{index}].Value", what=what, name=name)

    bad = with_line("Environment: [{Name: DB_PASSWORD, Value: hk3Jd8sLq0}]")
    good = with_line(
        "Secrets: [{Name: DB_PASSWORD, ValueFrom: 'arn:aws:ssm:eu-west-1:111122223333:parameter/db'}]"
    )


class TaskWithoutLogs(Rule):
    """What a container says before it dies goes nowhere: nobody can tell why the task stopped."""

    on = TASK
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "what {container} says goes nowhere: it has no log configuration"
    references = (f"{GUIDE}using_awslogs.html",)
    equivalents = ("ECS.9",)

    def check(self, task: Resource) -> Iterable[Finding]:
        """Look at each container."""
        for path, container in items(task, CONTAINERS):
            if says_nothing(container["LogConfiguration"]):
                yield task.finding(f"{path}.LogConfiguration", container=show(container["Name"]))

    fix_safety = Unsafe(
        "log lines are billed by their size; the task definition gets a new revision, which services must be told to use"
    )

    def fix(self, finding: Finding) -> Fix | None:
        """Send what it says to a log group that ends, and let the execution role do so."""
        task = finding.resource
        role = role_named(task, task["ExecutionRoleArn"])
        if role is None:
            return None
        name = finding.evidence["container"]
        group = log_group(task, f"{name}Logs" if len(task[CONTAINERS]) > 1 else "Logs")
        options = Map(
            {"awslogs-group": group.reference(), "awslogs-region": REGION, "awslogs-stream-prefix": name}
        )
        write = Allow(role, _WRITE_LOGS, (joined((group.reference("Arn"), ":*")),))
        changes: tuple[Change, ...] = (group,) if _may_write_logs(role) else (group, write)
        return self.offer(*changes, task.set(finding.property, Map(LogDriver="awslogs", Options=options)))

    bad = PLAIN_TASK.replace("LogConfiguration: {LogDriver: awslogs}", "Essential: true")
    good = PLAIN_TASK


_WRITE_LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
_EXECUTES = "service-role/AmazonECSTaskExecutionRolePolicy"


def _may_write_logs(role: Resource) -> bool:
    """Whether the role has the policy that AWS made for pulling images and writing logs, as far as can be told."""
    try:
        return bool(role["ManagedPolicyArns"].any_of(lambda arn: show(arn).endswith(_EXECUTES)))
    except NotKnown:
        return False


class HostProcessesShared(ForbiddenValueRule):
    """A container in the process space of its machine sees, and may stop, what all other tasks run there."""

    on, property, forbidden = TASK, "PidMode", ("host",)
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "the containers see the processes of the machine and of all other tasks on it"
    references = (f"{PROPERTIES}aws-resource-ecs-taskdefinition.html",)
    equivalents = ("CKV_AWS_335", "ECS.3")
    bad = PLAIN_TASK.replace("ContainerDefinitions:", "PidMode: host\n            ContainerDefinitions:")
    good = bad.replace("host", "task")


class FileSystemReadInClear(Rule):
    """Files travel unencrypted between the task and the file system: EFS encrypts them only when the volume asks for it."""

    on = TASK
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "the files of {volume} travel unencrypted"
    references = (f"{GUIDE}efs-volumes.html",)
    equivalents = ("CKV_AWS_97", "AVD-AWS-0035", "aws-ecs-enable-in-transit-encryption", "ECS.18")
    fix_safety = Unsafe("the task definition gets a new revision, which services must be told to use")

    def check(self, task: Resource) -> Iterable[Finding]:
        """Look at each volume of EFS."""
        for path, volume in items(task, "Volumes"):
            config = volume["EFSVolumeConfiguration"]
            if is_stated(config) and config["TransitEncryption"] != "ENABLED":
                yield task.finding(
                    f"{path}.EFSVolumeConfiguration.TransitEncryption", volume=show(volume["Name"])
                )

    def fix(self, finding: Finding) -> Fix | None:
        """Encrypt on the way."""
        return self.offer(finding.resource.set(finding.property, "ENABLED"))

    bad = PLAIN_TASK.replace(
        "ContainerDefinitions:",
        "Volumes: [{Name: files, EFSVolumeConfiguration: {FilesystemId: fs-1}}]\n            ContainerDefinitions:",
    )
    good = bad.replace("fs-1", "fs-1, TransitEncryption: ENABLED")


class OldFargatePlatform(Rule):
    """An old version of the platform gets no security patches any more, and AWS stops its tasks when it retires it."""

    on = SERVICE
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "platform version {version} is out of support"
    references = (f"{GUIDE}platform-fargate.html",)
    equivalents = ("CKV_AWS_332", "ECS.10")
    fix_safety = Unsafe("the tasks are replaced by tasks on the newest platform")

    def check(self, service: Resource) -> Iterable[Finding]:
        """Look at the version of a service on Fargate."""
        version = service["PlatformVersion"]
        if service["LaunchType"] != "EC2" and version in _OLD_PLATFORMS:
            yield service.finding("PlatformVersion", version=version)

    def fix(self, finding: Finding) -> Fix | None:
        """Follow the newest version."""
        return self.offer(finding.resource.set("PlatformVersion", "LATEST"))

    bad = "App: {Type: AWS::ECS::Service, Properties: {LaunchType: FARGATE, PlatformVersion: 1.3.0}}"
    good = bad.replace("1.3.0", "LATEST")


class DeploymentNeverGivesUp(Rule):
    """A new version whose tasks cannot start is tried again for hours, and the deployment hangs with it.

    The circuit breaker notices after a few attempts, and goes back to the version that worked.
    """

    on = SERVICE
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    message = "a version that cannot start is tried for hours: the circuit breaker is off"
    references = (f"{GUIDE}deployment-circuit-breaker.html",)
    fix_safety = Unsafe("a deployment that would have come through after many failed tasks is rolled back")

    def check(self, service: Resource) -> Iterable[Finding]:
        """Look at services that ECS deploys itself, several tasks or one."""
        if service["DeploymentController.Type"] != "ECS" or service["SchedulingStrategy"] == "DAEMON":
            return
        if not service[f"{_BREAKER}.Enable"]:
            yield service.finding(f"{_BREAKER}.Enable")

    def fix(self, finding: Finding) -> Fix | None:
        """Turn it on, with the way back."""
        service = finding.resource
        return self.offer(service.set(f"{_BREAKER}.Enable", True), service.set(f"{_BREAKER}.Rollback", True))

    bad = "App: {Type: AWS::ECS::Service, Properties: {LaunchType: FARGATE, TaskDefinition: app}}"
    good = bad.replace(
        "app}", "app, DeploymentConfiguration: {DeploymentCircuitBreaker: {Enable: true, Rollback: true}}}"
    )


_BREAKER = "DeploymentConfiguration.DeploymentCircuitBreaker"


class TaskHasPublicAddress(Rule):
    """The tasks can be reached from the internet, as far as their security groups let anybody in.

    Behind a load balancer, in subnets with a way out, tasks need no address of their own.
    """

    on = SERVICE
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "the tasks get public addresses, though a load balancer stands in front of them"
    references = (f"{GUIDE}fargate-task-networking.html",)
    fix_safety = Unsafe(
        "the tasks need another way to fetch their images, such as endpoints or a NAT gateway"
    )

    def check(self, service: Resource) -> Iterable[Finding]:
        """Look for addresses of tasks that a load balancer feeds."""
        if says_nothing(service["LoadBalancers"]):
            return
        if service[_PUBLIC] == "ENABLED":
            yield service.finding(_PUBLIC)

    def fix(self, finding: Finding) -> Fix | None:
        """Give private addresses only."""
        return self.offer(finding.resource.set(_PUBLIC, "DISABLED"))

    bad = """
        App:
          Type: AWS::ECS::Service
          Properties:
            LaunchType: FARGATE
            DeploymentConfiguration: {DeploymentCircuitBreaker: {Enable: true, Rollback: true}}
            LoadBalancers: [{ContainerName: app, ContainerPort: 80, TargetGroupArn: 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/a/1'}]
            NetworkConfiguration: {AwsvpcConfiguration: {AssignPublicIp: ENABLED, Subnets: [subnet-1]}}
    """
    good = bad.replace("ENABLED", "DISABLED")


_PUBLIC = "NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp"

RULES = (
    ContainerPrivileged(),
    SecretInContainer(),
    TaskWithoutLogs(),
    HostProcessesShared(),
    FileSystemReadInClear(),
    OldFargatePlatform(),
    DeploymentNeverGivesUp(),
    TaskHasPublicAddress(),
)
