"""Hash functions of texts.

Source: https://developer.hashicorp.com/terraform/language/functions, "Hash and crypto functions"
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable

from stackworthy.core.value import Value
from stackworthy.sources.terraform.functions.contract import Failure

_NAMESPACES = {
    "dns": uuid.NAMESPACE_DNS,
    "url": uuid.NAMESPACE_URL,
    "oid": uuid.NAMESPACE_OID,
    "x500": uuid.NAMESPACE_X500,
}


def digest(algorithm: str, data: bytes) -> bytes:
    """The hash of the bytes."""
    return hashlib.new(algorithm, data, usedforsecurity=False).digest()


def _hexadecimal(algorithm: str) -> Callable[[str], str]:
    return lambda text: digest(algorithm, text.encode()).hex()


def _base64(algorithm: str) -> Callable[[str], str]:
    return lambda text: base64.b64encode(digest(algorithm, text.encode())).decode()


def uuidv5(namespace: str, name: str) -> str:
    """`uuidv5(namespace, name)`; the namespace is `dns`, `url`, `oid`, `x500` or a UUID."""
    space = _NAMESPACES.get(namespace)
    if space is None:
        try:
            space = uuid.UUID(namespace)
        except ValueError:
            length = f"invalid UUID length: {len(namespace.encode())}"
            raise Failure(f"uuidv5() doesn't support namespace {namespace} ({length})") from None
    return str(uuid.uuid5(space, name))


TABLE: dict[str, Callable[..., Value]] = {
    "base64sha256": _base64("sha256"),
    "base64sha512": _base64("sha512"),
    "md5": _hexadecimal("md5"),
    "sha1": _hexadecimal("sha1"),
    "sha256": _hexadecimal("sha256"),
    "sha512": _hexadecimal("sha512"),
    "uuidv5": uuidv5,
}
