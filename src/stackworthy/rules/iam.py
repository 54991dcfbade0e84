"""AWS Identity and Access Management: what roles, users and policies may do, and who may take on a role."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from stackworthy.aws import grants
from stackworthy.aws.exposure import is_public
from stackworthy.aws.grants import DOCUMENTS, HOLDERS
from stackworthy.aws.iam import statements
from stackworthy.aws.identity_providers import is_any_pool, is_any_subject
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Kinds, Rule
from stackworthy.core.value import is_stated
from stackworthy.rules._mending import ByHand

_LEAST = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"
_FUNCTION = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html"
_OIDC = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html"

_ROLE = """
        Role:
          Type: AWS::IAM::Role
          Properties:
            AssumeRolePolicyDocument:
              Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]
            Policies:
              - PolicyName: work
                PolicyDocument:
                  Statement: [{Effect: Allow, Action: 'dynamodb:GetItem', Resource: 'arn:aws:dynamodb:*:*:table/orders'}]
    """


def _allowing(action: str) -> str:
    """The role of the examples, allowed to do this on everything."""
    return _ROLE.replace("dynamodb:GetItem", action).replace("arn:aws:dynamodb:*:*:table/orders", "*")


class FunctionIsAdministrator(Rule):
    """Whoever makes such a function do their will, by one flaw in it or in what it depends on, owns the account.

    A function needs a handful of actions on a handful of resources. Its role is what an attacker gets.
    """

    on = "AWS::Lambda::Function"
    pillar, severity = Pillar.SECURITY, Severity.CRITICAL
    message = "this function may do everything in the account: {policy} allows all actions on all resources"
    references = (_FUNCTION, _LEAST)
    equivalents = ("CKV_AWS_274",)

    def check(self, function: Resource) -> Iterable[Finding]:
        """Look through everything that the function's role allows."""
        for statement in statements(function):
            if grants.is_administrator(statement):
                also = [statement.origin.place(statement.path, "allows everything")]
                policy = statement.managed or statement.origin.name
                yield function.finding("Role", also=also, policy=policy)
                return

    bad = (
        _allowing("*")
        + """
        Fn: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.14, Role: !GetAtt Role.Arn}}
    """
    )
    good = bad.replace("Action: '*'", "Action: 'xray:PutTraceSegments'")


class _DangerousGrant(ByHand):
    """A statement that allows something dangerous on every resource."""

    steps = (
        "list the actions that are called: from the code and the state machines, or from the role's last-accessed data in IAM",
        "name them as Action, and the ARNs of the resources that they are called on as Resource",
        "leave Resource '*' only to actions that take nothing else",
    )
    on = Kinds((*HOLDERS, *DOCUMENTS))
    pillar = Pillar.SECURITY
    references: ClassVar[tuple[str, ...]] = (_LEAST,)
    danger: ClassVar[str]

    def check(self, identity: Resource) -> Iterable[Finding]:
        """Look at the statements that the role, user, group or policy states itself."""
        for grant in grants.grants(identity):
            if grant.danger == self.danger:
                also = [identity.place(other.path, "allows as much") for other in grant.others]
                yield identity.finding(grant.statement.path, also=also, actions=grant.actions)


class AdministratorPolicy(_DangerousGrant):
    """A policy that allows everything on everything makes an administrator of whoever holds it.

    One leaked session or one flaw is then the whole account. What a function may do is judged at the function.
    """

    severity = Severity.HIGH
    message = "whoever holds this may do everything in the account: {actions} on every resource"
    equivalents = (
        "CKV_AWS_1",
        "CKV_AWS_62",
        "CKV_AWS_63",
        "CKV_AWS_107",
        "CKV_AWS_108",
        "CKV_AWS_109",
        "CKV_AWS_110",
        "CKV_AWS_111",
        "CKV_AWS_286",
        "CKV_AWS_287",
        "CKV_AWS_288",
        "CKV_AWS_289",
        "CKV_AWS_290",
        "CKV2_AWS_40",
        "AVD-AWS-0057",
        "aws-iam-no-policy-wildcards",
        "IAM.1",
        "F3",
        "F4",
        "F5",
        "CKV_AWS_49",
        "CKV_AWS_355",
        "CKV_AWS_356",
    )
    danger = grants.ADMINISTRATOR

    def check(self, identity: Resource) -> Iterable[Finding]:
        """Leave out what functions hold: another rule says so, louder."""
        if identity.address not in grants.policies_of_functions(identity.graph):
            yield from super().check(identity)

    bad = _allowing("*")
    good = _allowing("xray:PutTraceSegments")


class AdministratorAccessAttached(Rule):
    """The managed policy AdministratorAccess makes an administrator of whoever holds it."""

    on = Kinds(HOLDERS)
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "whoever holds this may do everything in the account: AdministratorAccess is attached"
    references = (
        _LEAST,
        "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html",
    )
    equivalents = ("CKV_AWS_274", "CKV_AWS_275", "W43")

    def check(self, identity: Resource) -> Iterable[Finding]:
        """Look at the managed policies; what functions hold is another rule's."""
        if identity.address in grants.policies_of_functions(identity.graph):
            return
        for index, arn in enumerate(identity["ManagedPolicyArns"]):
            if grants.is_managed_policy(arn, "AdministratorAccess"):
                yield identity.finding(f"ManagedPolicyArns[{index}]")

    bad = _ROLE.replace(
        "Policies:",
        "ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess']\n            Policies:",
    )
    good = bad.replace("policy/AdministratorAccess", "policy/AWSXRayDaemonWriteAccess")


class PermissionsCanBeEscalated(_DangerousGrant):
    """Whoever may change policies, or take on any role, can give themselves every permission there is."""

    severity = Severity.HIGH
    message = "whoever holds this can become administrator: {actions} on every resource"
    references = (
        _LEAST,
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html",
    )
    equivalents = (
        "CKV_AWS_109",
        "CKV_AWS_110",
        "CKV_AWS_286",
        "CKV_AWS_289",
        "CKV2_AWS_40",
        "CKV_AWS_107",
        "CKV_AWS_287",
        "CKV_AWS_355",
        "CKV_AWS_356",
    )
    danger = grants.ESCALATION

    bad = _allowing("iam:AttachRolePolicy")
    good = _allowing("iam:ListRoles")


class AnyRoleCanBePassed(_DangerousGrant):
    """Whoever may pass any role to a service can make that service act with the most powerful role of the account."""

    severity = Severity.HIGH
    message = "any role of the account can be handed to a service, an administrator's too: {actions} on every resource"
    references = ("https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",)
    equivalents = (
        "CKV_AWS_110",
        "CKV_AWS_286",
        "F38",
        "F39",
        "F40",
        "CKV_AWS_109",
        "CKV_AWS_289",
        "CKV_AWS_355",
        "CKV_AWS_356",
    )
    danger = grants.PASSING

    bad = _allowing("iam:PassRole")
    good = (
        bad.replace("Resource: '*'", "Resource: 'arn:aws:iam::111122223333:role/worker'"),
        bad.replace(
            "Resource: '*'",
            "Resource: '*', Condition: {StringEquals: {'iam:PassedToService': states.amazonaws.com}}",
        ),
    )


class WholeServiceAllowed(_DangerousGrant):
    """Every action of a service on every resource includes deleting what others keep there.

    Nobody uses all of them. The few that are used, on the resources that are used, are a list that can be written down.
    """

    severity = Severity.MEDIUM
    message = "this allows {actions} on every resource of the account, deleting included"
    equivalents = (
        "CKV_AWS_111",
        "CKV_AWS_290",
        "AVD-AWS-0057",
        "aws-iam-no-policy-wildcards",
        "IAM.21",
        "CKV_AWS_108",
        "CKV_AWS_288",
        "CKV_AWS_355",
        "CKV_AWS_356",
    )
    danger = grants.WHOLE_SERVICE

    bad = _allowing("dynamodb:*")
    good = bad.replace("Resource: '*'", "Resource: 'arn:aws:dynamodb:*:*:table/orders'")


class AnyResourcePolicyCanBeChanged(_DangerousGrant):
    """Whoever may change the policies of every resource can open any bucket, key or function of the account to anybody."""

    severity = Severity.MEDIUM
    message = "this can open what belongs to others to anybody: {actions} on every resource"
    references = (
        _LEAST,
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html",
    )
    equivalents = (
        "CKV_AWS_109",
        "CKV_AWS_289",
        "CKV_AWS_111",
        "CKV_AWS_290",
        "CKV_AWS_355",
        "CKV_AWS_356",
    )
    danger = grants.PERMISSIONS

    bad = _allowing("s3:PutBucketPolicy")
    good = bad.replace("Resource: '*'", "Resource: 'arn:aws:s3:::reports'")


class EverySecretReadable(_DangerousGrant):
    """Permission to read secrets on every resource is permission to read the secrets of every team in the account."""

    severity = Severity.MEDIUM
    message = "every secret of the account can be read or decrypted: {actions} on every resource"
    references = ("https://docs.aws.amazon.com/secretsmanager/latest/userguide/best-practices.html", _LEAST)
    equivalents = ("CKV_AWS_108", "CKV_AWS_288", "CKV_AWS_355", "CKV_AWS_356", "W11", "W12", "W13")
    danger = grants.SECRETS

    bad = _allowing("secretsmanager:GetSecretValue")
    good = bad.replace("Resource: '*'", "Resource: 'arn:aws:secretsmanager:*:*:secret:orders-*'")


class EveryResourceReachable(_DangerousGrant):
    """Permission on every resource is permission on what other stacks of the account keep, too.

    A mistake or a flaw here then reads, changes or starts what nobody had in mind.
    """

    severity = Severity.LOW
    message = "this reaches what belongs to every other stack of the account: {actions} on every resource"
    equivalents = (
        "CKV_AWS_108",
        "CKV_AWS_111",
        "CKV_AWS_288",
        "CKV_AWS_290",
        "CKV_AWS_355",
        "CKV_AWS_356",
        "W11",
        "W12",
        "W13",
    )
    danger = grants.DATA

    bad = _allowing("dynamodb:PutItem")
    good = bad.replace("Resource: '*'", "Resource: 'arn:aws:dynamodb:*:*:table/orders'")


class RoleForEverybody(Rule):
    """A role that trusts everybody can be taken on by any AWS account in the world."""

    on = "AWS::IAM::Role"
    pillar, severity = Pillar.SECURITY, Severity.CRITICAL
    message = "any AWS account can take on this role: its trust policy allows everybody, under no condition"
    references = ("https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html",)
    equivalents = ("CKV_AWS_60",)

    def check(self, role: Resource) -> Iterable[Finding]:
        """Look for a statement that trusts everybody."""
        for statement in grants.trusted(role):
            if is_public(statement):
                yield role.finding(statement.path)

    bad = _ROLE.replace("{Service: lambda.amazonaws.com}", "{AWS: '*'}")
    good = bad.replace(
        "'sts:AssumeRole'",
        "'sts:AssumeRole', Condition: {StringEquals: {'aws:PrincipalOrgID': o-example1234}}",
    )


class OidcTrustWithoutSubject(Rule):
    """Everybody who has an account at GitHub can take on a role that trusts GitHub and does not say which repository.

    The token's `sub` names organization, repository and branch. The audience is the same for everybody. The same holds
    for other issuers that many share: GitLab, Terraform Cloud, Bitbucket and the like.
    """

    on = "AWS::IAM::Role"
    pillar, severity = Pillar.SECURITY, Severity.CRITICAL
    message = (
        "every user of {issuer} can take on this role: no condition on the token's sub says whose jobs may"
    )
    references = (
        _OIDC,
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html",
    )
    equivalents = ("CKV_AWS_358", "CKV_AWS_393")

    def check(self, role: Resource) -> Iterable[Finding]:
        """Look at statements that trust a shared issuer for a condition on the subject."""
        for statement in grants.trusted(role):
            issuer = is_any_subject(statement)
            if issuer:
                yield role.finding(statement.path, issuer=issuer)

    bad = """
        Deploy:
          Type: AWS::IAM::Role
          Properties:
            AssumeRolePolicyDocument:
              Statement:
                - Effect: Allow
                  Action: sts:AssumeRoleWithWebIdentity
                  Principal: {Federated: 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com'}
                  Condition:
                    StringEquals: {'token.actions.githubusercontent.com:aud': sts.amazonaws.com}
    """
    good = bad.replace(
        "sts.amazonaws.com}",
        "sts.amazonaws.com, 'token.actions.githubusercontent.com:sub': 'repo:acme/shop:ref:refs/heads/main'}",
    )


class IdentityPoolNotNamed(Rule):
    """A role that trusts Cognito identities without naming the pool trusts the users of every pool of every account."""

    on = "AWS::IAM::Role"
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "identities of any Cognito identity pool, of anybody, can take on this role: no condition names the pool"
    references = (
        "https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html",
    )

    def check(self, role: Resource) -> Iterable[Finding]:
        """Look at statements that trust Cognito for a condition on the audience."""
        for statement in grants.trusted(role):
            if is_any_pool(statement):
                yield role.finding(statement.path)

    bad = """
        Visitor:
          Type: AWS::IAM::Role
          Properties:
            AssumeRolePolicyDocument:
              Statement:
                - Effect: Allow
                  Action: sts:AssumeRoleWithWebIdentity
                  Principal: {Federated: cognito-identity.amazonaws.com}
    """
    good = (
        bad
        + """
                  Condition: {StringEquals: {'cognito-identity.amazonaws.com:aud': 'eu-west-1:11111111-2222'}}
    """
    )


class PolicyOnUser(Rule):
    """Permissions that hang on single users are overlooked when somebody changes jobs: give them to roles or groups."""

    on = Kinds(("AWS::IAM::User", "AWS::IAM::Policy", "AWS::IAM::UserPolicy", "AWS::IAM::ManagedPolicy"))
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "these permissions hang on a user, not on a role or group"
    references = (_LEAST,)
    equivalents = ("CKV_AWS_40", "IAM.2", "F10", "F11")

    def check(self, identity: Resource) -> Iterable[Finding]:
        """Look at users for policies, and at policies for users."""
        if identity.kind == "AWS::IAM::User":
            paths = ["ManagedPolicyArns", "Policies"]
        elif identity.kind == "AWS::IAM::UserPolicy":
            paths = ["UserName"]
        else:
            paths = ["Users"]
        for path in paths:
            if is_stated(identity[path]):
                yield identity.finding(path)
                return

    bad = "Ann: {Type: AWS::IAM::User, Properties: {ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess']}}"
    good = "Ann: {Type: AWS::IAM::User, Properties: {Groups: [readers]}}"


class UserWithPassword(Rule):
    """A user with a password signs in to the console with what can be guessed, shared or fished, and never expires.

    People sign in through IAM Identity Center or another identity provider, with credentials that last for hours.
    """

    on = "AWS::IAM::User"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "this user signs in to the console with a password of its own"
    references = (_LEAST, "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords.html")
    equivalents = ("CKV2_AWS_22",)

    def check(self, user: Resource) -> Iterable[Finding]:
        """Look for a login profile."""
        if is_stated(user["LoginProfile"]):
            yield user.finding("LoginProfile")

    bad = "Ann: {Type: AWS::IAM::User, Properties: {LoginProfile: {Password: '{{resolve:secretsmanager:ann}}'}}}"
    good = "Ann: {Type: AWS::IAM::User, Properties: {Groups: [readers]}}"


RULES = (
    FunctionIsAdministrator(),
    AdministratorPolicy(),
    AdministratorAccessAttached(),
    PermissionsCanBeEscalated(),
    AnyRoleCanBePassed(),
    WholeServiceAllowed(),
    AnyResourcePolicyCanBeChanged(),
    EverySecretReadable(),
    EveryResourceReachable(),
    RoleForEverybody(),
    OidcTrustWithoutSubject(),
    IdentityPoolNotNamed(),
    PolicyOnUser(),
    UserWithPassword(),
)
