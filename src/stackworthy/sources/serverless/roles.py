"""The execution role that the functions share, and those of the plugin that gives each function its own.

https://www.serverless.com/framework/docs/providers/aws/guide/iam
"""

from __future__ import annotations

from typing import Any

from stackworthy.core.origin import Route
from stackworthy.core.value import Unknown
from stackworthy.sources.serverless.build import PROVIDER, ROLE, Build, Statement
from stackworthy.sources.serverless.functions import custom_role, own_role
from stackworthy.sources.serverless.service import Function
from stackworthy.sources.serverless.shapes import as_list, as_map, first, get, is_set, tag_list, text

_LOGS = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:"
_CREATE = ["logs:CreateLogStream", "logs:CreateLogGroup", "logs:TagResource"]
_VPC = "iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"


def add_roles(build: Build) -> None:
    """Add the roles of the functions. Statements that events asked for are gathered before."""
    functions = list(build.service.functions.values())
    for function in functions:
        name = own_role(build.service, function)
        if name is not None:
            _own_role(build, function, name)
    sharing = [function for function in functions if custom_role(build.service, function) is None]
    if not sharing or all("role" in function.body for function in functions):
        return
    _shared_role(build, sharing)


def _shared_role(build: Build, functions: list[Function]) -> None:
    service = build.service
    stated = as_map(get(service.provider, "iam", "role"))
    statements = [*_logging(build, functions), *_stated(build), *build.statements]
    managed = list(_managed(build))
    if any("vpc" in function.body for function in functions) or is_set(service.provider.get("vpc")):
        managed.append(
            ({"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":{_VPC}"]]}, (PROVIDER, "vpc"))
        )
    name = first(
        stated.get("name"), _dashed(service.name, service.stage, {"Ref": "AWS::Region"}, "lambdaRole")
    )
    boundary = stated.get("permissionsBoundary", stated.get("permissionBoundary"))
    role = {
        "AssumeRolePolicyDocument": _trust(build.trusted),
        "Policies": [_policy(_dashed(service.name, service.stage, "lambda"), statements)],
        "Path": stated.get("path", "/"),
        "RoleName": name,
        "ManagedPolicyArns": [arn for arn, _ in managed] or None,
        "PermissionsBoundary": first(boundary, service.provider.get("rolePermissionsBoundary")),
        "Tags": tag_list(stated.get("tags")),
    }
    places: dict[str, tuple[Route, ...]] = {
        "RoleName": ((PROVIDER, "iam", "role", "name"),),
        "Path": ((PROVIDER, "iam", "role", "path"),),
        "PermissionsBoundary": (
            (PROVIDER, "iam", "role", "permissionsBoundary"),
            (PROVIDER, "iam", "role", "permissionBoundary"),
            (PROVIDER, "rolePermissionsBoundary"),
        ),
        "Tags": ((PROVIDER, "iam", "role", "tags"),),
    }
    for index, statement in enumerate(statements):
        places[f"Policies.0.PolicyDocument.Statement.{index}"] = (statement.route,)
    for index, (_, route) in enumerate(managed):
        places[f"ManagedPolicyArns.{index}"] = (route,)
    build.add(ROLE, "AWS::IAM::Role", role, PROVIDER, _role_route(build), places)


def _role_route(build: Build) -> Route:
    provider = build.service.provider
    if isinstance(get(provider, "iam", "role"), dict):
        return (PROVIDER, "iam", "role")
    return (PROVIDER, "iamRoleStatements") if "iamRoleStatements" in provider else (PROVIDER,)


def _dashed(*pieces: Any) -> dict[str, Any]:
    return {"Fn::Join": ["-", list(pieces)]}


def _trust(services: list[str]) -> dict[str, Any]:
    principal = {"Service": services}
    statement = {"Effect": "Allow", "Principal": principal, "Action": ["sts:AssumeRole"]}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _policy(name: Any, statements: list[Statement]) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": [statement.body for statement in statements]}
    return {"PolicyName": name, "PolicyDocument": document}


def _logging(build: Build, functions: list[Function]) -> list[Statement]:
    """The statements for log groups: one for all functions of the usual name, and those of other names."""
    service = build.service
    prefix = text(service.name, "-", service.stage)
    logged = [function for function in functions if not is_set(function.body.get("disableLogs"))]
    usual = [_usual(function, prefix) for function in logged]
    ends = [
        (function.name, ":*", ":*:*")
        for function, is_usual in zip(logged, usual, strict=True)
        if not is_usual
    ]
    silent: list[Any] = []
    if any(usual):
        ends.append((prefix, "*:*", "*:*:*"))
        silent = [
            _sub("/aws/lambda/", function.name, ":*")
            for function in functions
            if is_set(function.body.get("disableLogs")) and _usual(function, prefix)
        ]
    create = [_sub("/aws/lambda/", name, end) for name, end, _ in ends]
    put = [_sub("/aws/lambda/", name, end) for name, _, end in ends]
    statements: list[Any] = [
        {"Effect": "Allow", "Action": _CREATE, "Resource": create},
        {"Effect": "Allow", "Action": ["logs:PutLogEvents"], "Resource": put},
    ]
    if silent:
        statements.append({"Effect": "Deny", "Action": "logs:PutLogEvents", "Resource": silent})
    return [Statement(body, (PROVIDER,)) for body in statements]


def _usual(function: Function, prefix: Any) -> bool:
    """Whether a function's name begins like those that the framework gives: one statement covers them all."""
    if "name" not in function.body:
        return True
    return isinstance(function.name, str) and isinstance(prefix, str) and function.name.startswith(prefix)


def _sub(*pieces: Any) -> Any:
    """The ARN of a log group; what is known at deployment only becomes a variable of the substitution."""
    joined = text(*pieces)
    if isinstance(joined, str):
        return {"Fn::Sub": _LOGS + joined}
    return {"Fn::Sub": [_LOGS + "${name}", {"name": joined}]}


def _stated(build: Build) -> list[Statement]:
    provider = build.service.provider
    route: Route = (PROVIDER, "iam", "role", "statements")
    stated = get(provider, "iam", "role", "statements")
    if not is_set(stated):
        route, stated = (PROVIDER, "iamRoleStatements"), provider.get("iamRoleStatements")
    return _listed(stated, route)


def _listed(stated: Any, route: Route) -> list[Statement]:
    if isinstance(stated, Unknown):
        return [Statement(stated, route)]
    return [Statement(body, (*route, index)) for index, body in enumerate(as_list(stated))]


def _managed(build: Build) -> list[tuple[Any, Route]]:
    provider = build.service.provider
    route: Route = (PROVIDER, "iam", "role", "managedPolicies")
    stated = get(provider, "iam", "role", "managedPolicies")
    if not is_set(stated):
        route, stated = (PROVIDER, "iamManagedPolicies"), provider.get("iamManagedPolicies")
    return [(arn, (*route, index)) for index, arn in enumerate(as_list(stated))]


def _own_role(build: Build, function: Function, logical_id: str) -> None:
    """The role of one function: https://github.com/functionalone/serverless-iam-roles-per-function"""
    service, body, route = build.service, function.body, function.route
    stated = _listed(body.get("iamRoleStatements"), (*route, "iamRoleStatements"))
    custom = as_map(service.get("custom", "serverless-iam-roles-per-function"))
    inherits = body.get("iamRoleStatementsInherit", custom.get("defaultInherit"))
    shared = _stated(build) if is_set(inherits) else []
    own = [one for one in build.statements if one.route[: len(route)] == route]
    statements = [*_logging(build, [function]), *own, *shared, *stated]
    name = first(body.get("iamRoleStatementsName"), text(function.name, "-", service.region, "-lambdaRole"))
    role = {
        "AssumeRolePolicyDocument": _trust(["lambda.amazonaws.com"]),
        "Policies": [_policy(text(function.name, "-lambda"), statements)],
        "Path": body.get("iamRoleStatementsPath", "/"),
        "RoleName": name,
    }
    places: dict[str, tuple[Route, ...]] = {"RoleName": ((*route, "iamRoleStatementsName"),)}
    for index, statement in enumerate(statements):
        places[f"Policies.0.PolicyDocument.Statement.{index}"] = (statement.route,)
    build.add(logical_id, "AWS::IAM::Role", role, function.id, (*route, "iamRoleStatements"), places)
