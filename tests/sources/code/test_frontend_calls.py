import textwrap

import pytest

from stackworthy.judge.example_stacks import graph_of_template
from stackworthy.sources.code.frontend import frontends
from stackworthy.sources.code.frontend_calls import Calls


def calls(code="", **files):
    written = {
        "web/package.json": b'{"dependencies": {"react": "19"}}',
        "web/app.tsx": textwrap.dedent(code).encode(),
    }
    written.update({f"web/{name}.ts": textwrap.dedent(text).encode() for name, text in files.items()})
    graph = graph_of_template({"Resources": {"Site": {"Type": "AWS::S3::Bucket"}}}, code=written)
    (frontend,) = frontends(graph)
    assert graph.workspace is not None
    return sorted((call.method, call.base, call.path) for call in Calls(frontend, graph.workspace).all())


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("fetch('/orders')", ("GET", "", "/orders")),
        ("fetch(`/orders/${id}?full=${f}#x`, {method: 'DELETE'})", ("DELETE", "", "/orders/{}")),
        ("fetch(API + '/orders', {method: 'post'})", ("POST", "API", "/orders")),
        ("fetch('/a', {method})", ("", "", "/a")),
        ("fetch('/a', {...options})", ("", "", "/a")),
        ("fetch('/a', options)", ("", "", "/a")),
        ("const o = {method: 'PUT'}; fetch('/a', o)", ("PUT", "", "/a")),
        ("const BASE = '/api'; const url = `${BASE}/x`; fetch(url)", ("GET", "", "/api/x")),
        ("fetch(new URL('/x', import.meta.env.VITE_API))", ("GET", "import.meta.env.VITE_API", "/x")),
        ("fetch(`${process.env.API_URL}orders`)", ("GET", "process.env.API_URL", "/orders")),
        ("fetch(`https://${id}.execute-api.eu-west-1.amazonaws.com/prod/a`)", ("GET", "https://{}.execute-api.eu-west-1.amazonaws.com", "/prod/a")),
        ("fetch('https://example.com/a')", ("GET", "https://example.com", "/a")),
        ("fetch(uploadUrl, {method: 'PUT'})", ("PUT", "uploadUrl", "")),
        ("window.fetch('x.json')", ("GET", "", "/x.json")),
        ("import axios from 'axios'; axios.post(`${URL}/a`, body)", ("POST", "URL", "/a")),
        ("import axios from 'axios'; axios({method: 'PATCH', url: '/a'})", ("PATCH", "", "/a")),
        ("import axios from 'axios'; const c = axios.create({baseURL: B}); c.request({url: '/a'})", ("GET", "B", "/a")),
        ("const axios = require('axios'); axios.create({baseURL: '/api/'}).get('x')", ("GET", "", "/api/x")),
        ("import { API } from 'aws-amplify'; API.del('orders', `/orders/${id}`)", ("DELETE", "Amplify orders", "/orders/{}")),
        ("import { get } from 'aws-amplify/api'; get({apiName: 'a', path: '/orders'})", ("GET", "Amplify a", "/orders")),
        ("const ENDPOINTS = {list: '/orders'}; fetch(ENDPOINTS.list)", ("GET", "", "/orders")),
    ],
)  # fmt: skip
def test_a_call_has_method_base_and_path_as_its_source_says(code, expected):
    assert calls(code) == [expected]


@pytest.mark.parametrize(
    "code",
    [
        "const fetch = make(); fetch('/a')",
        "cache.get('/a')",
        "import got from 'lodash'; got.get('/a')",
        "function f() { return map.delete('/a') }",
    ],
)
def test_other_things_called_alike_are_no_calls(code):
    assert calls(code) == []


def test_a_function_that_hands_its_parameters_on_stands_for_the_call():
    code = """
        import { call, remove as drop } from "./api";
        call("POST", "/orders");
        call("GET");
        drop(`/orders/${id}`);
    """
    api = """
        const API = "/api";
        export async function call(method, path = "/") { return fetch(`${API}${path}`, { method }); }
        export const remove = (path) => fetch(API + path, { method: "DELETE" });
    """
    assert calls(code, api=api) == [
        ("DELETE", "", "/api/orders/{}"),
        ("GET", "", "/api"),
        ("POST", "", "/api/orders"),
    ]


def test_a_client_made_in_another_file_keeps_its_base():
    api = "import axios from 'axios'; export default axios.create({ baseURL: import.meta.env.VITE_API });"
    assert calls("import api from './api'; api.get('/orders')", api=api) == [
        ("GET", "import.meta.env.VITE_API", "/orders")
    ]


def test_the_fields_of_a_service_of_angular_are_followed():
    written = {
        "web/package.json": b'{"dependencies": {"@angular/core": "19"}}',
        "web/app.ts": textwrap.dedent(
            """
            import { environment } from "./environment";
            export class Orders {
              list = `${environment.apiUrl}/orders`;
              base: string;
              constructor(private http: HttpClient) { this.base = environment.apiUrl; }
              all() { return this.http.get<Order[]>(this.list); }
              drop(id: string) { return this.http.delete(this.base + "/orders/" + id); }
            }
            """
        ).encode(),
        "web/environment.ts": b"export const environment = { production: true, apiUrl: window.settings.api };",
    }
    graph = graph_of_template({"Resources": {"Site": {"Type": "AWS::S3::Bucket"}}}, code=written)
    (frontend,) = frontends(graph)
    assert graph.workspace is not None
    made = Calls(frontend, graph.workspace).all()
    assert sorted((call.method, call.path) for call in made) == [("DELETE", "/orders/{}"), ("GET", "/orders")]


def test_a_wrapper_that_nobody_calls_counts_as_the_call_that_it_makes():
    assert calls("export const show = (id) => fetch(`/orders/${id}`)") == [("GET", "", "/orders/{}")]


@pytest.mark.parametrize(
    "code",
    ["const a = b; const b = a; fetch(a)", "const a = a + '/x'; fetch(a)", "const f = (p) => { f(p); fetch(p) }; f(f)", "fetch()", "fetch(...x)",
     "import axios from 'axios'; axios(); axios.get(); axios.request(1)", "const a = " + "x + " * 500 + "y; fetch(a)"],
)  # fmt: skip
def test_circles_and_odd_calls_come_to_an_end(code):
    assert len(calls(code)) <= 3
