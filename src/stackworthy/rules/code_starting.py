"""Source code: what a function loads when Lambda starts it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from stackworthy.core.code import Import
from stackworthy.core.finding import Finding, Pillar, Severity
from stackworthy.core.rule import STRICT, Code, Rule, python, typescript
from stackworthy.core.value import show
from stackworthy.rules._code import answered, packages_of, routes
from stackworthy.rules._reading import settled
from stackworthy.sources.code.handler import Handler
from stackworthy.sources.code.unit import Unit

_V2_ENDS = "https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/migrating.html"
_NODE = re.compile(r"nodejs(\d+)")


def _loads_v2(handler: Handler) -> Iterator[tuple[Unit, Import]]:
    """The places that load version 2 of the SDK for JavaScript."""
    for unit in handler.program.units.values():
        if unit.module.language != "python":
            for item in unit.module.imports:
                if item.module == "aws-sdk" or item.module.startswith("aws-sdk/clients/"):
                    yield unit, item


def _runtime_without(handler: Handler) -> str:
    """The runtime, when neither it nor the package brings version 2 of the SDK; raises `NotKnown`."""
    runtime: str = handler.function["Runtime"]
    found = _NODE.match(show(settled(runtime)))
    if found is None or int(found.group(1)) < 18 or handler.function["Layers"]:
        return ""
    packages = packages_of(handler)
    return runtime if packages is not None and "aws-sdk" not in packages else ""


class SdkWithoutSupport(Rule):
    """Version 2 of the AWS SDK for JavaScript gets no fixes any more.

    Its support ended on 8 September 2025: neither faults nor weaknesses are mended, and new services do not come. It loads as a whole, which makes starts slow. Version 3 has a
    package for each service.
    """

    on = Code()
    pillar, severity = Pillar.OPERATIONS, Severity.MEDIUM
    message = "the code loads {module}, version 2 of the SDK, whose support has ended"
    references = (_V2_ENDS, "https://docs.aws.amazon.com/sdkref/latest/guide/version-support-matrix.html")

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Look at what the files load; one finding for each function. Where it is not even there, another rule says so."""
        for _, item in _loads_v2(handler):
            if answered(lambda: _runtime_without(handler) != "") is not True:
                yield handler.finding(item, part="aws-sdk", module=item.module)
            return

    bad = typescript(
        """
        import AWS from "aws-sdk";

        const table = new AWS.DynamoDB.DocumentClient();

        export const handler = async (event: { id: string }) =>
          table.get({ TableName: "orders", Key: { id: event.id } }).promise();
        """,
        properties="Runtime: nodejs16.x",
    )
    good = typescript(
        """
        import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
        import { DynamoDBDocument } from "@aws-sdk/lib-dynamodb";

        const table = DynamoDBDocument.from(new DynamoDBClient({}));

        export const handler = async (event: { id: string }) => table.get({ TableName: "orders", Key: { id: event.id } });
        """
    )


class SdkNotInRuntime(Rule):
    """From Node.js 18 on the runtime brings version 3 of the SDK, and no `aws-sdk`: loading it ends the function before it runs.

    `Cannot find module 'aws-sdk'` is what every invocation answers. The runtimes up to Node.js 16 had version 2; after the update of a runtime the package has to bring it, or the code has to
    move to version 3.
    """

    on = Code()
    pillar, severity = Pillar.RELIABILITY, Severity.HIGH
    message = "the code loads {module}, which {runtime} does not have and the package does not bring: every invocation fails"
    references = ("https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html", _V2_ENDS)

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Compare what is loaded with the runtime and with what the package lists."""
        for _, item in _loads_v2(handler):
            runtime = _runtime_without(handler)
            if runtime:
                also = (handler.function.place("Runtime"),)
                yield handler.finding(item, part="aws-sdk", module=item.module, runtime=runtime, also=also)
            return

    bad = typescript(
        """
        import AWS from "aws-sdk";

        const queue = new AWS.SQS();

        export const handler = async (event: { url: string }) =>
          queue.sendMessage({ QueueUrl: event.url, MessageBody: "done" }).promise();
        """
    )
    good = typescript(
        """
        import { SQS } from "@aws-sdk/client-sqs";

        const queue = new SQS({});

        export const handler = async (event: { url: string }) =>
          queue.sendMessage({ QueueUrl: event.url, MessageBody: "done" });
        """
    )


_HEAVY = {
    "pandas": "half a second",
    "scipy": "half a second",
    "sklearn": "a second",
    "matplotlib": "a second",
    "torch": "seconds",
    "tensorflow": "seconds",
    "transformers": "seconds",
    "spacy": "seconds",
    "nltk": "a second",
    "cv2": "half a second",
    "pyarrow": "half a second",
    "geopandas": "a second",
    "googleapiclient": "half a second",
    "googleapis": "a second",
    "puppeteer": "half a second",
    "puppeteer-core": "half a second",
    "canvas": "half a second",
    "typescript": "half a second",
    "@tensorflow/tfjs": "seconds",
    "@tensorflow/tfjs-node": "seconds",
    "mathjs": "half a second",
    "firebase-admin": "half a second",
}
"""Libraries that take long to load, and about how long on a function of 1 GB."""


class HeavyImportBeforeAnswer(Rule):
    """A large library that is loaded at the top makes every first caller wait for it.

    Whatever a file loads at its top is loaded before the first event, and since August 2025 that time is paid for. Load it in the branch that needs it, in a function of its own behind
    a queue, or start from a snapshot (SnapStart).
    """

    on = Code()
    pillar, severity = Pillar.PERFORMANCE, Severity.LOW
    profile = STRICT
    message = "{library} is loaded before the first answer of {route}, which takes about {time}"
    references = (
        "https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html",
    )

    def check(self, handler: Handler) -> Iterable[Finding]:
        """Look at what functions behind APIs load at the top of their files."""
        waiting = routes(handler)
        if not waiting or handler.function["SnapStart.ApplyOn"] == "PublishedVersions":
            return
        seen: set[str] = set()
        for unit in handler.program.units.values():
            for number, item in enumerate(unit.module.imports):
                library = item.module if item.module in _HEAVY else item.module.partition(".")[0]
                if number in unit.module.top and library in _HEAVY and library not in seen:
                    seen.add(library)
                    yield handler.finding(
                        item, part=library, library=library, route=waiting[0].name, time=_HEAVY[library]
                    )

    _url = """
        Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !GetAtt Function.Arn, AuthType: NONE}}
    """
    bad = (
        python(
            """
            import pandas

            def handler(event, context):
                if event["rawPath"] == "/report":
                    return pandas.read_csv("https://example.com/report.csv").to_json()
                return {"statusCode": 200}
            """,
            stack=_url,
        ),
        typescript(
            """
            import puppeteer from "puppeteer-core";

            export const handler = async (event: any) => {
              if (event.rawPath === "/picture") await puppeteer.launch();
              return { statusCode: 200 };
            };
            """,
            stack=_url,
        ),
    )
    good = (
        python(
            """
            def handler(event, context):
                if event["rawPath"] == "/report":
                    import pandas

                    return pandas.read_csv("https://example.com/report.csv").to_json()
                return {"statusCode": 200}
            """,
            stack=_url,
        ),
        typescript(
            """
            export const handler = async (event: any) => {
              if (event.rawPath === "/picture") {
                const puppeteer = await import("puppeteer-core");
                await puppeteer.launch();
              }
              return { statusCode: 200 };
            };
            """,
            stack=_url,
        ),
    )


RULES = (SdkWithoutSupport(), SdkNotInRuntime(), HeavyImportBeforeAnswer())
