"""Source code: what stands in code or plain variables and belongs elsewhere: credentials, accounts, Regions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from stackworthy.core.code import Attribute, Call, Index, Literal, Node
from stackworthy.core.finding import Confidence, Finding, Pillar, Severity
from stackworthy.core.rule import Code, Rule, python, typescript
from stackworthy.core.value import Reference, Unknown, Value, is_stated
from stackworthy.sources.code.handler import Handler

_SECRET = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE_KEY|SECRET_KEY|AUTH_KEY|SIGNING_KEY|CREDENTIALS?)S?$"
)
_ATTRIBUTES = ("Arn", "Id", "Name")


class SecretReadFromEnvironment(Rule):
    """A credential in an environment variable is read by everybody who may look at the function.

    `lambda:GetFunctionConfiguration`, which many read-only roles allow, shows it in plain text; it stands in every deployed version, and to rotate it is to deploy. Keep it in Secrets
    Manager or in a SecureString of Parameter Store, give the function its ARN, and cache what it reads for some minutes.
    """

    on = Code()
    pillar, severity = Pillar.SECURITY, Severity.LOW
    message = "{variable} is a credential, and stands as plain text in the function's configuration"
    references = (
        "https://docs.aws.amazon.com/lambda/latest/dg/with-secrets-manager.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
    )

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Look at variables that are named after credentials, that the code reads, and that hold more than a name."""
        seen: set[str] = set()
        for node, name in _variables(handler):
            if name in seen or not _SECRET.search(name):
                continue
            seen.add(name)
            path = f"Environment.Variables.{name}"
            value = handler.function[path]
            if not _is_plain(value):
                is_stated(value)  # raises when it may be a credential
            else:
                yield handler.finding(node, part=name, variable=name, also=(handler.function.place(path),))

    _parameter = "Environment: {Variables: {API_TOKEN: '{{resolve:secretsmanager:shop/token}}'}}"
    bad = (
        python(
            """
            import os
            import urllib.request

            def handler(event, context):
                headers = {"Authorization": f"Bearer {os.environ['API_TOKEN']}"}
                request = urllib.request.Request("https://api.example.com/orders", headers=headers)
                return urllib.request.urlopen(request, timeout=2).status
            """,
            properties=_parameter,
        ),
        typescript(
            """
            export const handler = async () => {
              const headers = { Authorization: `Bearer ${process.env.API_TOKEN}` };
              return (await fetch("https://api.example.com/orders", { headers })).status;
            };
            """,
            properties=_parameter,
        ),
    )
    good = (
        python(
            """
            import os

            import boto3

            secrets = boto3.client("secretsmanager")

            def handler(event, context):
                token = secrets.get_secret_value(SecretId=os.environ["API_TOKEN"])["SecretString"]
                return {"length": len(token)}
            """,
            stack="Token: {Type: AWS::SecretsManager::Secret}",
            properties="Environment: {Variables: {API_TOKEN: !Ref Token}}",
        ),
        typescript(
            """
            import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

            const secrets = new SecretsManagerClient({});

            export const handler = async () =>
              (await secrets.send(new GetSecretValueCommand({ SecretId: process.env.API_TOKEN }))).Name;
            """,
            properties="Environment: {Variables: {API_TOKEN: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:token'}}",
        ),
    )


def _variables(handler: Handler) -> Iterator[tuple[Node, str]]:
    """The places that read an environment variable, with its name."""
    for scope in handler.program.scopes:
        for kind in (Attribute, Index, Call):
            for node in scope.all(kind):
                name = handler.variable(node)
                if name:
                    yield node, name


def _is_plain(value: Value) -> bool:
    """Whether a value may be the credential itself: a text that names nothing, a parameter, a secret that is resolved."""
    if isinstance(value, str):
        return bool(value) and not value.startswith(("arn:", "/", "http", "alias/")) and "/" not in value
    if isinstance(value, Unknown):
        return (
            "resolve:secretsmanager" in value.expression
            or "resolve:ssm-secure" in value.expression
            or (
                value.expression.startswith(("Ref ", "var."))
                and not value.expression.lower().endswith(("arn", "name", "id", "path"))
            )
        )
    return isinstance(value, Reference) and value.attribute not in (*_ATTRIBUTES, "Ref")


_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}):")
_EXAMPLES = frozenset({"123456789012", "000000000000", "012345678901"})


class AccountInCode(Rule):
    """An ARN with an account in the code binds it to one environment.

    The same code in another account or Region, a second stage or a recovery, writes to the first one's resources, or to nothing. Take the ARN from an environment variable that the
    template fills.
    """

    on = Code()
    pillar, severity = Pillar.OPERATIONS, Severity.LOW
    message = "{arn} stands in the code: in any other account it is the wrong one"
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html",)

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Look for ARNs with an account; layers and images that AWS or others publish are left out."""
        for scope in handler.program.scopes:
            for literal in scope.all(Literal):
                found = _ARN.match(literal.value) if isinstance(literal.value, str) else None
                if (
                    found is not None
                    and found.group(1) not in _EXAMPLES
                    and ":layer:" not in str(literal.value)
                ):
                    yield handler.finding(literal, part="ARN", arn=str(literal.value)[:120])

    bad = (
        python(
            """
            import boto3

            sns = boto3.client("sns")

            def handler(event, context):
                sns.publish(TopicArn="arn:aws:sns:eu-west-1:111122223333:orders", Message="done")
            """
        ),
        typescript(
            """
            import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";

            const TOPIC = "arn:aws:sns:eu-west-1:111122223333:orders";
            const sns = new SNSClient({});

            export const handler = async () => sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "done" }));
            """
        ),
    )
    good = (
        python(
            """
            import os

            import boto3

            sns = boto3.client("sns")

            def handler(event, context):
                sns.publish(TopicArn=os.environ["TOPIC_ARN"], Message="done")
            """
        ),
        typescript(
            """
            import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";

            const sns = new SNSClient({});

            export const handler = async () =>
              sns.send(new PublishCommand({ TopicArn: process.env.TOPIC_ARN, Message: "done" }));
            """
        ),
    )


_REGION = re.compile(
    r"(?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov)?-(?:central|north|south|east|west|northeast|northwest|southeast|southwest)-\d"
)
_ONE_REGION = frozenset(
    {
        "cloudfront",
        "acm",
        "wafv2",
        "waf",
        "route53",
        "route53domains",
        "iam",
        "pricing",
        "ce",
        "cur",
        "budgets",
        "organizations",
        "support",
        "health",
    }
    | {
        "bedrock",
        "bedrock-runtime",
        "bedrock-agent-runtime",
        "globalaccelerator",
        "shield",
        "account",
        "sts",
        "chime",
    }
)
"""Services that answer in one Region only, or whose models are not everywhere."""


class RegionInCode(Rule):
    """A Region in the code binds a client to it, wherever the function runs.

    The stack in a second Region reads and writes in the first: slower, paid for as traffic between Regions, and gone together with the first. Without the setting the client takes the
    function's own Region.
    """

    on = Code()
    pillar, severity = Pillar.RELIABILITY, Severity.LOW
    confidence = Confidence.MEDIUM
    message = "the client of {service} is bound to {region}, in whichever Region the function runs"
    references = ("https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html",)

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Look at the settings of clients; services that are in one Region only are left out."""
        for client in handler.clients(init=True):
            if client.service in _ONE_REGION:
                continue
            region = client.node.keyword("region_name")
            if client.style in ("v2", "v3") and client.node.arguments:
                region = handler.members(client.node.arguments[0])[0].get("region")
            found = handler.definition(region) if region is not None else None
            if isinstance(found, Literal) and isinstance(found.value, str) and _REGION.fullmatch(found.value):
                yield handler.finding(client.node, service=client.service or "AWS", region=found.value)

    bad = (
        python(
            """
            import boto3

            table = boto3.resource("dynamodb", region_name="eu-west-1").Table("orders")

            def handler(event, context):
                return table.get_item(Key={"id": event["id"]})
            """
        ),
        typescript(
            """
            import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";

            const sqs = new SQSClient({ region: "eu-west-1" });

            export const handler = async (event: { body: string }) =>
              sqs.send(new SendMessageCommand({ QueueUrl: process.env.QUEUE, MessageBody: event.body }));
            """
        ),
    )
    good = (
        python(
            """
            import os

            import boto3

            table = boto3.resource("dynamodb", region_name=os.environ["AWS_REGION"]).Table("orders")

            def handler(event, context):
                return table.get_item(Key={"id": event["id"]})
            """
        ),
        typescript(
            """
            import { CloudFrontClient, CreateInvalidationCommand } from "@aws-sdk/client-cloudfront";

            const client = new CloudFrontClient({ region: "us-east-1" });

            export const handler = async () => client.send(new CreateInvalidationCommand({}));
            """
        ),
    )


RULES = (SecretReadFromEnvironment(), AccountInCode(), RegionInCode())
