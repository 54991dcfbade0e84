"""Access and refresh tokens (JWT, HS256)."""

import time

import jwt

from modules import config
from modules.errors import ApiError

_LIFETIME = {
    "access": config.JWT_ACCESS_TOKEN_EXPIRES,
    "refresh": config.JWT_REFRESH_TOKEN_EXPIRES,
}


def issue(username, kind):
    now = int(time.time())
    claims = {"sub": username, "kind": kind, "iat": now, "exp": now + _LIFETIME[kind]}
    return jwt.encode(claims, config.JWT_SECRET, algorithm="HS256")


def username_from(event, kind):
    scheme, _, token = event["headers"].get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise ApiError(401, "Please log in.")
    try:
        claims = jwt.decode(
            token, config.JWT_SECRET, algorithms=["HS256"], options={"require": ["exp", "sub"]}
        )
    except jwt.ExpiredSignatureError:
        raise ApiError(401, "The token has expired.") from None
    except jwt.InvalidTokenError:
        raise ApiError(401, "The token is not valid.") from None
    if claims.get("kind") != kind:
        raise ApiError(401, "The token is of the wrong kind.")
    return claims["sub"]
