"""Who a client is: the limits count its requests and its connections together."""

import ipaddress

from starlette.types import Scope

# A client with one IPv6 address usually has all addresses of a network of this size.
_IPV6_PREFIX = 64


def client_of(scope: Scope) -> str:
    """The client of a request: the address that the connection comes from, or the one that a trusted proxy names; for
    an IPv6 address, its network."""
    return client_at(scope["client"][0] if scope["client"] else "")


def client_at(host: str) -> str:
    """The client with this address."""
    try:
        address = ipaddress.ip_address(plain_address(host))
    except ValueError:
        return host
    if address.version == 6:
        return str(ipaddress.ip_network((address, _IPV6_PREFIX), strict=False))
    return str(address)


def plain_address(host: str) -> str:
    """The IPv4 address of a client that a server on an IPv6 address sees as ::ffff:192.0.2.1: otherwise all of them
    would be in one network, and none would be the proxy that the settings name."""
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError:
        return host
    return str(address.ipv4_mapped or host)
