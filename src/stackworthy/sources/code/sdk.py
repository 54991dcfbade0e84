"""Calls of AWS through its SDKs, brought to one form: service, operation and parameters by their names in the API."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from stackworthy.core.code import Attribute, Await, Call, Function, Literal, Node, Record
from stackworthy.sources.code import sdk_names
from stackworthy.sources.code.dataflow import Values
from stackworthy.sources.code.program import Program
from stackworthy.sources.code.unit import Scope

_BOTO = re.compile(r"(?:aio)?boto3(?:\.session)?(?:\.Session\(\))?\.(client|resource)")
_XRAY = re.compile(r"aws-xray-sdk(?:-core)?(?:\.captureAWS\(\))")
_V2 = re.compile(r"aws-sdk(?:/clients/([a-z0-9]+)|\.([A-Za-z0-9]+))(\.DocumentClient)?")
_V3 = re.compile(r"@aws-sdk/([a-z0-9-]+)\.(\w+)")
_NOT_OPERATIONS = frozenset(
    [
        "send",
        "destroy",
        "promise",
        "on",
        "can_paginate",
        "close",
        "config",
        "middlewareStack",
        "get_waiter",
        "waitFor",
        "meta",
        "exceptions",
        "makeRequest",
        "generate_presigned_url",
        "generate_presigned_post",
        "getSignedUrl",
        "getSignedUrlPromise",
        "createPresignedPost",
        "from",
    ]
)
_PRESIGN = frozenset({"generate_presigned_url", "getSignedUrl", "getSignedUrlPromise"})


class Client(msgspec.Struct, eq=False):
    """Where a client of a service is made. `style` is "client", "resource" (boto3), "v3" or "v2"; `service` is boto3's name, "" when unknown."""

    service: str
    node: Call
    scope: Scope
    style: str


class SdkCall(msgspec.Struct, eq=False):
    """One call. `parameters` are by the API's names; `is_open` says that there may be others. `client` is where its client is made, if that is known.

    `form` is "call", "paginator" (asks for every page), "presigned" (signs a call for somebody else) or "batch writer" (sends what is left again).
    """

    service: str
    operation: str
    node: Call
    scope: Scope
    parameters: dict[str, Node]
    is_open: bool = False
    client: Client | None = None
    form: str = "call"

    @property
    def action(self) -> str:
        """`dynamodb:PutItem`, as messages name it."""
        known = sdk_names.services().get(self.service)
        return f"{known.iam if known else self.service}:{self.operation}"


class Sdk:
    """Finds the calls of AWS in a program."""

    def __init__(self, program: Program, values: Values) -> None:
        self.program = program
        self.values = values
        self._clients: dict[int, Client | None] = {}

    def calls(self, scope: Scope) -> Iterator[SdkCall]:
        """The calls of AWS that a function makes itself."""
        python = scope.unit.module.language == "python"
        for node in scope.all(Call):
            found = self._python(scope, node) if python else self._javascript(scope, node)
            if found is not None:
                yield found

    def clients(self, scope: Scope) -> Iterator[Client]:
        """The clients that a function makes itself."""
        for node in scope.all(Call):
            found = self.client(scope, node)
            if found is not None:
                yield found

    def client(self, scope: Scope, node: Call) -> Client | None:
        """The client that a call makes; None when it makes none."""
        key = id(node)
        if key not in self._clients:
            self._clients[key] = self._made(scope, node)
        return self._clients[key]

    def _made(self, scope: Scope, node: Call) -> Client | None:
        name = self.program.name(scope, node.callee)
        if not node.new:
            if not name.startswith(("boto3", "aioboto3")):
                return None
            found = _BOTO.fullmatch(name)
            if found is None or (isinstance(node.callee, Attribute) and self._is_wrapper(scope, node)):
                return None
            first = node.arguments[0] if node.arguments else node.keyword("service_name")
            service = self.values.value(first) if first is not None else ""
            return Client(service if isinstance(service, str) else "", node, scope, found.group(1))
        if (v3 := _V3.fullmatch(name)) and v3.group(1).startswith("client-"):
            word = v3.group(2)
            service = sdk_names.of_package(v3.group(1))
            made = word.endswith("Client") or word.lower() == v3.group(1)[7:].replace("-", "")
            return (
                Client(service, node, scope, "v3")
                if service and (made or sdk_names.of_class(word) == service)
                else None
            )
        v2 = _V2.fullmatch(_XRAY.sub("aws-sdk", name))
        if v2 is not None:
            service = sdk_names.of_class(v2.group(1) or v2.group(2))
            return Client(service, node, scope, "v2") if service else None
        return None

    def _is_wrapper(self, scope: Scope, node: Call) -> bool:
        """Whether the call runs a function of the package, whose `return` makes the client."""
        return self.program.called(scope, node) is not None

    # Python

    def _python(self, scope: Scope, node: Call) -> SdkCall | None:
        callee = node.callee
        if not isinstance(callee, Attribute) or (
            callee.name in _NOT_OPERATIONS and callee.name not in _PRESIGN
        ):
            return None
        name = self.program.name(scope, callee)
        if not name.startswith(("boto3", "aioboto3")):
            return None
        found = _BOTO.match(name)
        if found is None or not name[found.end() :].startswith("()."):
            return None
        path = name[found.end() + 3 :]
        client = self._client_of(scope, callee.value)
        service = client.service if client is not None else ""
        if not service:
            return None
        if found.group(1) == "resource" and not path.startswith("meta.client."):
            return self._resource(scope, node, client, service, path)
        path = path.removeprefix("meta.client.")
        if path.endswith("().paginate"):
            made = self._inner(scope, callee.value)
            method = self.values.value(made.arguments[0]) if made is not None and made.arguments else None
            if isinstance(method, str):
                return self._call(scope, node, client, sdk_names.operation(service, method), (), "paginator")
            return None
        if path in _PRESIGN:
            return self._presigned(scope, node, client)
        if "." in path or "(" in path or path in ("get_paginator", "get_waiter", "can_paginate"):
            return None
        if service == "s3" and path in sdk_names.TRANSFERS:
            operation, order = sdk_names.TRANSFERS[path]
            return self._call(scope, node, client, operation, order)
        return self._call(scope, node, client, sdk_names.operation(service, path), ())

    def _presigned(self, scope: Scope, node: Call, client: Client | None) -> SdkCall | None:
        first = node.arguments[0] if node.arguments else node.keyword("ClientMethod")
        method = self.values.value(first) if first is not None else None
        if not isinstance(method, str) or client is None:
            return None
        found = SdkCall(
            client.service,
            sdk_names.operation(client.service, method),
            node,
            scope,
            {},
            True,
            client,
            "presigned",
        )
        params = node.keyword("Params") or (node.arguments[1] if len(node.arguments) > 1 else None)
        if params is not None:
            found.parameters, found.is_open = self.record(scope, params)
        return found

    def _resource(
        self, scope: Scope, node: Call, client: Client | None, service: str, path: str
    ) -> SdkCall | None:
        holder, mark, method = path.partition("().")
        if not mark:
            if "(" in path:
                return None
            is_object = (
                f"{service}.{path}" in sdk_names.RESOURCES
                or path[:1].isupper()
                or path.startswith("get_queue")
            )
            return (
                None if is_object else self._call(scope, node, client, sdk_names.operation(service, path), ())
            )
        kind = f"{service}.{holder}"
        names = sdk_names.RESOURCES.get(kind)
        if names is None or "(" in method:
            return None
        if kind.startswith("s3.") and method in sdk_names.TRANSFERS:
            operation, order = sdk_names.TRANSFERS[method]
            found = self._call(
                scope, node, client, operation, tuple(name for name in order if name not in names)
            )
        else:
            operation = sdk_names.RESOURCE_METHODS[kind].get(method) or sdk_names.operation(service, method)
            if "." in method and method not in sdk_names.RESOURCE_METHODS[kind]:
                return None
            form = (
                "batch writer"
                if method == "batch_writer"
                else "paginator"
                if method.startswith("objects.")
                else "call"
            )
            found = self._call(scope, node, client, operation, (), form)
        made = self._inner(scope, node.callee)
        if made is not None:
            for label, value in zip(names, made.arguments, strict=False):
                found.parameters.setdefault(label, value)
            keyword = {
                "name": names[0],
                "bucket_name": "Bucket",
                "key": "Key",
                "url": "QueueUrl",
                "arn": "TopicArn",
            }
            for word, value in made.keywords:
                if word in keyword:
                    found.parameters.setdefault(keyword[word], value)
        return found

    def _inner(self, scope: Scope, node: Node) -> Call | None:
        """The call that makes the object whose method an expression names: `Table("x")` in `Table("x").put_item`."""
        for _ in range(10):
            scope, node = self.program.definition(scope, node)
            if isinstance(node, Call):
                return node
            if not isinstance(node, Attribute):
                return None
            node = node.value
        return None

    def _client_of(self, scope: Scope, node: Node) -> Client | None:
        """The client that stands at the beginning of a chain of calls and attributes."""
        for _ in range(12):
            scope, node = self.program.definition(scope, node)
            if isinstance(node, Call):
                found = self.client(scope, node)
                if found is not None:
                    return found
                node = node.callee
            elif isinstance(node, (Attribute, Await)):
                node = node.value
            else:
                return None
        return None

    def _call(
        self,
        scope: Scope,
        node: Call,
        client: Client | None,
        operation: str,
        order: tuple[str, ...],
        form: str = "call",
    ) -> SdkCall:
        given = zip(order, node.arguments, strict=False)
        parameters: dict[str, Node] = {label: argument for label, argument in given if label}
        is_open = False
        for name, value in node.keywords:
            if name is not None:
                parameters[name] = value
            else:
                more, is_open = self.record(scope, value)
                parameters.update(more)
        service = client.service if client is not None else ""
        return SdkCall(service, operation, node, scope, parameters, is_open, client, form)

    # JavaScript

    def _javascript(self, scope: Scope, node: Call) -> SdkCall | None:
        callee = node.callee
        if isinstance(callee, Attribute) and callee.name == "send" and node.arguments:
            return self._command(scope, node, callee.value, node.arguments[0], "call")
        name = self.program.name(scope, callee)
        if isinstance(callee, Attribute) and _V3.fullmatch(name) is None:
            if name.startswith(("@aws-sdk/", "aws-sdk", "aws-xray-sdk")):
                return self._method(scope, node, callee, _XRAY.sub("aws-sdk", name))
            return None
        if not name.startswith("@aws-sdk/"):
            return None
        if name == "@aws-sdk/s3-request-presigner.getSignedUrl" and len(node.arguments) > 1:
            return self._command(scope, node, node.arguments[0], node.arguments[1], "presigned")
        if name == "@aws-sdk/lib-storage.Upload" and node.new and node.arguments:
            given, _ = self.record(scope, node.arguments[0])
            parameters, is_open = self.record(scope, given["params"]) if "params" in given else ({}, True)
            return SdkCall("s3", "PutObject", node, scope, parameters, is_open)
        found = _V3.fullmatch(name)
        if found is not None and found.group(2).startswith("paginate"):
            service = sdk_names.of_package(found.group(1))
            parameters, is_open = (
                self.record(scope, node.arguments[1]) if len(node.arguments) > 1 else ({}, True)
            )
            return SdkCall(service, found.group(2)[8:], node, scope, parameters, is_open, None, "paginator")
        return None

    def _command(self, scope: Scope, node: Call, client: Node, command: Node, form: str) -> SdkCall | None:
        place, made = self.program.definition(scope, command)
        if not isinstance(made, Call) or not made.new:
            return None
        found = _V3.fullmatch(self.program.name(place, made.callee))
        if found is None or not found.group(2).endswith("Command"):
            return None
        service = sdk_names.of_package(found.group(1))
        if not service:
            return None
        word = found.group(2).removesuffix("Command")
        operation = sdk_names.document(word) if found.group(1) == "lib-dynamodb" else word
        parameters, is_open = self.record(place, made.arguments[0]) if made.arguments else ({}, False)
        return SdkCall(
            service, operation, node, scope, parameters, is_open, self._wrapped_client(scope, client), form
        )

    def _wrapped_client(self, scope: Scope, node: Node) -> Client | None:
        """The client itself, where it is wrapped: `DynamoDBDocumentClient.from(client)`, `captureAWSv3Client(client)`."""
        for _ in range(6):
            scope, node = self.program.definition(scope, node)
            if not isinstance(node, Call):
                return None
            found = self.client(scope, node)
            if found is not None:
                return found
            if not node.arguments:
                return None
            node = node.arguments[0]
        return None

    def _method(self, scope: Scope, node: Call, callee: Attribute, name: str) -> SdkCall | None:
        """A method of version 2, or of the classes of version 3 that have one for each operation."""
        if (
            callee.name in _NOT_OPERATIONS
            or callee.name.startswith("capture")
            or not name.endswith(f"().{callee.name}")
        ):
            return None
        before = name.removesuffix(f"().{callee.name}")
        document = before.endswith((".DocumentClient", "DynamoDBDocument.from"))
        if (v3 := _V3.match(before)) is not None:
            service = sdk_names.of_package(v3.group(1))
            if "(" in before or before.endswith("Client.from") or v3.group(2).endswith(("Client", "Command")):
                return None
        else:
            v2 = _V2.fullmatch(before)
            service = sdk_names.of_class(v2.group(1) or v2.group(2)) if v2 is not None else ""
        if not service:
            return None
        operation = sdk_names.capital(callee.name)
        if callee.name == "upload" and service == "s3":
            operation = "PutObject"
        if document:
            operation = sdk_names.document(operation)
        first = node.arguments[0] if node.arguments and not isinstance(node.arguments[0], Function) else None
        parameters, is_open = self.record(scope, first) if first is not None else ({}, False)
        return SdkCall(
            service, operation, node, scope, parameters, is_open, self._wrapped_client(scope, callee.value)
        )

    def record(self, scope: Scope, node: Node, steps: int = 8) -> tuple[dict[str, Node], bool]:
        """The members of an object or dictionary by name, and whether there may be others."""
        _, found = self.program.definition(scope, node)
        if not isinstance(found, Record) or not steps:
            return {}, True
        members: dict[str, Node] = {}
        is_open = False
        for key, value in found.items:
            if isinstance(key, Literal) and isinstance(key.value, str):
                members[key.value] = value
            elif key is None:
                more, more_open = self.record(self.program.scope(value), value, steps - 1)
                members.update(more)
                is_open = is_open or more_open
            else:
                is_open = True
        return members, is_open
