"""Amazon EFS: file systems and the doors to them."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, PropertyRule, Rule
from stackworthy.core.value import ABSENT
from stackworthy.rules._forms import StatedRule, says_nothing

_FILES = "AWS::EFS::FileSystem"
_DOOR = "AWS::EFS::AccessPoint"
_GUIDE = "https://docs.aws.amazon.com/efs/latest/ug/"
_PLAIN = """
        Files:
          Type: AWS::EFS::FileSystem
          Properties:
            Encrypted: true
            BackupPolicy: {Status: ENABLED}
            LifecyclePolicies: [{TransitionToIA: AFTER_30_DAYS}]
    """


class FilesUnencrypted(PropertyRule):
    """Files lie unencrypted; encryption costs nothing, but can be chosen only when the file system is made."""

    on, property, expected = _FILES, "Encrypted", True
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "files lie unencrypted, and that cannot be changed once they are there"
    references = (f"{_GUIDE}encryption-at-rest.html",)
    equivalents = ("CKV_AWS_42", "AVD-AWS-0037", "aws-efs-enable-at-rest-encryption", "EFS.1", "F32")
    fix_safety = Unsafe("the file system is made anew, empty: copy its files first")
    bad = _PLAIN.replace("Encrypted: true", "Encrypted: false")
    good = _PLAIN


class FilesNotBackedUp(Rule):
    """What a mistake deletes is gone: neither EFS's own backups nor a backup plan of the stack cover the files."""

    on = _FILES
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    message = "what a mistake deletes here is gone: automatic backups are off"
    references = (f"{_GUIDE}awsbackup.html",)
    equivalents = ("CKV2_AWS_18", "EFS.2")
    fix_safety = Unsafe("backups are billed by their size")

    def check(self, files: Resource) -> Iterable[Finding]:
        """Look for backups of either sort."""
        if files["BackupPolicy.Status"] == "ENABLED":
            return
        if not files.graph.edges_to(files, "protects").any_of(lambda edge: edge.by == "backup plan"):
            yield files.finding("BackupPolicy.Status")

    def fix(self, finding: Finding) -> Fix | None:
        """Turn on automatic backups."""
        return self.offer(finding.resource.set("BackupPolicy.Status", "ENABLED"))

    bad = _PLAIN.replace("Status: ENABLED", "Status: DISABLED")
    good = _PLAIN


class ColdFilesInDearStorage(StatedRule):
    """Files that nobody has opened for a month cost ten times as much as they would in infrequent access."""

    on, property = _FILES, "LifecyclePolicies"
    pillar, severity = Pillar.COST, Severity.LOW
    message = "files that nobody opens stay in the dearest storage: no lifecycle policy moves them"
    references = (f"{_GUIDE}lifecycle-management-efs.html",)
    bad = _PLAIN.replace("LifecyclePolicies: [{TransitionToIA: AFTER_30_DAYS}]", "ThroughputMode: elastic")
    good = _PLAIN


class FilesUnderSharedKey(StatedRule):
    """Some rules ask that the key of a file system is yours."""

    on, property = _FILES, "KmsKeyId"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "files are encrypted with a key of AWS, not with one of yours"
    references = (f"{_GUIDE}encryption-at-rest.html",)
    equivalents = ("CKV_AWS_184",)
    bad = _PLAIN
    good = _PLAIN.replace("Encrypted: true", "Encrypted: true\n            KmsKeyId: alias/files")


class AccessPointShowsEverything(Rule):
    """Whoever comes through this access point sees all files: it does not lead to a folder of its own."""

    on = _DOOR
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "whoever comes through this access point sees all files of the file system"
    references = (f"{_GUIDE}enforce-root-directory-access-point.html",)
    equivalents = ("CKV_AWS_329", "EFS.3")

    def check(self, door: Resource) -> Iterable[Finding]:
        """Look for a folder other than the root."""
        path = door["RootDirectory.Path"]
        if path is ABSENT or path == "/":
            yield door.finding("RootDirectory.Path")

    bad = "Door: {Type: AWS::EFS::AccessPoint, Properties: {FileSystemId: fs-1, PosixUser: {Uid: '1000', Gid: '1000'}}}"
    good = bad.replace("PosixUser", "RootDirectory: {Path: /app}, PosixUser")


class AccessPointForAnyUser(Rule):
    """A client may claim to be any user, root included: the access point does not say as whom files are read and written."""

    on = _DOOR
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "a client may claim to be any user: the access point names none"
    references = (f"{_GUIDE}enforce-identity-access-points.html",)
    equivalents = ("CKV_AWS_330", "EFS.4")

    def check(self, door: Resource) -> Iterable[Finding]:
        """Look for a user."""
        if says_nothing(door["PosixUser"]):
            yield door.finding("PosixUser")

    bad = "Door: {Type: AWS::EFS::AccessPoint, Properties: {FileSystemId: fs-1, RootDirectory: {Path: /app}}}"
    good = bad.replace("RootDirectory", "PosixUser: {Uid: '1000', Gid: '1000'}, RootDirectory")


RULES = (
    FilesUnencrypted(),
    FilesNotBackedUp(),
    ColdFilesInDearStorage(),
    FilesUnderSharedKey(),
    AccessPointShowsEverything(),
    AccessPointForAnyUser(),
)
