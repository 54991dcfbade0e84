"""Source code: what is believed of those who call: serialised objects, markup, origins of browsers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stackworthy.core.code import (
    Assign,
    Call,
    Choice,
    Index,
    Literal,
    Node,
    Operation,
    Record,
    Template,
)
from stackworthy.core.finding import Confidence, Finding, Guard, Pillar, Severity
from stackworthy.core.rule import Code, Rule, python, typescript
from stackworthy.rules._code import behind, is_authorized, is_literal, routes, shown, tests_around, text_of
from stackworthy.sources.code.handler import CallSite, Handler, is_method

_APP_SECURITY = "https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_appsec_perform_security_testing.html"

UNPICKLE = (
    *(
        f"{module}.{name}"
        for module in ("pickle", "dill", "marshal", "cloudpickle")
        for name in ("loads", "load")
    ),
    "pandas.read_pickle",
    "joblib.load",
    "torch.load",
    "jsonpickle.decode",
    "shelve.open",
    "yaml.load",
    "yaml.load_all",
    "yaml.unsafe_load",
    "node-serialize.unserialize",
    "serialize-to-js.deserialize",
    "funcster.deepDeserialize",
    "cryo.parse",
)
_SAFE_LOADERS = ("SafeLoader", "CSafeLoader", "BaseLoader")
_FETCHED = frozenset({"s3:GetObject", "sqs:ReceiveMessage", "dynamodb:GetItem", "dynamodb:Query"})


class ObjectsFromOutside(Rule):
    """Objects that are put together again from what somebody sent may run that somebody's code.

    `pickle`, YAML's full loader and their like make any object that the text names and call what it asks for while they do so: whoever
    can write the text runs code with the function's role. JSON, `yaml.safe_load` and `weights_only=True` give data only.
    """

    on = Code()
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "{call} makes objects of {what}: whoever wrote it can run code here"
    references = (_APP_SECURITY, "https://docs.aws.amazon.com/lambda/latest/dg/lambda-security.html")
    equivalents = ("B301", "B302", "B506", "B614")

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Look at what reads objects, and at where their text comes from."""
        for site in handler.calls(*UNPICKLE):
            if not site.node.arguments:
                continue
            source = _source(handler, site.node.arguments[0])
            if source is None:
                continue
            if _is_safe(handler, site):
                yield handler.guard(site.node, f"{site.name} reads data only")
            else:
                yield handler.finding(site.node, call=site.name, what=source)

    bad = (
        python(
            """
            import base64
            import pickle

            def handler(event, context):
                state = pickle.loads(base64.b64decode(event["body"]))
                return {"statusCode": 200, "body": state["name"]}
            """
        ),
        python(
            """
            import boto3
            import yaml

            s3 = boto3.client("s3")

            def handler(event, context):
                text = s3.get_object(Bucket="settings", Key="jobs.yaml")["Body"].read()
                return yaml.load(text, Loader=yaml.Loader)
            """
        ),
        typescript(
            """
            import { unserialize } from "node-serialize";

            export const handler = async (event: { body: string }) => {
              const state = unserialize(event.body);
              return { statusCode: 200, body: state.name };
            };
            """
        ),
    )
    good = (
        python(
            """
            import base64
            import json

            def handler(event, context):
                state = json.loads(base64.b64decode(event["body"]))
                return {"statusCode": 200, "body": state["name"]}
            """
        ),
        python(
            """
            import pickle

            import yaml

            with open("model.pkl", "rb") as file:
                model = pickle.load(file)

            def handler(event, context):
                return model.predict(yaml.load(event["body"], Loader=yaml.SafeLoader))
            """
        ),
        typescript(
            """
            export const handler = async (event: { body: string }) => {
              const state = JSON.parse(event.body);
              return { statusCode: 200, body: state.name };
            };
            """
        ),
    )


def _source(handler: Handler, node: Node) -> str | None:
    """What a text comes from, when that is outside of the package."""
    if handler.tainted(node):
        return "what the event says"
    nodes = {id(part) for part in behind(handler, node)}
    for call in handler.sdk_calls(*_FETCHED, init=True):
        if id(call.node) in nodes:
            return f"what {call.action} answers"
    return None


def _is_safe(handler: Handler, site: CallSite) -> bool:
    if site.name == "torch.load":
        return not is_literal(site.node.keyword("weights_only"), False)
    if not site.name.startswith("yaml.load"):
        return False
    loader = site.node.keyword("Loader") or (site.node.arguments[1] if len(site.node.arguments) > 1 else None)
    return loader is None or handler.name(loader).endswith(_SAFE_LOADERS)


_CLEANERS = (
    "escape",
    "sanitize",
    "encodeURIComponent",
    "encode",
    "quote",
    "render",
    "clean",
    "dumps",
    "stringify",
)


class MarkupFromEvent(Rule):
    """A page in which the sender of the request chooses the markup runs the sender's script in the reader's browser.

    What stands in a path, a query or a form is put between the tags as it is: a link that somebody sends around brings its own `<script>`, which acts
    with the reader's session. `html.escape`, a template engine that escapes, or DOMPurify keep text as text.
    """

    on = Code()
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "{value} goes into a page of HTML as it is: whoever makes the request writes the page"
    references = (_APP_SECURITY,)
    equivalents = ("tainted-html-string", "tainted-html-response")

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Look at answers that are HTML, and at what stands between their tags."""
        for answer in handler.all(Record):
            members, _ = handler.members(answer)
            body = members.get("body")
            if body is None or not _is_html(handler, members):
                continue
            for piece in _pieces(handler, body):
                guard = handler.guarded(piece)
                if guard is not None:
                    yield handler.guard(guard, f"{shown(handler, guard)} stands before the page")
                else:
                    yield handler.finding(piece, part="body", value=shown(handler, piece))
                    break

    bad = (
        python(
            """
            def handler(event, context):
                name = event["queryStringParameters"]["name"]
                page = f"<html><body><h1>Hello {name}</h1></body></html>"
                return {"statusCode": 200, "headers": {"Content-Type": "text/html"}, "body": page}
            """
        ),
        typescript(
            """
            export const handler = async (event: any) => ({
              statusCode: 200,
              headers: { "content-type": "text/html; charset=utf-8" },
              body: `<html><body><h1>Hello ${event.queryStringParameters.name}</h1></body></html>`,
            });
            """
        ),
    )
    good = (
        python(
            """
            import html

            def handler(event, context):
                name = html.escape(event["queryStringParameters"]["name"])
                page = f"<html><body><h1>Hello {name}</h1></body></html>"
                return {"statusCode": 200, "headers": {"Content-Type": "text/html"}, "body": page}
            """
        ),
        typescript(
            """
            export const handler = async (event: any) => ({
              statusCode: 200,
              headers: { "content-type": "text/html; charset=utf-8" },
              body: `<html><body><h1>Hello ${encodeURIComponent(event.queryStringParameters.name)}</h1></body></html>`,
            });
            """
        ),
        typescript(
            """
            export const handler = async (event: any) => ({
              statusCode: 200,
              headers: { "content-type": "text/plain" },
              body: `Hello ${event.queryStringParameters.name}`,
            });
            """
        ),
    )


def _is_html(handler: Handler, members: dict[str, Node]) -> bool:
    headers = members.get("headers")
    if headers is None:
        return False
    named, _ = handler.members(headers)
    return any(
        name.lower() == "content-type" and text_of(handler, value).lower().startswith("text/html")
        for name, value in named.items()
    )


def _pieces(handler: Handler, body: Node) -> Iterator[Node]:
    """The expressions between the tags that come from the event as they are."""
    for part in behind(handler, body):
        pieces: tuple[Node, ...] = ()
        if isinstance(part, Template):
            pieces = part.pieces
        elif isinstance(part, Operation) and part.operator in ("+", "%"):
            pieces = part.operands
        elif is_method(part, "format", "replace", "replaceAll") and isinstance(part, Call):
            pieces = (*part.arguments, *(value for _, value in part.keywords))
        for piece in pieces:
            if isinstance(piece, (Literal, Template, Operation)) or not handler.tainted(piece):
                continue
            if not any(
                isinstance(inner, Call) and handler.source(inner.callee).endswith(_CLEANERS)
                for inner in behind(handler, piece)
            ):
                yield piece


_ALLOW_ORIGIN = "access-control-allow-origin"
_ALLOW_CREDENTIALS = "access-control-allow-credentials"


def _headers(handler: Handler, name: str) -> Iterator[tuple[Node, Record | None]]:
    """The values that a header of answers is given, with the object that they stand in."""
    for record in handler.all(Record, init=True):
        for key, value in record.items:
            if isinstance(key, Literal) and isinstance(key.value, str) and key.value.lower() == name:
                yield value, record
    for item in handler.all(Assign):
        for target in item.targets:
            if isinstance(target, Index) and text_of(handler, target.index).lower() == name:
                yield item.value, None


def _is_chosen(handler: Handler, value: Node) -> Node | None:
    """What compares the origin with those that are allowed."""
    guard = handler.guarded(value)
    if guard is not None:
        return guard
    for test in tests_around(handler, value):
        return test
    for outer in handler.around(value):
        if isinstance(outer, Choice):
            return outer.test
    for part in behind(handler, value):
        if isinstance(part, Choice):
            return part.test
        if is_method(part, "find", "filter", "includes", "indexOf", "has", "test", "match", "some"):
            return part
    return None


class OriginReflectedWithCredentials(Rule):
    """An answer that allows whatever origin asked, with credentials, lets every site read it with the visitor's cookies.

    `Access-Control-Allow-Origin` that repeats the request's `Origin` is an allow-list of everybody; with `Access-Control-Allow-Credentials` the browser sends cookies
    along and hands the answer to the page of any site. Compare the origin with a list of your own, and repeat it only then.
    """

    on = Code()
    pillar, severity = Pillar.SECURITY, Severity.HIGH
    message = "the answer allows the origin that asked, whichever it is, with credentials: any site reads it as the visitor"
    references = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html",)

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Look at headers whose value comes from the request, beside the one that allows credentials."""
        credentials = [
            record
            for value, record in _headers(handler, _ALLOW_CREDENTIALS)
            if text_of(handler, value).lower() == "true" or is_literal(value, True)
        ]
        if not credentials:
            return
        for value, record in _headers(handler, _ALLOW_ORIGIN):
            if not handler.tainted(value) or not any(
                other is record or other is None for other in credentials
            ):
                continue
            guard = _is_chosen(handler, value)
            if guard is not None:
                yield handler.guard(guard, "the origin is compared before it is repeated")
            else:
                yield handler.finding(value, part=_ALLOW_ORIGIN)

    bad = (
        python(
            """
            def handler(event, context):
                return {
                    "statusCode": 200,
                    "headers": {
                        "Access-Control-Allow-Origin": event["headers"]["origin"],
                        "Access-Control-Allow-Credentials": "true",
                    },
                    "body": "{}",
                }
            """
        ),
        typescript(
            """
            export const handler = async (event: any) => ({
              statusCode: 200,
              headers: {
                "Access-Control-Allow-Origin": event.headers.origin ?? "*",
                "Access-Control-Allow-Credentials": "true",
              },
              body: "{}",
            });
            """
        ),
    )
    good = (
        python(
            """
            ORIGINS = ("https://www.example.com", "https://admin.example.com")

            def handler(event, context):
                asked = event["headers"]["origin"]
                origin = asked if asked in ORIGINS else ORIGINS[0]
                return {
                    "statusCode": 200,
                    "headers": {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"},
                    "body": "{}",
                }
            """
        ),
        typescript(
            """
            const ORIGINS = new Set(["https://www.example.com", "https://admin.example.com"]);

            export const handler = async (event: any) => {
              const origin = event.headers.origin;
              const allowed = ORIGINS.has(origin)
                ? { "Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true" }
                : {};
              return { statusCode: 200, headers: { ...allowed }, body: "{}" };
            };
            """
        ),
    )


class AnyOriginOnAuthorizedRoute(Rule):
    """A route that asks who is calling answers the pages of every site.

    `Access-Control-Allow-Origin: *` (or the repeated origin of the request) tells browsers that any page may read the answer. What only members may see
    should be readable by our own sites only: a token that leaks, or one that a browser sends along, is then of no use to a foreign page.
    """

    on = Code()
    pillar, severity = Pillar.SECURITY, Severity.LOW
    confidence = Confidence.MEDIUM
    message = "{route} asks for authorization, and its answer allows every origin ({value})"
    references = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html",)

    def check(self, handler: Handler) -> Iterable[Finding | Guard]:
        """Compare the origin that answers allow with the authorization of the routes."""
        asked = [route for route in routes(handler) if is_authorized(route)]
        for value, _ in _headers(handler, _ALLOW_ORIGIN) if asked else ():
            reflected = handler.tainted(value)
            any_origin = not reflected and text_of(handler, value) == "*"
            if not any_origin and (not reflected or any(_headers(handler, _ALLOW_CREDENTIALS))):
                continue
            guard = None if any_origin else _is_chosen(handler, value)
            if guard is not None:
                yield handler.guard(guard, "the origin is compared before it is repeated")
            else:
                also = (asked[0].place("AuthorizationType"),) if asked[0].kind != "AWS::Lambda::Url" else ()
                said = "*" if any_origin else shown(handler, value)
                yield handler.finding(value, part=_ALLOW_ORIGIN, route=asked[0].name, value=said, also=also)

    _api = """
        Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: orders}}
        Method:
          Type: AWS::ApiGateway::Method
          Properties:
            RestApiId: !Ref Api
            ResourceId: !GetAtt Api.RootResourceId
            HttpMethod: GET
            AuthorizationType: AWS_IAM
            Integration:
              Type: AWS_PROXY
              IntegrationHttpMethod: POST
              Uri: !Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Function.Arn}/invocations'
    """
    bad = (
        python(
            """
            HEADERS = {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"}

            def handler(event, context):
                return {"statusCode": 200, "headers": HEADERS, "body": "{}"}
            """,
            stack=_api,
        ),
        typescript(
            """
            export const handler = async () => ({
              statusCode: 200,
              headers: { "Access-Control-Allow-Origin": "*" },
              body: "{}",
            });
            """,
            stack=_api,
        ),
    )
    good = (
        python(
            """
            HEADERS = {"Content-Type": "application/json", "Access-Control-Allow-Origin": "https://www.example.com"}

            def handler(event, context):
                return {"statusCode": 200, "headers": HEADERS, "body": "{}"}
            """,
            stack=_api,
        ),
        typescript(
            """
            export const handler = async () => ({
              statusCode: 200,
              headers: { "Access-Control-Allow-Origin": "*" },
              body: "{}",
            });
            """,
            stack=_api.replace("AWS_IAM", "NONE"),
        ),
    )


RULES = (
    ObjectsFromOutside(),
    MarkupFromEvent(),
    OriginReflectedWithCredentials(),
    AnyOriginOnAuthorizedRoute(),
)
