"""`FunctionUrlConfig`: the URL of a function and, where it is public, the permissions for everybody.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-functionurlconfig.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .context import Context, property_route
from .intrinsics import is_intrinsic, ref
from .properties import FUNCTION, property_routes

_CORS: Mapping[str, type] = {
    "AllowOrigins": list,
    "AllowMethods": list,
    "AllowCredentials": bool,
    "AllowHeaders": list,
    "ExposeHeaders": list,
    "MaxAge": int,
}


def add_url(context: Context, logical_id: str, config: Mapping[str, Any], alias_id: str | None) -> None:
    route = property_route(logical_id, "FunctionUrlConfig")
    auth = config.get("AuthType")
    if not is_intrinsic(config):
        if not is_intrinsic(auth) and auth not in ("AWS_IAM", "NONE"):
            context.problem((*route, "AuthType"), "must be AWS_IAM or NONE")
        _check_cors(context, config.get("Cors"), (*route, "Cors"))
    target = ref(alias_id or logical_id)
    attributes = context.handed_down(logical_id)
    context.add(
        f"{logical_id}Url",
        "AWS::Lambda::Url",
        {
            "TargetFunctionArn": target,
            "AuthType": auth,
            "Cors": config.get("Cors") or None,
            "InvokeMode": config.get("InvokeMode"),
        },
        by=logical_id,
        route=route,
        properties_from=property_routes(FUNCTION, "AWS::Lambda::Url"),
        attributes=attributes,
    )
    if auth != "NONE" or is_intrinsic(config):
        return
    place = {"FunctionUrlAuthType": ("Properties", "FunctionUrlConfig", "AuthType")}
    for suffix, action, how in (
        ("UrlPublicPermissions", "lambda:InvokeFunctionUrl", {"FunctionUrlAuthType": auth}),
        ("URLInvokeAllowPublicAccess", "lambda:InvokeFunction", {"InvokedViaFunctionUrl": True}),
    ):
        permission = {"Action": action, "FunctionName": target, "Principal": "*", **how}
        context.add(
            logical_id + suffix,
            "AWS::Lambda::Permission",
            permission,
            by=logical_id,
            route=route,
            properties_from=place,
            attributes=attributes,
        )


def _check_cors(context: Context, cors: Any, route: tuple[str | int, ...]) -> None:
    if not cors or is_intrinsic(cors):
        return
    if not isinstance(cors, dict):
        context.problem(route, "must be a map")
        return
    for name, value in cors.items():
        wanted = _CORS.get(name)
        if wanted is None:
            context.problem((*route, str(name)), "is not a property that SAM knows here")
        elif not is_intrinsic(value) and not isinstance(value, wanted):
            context.problem((*route, name), f"must be a {wanted.__name__}")
