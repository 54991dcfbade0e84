"""Amazon Cognito: how users sign in, and what guests may do."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.finding import Confidence, Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, PropertyRule, Rule
from stackworthy.core.value import ABSENT, show
from stackworthy.rules._reading import settled

_GUIDE = "https://docs.aws.amazon.com/cognito/latest/developerguide/"
_PASSWORD = "Policies.PasswordPolicy"  # noqa: S105  the name of a property
_UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}
_LONG = 90 * 86_400


class GuestsAllowed(PropertyRule):
    """Everybody who knows the id of the identity pool gets AWS credentials, without signing in.

    The id stands in every copy of the application. What the role of the guests may do, everybody may do.
    """

    on, property, expected = "AWS::Cognito::IdentityPool", "AllowUnauthenticatedIdentities", False
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "everybody on the internet gets AWS credentials from this identity pool without signing in"
    references = (f"{_GUIDE}identity-pools.html",)
    equivalents = ("CKV_AWS_366", "Cognito.2", "W57")
    fix_safety = Unsafe("visitors who have not signed in can no longer use what their role allowed")
    bad = "Pool: {Type: AWS::Cognito::IdentityPool, Properties: {AllowUnauthenticatedIdentities: true}}"
    good = bad.replace("true", "false")


class ClassicFlowAllowed(PropertyRule):
    """The classic flow lets an application choose a role and gets around the limits that Cognito puts on guests."""

    on, property, expected = "AWS::Cognito::IdentityPool", "AllowClassicFlow", False
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "the classic flow is on: applications get credentials without the limits of the enhanced flow"
    references = (f"{_GUIDE}authentication-flow.html",)
    fix_safety = Unsafe("applications that use the classic flow must move to the enhanced one")
    bad = """
        Pool:
          Type: AWS::Cognito::IdentityPool
          Properties: {AllowUnauthenticatedIdentities: false, AllowClassicFlow: true}
    """
    good = bad.replace("AllowClassicFlow: true", "AllowClassicFlow: false")


class WeakPasswordPolicy(Rule):
    """Short or simple passwords are guessed: AWS's own default asks for eight characters of four kinds.

    A policy that is stated in part loses the rest: what it does not ask for is not asked.
    """

    on = "AWS::Cognito::UserPool"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "passwords may be weak: {lacking}"
    references = (f"{_GUIDE}managing-users-passwords.html",)
    equivalents = ("Cognito.3",)
    fix_safety = Unsafe("users are asked for a stronger password when they next change it")

    def check(self, pool: Resource) -> Iterable[Finding]:
        """Compare the policy with AWS's default."""
        if pool[_PASSWORD] is ABSENT:
            return
        lacking = []
        if pool[f"{_PASSWORD}.MinimumLength"] is ABSENT or pool[f"{_PASSWORD}.MinimumLength"] < 8:
            lacking.append("fewer than 8 characters are enough")
        asked = [pool[f"{_PASSWORD}.Require{kind}"] for kind in _KINDS]
        missing = [kind.lower() for kind, wanted in zip(_KINDS, asked, strict=True) if not wanted]
        if len(missing) > 1:
            lacking.append(f"no {', '.join(missing)} are asked for")
        if lacking:
            yield pool.finding(_PASSWORD, lacking="; ".join(lacking))

    def fix(self, finding: Finding) -> Fix | None:
        """State what AWS's default asks for."""
        pool = finding.resource
        asked = [pool.set(f"{_PASSWORD}.Require{kind}", True) for kind in _KINDS]
        return self.offer(pool.set(f"{_PASSWORD}.MinimumLength", 8), *asked)

    bad = (
        "Users: {Type: AWS::Cognito::UserPool, Properties: {Policies: {PasswordPolicy: {MinimumLength: 6}}}}"
    )
    good = (
        "Users: {Type: AWS::Cognito::UserPool, Properties: {UserPoolName: users}}",
        bad.replace(
            "6",
            "12, RequireLowercase: true, RequireUppercase: true, RequireNumbers: true, RequireSymbols: true",
        ),
    )


_KINDS = ("Lowercase", "Uppercase", "Numbers", "Symbols")


class MfaOff(Rule):
    """A stolen password is all that an attacker needs when nobody may add a second factor.

    Optional MFA lets those users turn it on who have something to lose. One-time codes from an app cost nothing.
    """

    on = "AWS::Cognito::UserPool"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "no user can protect the account with a second factor: MFA is off"
    references = (f"{_GUIDE}user-pool-settings-mfa.html",)
    equivalents = ("Cognito.5", "F78")
    fix_safety = Unsafe("the sign-in pages must be able to ask for the code")

    def check(self, pool: Resource) -> Iterable[Finding]:
        """Ask whether a second factor is possible."""
        if pool["MfaConfiguration"] == "OFF":
            yield pool.finding("MfaConfiguration")

    def fix(self, finding: Finding) -> Fix | None:
        """Let users turn on codes from an app."""
        pool = finding.resource
        changes = [pool.set("MfaConfiguration", "OPTIONAL")]
        if pool["EnabledMfas"] is ABSENT:
            changes.append(pool.set("EnabledMfas", ["SOFTWARE_TOKEN_MFA"]))
        return self.offer(*changes)

    bad = "Users: {Type: AWS::Cognito::UserPool, Properties: {UserPoolName: users}}"
    good = bad.replace("users}", "users, MfaConfiguration: OPTIONAL, EnabledMfas: [SOFTWARE_TOKEN_MFA]}")


class UserPoolDeletable(Rule):
    """A deleted user pool takes every account and password with it: there is no backup of a user pool.

    Passwords cannot be exported, so that every user would have to sign up or set a new password again.
    """

    on = "AWS::Cognito::UserPool"
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    message = "one wrong call, or a change that replaces the pool, deletes all users for good: deletion protection is off"
    references = (f"{_GUIDE}user-pool-settings-deletion-protection.html",)
    equivalents = ("Cognito.6",)
    fix_safety = Unsafe("deleting the stack fails until it is turned off again")

    def check(self, pool: Resource) -> Iterable[Finding]:
        """Ask whether Cognito refuses to delete the pool."""
        if pool["DeletionProtection"] != "ACTIVE":
            yield pool.finding("DeletionProtection")

    def fix(self, finding: Finding) -> Fix | None:
        """Turn it on."""
        return self.offer(finding.resource.set("DeletionProtection", "ACTIVE"))

    bad = "Users: {Type: AWS::Cognito::UserPool, Properties: {UserPoolName: users}}"
    good = bad.replace("users}", "users, DeletionProtection: ACTIVE}")


class ThreatProtectionOff(Rule):
    """Cognito can block passwords that are known to be stolen, and sign-ins that look wrong, for a price per user."""

    on = "AWS::Cognito::UserPool"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "stolen passwords and odd sign-ins are not stopped: threat protection is {mode}"
    references = (f"{_GUIDE}cognito-user-pool-settings-threat-protection.html",)
    equivalents = ("Cognito.1",)

    def check(self, pool: Resource) -> Iterable[Finding]:
        """Ask whether threat protection acts."""
        mode = pool["UserPoolAddOns.AdvancedSecurityMode"]
        if mode != "ENFORCED":
            yield pool.finding("UserPoolAddOns.AdvancedSecurityMode", mode=mode.lower())

    bad = "Users: {Type: AWS::Cognito::UserPool, Properties: {UserPoolName: users}}"
    good = bad.replace("users}", "users, UserPoolAddOns: {AdvancedSecurityMode: ENFORCED}}")


class UserNamesRevealed(Rule):
    """The answer to a failed sign-in tells whether the user exists, so that accounts can be collected.

    `PreventUserExistenceErrors: ENABLED` makes Cognito answer the same for a wrong name and a wrong password.
    """

    on = "AWS::Cognito::UserPoolClient"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "anybody can find out which accounts exist: failed sign-ins say whether the name or the password was wrong"
    references = (f"{_GUIDE}cognito-user-pool-managing-errors.html",)
    fix_safety = Unsafe("code that tells an unknown user from a wrong password gets the same error for both")

    def check(self, client: Resource) -> Iterable[Finding]:
        """Look at what errors reveal, for clients that take passwords."""
        if client["PreventUserExistenceErrors"] != "ENABLED" and client["ExplicitAuthFlows"].any_of(
            _signs_in
        ):
            yield client.finding("PreventUserExistenceErrors")

    def fix(self, finding: Finding) -> Fix | None:
        """Answer both the same."""
        return self.offer(finding.resource.set("PreventUserExistenceErrors", "ENABLED"))

    bad = "Web: {Type: AWS::Cognito::UserPoolClient, Properties: {UserPoolId: eu-west-1_a}}"
    good = bad.replace("_a}", "_a, PreventUserExistenceErrors: ENABLED}")


def _signs_in(flow: object) -> bool:
    return flow not in ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_CUSTOM_AUTH", "CUSTOM_AUTH_FLOW_ONLY")


class ImplicitFlowAllowed(Rule):
    """The implicit flow puts tokens into the address of a page, where the browser's history and other scripts see them.

    OAuth 2.1 drops it: the code flow with PKCE gives a browser the same tokens without showing them to anybody.
    """

    on = "AWS::Cognito::UserPoolClient"
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    message = "tokens are handed out in the address of a page: the implicit flow is allowed"
    references = (f"{_GUIDE}federation-endpoints-oauth-grants.html",)

    def check(self, client: Resource) -> Iterable[Finding]:
        """Look for the flow, where flows are in force."""
        if client["AllowedOAuthFlowsUserPoolClient"] and "implicit" in client["AllowedOAuthFlows"]:
            yield client.finding("AllowedOAuthFlows")

    bad = """
        Web:
          Type: AWS::Cognito::UserPoolClient
          Properties:
            UserPoolId: eu-west-1_a
            AllowedOAuthFlowsUserPoolClient: true
            AllowedOAuthFlows: [implicit]
            AllowedOAuthScopes: [openid]
    """
    good = bad.replace("implicit", "code")


class RefreshTokenLivesTooLong(Rule):
    """Whoever gets hold of a refresh token stays signed in until it ends, whatever the user does to the password's strength.

    Cognito's default is 30 days. For more than three months a token should be worth a second thought.
    """

    on = "AWS::Cognito::UserPoolClient"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "a stolen refresh token works for {days} days"
    references = (f"{_GUIDE}amazon-cognito-user-pools-using-the-refresh-token.html",)
    fix_safety = Unsafe("users must sign in again after 30 days")

    def check(self, client: Resource) -> Iterable[Finding]:
        """Compare the life of the token with 90 days."""
        life = client["RefreshTokenValidity"] * _UNITS.get(
            show(settled(client["TokenValidityUnits.RefreshToken"])), 86_400
        )
        if life > _LONG:
            yield client.finding("RefreshTokenValidity", days=life // 86_400)

    def fix(self, finding: Finding) -> Fix | None:
        """Use Cognito's default of 30 days."""
        client = finding.resource
        return self.offer(
            client.set("RefreshTokenValidity", 30), client.set("TokenValidityUnits.RefreshToken", "days")
        )

    bad = "Web: {Type: AWS::Cognito::UserPoolClient, Properties: {UserPoolId: eu-west-1_a, PreventUserExistenceErrors: ENABLED, RefreshTokenValidity: 3650}}"
    good = bad.replace("3650", "30")


class TokensCannotBeRevoked(PropertyRule):
    """Signing out, or blocking a stolen device, leaves its refresh token working when revocation is off."""

    on, property, expected = "AWS::Cognito::UserPoolClient", "EnableTokenRevocation", True
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "a refresh token cannot be taken back: revocation is off"
    references = (f"{_GUIDE}token-revocation.html",)
    fix_safety = Unsafe("tokens grow by two claims, and code that compares their size or claims may notice")
    bad = "Web: {Type: AWS::Cognito::UserPoolClient, Properties: {UserPoolId: eu-west-1_a, EnableTokenRevocation: false}}"
    good = bad.replace("false", "true")


class PasswordSentToCognito(Rule):
    """With this flow an application sends the password itself; with SRP it proves that it knows it without sending it."""

    on = "AWS::Cognito::UserPoolClient"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    profile = STRICT
    message = "the application sends the user's password: ALLOW_USER_PASSWORD_AUTH is on, where ALLOW_USER_SRP_AUTH sends none"
    references = (f"{_GUIDE}amazon-cognito-user-pools-authentication-flow-methods.html",)

    def check(self, client: Resource) -> Iterable[Finding]:
        """Look for the flow."""
        if client["ExplicitAuthFlows"].any_of(
            lambda flow: flow in ("ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH")
        ):
            yield client.finding("ExplicitAuthFlows")

    bad = "Web: {Type: AWS::Cognito::UserPoolClient, Properties: {UserPoolId: eu-west-1_a, ExplicitAuthFlows: [ALLOW_USER_PASSWORD_AUTH]}}"
    good = bad.replace("USER_PASSWORD_AUTH", "USER_SRP_AUTH")


class SecretOfPublicClient(Rule):
    """The secret of an application that runs on the user's device is no secret: everybody has a copy of it.

    Code that must send it breaks in the browser, or carries it into every installation. PKCE protects such a client.
    """

    on = "AWS::Cognito::UserPoolClient"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    confidence = Confidence.MEDIUM
    message = (
        "a client that returns to {url} runs on the user's device, and would hand its secret to everybody"
    )
    references = (f"{_GUIDE}user-pool-settings-client-apps.html",)

    def check(self, client: Resource) -> Iterable[Finding]:
        """Look for a secret beside an address of an installed application."""
        if not client["GenerateSecret"]:
            return
        for url in client["CallbackURLs"]:
            scheme = show(settled(url)).partition("://")[0]
            if scheme not in ("http", "https"):
                yield client.finding("GenerateSecret", url=url)
                return

    bad = """
        App:
          Type: AWS::Cognito::UserPoolClient
          Properties: {UserPoolId: eu-west-1_a, GenerateSecret: true, CallbackURLs: ['booking://signed-in']}
    """
    good = bad.replace("GenerateSecret: true", "GenerateSecret: false")


RULES = (
    GuestsAllowed(),
    ClassicFlowAllowed(),
    WeakPasswordPolicy(),
    MfaOff(),
    UserPoolDeletable(),
    ThreatProtectionOff(),
    UserNamesRevealed(),
    ImplicitFlowAllowed(),
    RefreshTokenLivesTooLong(),
    TokensCannotBeRevoked(),
    PasswordSentToCognito(),
    SecretOfPublicClient(),
)
