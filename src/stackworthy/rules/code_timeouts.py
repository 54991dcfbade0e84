"""Source code: how long calls over HTTP and clients of AWS may take, against how long the function lives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from stackworthy.core.code import (
    Call,
    Node,
)
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.fix import Fix, Rewrite, Unsafe
from stackworthy.core.rule import STRICT, Code, Rule, python, typescript
from stackworthy.core.value import known, show
from stackworthy.sources.code.handler import Handler
from stackworthy.sources.code.sdk import Client

HTTP = {
    **{
        f"requests.{verb}": "timeout" for verb in ("get", "post", "put", "patch", "delete", "head", "request")
    },
    **{
        f"requests.Session().{verb}": "timeout"
        for verb in ("get", "post", "put", "patch", "delete", "head", "request")
    },
    "urllib.request.urlopen": "timeout",
    "fetch": "signal",
    "node-fetch": "signal",
    "axios": "timeout",
    "axios.request": "timeout",
    **{f"axios.{verb}": "timeout" for verb in ("get", "post", "put", "patch", "delete", "head")},
}
"""Calls over HTTP that wait for ever unless they are told not to, and the option that tells them."""
_WITH_BODY = frozenset({"axios.post", "axios.put", "axios.patch"})


class HttpCallOutlivesFunction(Rule):
    """A call over HTTP that may take longer than the function lives ends the function instead of failing.

    `requests`, `urllib`, `fetch` and `axios` wait without limit unless told otherwise. When the other side hangs, Lambda ends the function at its
    timeout: no exception is caught, nothing is logged, no answer is given, and the whole timeout is paid. A limit below the function's
    own timeout leaves time to answer.
    """

    on = Code()
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    message = "{call} waits {how}, and the function is ended {end}: it can neither retry nor answer"
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html",)
    fix_safety = Unsafe("a call that takes longer than the new limit fails; today it is waited for")

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Compare the limit of each call with the function's timeout."""
        for site in handler.calls(*HTTP):
            option, is_open = _option(handler, site.node, HTTP[site.name], site.name)
            if is_open or _is_local(handler, site.node):
                continue
            if not option:
                yield handler.finding(site.node, call=site.name, how="without limit", end=_end(handler))
            elif HTTP[site.name] == "timeout":
                seconds = handler.number(option[0])
                seconds = seconds / 1000 if seconds and site.name.startswith("axios") else seconds
                if seconds and seconds >= handler.function["Timeout"]:
                    also = (handler.function.place("Timeout"),)
                    how = f"up to {seconds:g} s"
                    yield handler.finding(site.node, call=site.name, how=how, end=_end(handler), also=also)

    def fix(self, finding: Finding) -> Fix | None:
        """Limit the call to what leaves time to answer."""
        return None if finding.code is None else self.offer(Rewrite(finding.resource, finding.code, "bound"))

    bad = (
        python(
            """
            import requests

            def handler(event, context):
                return requests.get("https://api.example.com/rates").json()
            """,
            properties="Timeout: 10",
        ),
        python(
            """
            import requests

            def handler(event, context):
                return requests.get("https://api.example.com/rates", timeout=30).json()
            """,
            properties="Timeout: 10",
        ),
        typescript(
            """
            export const handler = async () => {
              const answer = await fetch("https://api.example.com/rates");
              return answer.json();
            };
            """,
            properties="Timeout: 10",
        ),
    )
    good = (
        python(
            """
            import requests

            def handler(event, context):
                return requests.get("https://api.example.com/rates", timeout=(2, 5)).json()
            """,
            properties="Timeout: 10",
        ),
        typescript(
            """
            export const handler = async () => {
              const answer = await fetch("https://api.example.com/rates", { signal: AbortSignal.timeout(5000) });
              return answer.json();
            };
            """,
            properties="Timeout: 10",
        ),
    )


def _option(handler: Handler, call: Call, name: str, called: str) -> tuple[list[Node], bool]:
    """The value of an option of a call over HTTP, and whether it may be given in a way that cannot be seen."""
    found = [value for word, value in call.keywords if word == name]
    if found or any(not word for word, _ in call.keywords):
        return found, not found
    if called == "urllib.request.urlopen" and len(call.arguments) > 2:
        return [call.arguments[2]], False
    if handler.language == "python":
        return [], False
    position = 2 if called in _WITH_BODY else 0 if called in ("axios", "axios.request") else 1
    if len(call.arguments) <= position:
        return [], False
    members, is_open = handler.members(call.arguments[position])
    return [members[name]] if name in members else [], is_open and name not in members


def _is_local(handler: Handler, call: Call) -> bool:
    """Whether the call stays inside of the execution environment: an extension, or the runtime's own interface."""
    url = handler.value(call.arguments[0]) if call.arguments else ""
    return show(url).startswith(("http://localhost", "http://127.0.0.1", "http://sandbox"))


def _end(handler: Handler) -> str:
    timeout = handler.function["Timeout"]
    return f"after {show(timeout)} s" if known(timeout) else "at its timeout"


class AwsClientOutlivesFunction(Rule):
    """A client of AWS whose retries may take longer than the function lives is ended in the middle of them.

    boto3 waits 60 seconds for a connection and 60 for an answer, and tries up to five times; the SDK for JavaScript version 3 waits without limit and
    tries three times. When a service hangs, Lambda ends the function first: nothing is caught, logged or answered. The longest that a client may take is
    its attempts times the sum of its two limits, and should be less than the function's timeout.
    """

    on = Code()
    pillar, severity, profile = Pillar.RELIABILITY, Severity.LOW, STRICT
    message = (
        "the client of {service} may try for {longest} ({attempts} attempts), and the function is ended {end}"
    )
    references = (
        "https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html",
        "https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html",
    )
    fix_safety = Unsafe("a call that takes longer than the new limits fails; today it is waited for")

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Compare the worst case of each client with the function's timeout."""
        timeout = handler.function["Timeout"]
        for client in handler.clients(init=True):
            worst = _worst(handler, client)
            if worst is None or worst.seconds <= timeout:
                continue
            longest = "as long as it likes" if worst.seconds == _UNLIMITED else f"{worst.seconds:g} s"
            yield handler.finding(
                client.node,
                service=client.service or "AWS",
                longest=longest,
                attempts=worst.attempts,
                end=_end(handler),
                also=(handler.function.place("Timeout"),),
            )

    def fix(self, finding: Finding) -> Fix | None:
        """Limit attempts and waiting to what fits into the function's timeout."""
        return None if finding.code is None else self.offer(Rewrite(finding.resource, finding.code, "bound"))

    bad = (
        python(
            """
            import boto3

            table = boto3.resource("dynamodb").Table("orders")

            def handler(event, context):
                return table.get_item(Key={"id": event["id"]})
            """,
            properties="Timeout: 30",
        ),
        python(
            """
            import boto3
            from botocore.config import Config

            SETTINGS = Config(connect_timeout=2, read_timeout=20, retries={"total_max_attempts": 2})
            client = boto3.client("dynamodb", config=SETTINGS)

            def handler(event, context):
                return client.get_item(TableName="orders", Key={"id": {"S": event["id"]}})
            """,
            properties="Timeout: 30",
        ),
        typescript(
            """
            import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

            const client = new DynamoDBClient({ maxAttempts: 2 });

            export const handler = async (event: any) =>
              client.send(new GetItemCommand({ TableName: "orders", Key: { id: { S: event.id } } }));
            """,
            properties="Timeout: 30",
        ),
    )
    good = (
        python(
            """
            import boto3
            from botocore.config import Config

            SETTINGS = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 3})
            client = boto3.client("dynamodb", config=SETTINGS)

            def handler(event, context):
                return client.get_item(TableName="orders", Key={"id": {"S": event["id"]}})
            """,
            properties="Timeout: 30",
        ),
        typescript(
            """
            import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

            const client = new DynamoDBClient({ maxAttempts: 3, requestHandler: { connectionTimeout: 1000, requestTimeout: 5000 } });

            export const handler = async (event: any) =>
              client.send(new GetItemCommand({ TableName: "orders", Key: { id: { S: event.id } } }));
            """,
            properties="Timeout: 30",
        ),
    )


_UNLIMITED = float("inf")


class _Worst(NamedTuple):
    """The longest that a client may take, and how often it tries."""

    seconds: float
    attempts: int


def _worst(handler: Handler, client: Client) -> _Worst | None:
    """The worst case of a client; None when its settings cannot be seen."""
    settings = (
        _of_boto(handler, client) if client.style in ("client", "resource") else _of_script(handler, client)
    )
    if settings is None:
        return None
    connect, read, attempts = settings
    return _Worst(attempts * (connect + read), int(attempts))


def _of_boto(handler: Handler, client: Client) -> tuple[float, float, float] | None:
    """https://docs.aws.amazon.com/botocore/latest/reference/config.html"""
    if any(name is None for name, _ in client.node.keywords):
        return None
    attempts = _stated_attempts(handler, 10 if client.service == "dynamodb" else 5)
    config = client.node.keyword("config")
    if config is None:
        return 60, 60, attempts
    made = handler.definition(config)
    if not isinstance(made, Call) or not handler.name(made.callee).endswith("Config"):
        return None
    given = {name: value for name, value in made.keywords if name is not None}
    retries, is_open = handler.members(given["retries"]) if "retries" in given else ({}, False)
    if is_open or len(given) < len(made.keywords):
        return None
    mode = handler.text(retries["mode"]) if "mode" in retries else ""
    attempts = 3 if mode in ("standard", "adaptive") else attempts
    if "total_max_attempts" in retries:
        attempts = _number(handler, retries["total_max_attempts"], attempts)
    elif "max_attempts" in retries:
        attempts = _number(handler, retries["max_attempts"], attempts - 1) + 1
    connect = _number(handler, given.get("connect_timeout"), 60)
    return connect, _number(handler, given.get("read_timeout"), 60), attempts


def _stated_attempts(handler: Handler, default: float) -> float:
    """The attempts that the function's environment sets for every client, else the default of the service in legacy mode."""
    value = show(handler.environment("AWS_MAX_ATTEMPTS"))
    if value.isdigit():
        return int(value)
    return 3 if handler.environment("AWS_RETRY_MODE") in ("standard", "adaptive") else default


def _of_script(handler: Handler, client: Client) -> tuple[float, float, float] | None:
    """https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/migrate-client-constructors.html"""
    given, is_open = handler.members(client.node.arguments[0]) if client.node.arguments else ({}, False)
    if is_open:
        return None
    if client.style == "v2":
        options, hidden = handler.members(given["httpOptions"]) if "httpOptions" in given else ({}, False)
        retries = _number(handler, given.get("maxRetries"), 10 if client.service == "dynamodb" else 3)
        read = _number(handler, options.get("timeout"), 120_000)
        connect = _number(handler, options.get("connectTimeout"), 120_000)
        return None if hidden else (connect / 1000, read / 1000, retries + 1)
    attempts = _number(handler, given.get("maxAttempts"), 3)
    options, hidden = _request_options(handler, given.get("requestHandler"))
    if hidden:
        return None
    answer = options.get("requestTimeout") or options.get("socketTimeout")
    unstated = _UNLIMITED if answer is None else 0
    connect = _number(handler, options.get("connectionTimeout"), unstated) / 1000
    return connect, _number(handler, answer, _UNLIMITED) / 1000, attempts


def _request_options(handler: Handler, given: Node | None) -> tuple[dict[str, Node], bool]:
    """The options of a request handler, as an object or in `new NodeHttpHandler({...})`."""
    if given is None:
        return {}, False
    made = handler.definition(given)
    if isinstance(made, Call):
        return handler.members(made.arguments[0]) if made.arguments else ({}, False)
    return handler.members(made)


def _number(handler: Handler, node: Node | None, default: float) -> float:
    if node is None:
        return default
    found = handler.number(node)
    return default if found is None else found


RULES = (HttpCallOutlivesFunction(), AwsClientOutlivesFunction())
