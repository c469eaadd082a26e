"""The guarded client: checks where each request goes, follows few redirects, and takes no more than it should."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpcore2
import httpx2
from hishel import AsyncBaseStorage, CacheOptions
from hishel.httpx2 import AsyncCacheTransport

from core.api import NotReady
from core.egress.connecting import GuardedBackend, Resolve, resolve
from core.egress.failures import EgressDenied
from core.egress.policy import Policy
from core.egress.sent import REDIRECTING, Sent
from core.egress.transport import GuardedTransport, trusted

REDIRECTS = 3
_TRIED_AGAIN = frozenset({429, 502, 503, 504})
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much and how long. Times in seconds, sizes in bytes; ``whole_s`` holds for all tries of a request together.

    ``longest_wait_s`` is what is waited for at most between two tries; ``first_wait_s`` before the second one.
    """

    connect_s: float = 10
    silence_s: float = 30
    whole_s: float = 120
    whole_download_s: float = 3600
    answer: int = 32 * 2**20
    download: int = 4 * 2**30
    tries: int = 3
    first_wait_s: float = 0.5
    longest_wait_s: float = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class GuardedClient:
    """Sends requests under a policy; stands where ``core.api.HttpClient`` is asked for.

    ``kept`` holds answers that may be given again (RFC 9111, as a private cache); without it none are. ``tls`` is what
    is trusted, by default what this machine trusts. May be used from any event loop.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        bounds: Bounds = Bounds(),
        resolve: Resolve = resolve,
        backend: httpcore2.AsyncNetworkBackend | None = None,
        tls: ssl.SSLContext | None = None,
        kept: AsyncBaseStorage | None = None,
    ) -> None:
        self._policy = policy
        self._bounds = bounds
        self._backend = GuardedBackend(policy, resolve=resolve, inner=backend or httpcore2.AnyIOBackend())
        self._tls = tls
        self._kept = kept

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        keep_s: float | None = None,
    ) -> Answer:
        """Send one request and return its answer, whatever its status.

        What may be sent twice is tried again while the other side is busy or away. A success is given again as long as
        its headers allow, or for ``keep_s`` seconds, whatever they say. Raise ``EgressDenied``, and ``NotReady`` where
        there is no answer in time; its ``retry_after`` is what the other side asked for.
        """
        sent = _sent(method.upper(), url, headers, body)
        try:
            async with asyncio.timeout(self._bounds.whole_s):
                return await self._tried(sent, keep_s)
        except TimeoutError as err:
            raise NotReady(f"{_host(url)} took longer than {self._bounds.whole_s:g} s") from err

    async def download(self, url: str, target: Path, *, headers: Mapping[str, str] | None = None) -> int:
        """Stream a body into a file, whole or not at all; return its size in bytes. Errors as ``request``."""
        beside = target.with_name(f".{target.name}.part")
        # What is packed on its way could not be measured against what the other side says it sends.
        sent = _sent("GET", url, {**(headers or {}), "accept-encoding": "identity"}, None)
        try:
            async with asyncio.timeout(self._bounds.whole_download_s), self._answered(sent) as response:
                if response.status_code != 200:
                    raise NotReady(f"{_host(url)} answered with {response.status_code}")
                size = 0
                with beside.open("wb") as file:
                    async for piece in _bounded(response, self._bounds.download):
                        size += len(piece)
                        await asyncio.to_thread(file.write, piece)
                    file.flush()
                    await asyncio.to_thread(os.fsync, file.fileno())
            beside.replace(target)
        except TimeoutError as err:
            raise NotReady(f"{_host(url)} took longer than {self._bounds.whole_download_s:g} s") from err
        finally:
            with suppress(FileNotFoundError):
                beside.unlink()
        return size

    async def _tried(self, sent: Sent, keep_s: float | None) -> Answer:
        tries = self._bounds.tries if sent.method in _IDEMPOTENT else 1
        for tried in range(1, tries + 1):
            wait = self._bounds.first_wait_s * 2 ** (tried - 1)
            try:
                async with self._answered(sent, kept=self._kept, keep_s=keep_s) as response:
                    body = b"".join([piece async for piece in _bounded(response, self._bounds.answer)])
            except NotReady:
                if tried == tries:
                    raise
            else:
                answer = Answer(status=response.status_code, headers=dict(response.headers), body=body)
                asked = answer.headers.get("retry-after", "")
                wait = float(asked) if asked.isdecimal() else wait
                if tried == tries or answer.status not in _TRIED_AGAIN or wait > self._bounds.longest_wait_s:
                    return answer
            await asyncio.sleep(wait)
        raise AssertionError("the last try returns or raises")

    @asynccontextmanager
    async def _answered(
        self, sent: Sent, *, kept: AsyncBaseStorage | None = None, keep_s: float | None = None
    ) -> AsyncIterator[httpx2.Response]:
        """Yield the answer at the end of the redirects; each is checked as the first address was."""
        transport: httpx2.AsyncBaseTransport = GuardedTransport(self._backend, self._tls or trusted())
        if kept is not None:
            rules = CacheOptions(shared=False) if keep_s is None else False
            transport = AsyncCacheTransport(transport, kept, rules)
        timeout = httpx2.Timeout(self._bounds.silence_s, connect=self._bounds.connect_s)
        try:
            async with httpx2.AsyncClient(transport=transport, trust_env=False, timeout=timeout) as client:
                for _ in range(REDIRECTS + 1):
                    url = self._policy.check_url(sent.url)
                    client.cookies.clear()
                    request = client.build_request(
                        sent.method,
                        url,
                        headers=sent.headers,
                        content=sent.body,
                        extensions={"caching": {"ttl": keep_s}},
                    )
                    response = await client.send(request, stream=True)
                    try:
                        if response.status_code not in REDIRECTING or "location" not in response.headers:
                            yield response
                            return
                    finally:
                        await response.aclose()
                    sent = sent.redirected(url, response.status_code, response.headers["location"])
        except httpx2.HTTPError as err:
            raise NotReady(f"{_host(sent.url)} can't be reached: {type(err).__name__}") from err
        raise EgressDenied(f"more than {REDIRECTS} redirects")


def _sent(method: str, url: str, headers: Mapping[str, str] | None, body: bytes | None) -> Sent:
    return Sent(
        method=method, url=url, headers={name.lower(): value for name, value in (headers or {}).items()}, body=body
    )


def _host(url: str) -> str:
    return httpx2.URL(url).host


async def _bounded(response: httpx2.Response, most: int) -> AsyncIterator[bytes]:
    """Yield an unpacked body; raise ``EgressDenied`` once it has more than ``most`` bytes, or says it will."""
    declared = response.headers.get("content-length", "")
    size = 0
    if declared.isdecimal() and int(declared) > most:
        raise EgressDenied(f"the answer has more than {most} bytes")
    async for piece in response.aiter_bytes():
        size += len(piece)
        if size > most or response.num_bytes_downloaded > most:
            raise EgressDenied(f"the answer has more than {most} bytes")
        yield piece
