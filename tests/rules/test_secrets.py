from __future__ import annotations

import pytest

from stackworthy.core.value import Reference, Unknown
from stackworthy.rules._secrets import literal_secret

# Put together here, so that no scanner takes this file for a leak.
AWS_KEY = "AKIA" + "IOSFODNN7" + "EXAMPLE"
STRIPE_KEY = "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc"
RANDOM = "x9Kq2Lm8Vb4Zt7Rw3Yc6"


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("AWS_ACCESS_KEY_ID", AWS_KEY, "an AWS access key"),
        ("PAYMENTS", STRIPE_KEY, "a Stripe key"),
        ("DB_PASSWORD", "hunter2-for-real", "a password"),
        ("dbPassword", "hunter2-for-real", "a password"),
        ("DATABASE_URL", "postgres://shop:s3cr3tpw@db.internal:5432/shop", "a password in a URL"),
        ("API_KEY", RANDOM, "a key or token"),
        ("JWT_SECRET", RANDOM, "a key or token"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/" + "K7MDENG/bPxRfiCYEXAMPLEKEY", "a key or token"),
    ],
)
def test_a_secret_is_told_by_its_form_or_by_its_name(name: str, value: str, what: str) -> None:
    assert literal_secret(name, value) == what


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STAGE", "prod"),
        ("DB_PASSWORD", "change-me"),
        ("DB_PASSWORD", "<your password>"),
        ("DB_PASSWORD", ""),
        ("DB_PASSWORD", "{{resolve:secretsmanager:db:SecretString:password}}"),
        ("DB_PASSWORD", "/shop/prod/db-password"),
        ("SECRET_NAME", "MySecret"),
        ("SECRET_ARN", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"),
        ("DB_SECRET", "prod/shop/database"),
        ("TOKEN_URL", "https://login.example.com/oauth2/token"),
        ("PARTITION_KEY", "customerId2"),
        ("TABLE_KEY", RANDOM),
        ("CSRF_TOKEN", "x-csrf-token"),
        ("MAX_TOKENS", "4096"),
        ("DATABASE_URL", "postgres://username:password@localhost/test"),
        ("API_KEY", "REPLACE_WITH_YOUR_API_KEY"),
    ],
)
def test_a_name_a_place_or_a_placeholder_is_no_secret(name: str, value: str) -> None:
    assert literal_secret(name, value) == ""


def test_what_is_no_literal_is_no_literal_secret() -> None:
    assert literal_secret("DB_PASSWORD", Unknown("the parameter is kept secret")) == ""
    assert literal_secret("DB_PASSWORD", Reference("Secret")) == ""
