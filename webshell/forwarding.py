"""Who a request comes from, behind proxies: forwarding headers are believed where a trusted network sent them."""

import ipaddress
from collections.abc import Sequence
from typing import Any, cast

from hypercorn.typing import ASGIFramework, ASGIReceiveCallable, ASGISendCallable, Scope

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_FORWARDED = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-real-ip"})


class Forwarding:
    """Puts the client's address, scheme and host into the scope, and takes every forwarding header out of it.

    ``X-Forwarded-For`` is read from its end: each trusted proxy added whom it heard, so the first address from there
    that is not a trusted one is the client; what stands before it anyone may have written. ``X-Forwarded-Proto`` and
    ``X-Forwarded-Host`` count as the last proxy set them.
    """

    def __init__(self, app: ASGIFramework, trusted: Sequence[Network]) -> None:
        self._app = app
        self._trusted = trusted

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Serve a request as the client's that it is."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        await self._app(cast("Scope", self._seen(cast("dict[str, Any]", scope))), receive, send)

    def _seen(self, scope: dict[str, Any]) -> dict[str, Any]:
        headers: list[tuple[bytes, bytes]] = list(scope["headers"])
        seen = {**scope, "headers": [each for each in headers if each[0].lower() not in _FORWARDED]}
        client = scope.get("client")
        peer = address_of(client[0]) if client else None
        if peer is None or not self._is_trusted(peer):
            return seen
        hops = [hop.strip() for value in _values(headers, b"x-forwarded-for") for hop in value.split(",")]
        for hop in reversed(hops):
            address = address_of(hop)
            if address is None:
                break
            seen["client"] = (str(address), 0)
            if not self._is_trusted(address):
                break
        if (proto := _last(headers, b"x-forwarded-proto")) in {"http", "https"}:
            seen["scheme"] = proto
        if host := _last(headers, b"x-forwarded-host"):
            others = [each for each in seen["headers"] if each[0].lower() != b"host"]
            seen["headers"] = [(b"host", host.encode("latin-1")), *others]
        return seen

    def _is_trusted(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


def address_of(text: str) -> Address | None:
    """Return an address, an IPv4 one where it is written as IPv6; None for what is none."""
    try:
        address = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _values(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in headers if key.lower() == name]


def _last(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> str:
    values = _values(headers, name)
    return values[-1].rpartition(",")[2].strip() if values else ""
