"""Forwarding headers: believed where a trusted network sent them, from the end, and gone for everyone behind."""

from ipaddress import ip_network
from typing import Any

import pytest

from tests.support.amount import amount
from webshell.forwarding import Forwarding, address_of

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


async def seen(peer: str, **headers: str) -> dict[str, Any]:
    """Return the scope that the application sees of a request."""
    scopes: list[Any] = []

    async def application(scope: Any, _receive: Any, _send: Any) -> None:
        scopes.append(scope)

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope: Any = {"type": "http", "scheme": "http", "client": (peer, 4711), "headers": [(b"host", b"own"), *named]}
    await Forwarding(application, TRUSTED)(scope, None, None)  # type: ignore[arg-type]
    [found] = scopes
    return dict(found)


async def test_a_trusted_proxy_is_believed() -> None:
    scope = await seen(
        "10.1.2.3", x_forwarded_for="203.0.113.9", x_forwarded_proto="https", x_forwarded_host="a.example"
    )
    assert (scope["client"], scope["scheme"]) == (("203.0.113.9", 0), "https")
    assert scope["headers"] == [(b"host", b"a.example")]


async def test_what_the_client_wrote_before_the_proxies_is_not_believed() -> None:
    scope = await seen("10.1.2.3", x_forwarded_for="127.0.0.1, 203.0.113.9, 10.9.9.9")
    assert scope["client"] == ("203.0.113.9", 0)


async def test_several_headers_are_one_list() -> None:
    scope: Any = {
        "type": "http",
        "scheme": "http",
        "client": ("fd00::1", 1),
        "headers": [(b"X-Forwarded-For", b"127.0.0.1"), (b"x-forwarded-for", b"2001:db8::7")],
    }
    found: list[Any] = []

    async def application(scope: Any, _receive: Any, _send: Any) -> None:
        found.append(scope)

    await Forwarding(application, TRUSTED)(scope, None, None)  # type: ignore[arg-type]
    assert found[0]["client"] == ("2001:db8::7", 0)


async def test_nonsense_ends_the_search() -> None:
    assert (await seen("10.1.2.3", x_forwarded_for="203.0.113.9, unknown"))["client"] == ("10.1.2.3", 4711)
    assert (await seen("10.1.2.3", x_forwarded_proto="gopher"))["scheme"] == "http"


@pytest.mark.parametrize("peer", ["203.0.113.5", "11.0.0.1", "::1", "::ffff:11.0.0.1", "not an address"])
async def test_forged_headers_gain_nothing(peer: str) -> None:
    for number in range(amount(200)):
        forged = f"10.0.{number // 256}.{number % 256}"
        scope = await seen(
            peer,
            x_forwarded_for=forged,
            x_real_ip=forged,
            forwarded=f"for={forged};proto=https",
            x_forwarded_proto="https",
            x_forwarded_host="evil.example",
        )
        assert (scope["client"], scope["scheme"]) == ((peer, 4711), "http")
        assert scope["headers"] == [(b"host", b"own")]


def test_an_ipv4_address_is_one_in_whatever_dress() -> None:
    assert str(address_of("::ffff:10.0.0.1")) == "10.0.0.1"
    assert str(address_of("[2001:db8::1]")) == "2001:db8::1"
    assert address_of("10.0.0.1, 10.0.0.2") is None
