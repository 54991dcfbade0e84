"""The Swagger or OpenAPI definition of a REST API, and the ways in which SAM changes paths and methods in it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .openapi_document import INTEGRATION, Document, Node, Own
from .py27_hash import CopiedTable

SECURITY = "securityDefinitions"
RESPONSES = "x-amazon-apigateway-gateway-responses"
POLICY = "x-amazon-apigateway-policy"
VALIDATORS = "x-amazon-apigateway-request-validators"
MODELS = "definitions"

FN_IF, FN_SUB, REF, NO_VALUE = Own("Fn::If"), Own("Fn::Sub"), Own("Ref"), Own("AWS::NoValue")
TYPE, NAME, IN, HEADER = Own("type"), Own("name"), Own("in"), Own("header")
_INTEGRATION, _RESPONSES, _METHOD_RESPONSES = Own(INTEGRATION), Own("responses"), Own("responses")
_HTTP_METHOD, _POST, _URI = Own("httpMethod"), Own("POST"), Own("uri")
_AWS, _AWS_PROXY, _CREDENTIALS = Own("aws"), Own("aws_proxy"), Own("credentials")
_TRANSFER_MODE, _STREAM = Own("responseTransferMode"), Own("STREAM")

_NOT_METHODS = ("summary", "description", "parameters")
_FLUSHED = (SECURITY, RESPONSES, MODELS)


class RestDocument(Document):
    """A REST API's definition. Each change stands between `open` and `close`, where SAM copies the whole."""

    def __init__(self, content: Any, place: tuple[str | int, ...]) -> None:
        super().__init__(content, place)
        self._pending: dict[str, Node] = {}

    @classmethod
    def skeleton(cls, place: tuple[str | int, ...]) -> RestDocument:
        """The definition that SAM starts from where the author gives none."""
        title = Node({REF: Own("AWS::StackName")}, 0)
        info = Node({Own("version"): Own("1.0"), Own("title"): title}, 0)
        return cls(
            {Own("swagger"): Own("2.0"), Own("info"): info, Own("paths"): Node((), 0, CopiedTable())}, place
        )

    def open(self) -> None:
        self.copies += 1
        self._pending = {}

    def close(self) -> None:
        for name in _FLUSHED:
            if self._pending.get(name):
                self.put(self.root, Own(name), self._pending[name])
        self.copies += 1

    @property
    def paths(self) -> Node:
        paths = self.own(self.root, "paths")
        if paths is None:
            raise self.refuse("paths of the definition must be a map")
        return paths

    def section(self, name: str) -> Node:
        """A map at the top of the definition; a new one gets there on `close`, if there is anything in it by then."""
        found = self._pending.get(name)
        if found is not None:
            return found
        if self.root.get(name):
            section = self.own(self.root, name)
            if section is None:
                raise self.refuse(f"{name} of the definition must be a map")
            return section
        self._pending[name] = section = self.node()
        return section

    def is_swagger(self) -> bool:
        return bool(self.root.get("swagger"))

    # Paths and methods.

    def path_names(self) -> list[str]:
        """The paths in the order in which SAM meets them now."""
        return [path for path in self.keys(self.paths) if isinstance(path, str)]

    def items(self, path: str) -> list[Node]:
        """The path items of a path: one, or those in the branches of its condition."""
        items = self.arms(self.paths, path)
        for item in items:
            if not isinstance(item, Node):
                raise self.refuse(f"{path} of the definition must be a map")
        return items

    def add_path(self, path: str, method: str) -> None:
        paths = self.paths
        if path not in paths:
            self.put(paths, path, self.node())
        for item in self.items(path):
            if method not in item:
                self.put(item, method, self.node())

    def methods_at(self, path: str, method: str) -> list[Node]:
        """The definitions of one method that have an integration."""
        return [found for item in self.items(path) for found in self._definitions(item, path, method)]

    def all_methods(self, path: str) -> Iterator[tuple[str, Node]]:
        """Name and definition of each method of a path that has an integration."""
        for item in self.items(path):
            for name in self.keys(item):
                if name not in _NOT_METHODS:
                    for definition in self._definitions(item, path, name):
                        yield (name.lower() if isinstance(name, str) else name), definition

    def _definitions(self, item: Node, path: str, method: Any) -> Iterator[Node]:
        for definition in self.arms(item, method):
            if not isinstance(definition, Node):
                raise self.refuse(f"{method} of {path} in the definition must be a map")
            if definition.get(INTEGRATION):
                yield definition

    def has_integration(self, path: str, method: str) -> bool:
        if path not in self.paths:
            return False
        for item in self.items(path):
            if not isinstance(item.get(method), dict) or not any(self._definitions(item, path, method)):
                return False
        return True

    def conditional(self, condition: Any, value: Any) -> Node:
        """`value` under a condition, nothing else."""
        return self.node({FN_IF: [condition, value, self.node({REF: NO_VALUE})]})

    # Integrations.

    def integrate_function(
        self, path: str, method: str, uri: str, *, condition: Any, streams: bool, credentials: Any
    ) -> None:
        """Let a method call a function. Raises `Unexpandable` where it is integrated already."""
        self._integrable(path, method)
        for item in self.items(path):
            target = self.node({FN_SUB: uri})
            integration = self.node(
                {
                    TYPE: _AWS_PROXY,
                    _HTTP_METHOD: _POST,
                    _URI: self.conditional(condition, target) if condition else target,
                }
            )
            if streams:
                integration[_TRANSFER_MODE] = _STREAM
            if credentials is not None:
                integration[_CREDENTIALS] = credentials
            self._place(item, method, integration, self.node(), condition)

    def integrate_state_machine(
        self, path: str, method: str, uri: str, credentials: Node, template: Node, condition: Any
    ) -> None:
        """Let a method start an execution. Raises `Unexpandable` where it is integrated already."""
        self._integrable(path, method)
        for item in self.items(path):
            target = self.node({FN_SUB: uri})
            statuses = self.node(
                {Own(code): self.node({Own("statusCode"): Own(code)}) for code in ("200", "400")}
            )
            integration = self.node(
                {
                    TYPE: _AWS,
                    _HTTP_METHOD: _POST,
                    _URI: self.conditional(condition, target) if condition else target,
                    _RESPONSES: statuses,
                    _CREDENTIALS: credentials,
                    Own("requestTemplates"): template,
                }
            )
            meanings = (("200", "OK"), ("400", "Bad Request"))
            answers = self.node(
                {Own(code): self.node({Own("description"): Own(text)}) for code, text in meanings}
            )
            self._place(item, method, integration, answers, condition)

    def _integrable(self, path: str, method: str) -> None:
        if self.has_integration(path, method):
            raise self.refuse(f"{method} {path} is defined more than once")
        self.add_path(path, method)

    def _place(self, item: Node, method: str, integration: Node, responses: Node, condition: Any) -> None:
        definition = self.own(item, method)
        if definition is None:
            raise self.refuse(f"{method} in the definition must be a map")
        self.put(definition, _INTEGRATION, integration)
        if "responses" not in definition:
            self.put(definition, _METHOD_RESPONSES, responses)
        if condition:
            item[method] = self.conditional(condition, definition)
