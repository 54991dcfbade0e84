"""AWS KMS: how keys are kept, and who may use them."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws.exposure import is_public
from stackworthy.aws.statements import read_policy
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Unsafe
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Kinds, PropertyRule, Rule, Stack
from stackworthy.core.value import ABSENT
from stackworthy.rules._forms import StatedRule

MANY_KEYS = 5
"""So many keys in one stack are seldom each needed; at a dollar a month each they outweigh many a serverless bill."""

_GUIDE = "https://docs.aws.amazon.com/kms/latest/developerguide/"


class KeyRotationOff(Rule):
    """The same key material encrypts for ever: whoever gets hold of it once reads everything, old and new.

    KMS replaces the material of a symmetric key each year when asked to, and keeps the old for decryption. Nobody
    notices the change. Asymmetric and HMAC keys, and material from outside, cannot be rotated so.
    """

    on = "AWS::KMS::Key"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "the material of this key is never replaced: rotation is off"
    references = (f"{_GUIDE}rotate-keys.html",)
    equivalents = ("CKV_AWS_7", "AVD-AWS-0065", "aws-kms-auto-rotate-keys", "KMS.4", "F19")
    fix_safety = Unsafe("each of the first two rotations adds a dollar a month to the price of the key")

    def check(self, key: Resource) -> Iterable[Finding]:
        """Ask whether a key that can rotate does."""
        if key["KeySpec"] != "SYMMETRIC_DEFAULT" or key["Origin"] in ("EXTERNAL", "EXTERNAL_KEY_STORE"):
            return
        if key["Origin"] != "AWS_CLOUDHSM" and not key["EnableKeyRotation"]:
            yield key.finding("EnableKeyRotation")

    def fix(self, finding: Finding) -> Fix | None:
        """Turn rotation on."""
        return self.offer(finding.resource.set("EnableKeyRotation", True))

    bad = "Key: {Type: AWS::KMS::Key, Properties: {Description: orders}}"
    good = (
        bad.replace("orders", "orders, EnableKeyRotation: true"),
        bad.replace("orders", "orders, KeySpec: RSA_2048, KeyUsage: SIGN_VERIFY"),
    )


class KeyOpenToEverybody(Rule):
    """A key policy that allows everybody lets any AWS account use the key, or take it away.

    A condition that names the account or the organisation, or a principal in place of the asterisk, closes it.
    """

    on = Kinds(("AWS::KMS::Key", "AWS::KMS::ReplicaKey"))
    pillar, severity = Pillar.SECURITY, Severity.CRITICAL
    message = "everybody may do {actions} with this key: no condition says who"
    references = (f"{_GUIDE}key-policies.html",)
    equivalents = ("CKV_AWS_33", "KMS.5", "F76")

    def check(self, key: Resource) -> Iterable[Finding]:
        """Look for statements that allow everybody without saying from where."""
        for statement in read_policy(key["KeyPolicy"], key, "KeyPolicy"):
            if is_public(statement):
                yield key.finding(statement.path, actions=statement.actions)

    bad = """
        Key:
          Type: AWS::KMS::Key
          Properties:
            KeyPolicy: {Statement: [{Effect: Allow, Principal: '*', Action: 'kms:*', Resource: '*'}]}
    """
    good = bad.replace("Principal: '*'", "Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}")


class KeyWithoutPolicy(StatedRule):
    """Nobody wrote down who may use the key: the default policy leaves it to every IAM policy of the account."""

    on, property = "AWS::KMS::Key", "KeyPolicy"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "no policy says who may use this key: any role with a wide IAM policy may"
    references = (f"{_GUIDE}key-policy-default.html",)
    equivalents = ("CKV2_AWS_64",)
    bad = "Key: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: true}}"
    good = """
        Key:
          Type: AWS::KMS::Key
          Properties:
            KeyPolicy:
              Statement:
                - {Effect: Allow, Principal: {AWS: 'arn:aws:iam::111122223333:root'}, Action: 'kms:*', Resource: '*'}
    """


class KeyDisabled(PropertyRule):
    """A disabled key decrypts nothing and is paid for all the same."""

    on, property, expected = "AWS::KMS::Key", "Enabled", True
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    message = "the key is disabled: what it encrypted cannot be read, and it is billed all the same"
    references = (f"{_GUIDE}enabling-keys.html",)
    equivalents = ("CKV_AWS_227",)
    fix_safety = Unsafe("somebody may have disabled the key on purpose")
    bad = "Key: {Type: AWS::KMS::Key, Properties: {Enabled: false}}"
    good = bad.replace("false", "true")


class KeyDeletedTooSoon(Rule):
    """A week is short for noticing that a key is about to be deleted; after it, nothing that it encrypted can be read.

    The waiting period costs nothing, and can be ended by nobody's mistake but only by cancelling the deletion.
    """

    on = Kinds(("AWS::KMS::Key", "AWS::KMS::ReplicaKey"))
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    profile = STRICT
    message = (
        "a deletion can be taken back for {days} days only, and is final then for all data under the key"
    )
    references = (f"{_GUIDE}deleting-keys.html",)
    fix_safety = Unsafe("the key of a deleted stack lingers for a month, though it is not billed then")

    def check(self, key: Resource) -> Iterable[Finding]:
        """Compare the waiting period with two weeks."""
        days = key["PendingWindowInDays"]
        if days < 14:
            yield key.finding("PendingWindowInDays", days=days)

    def fix(self, finding: Finding) -> Fix | None:
        """Wait for thirty days."""
        return self.offer(finding.resource.set("PendingWindowInDays", 30))

    bad = "Key: {Type: AWS::KMS::Key, Properties: {PendingWindowInDays: 7}}"
    good = bad.replace("7", "30")


class ManyKeys(Rule):
    """Every customer-managed key costs a dollar a month, used or not, and each rotation of the first two another.

    One key for what belongs together, or the free keys that AWS owns, protect as well where no rule asks for more.
    """

    on = Stack(("AWS::KMS::Key",))
    pillar, severity = Pillar.COST, Severity.LOW
    profile = STRICT
    message = "{count} keys of your own cost at least {count} dollars a month before their first use"
    references = ("https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html",)

    def check(self, graph: Graph) -> Iterable[Finding]:
        """Count the keys."""
        count = len(graph.of("AWS::KMS::Key"))
        if count >= MANY_KEYS:
            yield graph.finding(count=count)

    bad = "\n".join(f"Key{number}: {{Type: AWS::KMS::Key}}" for number in range(MANY_KEYS))
    good = "Key: {Type: AWS::KMS::Key}"


class AliasInNameSpaceOfAws(Rule):
    """An alias in the name space `alias/aws/` belongs to AWS: KMS refuses to create it."""

    on = "AWS::KMS::Alias"
    pillar, severity = Pillar.OPERATIONS, Severity.HIGH
    message = "the deployment fails: names under alias/aws/ are AWS's own"
    references = (f"{_GUIDE}alias-create.html",)

    def check(self, alias: Resource) -> Iterable[Finding]:
        """Look at the name."""
        name = alias["AliasName"]
        if name is not ABSENT and name.startswith("alias/aws/"):
            yield alias.finding("AliasName")

    bad = "Name: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/aws/orders, TargetKeyId: orders}}"
    good = bad.replace("alias/aws/orders", "alias/orders")


RULES = (
    KeyRotationOff(),
    KeyOpenToEverybody(),
    KeyWithoutPolicy(),
    KeyDisabled(),
    KeyDeletedTooSoon(),
    ManyKeys(),
    AliasInNameSpaceOfAws(),
)
