"""Access lists of buckets that are stated grant by grant, as the canned list that opens the bucket as wide.

CloudFormation states canned lists only: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from stackworthy.core.value import ABSENT, List, Map, NotKnown, OpenList, Unknown, Value

_GROUPS = "http://acs.amazonaws.com/groups/"
_EVERYBODY = ("global/AllUsers", "global/AuthenticatedUsers")
_WRITES = ("WRITE", "WRITE_ACP", "FULL_CONTROL")


def from_policy(value: Value) -> Value:
    """The canned list for an `access_control_policy` block."""
    return _canned(value, _of_policies)


def from_grants(value: Value) -> Value:
    """The canned list for the `grant` blocks of a bucket."""
    return _canned(value, _of_grants)


def not_written(value: Value) -> Value:
    """Grants cannot be made of a canned list; raises `ValueError`."""
    if isinstance(value, Unknown):
        return value
    raise ValueError(f"{value!r} is written grant by grant")


def _canned(value: Value, grants: Callable[[Value], Iterator[tuple[str, str]]]) -> Value:
    if value is ABSENT or isinstance(value, Unknown):
        return value
    try:
        found = set(grants(value))
    except NotKnown as error:
        return Unknown(error.reason)
    if any(group in _EVERYBODY and permission in _WRITES for group, permission in found):
        return "PublicReadWrite"
    groups = {group for group, _ in found}
    if _EVERYBODY[0] in groups:
        return "PublicRead"
    if _EVERYBODY[1] in groups:
        return "AuthenticatedRead"
    return "LogDeliveryWrite" if "s3/LogDelivery" in groups else "Private"


def _of_policies(value: Value) -> Iterator[tuple[str, str]]:
    for policy in _blocks(value):
        for grant in _blocks(policy["grant"]):
            for grantee in _blocks(grant["grantee"]):
                yield _group(grantee["uri"]), _text(grant["permission"])


def _of_grants(value: Value) -> Iterator[tuple[str, str]]:
    for grant in _blocks(value):
        group = _group(grant["uri"])
        for permission in _listed(grant["permissions"]):
            yield group, _text(permission)


def _group(uri: Value) -> str:
    return "" if uri is ABSENT else _text(uri).removeprefix(_GROUPS)


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    raise NotKnown("a grant of the access list is not known")


def _listed(value: Value) -> List:
    if isinstance(value, List) and not isinstance(value, OpenList):
        return value
    raise NotKnown("a grant of the access list is not known")


def _blocks(value: Value) -> Iterator[Map]:
    if value is ABSENT:
        return
    for block in _listed(value) if isinstance(value, List) else (value,):
        if not isinstance(block, Map):
            raise NotKnown("a grant of the access list is not known")
        yield block
