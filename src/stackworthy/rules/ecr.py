"""Amazon ECR: repositories of container images."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws.exposure import is_public
from stackworthy.aws.statements import read_policy
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import SAFE, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, PropertyRule, Rule
from stackworthy.rules._forms import StatedRule

_REPOSITORY = "AWS::ECR::Repository"
_GUIDE = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/"
_PLAIN = "Images: {Type: AWS::ECR::Repository, Properties: {RepositoryName: app}}"


def _with(more: str) -> str:
    return _PLAIN.replace("app}", f"app, {more}}}")


class ImagesNotScanned(PropertyRule):
    """Known holes in the packages of an image stay unnoticed: nobody looks when it is pushed.

    ECR's basic scan costs nothing.
    """

    on, property, expected = _REPOSITORY, "ImageScanningConfiguration.ScanOnPush", True
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "known holes in the images stay unnoticed: they are not scanned when they are pushed"
    references = (f"{_GUIDE}image-scanning.html",)
    equivalents = ("CKV_AWS_163", "AVD-AWS-0030", "aws-ecr-enable-image-scans", "ECR.1", "W79")
    fix_safety = SAFE
    bad = _PLAIN
    good = _with("ImageScanningConfiguration: {ScanOnPush: true}")


class ImagesKeptForEver(StatedRule):
    """Every build adds an image that nobody ever deletes, and the repository's bill only grows.

    A lifecycle policy keeps the last few and deletes the rest.
    """

    on, property = _REPOSITORY, "LifecyclePolicy"
    pillar, severity = Pillar.COST, Severity.LOW
    message = "every image is kept for ever, and the bill only grows: no lifecycle policy is set"
    references = (f"{_GUIDE}LifecyclePolicies.html",)
    equivalents = ("ECR.3",)
    bad = _PLAIN
    good = _with("LifecyclePolicy: {LifecyclePolicyText: '{}'}")


class RepositoryOpenToEverybody(Rule):
    """A policy that allows everybody lets any AWS account fetch the images, or put others in their place."""

    on = _REPOSITORY
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "everybody may do {actions} with the repository: no condition says who"
    references = (f"{_GUIDE}repository-policies.html",)
    equivalents = ("CKV_AWS_32", "AVD-AWS-0032", "aws-ecr-no-public-access")

    def check(self, repository: Resource) -> Iterable[Finding]:
        """Look for statements that allow everybody without saying from where."""
        for statement in read_policy(repository["RepositoryPolicyText"], repository, "RepositoryPolicyText"):
            if is_public(statement):
                yield repository.finding(statement.path, actions=statement.actions)

    bad = _with(
        "RepositoryPolicyText: {Statement: [{Effect: Allow, Principal: '*', Action: 'ecr:BatchGetImage'}]}"
    )
    good = bad.replace("'*'", "{AWS: '111122223333'}")


class ImageTagsMutable(PropertyRule):
    """Tomorrow the same tag may name another image: what was tested is not what is started.

    Deployments that name images by digest do not depend on tags.
    """

    on, property, expected = _REPOSITORY, "ImageTagMutability", "IMMUTABLE"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "a tag may name another image tomorrow: tags can be moved"
    references = (f"{_GUIDE}image-tag-mutability.html",)
    equivalents = ("CKV_AWS_51", "AVD-AWS-0031", "aws-ecr-enforce-immutable-repository", "ECR.2")
    fix_safety = Unsafe("a build that pushes the same tag again, such as latest, is refused")

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look at tags that can be moved without exception."""
        if subject["ImageTagMutability"] == "MUTABLE":
            yield subject.finding("ImageTagMutability")

    bad = _PLAIN
    good = _with("ImageTagMutability: IMMUTABLE")


class ImagesUnderSharedKey(PropertyRule):
    """Some rules ask that images are encrypted by KMS; they are encrypted in any case."""

    on, property, expected = _REPOSITORY, "EncryptionConfiguration.EncryptionType", "KMS"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "images are encrypted with a key of S3, not by KMS"
    references = (f"{_GUIDE}encryption-at-rest.html",)
    equivalents = ("CKV_AWS_136", "AVD-AWS-0033", "aws-ecr-repository-customer-key", "ECR.5")

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look at the type of encryption; the dual-layer type is KMS's too."""
        if subject[self.property] not in ("KMS", "KMS_DSSE"):
            yield subject.finding(self.property)

    bad = _PLAIN
    good = _with("EncryptionConfiguration: {EncryptionType: KMS}")


RULES = (
    ImagesNotScanned(),
    ImagesKeptForEver(),
    RepositoryOpenToEverybody(),
    ImageTagsMutable(),
    ImagesUnderSharedKey(),
)
