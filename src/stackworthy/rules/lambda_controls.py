"""AWS Lambda: controls that some organizations ask of every function. None is advice for all: they are strict only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Rule
from stackworthy.core.value import is_stated


class _Unstated(Rule):
    """A property that somebody wants to see stated."""

    on = "AWS::Lambda::Function"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    wanted: ClassVar[str]

    def check(self, function: Resource) -> Iterable[Finding]:
        """Ask whether anything is stated."""
        if not is_stated(function[self.wanted]):
            yield function.finding(self.wanted)

    bad = "Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.14}}"


class FunctionWithoutReservedConcurrency(_Unstated):
    """A function without a limit of its own can use up the concurrency of the whole account.

    The limit also reserves: what one function has, no other can use.
    """

    pillar = Pillar.RELIABILITY
    message = "this function may use up the concurrency of the account: no limit of its own is stated"
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html",)
    equivalents = ("CKV_AWS_115", "W92")
    wanted = "ReservedConcurrentExecutions"
    good = _Unstated.bad.replace("python3.14", "python3.14, ReservedConcurrentExecutions: 10")


class FunctionWithoutDeadLetters(_Unstated):
    """A function without a dead-letter queue drops asynchronous events that it cannot process.

    Most functions are never invoked asynchronously: for them a queue does nothing.
    """

    pillar = Pillar.RELIABILITY
    message = "asynchronous events that fail are dropped: the function has no dead-letter queue"
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",)
    equivalents = ("CKV_AWS_116",)
    wanted = "DeadLetterConfig.TargetArn"
    good = (
        _Unstated.bad.replace("python3.14", "python3.14, DeadLetterConfig: {TargetArn: !GetAtt Failed.Arn}")
        + "\nFailed: {Type: AWS::SQS::Queue}"
    )


class FunctionOutsideVpc(_Unstated):
    """A function outside of a VPC reaches the internet without passing any network of yours.

    Inside a VPC it reaches the internet through a NAT gateway that is billed by the hour, or not at all.
    """

    message = "the function's traffic passes no network of yours: it is in no VPC"
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",)
    equivalents = ("CKV_AWS_117", "W89", "Lambda.3")
    wanted = "VpcConfig.SubnetIds"
    good = _Unstated.bad.replace(
        "python3.14", "python3.14, VpcConfig: {SubnetIds: [a, b], SecurityGroupIds: [c]}"
    )


class UnsignedCodeAllowed(_Unstated):
    """Without code signing, whoever may update a function can give it any code."""

    message = "any code can be deployed: no signature is asked for"
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html",)
    equivalents = ("CKV_AWS_272",)
    wanted = "CodeSigningConfigArn"
    good = _Unstated.bad.replace(
        "python3.14",
        "python3.14, CodeSigningConfigArn: 'arn:aws:lambda:eu-west-1:111122223333:code-signing-config:csc-1'",
    )


class EnvironmentWithoutOwnKey(_Unstated):
    """Some rules ask that environment variables are encrypted with a key of yours, so that you decide who reads them.

    They are encrypted at rest in any case, with a key of AWS.
    """

    message = "environment variables are encrypted with a key of AWS, not with one of yours"
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html",)
    equivalents = ("CKV_AWS_173",)
    wanted = "KmsKeyArn"

    def check(self, function: Resource) -> Iterable[Finding]:
        """Look at functions that have variables."""
        if not is_stated(function["KmsKeyArn"]) and function["Environment.Variables"]:
            yield function.finding("KmsKeyArn")

    bad = "Fn: {Type: AWS::Lambda::Function, Properties: {Environment: {Variables: {STAGE: prod}}}}"
    good = bad.replace("Environment:", "KmsKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/k', Environment:")


RULES = (
    FunctionWithoutReservedConcurrency(),
    FunctionWithoutDeadLetters(),
    FunctionOutsideVpc(),
    UnsignedCodeAllowed(),
    EnvironmentWithoutOwnKey(),
)
