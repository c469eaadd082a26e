"""Spies in the place of the resolver and of the network, and a real peer on loopback."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

import httpcore2
import pytest

from core.egress.addresses import Address

PUBLIC = "93.184.215.14"


class SpyNetwork(httpcore2.AsyncNetworkBackend):
    """Notes where connections go, and answers them with what was laid ready, one after the other."""

    def __init__(self, answers: Sequence[bytes] = ()) -> None:
        self.answers = list(answers)
        self.connected: list[tuple[str, int]] = []
        self.sent: list[bytes] = []
        self.names: list[str | None] = []
        self.away: set[str] = set()

    async def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore2.AsyncNetworkStream:
        self.connected.append((host, port))
        if host in self.away:
            raise httpcore2.ConnectError("nobody is there")
        self.sent.append(b"")
        return _Line(self, self.answers.pop(0))


class _Line(httpcore2.AsyncNetworkStream):
    def __init__(self, network: SpyNetwork, answer: bytes) -> None:
        self._network = network
        self._answer = [answer]
        self._number = len(network.sent) - 1

    async def read(self, *_: Any, **__: Any) -> bytes:
        return self._answer.pop() if self._answer else b""

    async def write(self, buffer: bytes, *_: Any, **__: Any) -> None:
        self._network.sent[self._number] += buffer

    async def aclose(self) -> None:
        self._answer.clear()

    async def start_tls(self, ssl_context: Any, server_hostname: str | None = None, **_: Any) -> Any:
        self._network.names.append(server_hostname)
        return self

    def get_extra_info(self, info: str) -> Any:
        return None


class SpyResolver:
    """Answers with what was laid ready for a name, one answer after the other, the last one for ever."""

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self.answers = {name.replace("_", "."): list(each) for name, each in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        self.asked.append(host)
        left = self.answers.get(host) or [[host if host[0].isdigit() or ":" in host else PUBLIC]]
        return [ip_address(each) for each in (left.pop(0) if len(left) > 1 else left[0])]


@dataclass
class Peer:
    """A real server: ``heard`` are the requests it got, whole; ``reply`` writes its answers."""

    reply: Callable[["Peer", asyncio.StreamWriter], Awaitable[None]]
    heard: list[bytes] = field(default_factory=list)
    port: int = 0
    serving: set[asyncio.Task[Any]] = field(default_factory=set)
    """Held here: nobody else holds a task that waits for what never comes."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (task := asyncio.current_task()) is not None:
            self.serving.add(task)
        try:
            self.heard.append(await reader.readuntil(b"\r\n\r\n"))
            await self.reply(self, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def peering(reply: Callable[[Peer, asyncio.StreamWriter], Awaitable[None]], **how: Any) -> AsyncIterator[Peer]:
    """Run a peer on loopback."""
    peer = Peer(reply)
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0, **how)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
        server.close_clients()
        for task in peer.serving:
            task.cancel()
        await asyncio.gather(*peer.serving, return_exceptions=True)
        await server.wait_closed()


def answered(body: bytes = b"", *, status: str = "200 OK", **headers: str) -> bytes:
    """Return an answer as it is on the wire."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class Kit:
    """What the tests of this room share."""

    PUBLIC = PUBLIC
    Network = SpyNetwork
    Resolver = SpyResolver
    peering = staticmethod(peering)
    answered = staticmethod(answered)


@pytest.fixture
def kit() -> type[Kit]:
    return Kit
