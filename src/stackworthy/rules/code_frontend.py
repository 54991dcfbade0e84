"""Source code: the sites that a stack serves, and their calls of the stack's routes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from stackworthy.aws.routes import has_to_be_open, is_websocket, method_of, path_of
from stackworthy.core.code import (
    Assign,
    Attribute,
    Call,
    Element,
    Literal,
    Name,
    Node,
    Operation,
    Record,
    Template,
    dotted,
    walk,
)
from stackworthy.core.finding import Confidence, Finding, Guard, Pillar, Severity
from stackworthy.core.graph import Graph
from stackworthy.core.resource import Resource
from stackworthy.core.rule import STRICT, Rule, Stack, site
from stackworthy.core.value import NotKnown

if TYPE_CHECKING:
    from stackworthy.sources.code.frontend_calls import HttpCall
    from stackworthy.sources.code.unit import Unit

BUCKET, DISTRIBUTION = "AWS::S3::Bucket", "AWS::CloudFront::Distribution"
METHOD, ROUTE = "AWS::ApiGateway::Method", "AWS::ApiGatewayV2::Route"

_CLEANS = re.compile(r"sanit|purify|escape|xss|^clean|encode", re.IGNORECASE)
_FILE = re.compile(r"\.[a-z0-9]{2,5}$", re.IGNORECASE)
_PART = re.compile(r"\{(\w+)\+?\}")
_PREFIXES = 2
"""Parts of a called path that may stand before the route's own: a stage, and a path that a distribution forwards."""

_STACK = """
        Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: orders, ProtocolType: HTTP}}
        List: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: GET /orders}}
        Show: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: "GET /orders/{id}"}}
"""
"""The stack of the examples below."""


class UnescapedHtmlInFrontend(Rule):
    """Text that is put into a page as HTML runs as a script for whoever sees it.

    Frameworks escape what they show; `dangerouslySetInnerHTML`, `innerHTML` and their like do not. When the text comes from an API, one
    user can leave a script there that runs in the page of another, with the other's tokens. Show it as text, or clean it first
    (DOMPurify). Constants are let be, and so is what a function cleans by its name.
    """

    on = Stack((BUCKET, DISTRIBUTION))
    pillar, severity = Pillar.SECURITY, Severity.MEDIUM
    confidence = Confidence.MEDIUM
    message = (
        "{what} gets {value} as HTML, uncleaned: a script in it runs for whoever sees the page ({source})"
    )
    references = (
        "https://docs.aws.amazon.com/amazonq/detector-library/javascript/cross-site-scripting/",
        "https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-xss-match.html",
    )

    def check(self, graph: Graph) -> Iterable[Finding | Guard]:
        """Look at all that is put into pages as HTML by the frontends beside a stack that serves a site."""
        from stackworthy.sources.code.frontend import Numbering, frontends, site_of
        from stackworthy.sources.code.handler import span

        served = site_of(graph)
        if served is None:
            return
        found = frontends(graph)
        if not found:
            raise NotKnown("the source of the site is not beside the stack")
        numbering = Numbering()
        for frontend in found:
            for unit in frontend.units:
                known: dict[int, str] = {}
                for node, what, value in _html(unit):
                    state = _state(unit, value, known)
                    if state == "clean":
                        yield Guard(f"{unit.module.source(value)[:60]} is cleaned", span(unit.module, value))
                    elif state == "open":
                        text = " ".join(unit.module.source(value).split())
                        yield numbering.finding(
                            served,
                            unit,
                            node,
                            what,
                            what=what,
                            value=text if len(text) <= 60 else text[:59] + "…",
                            source=frontend.evidence,
                        )

    bad = (
        site(
            """
            export const Comment = ({ comment }) => <p dangerouslySetInnerHTML={{ __html: comment.text }} />;
            """,
            stack="SiteBucket: {Type: AWS::S3::Bucket}",
        ),
        site(
            """
            const answer = await fetch("/api/notice");
            document.getElementById("notice").innerHTML = `<b>${await answer.text()}</b>`;
            """,
            stack="SiteBucket: {Type: AWS::S3::Bucket}",
        ),
    )
    good = (
        site(
            """
            import DOMPurify from "dompurify";

            export const Comment = ({ comment }) => <p dangerouslySetInnerHTML={{ __html: DOMPurify.sanitize(comment.text) }} />;
            """,
            stack="SiteBucket: {Type: AWS::S3::Bucket}",
        ),
        site(
            """
            const RULE = "<hr>";
            document.getElementById("notice").innerHTML = `${RULE}<b>Closed</b>`;
            document.getElementById("list").innerHTML = "";
            """,
            stack="SiteBucket: {Type: AWS::S3::Bucket}",
        ),
    )


class CallToRouteThatDoesNotExist(Rule):
    """A call that no route answers fails for every user who comes to it.

    Path and method are read from the frontend's source and compared with the routes of the stack. Only calls whose base address also
    serves calls that are answered, and no fewer than are not, are judged: the others may go to another API.
    """

    on = Stack((METHOD, ROUTE))
    pillar, severity = Pillar.RELIABILITY, Severity.MEDIUM
    confidence = Confidence.MEDIUM
    message = "{method} {path} is called, and no route answers it{near} ({source}; {others} other calls of this base are answered)"
    references = (
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-create-api-step-by-step.html",
    )

    def check(self, graph: Graph) -> Iterable[Finding]:
        """Compare each call with all routes."""
        from stackworthy.sources.code.frontend import Numbering, frontends

        found = frontends(graph)
        if not found:
            return
        routes = _routes(graph)
        numbering = Numbering()
        for frontend in found:
            calls = [call for call in _calls(graph, frontend) if call.path and not _is_file(call)]
            answered: dict[str, int] = {}
            missing: dict[str, dict[tuple[str, str], HttpCall]] = {}
            for call in calls:
                if any(_answers(method, path, call) for _, method, path in routes):
                    answered[call.base] = answered.get(call.base, 0) + 1
                else:
                    missing.setdefault(call.base, {}).setdefault((call.method, call.path), call)
            for call in (call for base in missing for call in missing[base].values()):
                if len(missing[call.base]) > answered.get(call.base, 0):
                    continue
                others = sorted({m for _, m, path in routes if _fits(path, call)})
                yield numbering.finding(
                    _owner(routes),
                    call.unit,
                    call.node,
                    f"{call.method} {call.path}",
                    method=call.method or "a call of",
                    path=call.path.replace("{}", "…"),
                    near=f": the path has {', '.join(others)} only" if others else "",
                    source=frontend.evidence,
                    others=answered[call.base],
                )

    bad = (
        site(
            """
            const API = import.meta.env.VITE_API_URL;

            export const list = () => fetch(`${API}/orders`);
            export const cancel = (id) => fetch(`${API}/orders/${id}`, { method: "DELETE" });
            """,
            stack=_STACK,
        ),
        site(
            """
            import axios from "axios";

            const api = axios.create({ baseURL: import.meta.env.VITE_API_URL });

            export const show = (id) => api.get(`/orders/${id}`);
            export const bill = (id) => api.get(`/invoices/${id}`);
            """,
            stack=_STACK,
        ),
    )
    good = (
        site(
            """
            const API = import.meta.env.VITE_API_URL;

            export const list = () => fetch(`${API}/orders?open=true`);
            export const show = (id) => fetch(`${API}/orders/${id}`);
            export const rates = () => fetch(`${import.meta.env.VITE_RATES_URL}/latest`);
            export const settings = () => fetch("/config.json");
            """,
            stack=_STACK,
        ),
    )


class RouteNobodyCalls(Rule):
    """A route that the frontend does not call is a way in that nobody watches, unless somebody else calls it.

    Judged only when the frontend's calls are all known and most of the routes are called from it. Webhooks, sign-in and health checks,
    which others call, are left out. Whether a partner or a job calls the route, the source cannot tell: look, then remove or silence it.
    """

    on = Stack((METHOD, ROUTE))
    pillar, severity = Pillar.SECURITY, Severity.LOW
    confidence = Confidence.LOW
    profile = STRICT
    message = "no call of {method} {path} stands in the source of the site ({source}; its {others} other calls are known)"
    references = (
        "https://docs.aws.amazon.com/wellarchitected/latest/serverless-applications-lens/security.html",
    )

    def check(self, graph: Graph) -> Iterable[Finding]:
        """Compare each route with all calls of all frontends."""
        from stackworthy.sources.code.frontend import frontends

        found = frontends(graph)
        routes = _routes(graph) if found else []
        if not found:
            raise NotKnown("no source of a site was found beside the stack")
        calls = [call for frontend in found for call in _calls(graph, frontend)]
        unread = [file for frontend in found for file in frontend.unread]
        if unread:
            raise NotKnown(f"{unread[0]} was not read")
        if any(not call.path and not _is_upload(call) for call in calls):
            raise NotKnown("the frontend makes calls whose paths are not known")
        missed = [item for item in routes if not any(_answers(item[1], item[2], call) for call in calls)]
        if 2 * len(missed) >= len(routes):
            return
        for route, method, path in missed:
            if method != "OPTIONS" and "+}" not in path and path != "$default" and not has_to_be_open(route):
                yield route.finding(
                    "RouteKey" if route.kind == ROUTE else "HttpMethod",
                    method=method,
                    path=_PART.sub(r":\1", path),
                    source=found[0].evidence,
                    others=len(calls),
                )

    bad = site(
        """
        const API = import.meta.env.VITE_API_URL;

        export const list = () => fetch(`${API}/orders`);
        export const show = (id) => fetch(`${API}/orders/${id}`);
        """,
        stack=_STACK
        + """
        Purge: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: "DELETE /orders/{id}"}}
        """,
    )
    good = site(
        """
        import axios from "axios";

        const api = axios.create({ baseURL: import.meta.env.VITE_API_URL });

        export const list = () => api.get("/orders");
        export const show = (id) => api.get(`/orders/${id}`);
        export const purge = (id) => api.delete(`/orders/${id}`);
        """,
        stack=bad.stack,
    )


# What is put into a page as HTML


def _html(unit: Unit) -> Iterable[tuple[Node, str, Node]]:
    """What puts a value into the page as HTML: the node, what it is called, the value."""
    for node in walk(*unit.module.body):
        if isinstance(node, Element):
            for name, given in node.attributes:
                value = (
                    given.get("__html")
                    if name == "dangerouslySetInnerHTML" and isinstance(given, Record)
                    else None
                )
                if value is not None and not _is_data(node, value):
                    yield given, "dangerouslySetInnerHTML", value
        elif isinstance(node, Assign):
            for target in node.targets:
                if isinstance(target, Attribute) and target.name in ("innerHTML", "outerHTML"):
                    yield node, target.name, node.value
        elif isinstance(node, Call):
            name = dotted(node.callee)
            if name in ("document.write", "document.writeln") and node.arguments:
                yield node, name, node.arguments[0]
            elif name.endswith(".insertAdjacentHTML") and len(node.arguments) > 1:
                yield node, "insertAdjacentHTML", node.arguments[1]
            elif name.endswith(".bypassSecurityTrustHtml") and node.arguments:
                yield node, "bypassSecurityTrustHtml", node.arguments[0]


def _is_data(element: Element, value: Node) -> bool:
    """Whether it is a script's data or a style that the application itself makes: JSON-LD, CSS."""
    made = isinstance(value, Call) and dotted(value.callee).startswith("JSON.stringify")
    return element.tag == "style" or (element.tag == "script" and made)


def _state(unit: Unit, value: Node, known: dict[int, str], depth: int = 6) -> str:
    """ "constant", "clean" or "open". Each part of a file is looked at once."""
    key = id(value)
    if key not in known:
        known[key] = "constant"  # what leads in a circle adds nothing
        known[key] = _worked_out(unit, value, known, depth)
    return known[key]


def _worked_out(unit: Unit, value: Node, known: dict[int, str], depth: int) -> str:
    if isinstance(value, Literal):
        return "constant"
    if depth <= 0:
        return "open"
    if isinstance(value, Call):
        if _CLEANS.search(dotted(value.callee).rpartition(".")[2]) or _CLEANS.search(dotted(value.callee)):
            return "clean"
        if isinstance(value.callee, Attribute) and value.callee.name in (
            "replace",
            "replaceAll",
            "trim",
            "join",
            "map",
        ):
            return _state(unit, value.callee.value, known, depth - 1)
        return "open"
    parts: tuple[Node, ...] = ()
    if isinstance(value, Template):
        parts = value.pieces
    elif isinstance(value, Operation):
        parts = value.operands
    elif isinstance(value, Name):
        scope = unit.scope(value)
        found = None
        while found is None:
            found = scope.bindings.get(value.id)
            if scope.parent is None:
                break
            scope = scope.parent
        parts = tuple(found or ())
        if not parts or any(part.__class__ not in _FOLLOWED for part in parts):
            return "open"
    elif hasattr(value, "otherwise") and hasattr(value, "then"):
        parts = (value.then, value.otherwise)
    else:
        return "open"
    states = {_state(unit, part, known, depth - 1) for part in parts}
    return "open" if "open" in states else "clean" if "clean" in states else "constant"


_FOLLOWED = (Literal, Template, Operation, Call, Name)


# Calls and routes


def _calls(graph: Graph, frontend: object) -> list[HttpCall]:
    """The calls of a frontend; worked out once."""
    from stackworthy.sources.code.frontend import Frontend
    from stackworthy.sources.code.frontend_calls import MAX_CALLS, Calls

    assert isinstance(frontend, Frontend)
    assert graph.workspace is not None
    key = ("frontend calls", frontend.folder)
    if key not in graph.memo:
        calls = Calls(frontend, graph.workspace).all()
        if len(calls) > MAX_CALLS:
            raise NotKnown(f"{frontend.folder or 'the site'} makes more than {MAX_CALLS} calls")
        own = frontend.framework in ("next", "nuxt")
        graph.memo[key] = [
            call for call in calls if not (own and not call.base and call.path.startswith("/api/"))
        ]
    found: list[HttpCall] = graph.memo[key]
    return found


def _routes(graph: Graph) -> list[tuple[Resource, str, str]]:
    """All routes with method and path; raises `NotKnown` when one of them is not known."""
    found = []
    for route in (*graph.of(METHOD), *graph.of(ROUTE)):
        if route.kind == ROUTE and is_websocket(route):
            continue
        method = method_of(route)
        path = path_of(route) or ("$default" if method == "ANY" else "")
        if not isinstance(method, str) or not path or "…" in path:
            raise NotKnown(f"the path of {route.address} is known only after deployment")
        found.append((route, method, path))
    return found


def _owner(routes: list[tuple[Resource, str, str]]) -> Resource:
    """The API of the routes, else the first of them: what a call that nobody answers is said of."""
    from stackworthy.aws.routes import api_of

    first = routes[0][0]
    return api_of(first) or first


def _answers(method: str, path: str, call: HttpCall) -> bool:
    return (method in ("ANY", call.method) or not call.method) and _fits(path, call)


def _fits(path: str, call: HttpCall) -> bool:
    """Whether a route's path may be what a call names. Either may have more in front: a stage, what a base holds, what CloudFront forwards."""
    if path == "$default":
        return True
    wanted, given = _parts(path), _parts(call.path)
    if _same(wanted, given) >= 0:
        return True
    if any(_same(wanted, given[skipped:]) > 0 for skipped in range(1, min(_PREFIXES, len(given)) + 1)):
        return True
    return bool(call.base) and any(_same(wanted[skipped:], given) > 0 for skipped in range(1, len(wanted)))


@lru_cache(4096)
def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in path.split("/") if part)


def _same(wanted: tuple[str, ...], given: tuple[str, ...]) -> int:
    """How many parts two paths have in common by their text; -1 when they differ. What is not known at the end may be several parts."""
    literal = 0
    for number, part in enumerate(wanted):
        if part.endswith("+}") and part.startswith("{"):
            return literal if len(given) > number else -1
        if number >= len(given):
            return -1
        if given[number] == "{}":
            if literal and number == len(given) - 1:
                return literal
            continue
        if part.startswith("{"):
            continue
        before, hole, rest = given[number].partition("{}")
        if given[number] != part and not (
            hole and part.startswith(before) and part.endswith(rest.rpartition("{}")[2])
        ):
            return -1
        literal += 1
    return literal if len(given) == len(wanted) else -1


def _is_file(call: HttpCall) -> bool:
    """Whether a call fetches a file of the site itself."""
    return not call.base and _FILE.search(call.path) is not None


def _is_upload(call: HttpCall) -> bool:
    """Whether a call goes to a presigned address."""
    return call.method == "PUT" or any(word in call.base.lower() for word in ("presign", "upload", "signed"))


RULES = (UnescapedHtmlInFrontend(), CallToRouteThatDoesNotExist(), RouteNobodyCalls())
