"""Secrets out of environment variables: a secret, the permission to read it, and where its ARN stands.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackworthy.aws.roles import roles
from stackworthy.capabilities.improvement import Improvement
from stackworthy.capabilities.parts import word
from stackworthy.core.fix import AddResource
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.value import Map, Unknown, Value, references, show

APART = "secrets"
FUNCTION, SECRET, ROLE = "AWS::Lambda::Function", "AWS::SecretsManager::Secret", "AWS::IAM::Role"
_NAME = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|SECRET|SECRET_KEY|API_KEY|APIKEY|TOKEN|PRIVATE_KEY|CREDENTIALS)$"
)
_POINTERS = re.compile(r"(?:ARN|NAME|ID|PATH|PARAM|URL|URI)$")


def improvements(graph: Graph) -> list[Improvement]:
    """One secret for each variable that holds one."""
    found: dict[str, list[Resource]] = {}
    for function in graph.of(FUNCTION):
        for name in _secrets(function):
            found.setdefault(name, []).append(function)
    return [_of(name, functions) for name, functions in found.items()]


def _secrets(function: Resource) -> Iterator[str]:
    """The variables of a function that hold a secret itself, by name: a text, a parameter, nothing of the stack's own."""
    variables = function["Environment.Variables"]
    if not isinstance(variables, Map):
        return
    for name, value in dict.items(variables):
        if _NAME.search(name.upper()) and not _POINTERS.search(name.upper()) and _is_text(value):
            yield name


def _is_text(value: Value) -> bool:
    if isinstance(value, str):
        return bool(value) and not value.startswith(("arn:", "/", "{{resolve:"))
    return isinstance(value, Unknown) and not any(True for _ in references(value))


def _of(name: str, functions: list[Resource]) -> Improvement:
    words = "".join(part.capitalize() for part in name.split("_"))
    names = ", ".join(word(function) for function in functions)
    title = f"Keep {name} in Secrets Manager"
    secret = AddResource(SECRET, f"{words}Secret", Map(Description=f"{name} of {names}"), functions[0], APART)
    acting = {role.name for function in functions for role in roles(function) if isinstance(role, Resource)}
    why = (
        f"whoever may look at {names} reads {name} in clear, and it stands in the deployment's history; a secret is read by name, encrypted, and can be rotated. "
        "Each secret is billed by the month and for each 10,000 reads"
    )
    steps = (
        "put the value into the secret by hand (aws secretsmanager put-secret-value), never into the stack",
        f"allow secretsmanager:GetSecretValue on it to {', '.join(sorted(acting)) or names}, in the same change as the code that reads it",
        f"hand its ARN to {names} as {name}_ARN, and let the code read it once when Lambda starts, and keep it for some minutes (Powertools: parameters.get_secret)",
        f"take {name} out of the environment, and change the value: the old one has been seen",
    )
    there = any(name in show(known["Description"]) for known in functions[0].graph.of(SECRET))
    return Improvement(
        title, why, () if there else (secret,), steps, tuple(function.address for function in functions)
    )
