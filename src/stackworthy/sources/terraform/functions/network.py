"""Functions of CIDR prefixes.

Source: https://developer.hashicorp.com/terraform/language/functions/cidrsubnet and its neighbours
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

from stackworthy.core.value import NotKnown, Value
from stackworthy.sources.terraform.functions.contract import Failure, invalid
from stackworthy.sources.terraform.numbers import Number
from stackworthy.sources.terraform.types import TfList

_IPV4 = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})/(\d{1,2})", re.ASCII)


def _whole(number: Number) -> int:
    if isinstance(number, float) and not number.is_integer():
        raise Failure("value must be a whole number")
    return int(number)


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(prefix: str) -> Network:
    match = _IPV4.fullmatch(prefix)
    text = ".".join(str(int(match[index])) for index in range(1, 5)) + f"/{match[5]}" if match else prefix
    try:
        if "/" not in text or "%" in text or not text.rpartition("/")[2].isdecimal():
            raise ValueError
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise Failure(f"invalid CIDR expression: invalid CIDR address: {prefix}") from None
    if network.version == 6 and network.network_address.ipv4_mapped is not None:
        raise NotKnown("Terraform miscounts the addresses of IPv4-mapped prefixes")
    return network


def _address(network: Network, number: int) -> str:
    return str(ipaddress.IPv4Address(number) if network.version == 4 else ipaddress.IPv6Address(number))


def cidrhost(prefix: str, number: Number) -> str:
    """`cidrhost(prefix, hostnum)`; negative numbers count from the end."""
    network = _network(prefix)
    host = _whole(number)
    bits = network.max_prefixlen - network.prefixlen
    if not -(1 << bits) <= host < 1 << bits:
        shown = host if host >= 0 else host + (1 << bits)
        raise Failure(f"prefix of {network.prefixlen} does not accommodate a host numbered {shown}")
    return _address(network, int(network.network_address) + host % (1 << bits))


def cidrnetmask(prefix: str) -> str:
    """`cidrnetmask(prefix)`, of IPv4 only."""
    network = _network(prefix)
    if network.version == 6:
        raise Failure(f"IPv6 addresses cannot have a netmask: {prefix}")
    return str(network.netmask)


def cidrsubnet(prefix: str, newbits: Number, netnum: Number) -> str:
    """`cidrsubnet(prefix, newbits, netnum)`."""
    network = _network(prefix)
    bits, number = _whole(newbits), _whole(netnum)
    length = network.prefixlen + bits
    if length > network.max_prefixlen:
        raise Failure(
            f"insufficient address space to extend prefix of {network.prefixlen} by {bits}",
        )
    if number < 0:
        raise NotKnown("Terraform miscounts negative subnet numbers")
    if not number < 1 << max(bits, 0):
        raise Failure(f"prefix extension of {bits} does not accommodate a subnet numbered {number}")
    start = int(network.network_address) + (number << (network.max_prefixlen - length))
    return f"{_address(network, start)}/{length}"


def cidrsubnets(prefix: str, *newbits: Number) -> TfList:
    """`cidrsubnets(prefix, newbits...)`: one after the other."""
    try:
        network = _network(prefix)
    except Failure as error:
        raise invalid("prefix", str(error)) from None
    kind = "IPv4" if network.version == 4 else "IPv6"
    position = int(network.network_address)
    last = int(network.broadcast_address)
    made = TfList()
    before = network.prefixlen
    for bits in map(_whole, newbits):
        if bits < 1:
            raise invalid("newbits", "must extend prefix by at least one bit")
        if bits > 32:
            raise invalid("newbits", "may not extend prefix by more than 32 bits")
        length = network.prefixlen + bits
        if length > network.max_prefixlen:
            raise invalid(
                "newbits",
                f"would extend prefix to {length} bits, which is too long for an {kind} address",
            )
        size = 1 << (network.max_prefixlen - length)
        position = -(-position // size) * size
        if position + size - 1 > last:
            after = made[-1] if made else f"{network.network_address}/{before}"
            raise invalid(
                "newbits",
                f"not enough remaining address space for a subnet with a prefix of {length} bits after {after}",
            )
        made.append(f"{_address(network, position)}/{length}")
        position += size
    return made


TABLE: dict[str, Callable[..., Value]] = {
    "cidrhost": cidrhost,
    "cidrnetmask": cidrnetmask,
    "cidrsubnet": cidrsubnet,
    "cidrsubnets": cidrsubnets,
}
