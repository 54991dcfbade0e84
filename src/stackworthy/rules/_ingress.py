"""What security groups and network ACLs let in from anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from stackworthy.core.resource import Resource
from stackworthy.core.value import Map, NotKnown, Unknown, Value
from stackworthy.rules._forms import items

ANYWHERE = ("0.0.0.0/0", "::/0")
EVERY_PORT = (0, 65_535)


class Opening(NamedTuple):
    """What one rule lets in: the path of what states it, the ports from and to, and the path of the address range."""

    path: str
    first: int
    last: int
    range_path: str

    def includes(self, port: int) -> bool:
        """Whether the port is open."""
        return self.first <= port <= self.last

    @property
    def is_everything(self) -> bool:
        """Whether all ports are open."""
        return self.first <= EVERY_PORT[0] and self.last >= EVERY_PORT[1]


def openings(resource: Resource) -> Iterator[Opening]:
    """What a security group, or a rule for one, lets in from anywhere; raises `NotKnown` at the first that is not known."""
    if resource.kind == "AWS::EC2::SecurityGroupIngress":
        names = ("CidrIp", "CidrIpv6", "IpProtocol", "FromPort", "ToPort")
        yield from _opening("", Map({name: resource[name] for name in names}))
        return
    for path, entry in items(resource, "SecurityGroupIngress"):
        yield from _opening(f"{path}.", entry)


def _opening(path: str, entry: Map) -> Iterator[Opening]:
    for name in ("CidrIp", "CidrIpv6"):
        if _is_anywhere(entry[name]):
            first, last = _ports(entry)
            yield Opening(path.removesuffix("."), first, last, f"{path}{name}")


def _is_anywhere(value: Value) -> bool:
    if isinstance(value, Unknown) and value.stated:
        return False  # a parameter: somebody chose a range
    return any(value == everybody for everybody in ANYWHERE)


def _ports(entry: Map) -> tuple[int, int]:
    protocol, first, last = entry["IpProtocol"], entry["FromPort"], entry["ToPort"]
    if protocol in ("-1", "all"):
        return EVERY_PORT
    if protocol not in ("tcp", "6", "udp", "17"):
        return (-1, -2)  # ICMP and others have no ports
    for port in (first, last):
        if isinstance(port, Unknown):
            raise NotKnown(port.reason)
    if not isinstance(first, int) or not isinstance(last, int):
        return EVERY_PORT
    return EVERY_PORT if first == -1 else (first, last)
