"""Addresses: which of them are the public internet's, and which hosts are written as what they are.

``ipaddress`` alone is not enough: it calls NAT64's way to the loopback global, and multicast. What is special is listed
by IANA (https://www.iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry).
"""

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

type Address = IPv4Address | IPv6Address
type Network = IPv4Network | IPv6Network

_SPECIAL: Sequence[Network] = [
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23",
        "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10",
        "fec0::/10", "ff00::/8",
    )
]  # fmt: skip
_GLOBAL_IPV6 = ip_network("2000::/3")
"""All that IANA has given out for the internet; what lies outside is nobody's, or special."""
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMERIC = re.compile(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+))*\.?", re.IGNORECASE)
"""What the C library's ``inet_aton`` may take for an address: ``2130706433``, ``0x7f.1``, ``0177.0.0.1``."""
LONGEST_NAME = 253
_NOBODYS = frozenset(
    {
        "alt",
        "arpa",
        "corp",
        "home",
        "internal",
        "intranet",
        "invalid",
        "lan",
        "local",
        "localdomain",
        "localhost",
        "onion",
    }
)
"""Ends of names that no public host has (RFC 6761, RFC 6762, RFC 8375, RFC 9476), and those that inner networks use."""


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the public internet, in whatever dress."""
    if isinstance(address, IPv6Address) and (address.scope_id is not None or address not in _GLOBAL_IPV6):
        return False
    return not any(address in network for network in _SPECIAL if network.version == address.version)


def literal(host: str) -> Address | None:
    """Return the address that a host is, None for a name. Raise ``ValueError`` for what only looks like either.

    A name is in ASCII (Unicode names are given as ``xn--…``), has two labels at least, and no dot at its end.
    """
    try:
        return ip_address(host)
    except ValueError:
        pass
    lowered = host.lower()
    if _NUMERIC.fullmatch(host):
        raise ValueError("it is an address in a form that is not taken")
    labels = lowered.split(".")
    if len(lowered) > LONGEST_NAME or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("it is no host's name")
    if _NUMERIC.fullmatch(labels[-1]) or labels[-1] in _NOBODYS:
        raise ValueError("it is a name of no public host")
    return None
