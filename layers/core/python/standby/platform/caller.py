"""Who calls the public routes: the address behind the proxies that the shop trusts, and by what callers are counted."""

from collections.abc import Mapping
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from standby.platform.frozen import frozen

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
FORWARDED = "x-forwarded-for"
MOST_PROXIES = 5
HOUSEHOLD = 64
"""Bits of an IPv6 address that are given to one connection, whose owner may use every address below them."""


@frozen()
class Proxies:
    """The proxies in front of the API, such as a CDN, that the shop trusts to say who called them.

    Each proxy adds the address that called it to the right of ``X-Forwarded-For``, and the gateway does, too. So the
    header is read from the right, ``count`` steps and never further, because whatever stands more to the left may have
    been written by the client. With ``networks``, an address outside them is no proxy, and what it says counts nothing.
    """

    count: int = 0
    networks: tuple[str, ...] = ()

    def caller(self, headers: Mapping[str, str], peer: str) -> str:
        """Return who called: the gateway's ``peer``, or whom the proxies name. Ignore a header that does not fit."""
        said = [part.strip() for part in headers.get(FORWARDED, "").split(",")] if self.count else []
        if said and _same(said[-1], peer):
            said.pop()
        caller = peer
        for _ in range(self.count):
            if self.networks and not any(_inside(caller, network) for network in self.networks):
                break
            named = said and read(said.pop())
            if not named:
                return peer
            caller = str(named)
        return caller


def read(text: str) -> Address | None:
    """Read an address, with a port or without. One that carries an IPv4 address in IPv6 is that IPv4 address."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or address.sixtofour or address
    return address


def household(text: str) -> str:
    """Return by what a caller is counted: an IPv4 address, or the /64 of an IPv6 address; any other text as it is."""
    address = read(text)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address) >> HOUSEHOLD << HOUSEHOLD, HOUSEHOLD)))
    return text if address is None else str(address)


def _same(said: str, peer: str) -> bool:
    address = read(said)
    return address is not None and address == read(peer)


def _inside(text: str, network: str) -> bool:
    address = read(text)
    return address is not None and address in _network(network)


@cache
def _network(text: str) -> Network:
    return ip_network(text)
