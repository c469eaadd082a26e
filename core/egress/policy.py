"""Policies: where requests may go, beyond what is the same for all."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address

import httpx2

from core.egress.addresses import Address, Network, is_public, literal
from core.egress.failures import EgressDenied

_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Where requests may go.

    ``hosts`` are those that may be reached, as ``host:port``; None is any, for addresses that tenants give.
    ``allowed`` are networks that an administrator opened although they are not public, ``plain`` hosts (``host:port``)
    that may also be reached by ``http``, at whatever port, by whatever name. Both are empty unless somebody sets them.
    """

    hosts: frozenset[str] | None = None
    allowed: Sequence[Network] = ()
    plain: frozenset[str] = frozenset()

    def check_url(self, url: str) -> httpx2.URL:
        """Return an address that may be asked, as it will be sent; raise ``EgressDenied``. Nothing is looked up.

        One parser reads what is checked and what is sent: two would be led to different hosts.
        """
        if not url.isascii() or any(ord(each) <= 32 or ord(each) == 127 or each == "\\" for each in url):
            raise EgressDenied("an address of the web is in ASCII, without spaces, control characters or backslashes")
        try:
            read = httpx2.URL(url)
        except httpx2.InvalidURL as err:
            raise EgressDenied("this is no address of the web") from err
        host, port = read.raw_host.decode("ascii"), _PORTS.get(read.scheme, 0) if read.port is None else read.port
        if read.userinfo:
            raise EgressDenied("an address has no user in it")
        place = f"{host}:{port}"
        if read.scheme not in _PORTS or (read.scheme == "http" and place not in self.plain):
            raise EgressDenied(f"{place} is reached by https alone")
        if self.hosts is not None and place not in self.hosts:
            raise EgressDenied(f"{place} is not among the hosts that may be reached")
        if self.hosts is None and port != _PORTS["https"] and place not in self.plain:
            raise EgressDenied(f"port {port} is not the web's")
        self._check_host(host, place)
        return read

    def check_address(self, address: Address) -> None:
        """Raise ``EgressDenied`` for an address that is not public, unless an administrator opened it."""
        has_zone = isinstance(address, IPv6Address) and address.scope_id is not None
        if not is_public(address) and (
            has_zone or not any(address in network for network in self.allowed if network.version == address.version)
        ):
            raise EgressDenied(f"{address} is not an address of the public internet")

    def _check_host(self, host: str, place: str) -> None:
        try:
            address = literal(host)
        except ValueError as err:
            if place in self.plain:
                return
            raise EgressDenied(f"{host!r} can't be reached: {err}") from err
        if address is not None:
            self.check_address(address)
