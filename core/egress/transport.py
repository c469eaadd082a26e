"""The transport: requests go over connections that the guard opens, one a request, so that none outlives its check."""

import logging
import ssl
from collections.abc import AsyncIterator
from functools import cache
from typing import Any, override

import httpcore2
import httpx2

_BROKEN = (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException)

# What the libraries tell at DEBUG and INFO holds whole addresses and headers, hence keys.
logging.getLogger("httpx2").setLevel(logging.WARNING)
logging.getLogger("httpcore2").setLevel(logging.WARNING)


@cache
def trusted() -> ssl.SSLContext:
    """Return what this machine trusts."""
    return httpcore2.default_ssl_context()


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Sends over connections that a backend opens, and keeps none of them."""

    def __init__(self, backend: httpcore2.AsyncNetworkBackend, tls: ssl.SSLContext) -> None:
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=tls, network_backend=backend, max_keepalive_connections=0
        )

    @override
    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request; raise ``httpx2.NetworkError`` where that fails."""
        asked = httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions={"timeout": request.extensions["timeout"]},
        )
        try:
            answer = await self._pool.handle_async_request(asked)
        except _BROKEN as err:
            raise httpx2.ConnectError(str(err) or type(err).__name__) from err
        return httpx2.Response(status_code=answer.status, headers=answer.headers, stream=_Stream(answer.stream))

    @override
    async def aclose(self) -> None:
        """Close the connections."""
        await self._pool.aclose()


class _Stream(httpx2.AsyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    @override
    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._stream:
                yield piece
        except _BROKEN as err:
            raise httpx2.ReadError(str(err) or type(err).__name__) from err

    @override
    async def aclose(self) -> None:
        await self._stream.aclose()
