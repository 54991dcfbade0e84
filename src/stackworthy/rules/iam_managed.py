"""AWS IAM: managed policies that allow more than a workload uses, and grants that are broad without being on everything."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.aws import grants
from stackworthy.aws.grants import DOCUMENTS, HOLDERS
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Kinds, Rule
from stackworthy.core.value import show
from stackworthy.rules._mending import ByHand
from stackworthy.rules._reading import settled

_LEAST = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"
_MANAGED = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html"
_HARMLESS = frozenset(
    {
        "AWSXrayFullAccess",
        "CloudWatchFullAccess",
        "CloudWatchFullAccessV2",
        "CloudWatchLogsFullAccess",
        "AWSAppSyncInvokeFullAccess",
        "IAMFullAccess",
    }
)
"""Policies on what holds no data of others, and one that has a rule of its own."""
_ROLE = """
        Role:
          Type: AWS::IAM::Role
          Properties:
            AssumeRolePolicyDocument:
              Statement: [{Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: 'sts:AssumeRole'}]
            ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess']
            Policies:
              - PolicyName: work
                PolicyDocument:
                  Statement: [{Effect: Allow, Action: 'dynamodb:GetItem', Resource: 'arn:aws:dynamodb:*:*:table/orders'}]
    """


def _managed_names(identity: Resource) -> Iterable[tuple[str, str]]:
    """The names of AWS's managed policies that a role, user or group holds, with the path of each; raises `NotKnown`."""
    for index, value in enumerate(identity["ManagedPolicyArns"]):
        arn = show(value)
        if ":iam::aws:policy/" in arn:
            yield f"ManagedPolicyArns[{index}]", arn.rpartition("/")[2]


class IamFullAccessAttached(Rule):
    """Whoever may change every role and policy can give themselves whatever they want: they are an administrator."""

    on = Kinds(HOLDERS)
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "whoever holds this can become administrator: {policy} is attached"
    references = (
        _LEAST,
        "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/IAMFullAccess.html",
    )
    equivalents = ("CKV2_AWS_56", "CKV2_AWS_40")

    def check(self, identity: Resource) -> Iterable[Finding]:
        """Look at the managed policies."""
        for path, name in _managed_names(identity):
            if name == "IAMFullAccess":
                yield identity.finding(path, policy=name)

    bad = _ROLE.replace("AmazonS3ReadOnlyAccess", "IAMFullAccess")
    good = _ROLE


class WholeServiceAttached(ByHand):
    """A managed policy named FullAccess allows every action of its service on everything in the account, deleting included.

    Such policies are made for people who try a service out. A workload uses a few actions on a few resources of its own.
    """

    on = Kinds(("AWS::IAM::Role",))
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = (
        "everything of a service is allowed on every resource of the account, deleting included: {policies}"
    )
    references = (_LEAST, _MANAGED)
    equivalents = (
        "AVD-AWS-0057",
        "aws-iam-no-policy-wildcards",
    )
    steps = (
        "look up which actions the code calls (stackworthy compares calls with permissions)",
        "replace the managed policy by a statement with these actions on the resources that are used",
    )

    def check(self, role: Resource) -> Iterable[Finding]:
        """Look for managed policies that allow a whole service on everything."""
        broad = [
            (path, name)
            for path, name in _managed_names(role)
            if name.endswith("FullAccess") and name not in _HARMLESS and grants.allows_whole_service(name)
        ]
        if broad:
            also = [role.place(path, "allows as much") for path, _ in broad[1:]]
            policies = ", ".join(name for _, name in broad)
            yield role.finding(broad[0][0], also=also, policies=policies)

    bad = _ROLE.replace("AmazonS3ReadOnlyAccess", "AmazonS3FullAccess")
    good = _ROLE


class WholeIdentityServiceAllowed(Rule):
    """Whoever may do everything with a role can attach AdministratorAccess to it and let a service act as it.

    Naming the roles does not help: it is the actions on them that lead to every other permission.
    """

    on = Kinds((*HOLDERS, *DOCUMENTS))
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "iam:* on stated identities leads to every permission: policies can be attached to them"
    references = (
        _LEAST,
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html",
    )
    equivalents = ("CKV2_AWS_40", "CKV_AWS_286", "CKV_AWS_110")

    def check(self, identity: Resource) -> Iterable[Finding]:
        """Look for every action of IAM on some resources; on all of them it is another rule's."""
        for statement in grants.narrow_statements(identity):
            if statement.actions.any_of(lambda action: show(action).lower() == "iam:*"):
                yield identity.finding(statement.path)

    bad = _ROLE.replace("'dynamodb:GetItem'", "'iam:*'").replace(
        "dynamodb:*:*:table/orders", "iam::*:role/app-*"
    )
    good = _ROLE


class EveryActionAllowed(Rule):
    """Every action on a resource includes deleting it, giving it away and changing its policy; nobody uses all of them."""

    on = Kinds((*HOLDERS, *DOCUMENTS))
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "every action on the stated resources is allowed, deleting and giving them away included"
    references = (_LEAST,)
    equivalents = ("CKV_AWS_49", "CKV_AWS_63", "F3", "F4")

    def check(self, identity: Resource) -> Iterable[Finding]:
        """Look for an asterisk alone among the actions; on all resources it is another rule's."""
        for statement in grants.narrow_statements(identity):
            if statement.actions.any_of(lambda action: show(action) in ("*", "*:*")):
                yield identity.finding(statement.path)

    bad = _ROLE.replace("'dynamodb:GetItem'", "'*'")
    good = _ROLE


class WildcardActionOnEverything(Rule):
    """A wildcard in an action grows with the service: actions that AWS adds tomorrow are allowed on everything, too.

    Some of those that it covers could be narrowed down to resources, and nobody looked which.
    """

    on = Kinds((*HOLDERS, *DOCUMENTS))
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "{action} on every resource also allows what AWS adds tomorrow"
    references = (
        _LEAST,
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html",
    )
    equivalents = ("CKV_AWS_355", "CKV_AWS_356", "W11", "W12", "W13")

    def check(self, identity: Resource) -> Iterable[Finding]:
        """Look for actions with a wildcard on all resources."""
        for statement in grants.wide_statements(identity):
            for action in statement.actions:
                if "*" in show(action):
                    yield identity.finding(statement.path, action=action)
                    break

    bad = _ROLE.replace("'dynamodb:GetItem'", "'ec2:Describe*'").replace(
        "'arn:aws:dynamodb:*:*:table/orders'", "'*'"
    )
    good = _ROLE


class KeyOfRoot(Rule):
    """An access key of the account's root user can do everything and can be restricted by nothing."""

    on = "AWS::IAM::AccessKey"
    pillar, severity = Pillar.SECURITY, Severity.CRITICAL
    message = "this is an access key of the account's root user, who may do everything"
    references = ("https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html",)
    equivalents = ("CKV_AWS_348", "AVD-AWS-0141", "aws-iam-no-root-access-keys", "IAM.4")

    def check(self, key: Resource) -> Iterable[Finding]:
        """Look at the name of the user."""
        if show(settled(key["UserName"])).lower() in ("root", "<root>"):
            yield key.finding("UserName")

    bad = "Key: {Type: AWS::IAM::AccessKey, Properties: {UserName: root}}"
    good = bad.replace("root", "ann")


class RoleForWholeAccount(Rule):
    """Everybody in the named account who may assume roles can take on this one; a role or user can be named instead."""

    on = "AWS::IAM::Role"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "everybody in a whole account may take on this role: {account}"
    references = (
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
    )
    equivalents = ("CKV_AWS_61", "F2")

    def check(self, role: Resource) -> Iterable[Finding]:
        """Look for accounts among those who are trusted."""
        for statement in grants.trusted(role):
            if not statement.allows or statement.conditions:
                continue
            for principal in statement.principals:
                text = show(principal.value)
                if principal.type == "AWS" and (
                    text.endswith(":root") or (text.isdigit() and len(text) == 12)
                ):
                    yield role.finding(statement.path, account=text)
                    break

    bad = _ROLE.replace("{Service: ecs-tasks.amazonaws.com}", "{AWS: 'arn:aws:iam::111122223333:root'}")
    good = _ROLE.replace(
        "{Service: ecs-tasks.amazonaws.com}", "{AWS: 'arn:aws:iam::111122223333:role/build'}"
    )


RULES = (
    RoleForWholeAccount(),
    IamFullAccessAttached(),
    WholeServiceAttached(),
    WholeIdentityServiceAllowed(),
    EveryActionAllowed(),
    WildcardActionOnEverything(),
    KeyOfRoot(),
)
