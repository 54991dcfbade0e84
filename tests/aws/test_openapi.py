"""What an OpenAPI document says of an API's routes."""

from __future__ import annotations

from typing import Any

import pytest

from stackworthy.aws.openapi import operations
from stackworthy.core.value import ABSENT, List, Map, OpenMap, Unknown

SCHEMES = {
    "google": {"type": "oauth2", "x-amazon-apigateway-authorizer": {"type": "jwt"}},
    "own": {"type": "apiKey", "x-amazon-apigateway-authorizer": {"type": "request"}},
    "pool": {"type": "apiKey", "x-amazon-apigateway-authtype": "cognito_user_pools"},
    "signed": {"type": "apiKey", "x-amazon-apigateway-authtype": "awsSigv4"},
    "key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
    "odd": {"type": "http"},
}


def values(plain: Any) -> Any:
    """Plain data as values."""
    if isinstance(plain, dict) and not isinstance(plain, Map):
        return Map({key: values(item) for key, item in plain.items()})
    return List(values(item) for item in plain) if type(plain) is list else plain


def document(operation: Any, **more: Any) -> Any:
    return values({"paths": {"/a": {"get": operation}}, "components": {"securitySchemes": SCHEMES}, **more})


def test_every_method_of_every_path_is_an_operation() -> None:
    paths = {
        "/a": {"get": {}, "Post": {}, "parameters": []},
        "/b/{id}": {"x-amazon-apigateway-any-method": {"x-amazon-apigateway-integration": {"type": "mock"}}},
    }
    found = list(operations(values({"paths": paths})))
    assert [(each.path, each.key, each.method) for each in found] == [
        ("/a", "get", "GET"),
        ("/a", "Post", "POST"),
        ("/b/{id}", "x-amazon-apigateway-any-method", "ANY"),
    ]
    assert [each.integration for each in found] == [ABSENT, ABSENT, {"type": "mock"}]


@pytest.mark.parametrize(
    "body", [ABSENT, "text", List(), Map(), Map({"paths": Unknown("why")}), Map({"paths": Map({"/a": "x"})})]
)
def test_odd_documents_have_no_operations(body: Any) -> None:
    assert list(operations(body)) == []


def test_known_paths_of_an_open_document_are_read() -> None:
    body = Map({"paths": OpenMap([("/a", values({"get": {}}))], Unknown("more"))})
    assert [each.path for each in operations(body)] == ["/a"]


@pytest.mark.parametrize(
    ("security", "authorization", "scopes", "key"),
    [
        ([], "NONE", ABSENT, False),
        ([{"google": ["read"]}], "JWT", ["read"], False),
        ([{"own": []}], "CUSTOM", [], False),
        ([{"pool": ["a", "b"]}], "COGNITO_USER_POOLS", ["a", "b"], False),
        ([{"signed": []}], "AWS_IAM", [], False),
        ([{"AWS_IAM": []}], "AWS_IAM", [], False),
        ([{"key": []}], "NONE", ABSENT, True),
        ([{"google": []}, {"key": []}], "JWT", [], True),
        ([{"NONE": []}], "NONE", ABSENT, False),
    ],
)
def test_an_operation_demands_what_its_schemes_do(
    security: Any, authorization: str, scopes: Any, key: bool
) -> None:
    (found,) = operations(document({"security": security}))
    assert (found.authorization, found.scopes, found.api_key) == (authorization, scopes, key)


def test_the_documents_security_holds_where_the_operation_states_none() -> None:
    (found,) = operations(document({}, security=[{"google": []}]))
    assert found.authorization == "JWT"
    (found,) = operations(document({"security": []}, security=[{"google": []}]))
    assert found.authorization == "NONE"


def test_schemes_of_a_swagger_document_count() -> None:
    body = values({"paths": {"/a": {"get": {"security": [{"own": []}]}}}, "securityDefinitions": SCHEMES})
    assert next(operations(body)).authorization == "CUSTOM"


@pytest.mark.parametrize(
    "security", [[{"odd": []}], [{"missing": []}], Unknown("why"), List([Map({"later": List()})])]
)
def test_what_a_scheme_does_not_tell_is_unknown(security: Any) -> None:
    later = {**SCHEMES, "later": Unknown("why")}
    body = document({"security": security}, components={"securitySchemes": later})
    (found,) = operations(body)
    assert isinstance(found.authorization, Unknown)
