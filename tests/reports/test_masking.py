"""What reports hide."""

import time

import pytest

from stackworthy.core.review import FindingRecord, FixRecord
from stackworthy.reports.masking import is_secret, masked_finding, masked_line, masked_text, masked_value

# Put together here, so that no scanner takes this file for a leak.
TOKENS = [
    "AKIA" + "IOSFODNN7EXAMPLE",
    "xoxb-" + "123456789012-abcdefghij",
    "hooks.slack.com/services/" + "T000/B000/XXXXXXXXXXXXXXXX",
    "ghp_" + "a1B2" * 9,
    "github_pat_" + "a1B2" * 8,
    "glpat-" + "a1B2" * 5,
    "sk_live_" + "a1B2" * 6,
    "whsec_" + "a1B2" * 7,
    "sk-proj-" + "a1B2" * 8,
    "AIza" + "a1B2c" * 7,
    "eyJhbGciOiJI." + "eyJzdWIiOiIx." + "SflKxwRJSMeK",
    "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
]


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_is_known_by_its_form_wherever_it_stands(token):
    masked = masked_text(f"the value is '{token}', as written")
    assert token[6:] not in masked
    assert masked.startswith("the value is '")
    assert masked.endswith("', as written")


def test_a_password_in_a_url_is_hidden_and_the_rest_stays():
    assert masked_text("postgres://admin:hunter2@db:5432/x") == "postgres://admin:****@db:5432/x"
    assert masked_text("postgres://admin:${Password}@db/x") == "postgres://admin:${Password}@db/x"


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("DB_PASSWORD", "hunter2", True),
        ("MasterUserPassword", "hunter2", True),
        ("masterUserPassword1", "hunter2", True),
        ("SecretString", "hunter2", True),
        ("STRIPE_API_KEY", "x", True),
        ("OAuthToken", "x", True),
        ("EncryptionKey", "a8F3k29dkLq0ZmX7", True),
        ("KEY", "a8F3k29dkLq0ZmX7", True),
        ("KEY", "users/profile.json", False),
        ("SecretArn", "arn:aws:secretsmanager:eu-west-1:1:secret:x", False),
        ("SECRET", "arn:aws:secretsmanager:eu-west-1:1:secret:x", False),
        ("SecretName", "prod/db", False),
        ("PasswordPolicy", "strong", False),
        ("KmsMasterKeyId", "alias/aws/sqs", False),
        ("PartitionKey", "userId", False),
        ("Password", "{{resolve:secretsmanager:db:SecretString:password}}", False),
        ("Password", "${DbPassword}", False),
        ("Password", "", False),
        ("TableName", "a8F3k29dkLq0ZmX7", False),
    ],
)
def test_a_name_says_whether_its_value_is_secret(name, value, secret):
    assert is_secret(name, value) is secret


def test_maps_and_lists_are_masked_all_the_way_down():
    value = {
        "Variables": {"DB_PASSWORD": "hunter2", "TABLE": "users", "LIMIT": 3},
        "Environment": [{"Name": "API_TOKEN", "Value": "abc"}, {"Name": "MODE", "Value": "abc"}],
        "GenerateSecretString": {"PasswordLength": 32, "ExcludeCharacters": "@/"},
    }
    assert masked_value("", value) == {
        "Variables": {"DB_PASSWORD": "****", "TABLE": "users", "LIMIT": 3},
        "Environment": [{"Name": "API_TOKEN", "Value": "****"}, {"Name": "MODE", "Value": "abc"}],
        "GenerateSecretString": {"PasswordLength": 32, "ExcludeCharacters": "@/"},
    }


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("  DB_PASSWORD: hunter2", "  DB_PASSWORD: ****"),
        ("  DB_PASSWORD: 'hunter2'  # temporary", "  DB_PASSWORD: '****'  # temporary"),
        ('  "DbPassword": "hunter2",', '  "DbPassword": "****",'),
        ('  db_password = "hunter2"', '  db_password = "****"'),
        ("  Password: !Ref DbPassword", "  Password: !Ref DbPassword"),
        ("  password = var.db_password", "  password = var.db_password"),
        ("  Secret: {Type: AWS::SecretsManager::Secret}", "  Secret: {Type: AWS::SecretsManager::Secret}"),
        ("  Timeout: 3", "  Timeout: 3"),
        (
            "Fn: {Runtime: python3.12, Environment: {DB_PASSWORD: hunter2}}",
            "Fn: {Runtime: python3.12, Environment: {DB_PASSWORD: ****",
        ),
        (
            "{Runtime: python3.12, Vars: {ClientKey: a8F3k29dkLq0ZmX7, B: c d}}",
            "{Runtime: python3.12, Vars: {ClientKey: ****, B: c d}}",
        ),
        ("  Password: a,b{c}d # x", "  Password: ****"),
        ("{Type: A, Token: 'a, b', Size: 3}", "{Type: A, Token: '****', Size: 3}"),
        ("{Name: web, GenerateSecret: true, Size: 3}", "{Name: web, GenerateSecret: true, Size: 3}"),
        (
            'Value: !Sub "arn:aws:secretsmanager:us-east-1:1:secret:db"',
            'Value: !Sub "arn:aws:secretsmanager:us-east-1:1:secret:db"',
        ),
    ],
)
def test_a_line_of_source_keeps_everything_but_its_secrets(line, masked):
    assert masked_line(line) == masked


def test_a_finding_hides_its_secret_in_every_sentence():
    finding = FindingRecord(
        id="1",
        rule="plain-text-secret",
        equivalents=[],
        address="Fn",
        instances=[],
        property="Environment.Variables.DB_PASSWORD",
        pillar="security",
        severity="high",
        confidence="high",
        file="t.yaml",
        line=1,
        column=1,
        locations=[],
        trail=[],
        environments=[],
        owner=None,
        message="DB_PASSWORD is hunter2",
        evidence={"actual": "hunter2", "expected": "a reference"},
        fix=FixRecord("manual", steps=["move hunter2 into Secrets Manager"]),
    )
    masked = masked_finding(finding)
    assert masked.message == "DB_PASSWORD is ****"
    assert masked.evidence == {"actual": "****", "expected": "a reference"}
    assert masked.fix is not None
    assert masked.fix.steps == ["move **** into Secrets Manager"]
    assert finding.message == "DB_PASSWORD is hunter2"


@pytest.mark.parametrize(
    "line",
    [
        "a" * 300_000,
        "a:" * 100_000,
        "-----BEGIN A" * 30_000,
        "eyJ." * 80_000,
        "a://" * 60_000,
        "a:b," * 75_000,
    ],
)
def test_long_lines_take_no_time(line):
    started = time.perf_counter()
    masked_line(line)
    assert time.perf_counter() - started < 5
