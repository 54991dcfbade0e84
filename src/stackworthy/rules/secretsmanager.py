"""AWS Secrets Manager: where secrets come from, who reads them, and how long they live."""

from __future__ import annotations

import re
from collections.abc import Iterable

from stackworthy.aws.arns import resolve
from stackworthy.aws.exposure import is_public
from stackworthy.aws.keys import is_managed
from stackworthy.aws.names import SECRET
from stackworthy.aws.statements import read_policy
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Rule
from stackworthy.core.value import ABSENT
from stackworthy.rules._forms import StatedRule, says_nothing
from stackworthy.rules._reading import named, surely_named, texts_of_secret
from stackworthy.rules._secrets import literal_secret

_GUIDE = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/"
_RATE = re.compile(r"rate\((\d+) (hour|day)s?\)")
_MOST_DAYS = 90


class SecretInTemplate(Rule):
    """A secret written into a template is known to everybody who can read the template or its history.

    Secrets Manager can make up a password itself (`GenerateSecretString`), or take it once by hand.
    """

    on = "AWS::SecretsManager::Secret"
    pillar, severity = Pillar.SECURITY, Severity.CRITICAL
    message = "{what} stands in the template for everybody who can read it"
    references = (f"{_GUIDE}best-practices.html",)

    def check(self, secret: Resource) -> Iterable[Finding]:
        """Look for text that is neither a placeholder nor a reference."""
        text = secret["SecretString"]
        for name, value in texts_of_secret(text):
            what = literal_secret(name, value)
            if what:
                yield secret.finding("SecretString", what=what)
                return

    bad = """
        Database: {Type: AWS::SecretsManager::Secret, Properties: {SecretString: '{"username": "app", "password": "hk3Jd8sLq0"}'}}
    """
    good = """
        Database:
          Type: AWS::SecretsManager::Secret
          Properties:
            GenerateSecretString: {SecretStringTemplate: '{"username": "app"}', GenerateStringKey: password}
    """


class SecretNotRotated(Rule):
    """A secret that never changes stays useful to whoever saw it once.

    Databases can be rotated by AWS's own functions; the key of somebody else's service often cannot be rotated at all.
    """

    on = "AWS::SecretsManager::Secret"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the secret never changes: nothing rotates it"
    references = (f"{_GUIDE}rotating-secrets.html",)
    equivalents = ("CKV2_AWS_57", "SecretsManager.1")

    def check(self, secret: Resource) -> Iterable[Finding]:
        """Look for a rotation schedule of the secret."""
        if not _is_rotated(secret):
            yield secret.finding("")

    bad = """
        Key: {Type: AWS::SecretsManager::Secret, Properties: {Description: a key}}
    """
    good = (
        bad
        + """
        Rotation:
          Type: AWS::SecretsManager::RotationSchedule
          Properties: {SecretId: !Ref Key, RotationRules: {AutomaticallyAfterDays: 30}}
    """
    )


class DatabasePasswordNotRotated(Rule):
    """The password of a database stays the same for years, though Secrets Manager changes it without a line of code.

    A database that manages its own password (`ManageMasterUserPassword`) has it rotated each week for nothing.
    """

    on = "AWS::SecretsManager::SecretTargetAttachment"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "the password of the database never changes: nothing rotates {rotated}"
    references = (f"{_GUIDE}rotate-secrets_turn-on-for-db.html",)

    def check(self, attachment: Resource) -> Iterable[Finding]:
        """Look for a rotation schedule of the attached secret."""
        secret = named(attachment, attachment["SecretId"], SECRET)
        if secret and not _is_rotated(secret):
            yield attachment.finding("SecretId", rotated=secret.name)

    bad = """
        Secret: {Type: AWS::SecretsManager::Secret, Properties: {GenerateSecretString: {PasswordLength: 32}}}
        Attached:
          Type: AWS::SecretsManager::SecretTargetAttachment
          Properties: {SecretId: !Ref Secret, TargetId: orders, TargetType: AWS::RDS::DBInstance}
    """
    good = (
        bad
        + """
        Rotation:
          Type: AWS::SecretsManager::RotationSchedule
          Properties: {SecretId: !Ref Attached, RotationRules: {AutomaticallyAfterDays: 30}}
    """
    )


def _is_rotated(secret: Resource) -> bool:
    """Whether a schedule rotates the secret, named itself or through its attachment; raises `NotKnown`."""
    graph = secret.graph
    attachments = {
        attachment.address
        for attachment in graph.of("AWS::SecretsManager::SecretTargetAttachment")
        if resolve(graph, attachment["SecretId"], SECRET) is secret
    }
    schedules = graph.of("AWS::SecretsManager::RotationSchedule")
    found = [surely_named(secret, schedule["SecretId"]) for schedule in schedules]
    if any(other is secret or (other and other.address in attachments) for other in found):
        return True
    for schedule in schedules:
        named(secret, schedule["SecretId"])
    return False


class SecretRotatedTooRarely(Rule):
    """A secret that changes less than every three months is useful for long to whoever saw it."""

    on = "AWS::SecretsManager::RotationSchedule"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "the secret changes every {days} days only"
    references = (f"{_GUIDE}rotate-secrets_schedule.html",)
    equivalents = ("CKV_AWS_304", "SecretsManager.4")
    fix_safety = Unsafe("whatever keeps a copy of the secret must read it again sooner")

    def check(self, schedule: Resource) -> Iterable[Finding]:
        """Compare the days between two rotations with ninety."""
        days = schedule["RotationRules.AutomaticallyAfterDays"]
        if days is not ABSENT and days > _MOST_DAYS:
            yield schedule.finding("RotationRules.AutomaticallyAfterDays", days=days)
            return
        expression = schedule["RotationRules.ScheduleExpression"]
        rate = _RATE.fullmatch(expression) if expression else None
        if rate and rate[2] == "day" and int(rate[1]) > _MOST_DAYS:
            yield schedule.finding("RotationRules.ScheduleExpression", days=int(rate[1]))

    def fix(self, finding: Finding) -> Fix | None:
        """Rotate each month."""
        monthly = 30 if finding.property.endswith("Days") else "rate(30 days)"
        return self.offer(finding.resource.set(finding.property, monthly))

    bad = """
        Rotation:
          Type: AWS::SecretsManager::RotationSchedule
          Properties: {SecretId: orders, RotationRules: {AutomaticallyAfterDays: 365}}
    """
    good = bad.replace("365", "30")


class SecretWithoutOwnKey(StatedRule):
    """Some rules ask that the key of a secret is yours; other accounts can read it only then.

    The secret is encrypted in any case.
    """

    on, property = "AWS::SecretsManager::Secret", "KmsKeyId"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the secret is encrypted with a key of AWS, not with one of yours"
    references = (f"{_GUIDE}security-encryption.html",)
    equivalents = ("CKV_AWS_149", "AVD-AWS-0098", "aws-ssm-secret-use-customer-key", "W77")

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look for a key, and for the name of AWS's own."""
        key = subject["KmsKeyId"]
        if says_nothing(key) or is_managed(key, "secretsmanager"):
            yield subject.finding("KmsKeyId")

    bad = "Key: {Type: AWS::SecretsManager::Secret, Properties: {Description: a key}}"
    good = bad.replace("a key", "a key, KmsKeyId: alias/secrets")


class SecretOpenToEverybody(Rule):
    """A resource policy that allows everybody gives the secret to any AWS account."""

    on = "AWS::SecretsManager::ResourcePolicy"
    pillar, severity = Pillar.SECURITY, Severity.CRITICAL
    message = "everybody may do {actions} with the secret: no condition says who"
    references = (f"{_GUIDE}auth-and-access_resource-policies.html",)

    def check(self, policy: Resource) -> Iterable[Finding]:
        """Look for statements that allow everybody without saying from where."""
        for statement in read_policy(policy["ResourcePolicy"], policy, "ResourcePolicy"):
            if is_public(statement):
                yield policy.finding(statement.path, actions=statement.actions)

    bad = """
        Policy:
          Type: AWS::SecretsManager::ResourcePolicy
          Properties:
            SecretId: orders
            ResourcePolicy:
              Statement: [{Effect: Allow, Principal: '*', Action: 'secretsmanager:GetSecretValue', Resource: '*'}]
    """
    good = bad.replace("Principal: '*'", "Principal: {AWS: 'arn:aws:iam::111122223333:role/reader'}")


RULES = (
    SecretInTemplate(),
    SecretNotRotated(),
    DatabasePasswordNotRotated(),
    SecretRotatedTooRarely(),
    SecretWithoutOwnKey(),
    SecretOpenToEverybody(),
)
