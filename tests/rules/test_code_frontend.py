import json
import time
from types import SimpleNamespace

import pytest

from stackworthy.core.value import NotKnown
from stackworthy.judge.example_stacks import graph_of_template
from stackworthy.rules.code_frontend import (
    CallToRouteThatDoesNotExist,
    RouteNobodyCalls,
    UnescapedHtmlInFrontend,
    _fits,
)

PACKAGE = {"web/package.json": b'{"dependencies": {"react": "19"}}'}


def graph(code, routes=(), *, bucket="SiteBucket", **files):
    resources = {
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "a", "ProtocolType": "HTTP"}}
    }
    for number, key in enumerate(routes):
        properties = {"ApiId": {"Ref": "Api"}, "RouteKey": key}
        resources[f"R{number}"] = {"Type": "AWS::ApiGatewayV2::Route", "Properties": properties}
    if bucket:
        resources[bucket] = {"Type": "AWS::S3::Bucket"}
    written = {f"web/{name.replace('_', '.')}": text.encode() for name, text in files.items()}
    return graph_of_template(
        {"Resources": resources}, code={**PACKAGE, "web/app.tsx": code.encode(), **written}
    )


def found(rule, *arguments, **options):
    return [
        dict(finding.evidence)
        for finding in rule().check(graph(*arguments, **options))
        if hasattr(finding, "evidence")
    ]


def html(value, before=""):
    return found(
        UnescapedHtmlInFrontend,
        f"{before}\nconst a = <p dangerouslySetInnerHTML={{{{ __html: {value} }}}} />;",
    )


@pytest.mark.parametrize(
    ("value", "before"),
    [
        ("props.text", ""),
        ("`<b>${name}</b>`", ""),
        ("a ? b : ''", ""),
        ("marked(text)", ""),
        ("text", "const text = await load();"),
        ("text.replace('a', 'b')", "const text = location.hash;"),
        ("DOMPurify.sanitize(a) + b", ""),
    ],
)
def test_text_from_elsewhere_is_found_as_html(value, before):
    assert len(html(value, before)) == 1


@pytest.mark.parametrize(
    ("value", "before"),
    [
        ("'<b>x</b>'", ""),
        ("DOMPurify.sanitize(text)", ""),
        ("sanitizeHtml(text) || ''", ""),
        ("clean", "const clean = escapeHtml(text);"),
        ("a ? '<i>' : MARK", "const MARK = '<b>';"),
    ],
)
def test_constants_and_what_is_cleaned_are_let_be(value, before):
    assert html(value, before) == []


@pytest.mark.parametrize(
    "code",
    [
        "const a = <script type='application/ld+json' dangerouslySetInnerHTML={{__html: JSON.stringify(data)}} />",
        "const a = <style dangerouslySetInnerHTML={{__html: css}} />",
        "el.textContent = text",
        "const a = <p>{text}</p>",
        "document.write()",
    ],
)
def test_data_styles_and_plain_text_are_no_html(code):
    assert found(UnescapedHtmlInFrontend, code) == []


@pytest.mark.parametrize(
    "code",
    [
        "el.innerHTML += row(x)",
        "document.write(x)",
        "el.insertAdjacentHTML('beforeend', x)",
        "s.bypassSecurityTrustHtml(x)",
    ],
)
def test_every_way_of_the_browser_is_known(code):
    assert len(found(UnescapedHtmlInFrontend, code)) == 1


def test_a_stack_that_serves_no_site_is_not_asked_for_html():
    assert found(UnescapedHtmlInFrontend, "el.innerHTML = x", bucket="") == []


def test_a_site_without_its_source_is_not_assessed():
    with pytest.raises(NotKnown, match="not beside the stack"):
        list(
            UnescapedHtmlInFrontend().check(
                graph_of_template({"Resources": {"Site": {"Type": "AWS::S3::Bucket"}}})
            )
        )


def test_findings_at_places_of_the_same_name_have_names_of_their_own():
    made = list(UnescapedHtmlInFrontend().check(graph("el.innerHTML = a; el.innerHTML = b")))
    assert [finding.property for finding in made] == ["app.tsx top innerHTML", "app.tsx top innerHTML #2"]


@pytest.mark.parametrize(
    ("route", "base", "path", "answers"),
    [
        ("/orders", "API", "/orders", True),
        ("/orders/{id}", "API", "/orders/{}", True),
        ("/orders/{id}", "API", "/orders", False),
        ("/orders/{id}/lines/{line}", "API", "/orders/{}/lines/{}", True),
        ("/orders/{id}/lines", "API", "/orders/{}", True),
        ("/orders", "", "/prod/orders", True),
        ("/orders", "", "/api/v1/orders", True),
        ("/api/orders", "API", "/orders", True),
        ("/api/orders", "", "/orders", False),
        ("/{proxy+}", "API", "/a/b", True),
        ("/orders/{proxy+}", "API", "/orders", False),
        ("/{id}", "API", "/orders/1", False),
        ("/orders", "API", "/orders{}", True),
        ("/orders", "API", "/order{}", True),
        ("/orders", "API", "/items{}", False),
        ("$default", "API", "/anything", True),
        ("/", "API", "/", True),
    ],
)
def test_a_route_answers_what_its_path_and_what_stands_before_it_allow(route, base, path, answers):
    assert _fits(route, SimpleNamespace(base=base, path=path)) is answers


ROUTES = ["GET /orders", "POST /orders", "GET /orders/{id}"]


def calls(code, routes=ROUTES, **options):
    return [
        (item["method"], item["path"], item["near"])
        for item in found(CallToRouteThatDoesNotExist, code, routes, **options)
    ]


def test_a_method_without_a_route_is_found_with_the_methods_that_have_one():
    code = "fetch(API + '/orders'); fetch(API + '/orders/' + id, {method: 'DELETE'})"
    assert calls(code) == [("DELETE", "/orders/…", ": the path has GET only")]


def test_calls_of_other_apis_and_of_files_of_the_site_are_let_be():
    assert calls("fetch(API + '/orders'); fetch(OTHER + '/rates'); fetch('/config.json')") == []


def test_a_base_of_which_less_than_half_is_answered_belongs_to_several_apis():
    assert calls("fetch(API + '/orders'); fetch(API + '/users'); fetch(API + '/bills')") == []


def test_one_unanswered_call_is_told_once():
    assert len(calls("fetch(API + '/orders'); fetch(API + '/bills'); fetch(API + '/bills')")) == 1


def test_the_own_api_of_a_server_framework_is_let_be():
    files = {"package_json": json.dumps({"dependencies": {"next": "15"}})}
    assert calls("fetch('/api/orders'); fetch('/api/session')", **files) == []


def unused(code, routes=ROUTES, **files):
    return [(item["method"], item["path"]) for item in found(RouteNobodyCalls, code, routes, **files)]


def test_a_route_without_a_call_is_found_when_most_have_one():
    assert unused("fetch(API + '/orders'); fetch(API + '/orders', {method: 'POST'})") == [
        ("GET", "/orders/:id")
    ]


def test_a_site_that_calls_little_says_nothing_of_the_rest():
    assert unused("fetch(API + '/orders')") == []


def test_what_others_call_is_let_be():
    routes = [*ROUTES, "POST /webhooks/stripe", "GET /health", "ANY /{proxy+}", "OPTIONS /orders"]
    code = "fetch(API + '/orders'); fetch(API + '/orders/' + id); fetch(API + '/orders', {method: 'POST'})"
    assert unused(code, routes) == []


@pytest.mark.parametrize(
    ("code", "files"),
    [
        ("fetch(API + '/orders'); fetch(url)", {}),
        ("fetch(API + '/orders')", {"list_vue": ""}),
        ("fetch(API + '/orders'); const = ", {}),
    ],
)
def test_what_is_not_known_of_a_site_leaves_routes_unassessed(code, files):
    with pytest.raises(NotKnown):
        unused(code, **files)


def test_an_upload_to_a_presigned_address_is_no_call_of_a_route():
    code = "fetch(API + '/orders'); fetch(API + '/orders', {method: 'POST'}); fetch(target, {method: 'PUT'})"
    assert unused(code) == [("GET", "/orders/:id")]


@pytest.mark.parametrize(
    "code",
    [
        "".join(f"const a{n}=" + "+".join([f"a{n + 1}"] * 60) + ";" for n in range(20)) + "e.innerHTML=a0;" + "fetch(a0);" * 50,
        "function w(p){" + "fetch(p);" * 500 + "}" + "w(x);" * 5000,
        "".join(f"fetch(API+'/a{n}');" for n in range(5000)),
        "const a=b+b+b+b,b=a+a+a+a;e.innerHTML=a;fetch(a)",
    ],
)  # fmt: skip
@pytest.mark.parametrize("rule", [UnescapedHtmlInFrontend, CallToRouteThatDoesNotExist, RouteNobodyCalls])
def test_hostile_code_is_judged_in_bounded_time(rule, code):
    start = time.process_time()
    try:
        list(rule().check(graph(code, [f"GET /r{number}" for number in range(100)])))
    except NotKnown as error:
        assert "calls" in error.reason
    assert time.process_time() - start < 5
