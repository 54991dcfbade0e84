"""Amazon Cognito: how long a session holds before it has to be renewed."""

from __future__ import annotations

from collections.abc import Iterable

from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Unsafe
from stackworthy.core.resource import Resource
from stackworthy.core.rule import Rule
from stackworthy.core.value import is_stated, show
from stackworthy.rules._reading import settled

_UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
LONGEST = 3600
"""Seconds after which a session should be renewed: 15 to 60 minutes are usual, 60 are Cognito's default."""


class AccessTokenLivesTooLong(Rule):
    """An access token that holds for longer than an hour lets whoever finds it in for longer than an hour.

    It cannot be taken back: signing out, a new password and a closed account end it only when it ends itself. Cognito's own default is an hour, and the refresh token renews it
    without asking the user.
    """

    on = "AWS::Cognito::UserPoolClient"
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "{tokens} hold for {minutes} minutes: an hour at most is usual"
    references = (
        "https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html",
    )
    fix_safety = Unsafe("applications that do not renew their tokens sign users out after an hour")

    def check(self, client: Resource) -> Iterable[Finding]:
        """Compare the lives of access and identity tokens with an hour."""
        for name, tokens in (("AccessToken", "access tokens"), ("IdToken", "identity tokens")):
            if not is_stated(client[f"{name}Validity"]):
                continue
            unit = client[f"TokenValidityUnits.{name}"]
            word = show(settled(unit)) if is_stated(unit) else "hours"
            seconds = client[f"{name}Validity"] * _UNITS.get(word, 3600)
            if seconds > LONGEST:
                yield client.finding(f"{name}Validity", tokens=tokens, minutes=seconds // 60)

    def fix(self, finding: Finding) -> Fix | None:
        """Let them hold for an hour."""
        client, name = finding.resource, finding.property.removesuffix("Validity")
        return self.offer(
            client.set(f"{name}Validity", 60), client.set(f"TokenValidityUnits.{name}", "minutes")
        )

    bad = "Web: {Type: AWS::Cognito::UserPoolClient, Properties: {UserPoolId: eu-west-1_a, PreventUserExistenceErrors: ENABLED, AccessTokenValidity: 24}}"
    good = (
        bad.replace("24", "1"),
        bad.replace("24", "30, TokenValidityUnits: {AccessToken: minutes}"),
    )


RULES = (AccessTokenLivesTooLong(),)
