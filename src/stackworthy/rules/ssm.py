"""AWS Systems Manager: parameters, and the documents by which sessions are opened."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Rule
from stackworthy.core.value import Value, is_stated, show
from stackworthy.rules._forms import says_nothing
from stackworthy.rules._reading import as_map, read_document
from stackworthy.rules._secrets import literal_secret

_GUIDE = "https://docs.aws.amazon.com/systems-manager/latest/userguide/"


class SecretInParameter(Rule):
    """A secret written into a template as a plain parameter is known to everybody who can read either.

    Plain parameters can be read with a permission that many roles have, and their history keeps the value.
    """

    on = "AWS::SSM::Parameter"
    pillar, severity = Pillar.SECURITY, Severity.CRITICAL
    message = "{what} stands in a plain parameter, for everybody who can read the template or the parameter"
    references = (f"{_GUIDE}systems-manager-parameter-store.html",)
    equivalents = ("CKV_AWS_384",)

    def check(self, parameter: Resource) -> Iterable[Finding]:
        """Look at the value, by the name of the parameter."""
        value, name = parameter["Value"], parameter["Name"]
        if not is_stated(value):
            return
        called = show(name).rpartition("/")[2] if is_stated(name) else parameter.name
        what = literal_secret(called, value)
        if what:
            yield parameter.finding("Value", what=what)

    bad = "Password: {Type: AWS::SSM::Parameter, Properties: {Name: /shop/db/password, Type: String, Value: hk3Jd8sLq0}}"
    good = "Name: {Type: AWS::SSM::Parameter, Properties: {Name: /shop/db/name, Type: String, Value: orders}}"


class ParameterUnencrypted(Rule):
    """Some rules ask that every parameter is encrypted; a plain one is right for what is no secret.

    CloudFormation cannot make an encrypted parameter: secrets belong in Secrets Manager there.
    """

    on = "AWS::SSM::Parameter"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the parameter is not encrypted: its type is {type}"
    references = (f"{_GUIDE}secure-string-parameter-kms-encryption.html",)
    equivalents = ("CKV2_AWS_34", "AVD-AWS-0098", "aws-ssm-secret-use-customer-key")

    def check(self, parameter: Resource) -> Iterable[Finding]:
        """Look at the type."""
        kind = parameter["Type"]
        if is_stated(kind) and kind != "SecureString":
            yield parameter.finding("Type", type=kind)

    bad = "Stage: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: live}}"
    good = bad.replace("String,", "SecureString,")


class SessionsInClear(Rule):
    """What is typed in a session on a machine is not encrypted with a key of yours, as the session's document states none."""

    on = "AWS::SSM::Document"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "what is typed in sessions is not encrypted with a key of yours"
    references = (f"{_GUIDE}session-preferences-enable-encryption.html",)
    equivalents = ("CKV_AWS_112",)

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look at the inputs of a document for sessions."""
        if subject["DocumentType"] != "Session":
            return
        inputs = _inputs(subject["Content"])
        if says_nothing(inputs.get("kmsKeyId")):
            yield subject.finding("Content")

    bad = "Shell: {Type: AWS::SSM::Document, Properties: {DocumentType: Session, Content: {inputs: {s3BucketName: shell}}}}"
    good = bad.replace("shell}}", "shell, kmsKeyId: alias/shell}}")


class SessionsNotRecorded(Rule):
    """Nobody can say later what was typed in a session on a machine, or the record of it lies unencrypted."""

    on = "AWS::SSM::Document"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "nobody can say later what was typed in sessions: they are not recorded, or not encrypted"
    references = (f"{_GUIDE}session-manager-logging.html",)
    equivalents = ("CKV_AWS_113",)

    def check(self, subject: Resource) -> Iterable[Finding]:
        """Look for a record in a bucket or log group that is encrypted."""
        if subject["DocumentType"] != "Session":
            return
        inputs = _inputs(subject["Content"])
        places = (
            ("s3BucketName", "s3EncryptionEnabled"),
            ("cloudWatchLogGroupName", "cloudWatchEncryptionEnabled"),
        )
        for place, encrypted in places:
            if (
                not says_nothing(inputs.get(place))
                and inputs.get(encrypted) is not False
                and inputs.get(encrypted)
            ):
                return
        yield subject.finding("Content")

    bad = "Shell: {Type: AWS::SSM::Document, Properties: {DocumentType: Session, Content: {inputs: {kmsKeyId: alias/shell}}}}"
    good = bad.replace("alias/shell}", "alias/shell, s3BucketName: shell, s3EncryptionEnabled: true}")


def _inputs(content: Value) -> Value:
    """The inputs of a session document, written as a map or as JSON; raises `NotKnown`."""
    return as_map(as_map(read_document(content)).get("inputs"))


RULES = (SecretInParameter(), ParameterUnencrypted(), SessionsInClear(), SessionsNotRecorded())
