"""AWS Batch: jobs, and the machines that they run on."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, PropertyRule, Rule
from stackworthy.core.value import is_stated
from stackworthy.rules._forms import StatedRule
from stackworthy.rules._reading import variables
from stackworthy.rules._secrets import literal_secret

_JOB = "AWS::Batch::JobDefinition"
_GUIDE = "https://docs.aws.amazon.com/batch/latest/userguide/"
_PLAIN = """
        Job:
          Type: AWS::Batch::JobDefinition
          Properties:
            Type: container
            Timeout: {AttemptDurationSeconds: 3600}
            ContainerProperties: {Image: app}
    """


class JobPrivileged(PropertyRule):
    """A privileged container is root on the machine that it runs on: whoever breaks out of it has all other jobs too."""

    on, property, expected = _JOB, "ContainerProperties.Privileged", False
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "the job is root on its machine"
    references = (f"{_GUIDE}job_definition_parameters.html",)
    equivalents = ("CKV_AWS_210",)
    fix_safety = Unsafe("programs that reach for the machine's devices or kernel no longer can")

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look for the privilege."""
        if subject[self.property]:
            yield subject.finding(self.property)

    bad = _PLAIN.replace("app}", "app, Privileged: true}")
    good = bad.replace("true", "false")


_DAY = 86_400


class JobWithoutTimeout(StatedRule):
    """A job that hangs runs, and is paid for, until somebody notices: Batch sets no limit of its own."""

    on, property = _JOB, "Timeout.AttemptDurationSeconds"
    pillar, severity = Pillar.COST, Severity.LOW
    message = "a job that hangs runs until somebody notices: no timeout is set"
    references = (f"{_GUIDE}job_timeouts.html",)
    fix_safety = Unsafe("a job that takes longer than a day is stopped")

    def fix(self, finding: Finding) -> Fix | None:
        """Stop an attempt after a day."""
        return self.offer(finding.resource.set(self.property, _DAY))

    bad = _PLAIN.replace("Timeout: {AttemptDurationSeconds: 3600}", "Parameters: {}")
    good = _PLAIN


class SecretInJob(Rule):
    """A secret among the variables of a job stands in the template and in every description of the job.

    Batch reads secrets from Secrets Manager or Parameter Store when it starts the container (`Secrets`).
    """

    on = _JOB
    pillar, severity = Pillar.SECURITY, Severity.CRITICAL
    message = "{what} stands in the variable {name} for everybody who can read the template or the job"
    references = (f"{_GUIDE}specifying-sensitive-data.html",)

    def check(self, job: Resource) -> Iterable[Finding]:
        """Look at the variables."""
        path = "ContainerProperties.Environment"
        for index, name, value in variables(job[path]):
            what = literal_secret(name, value)
            if what:
                yield job.finding(f"{path}[{index}].Value", what=what, name=name)

    bad = _PLAIN.replace("app}", "app, Environment: [{Name: DB_PASSWORD, Value: hk3Jd8sLq0}]}")
    good = _PLAIN


class JobNotRetried(Rule):
    """A job whose machine is taken away, as Spot machines are, counts as failed and is not started again."""

    on = _JOB
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = "a job whose machine is taken away is not started again: one attempt is made"
    references = (f"{_GUIDE}job_retries.html",)
    fix_safety = Unsafe("a job that fails half way is run again from its start")

    def check(self, job: Resource) -> Iterable[Finding]:
        """Look for more than one attempt."""
        attempts = job["RetryStrategy.Attempts"]
        if not is_stated(attempts) or attempts < 2:
            yield job.finding("RetryStrategy.Attempts")

    def fix(self, finding: Finding) -> Fix | None:
        """Make three attempts."""
        return self.offer(finding.resource.set("RetryStrategy.Attempts", 3))

    bad = _PLAIN
    good = _PLAIN.replace("Type: container", "Type: container\n            RetryStrategy: {Attempts: 3}")


class BatchOnDemand(Rule):
    """Jobs that can be run again cost up to nine tenths less on Spot machines, which AWS may take back at two minutes' notice."""

    on = "AWS::Batch::ComputeEnvironment"
    pillar, severity = Pillar.COST, Severity.LOW
    profile = STRICT
    message = "jobs run at the full price of {type}: Spot capacity costs a fraction of it"
    references = (f"{_GUIDE}compute_environments.html",)

    def check(self, environment: Resource) -> Iterable[Finding]:
        """Look at the type of capacity."""
        kind = environment["ComputeResources.Type"]
        if kind in ("EC2", "FARGATE"):
            yield environment.finding("ComputeResources.Type", type=kind)

    bad = "Jobs: {Type: AWS::Batch::ComputeEnvironment, Properties: {Type: MANAGED, ComputeResources: {Type: FARGATE, MaxvCpus: 16, Subnets: [subnet-1]}}}"
    good = bad.replace("FARGATE", "FARGATE_SPOT")


RULES = (JobPrivileged(), JobWithoutTimeout(), SecretInJob(), JobNotRetried(), BatchOnDemand())
