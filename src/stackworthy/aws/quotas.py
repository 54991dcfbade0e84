"""AWS's quotas that serverless stacks run into, each with its source and date.

Sizes are in bytes unless the property that they bound has its own unit: `MemorySize` is in MB, a timeout in seconds.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

DATA = Path(__file__).parent / "data" / "quotas.json"


class Quota(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One limit of AWS.

    id          `service.what`, stable: `lambda.timeout`
    service     as the kinds name it: `Lambda`, `ApiGatewayV2`
    name        what is limited, and per what
    value       the limit, as an account has it without asking for more
    unit        bytes, MB, GB, characters, count, seconds, hours, days, per second, per day
    adjustable  whether the account, or a property, can raise it
    source      the AWS page that states it
    as_of       the last day (ISO) for which the value is known to have been AWS's
    note        how it differs by Region or property, or what older texts say; may be empty
    """

    id: str
    service: str
    name: str
    value: int
    unit: str
    adjustable: bool
    source: str
    as_of: str
    note: str = ""


def quota(id: str) -> Quota:
    """The quota with this id. Raises KeyError when there is none."""
    return _quotas()[id]


def quotas(service: str = "") -> tuple[Quota, ...]:
    """All quotas, or those of a service as the kinds name it."""
    return tuple(found for found in _quotas().values() if service in ("", found.service))


@cache
def _quotas() -> dict[str, Quota]:
    return {found.id: found for found in msgspec.json.decode(DATA.read_bytes(), type=list[Quota])}
