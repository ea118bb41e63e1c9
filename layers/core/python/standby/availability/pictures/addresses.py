"""Which addresses are the public Internet's: all that a name in the catalogue may lead to.

What is private, of this machine, or of the cloud's own (169.254.169.254 and fd00:ec2::254 tell secrets) is none of
them, nor is any way around: IPv6 forms of IPv4 addresses, tunnels and translators. Source: IANA's registries of
special-purpose addresses for IPv4 and IPv6.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Ip = IPv4Address | IPv6Address
SPECIAL_IPV4 = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16"),
            *("192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
            "168.63.129.16/32",  # Azure's own
        ),
    )
)
GLOBAL_IPV6 = ip_network("2000::/3")
SPECIAL_IPV6 = tuple(map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")))


def is_public(address: Ip) -> bool:
    """Tell whether an address is anybody's on the public Internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in SPECIAL_IPV4)
    return address in GLOBAL_IPV6 and not any(address in network for network in SPECIAL_IPV6)


def may_be_asked(text: str, *, loopback: bool) -> bool:
    """Tell whether an address, as the resolver wrote it, may be connected to; ``loopback``: this machine, too."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return is_public(address) or (loopback and address.is_loopback)
