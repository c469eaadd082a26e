"""Connecting: a name is looked up once, every address it has is checked, and the connection goes to one of these.

The name stays what TLS verifies and what the request says. So an answer that changes between check and connection, as
in DNS rebinding, changes nothing.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import Any, override

import httpcore2

from core.egress.addresses import Address
from core.egress.failures import EgressDenied
from core.egress.policy import Policy

type Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]


async def resolve(host: str, port: int) -> Sequence[Address]:
    """Look a name up with the machine's resolver; raise ``OSError`` where it has no address."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ip_address(str(each[4][0])) for each in found]


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Opens connections to checked addresses alone."""

    def __init__(self, policy: Policy, *, resolve: Resolve, inner: httpcore2.AsyncNetworkBackend) -> None:
        self._policy = policy
        self._resolve = resolve
        self._inner = inner

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to one of a host's addresses, if all of them may be reached: the first that answers."""
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._resolve(host, port)
        except (OSError, TimeoutError) as err:
            raise httpcore2.ConnectError(f"{host} can't be found") from err
        if not addresses:
            raise httpcore2.ConnectError(f"{host} has no address")
        for address in addresses:
            self._policy.check_address(address)
        for address in addresses[:-1]:
            with suppress(httpcore2.ConnectError, httpcore2.ConnectTimeout):
                return await self._inner.connect_tcp(str(address), port, timeout, local_address, socket_options)
        return await self._inner.connect_tcp(str(addresses[-1]), port, timeout, local_address, socket_options)

    @override
    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore2.AsyncNetworkStream:
        """Refuse: nothing outside is reached that way."""
        raise EgressDenied("sockets of this machine are not reached")

    @override
    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._inner.sleep(seconds)
