"""What is sent: checked before it leaves, and again at each redirect, which must not carry secrets elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

import httpx2

from core.egress.failures import EgressDenied

REDIRECTING = frozenset({301, 302, 303, 307, 308})
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect"})
"""Headers that say where a request goes or where it ends: a plugin's own would lead the other side astray."""
_OF_BODY = frozenset({"content-type", "content-encoding", "content-language", "content-location"})
_FOR_ANYBODY = frozenset({"accept", "accept-encoding", "accept-language", "range", "user-agent"})
"""Headers that go to another host, too. All others may be credentials: their names differ from service to service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One request. Header names are in lower case."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise EgressDenied(f"{self.method!r} is not a method that is sent")
        for name, value in self.headers.items():
            if name in _OURS or name.startswith("proxy-"):
                raise EgressDenied(f"the header {name} is not set by hand")
            if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
                raise EgressDenied(f"{name!r} is not a header's name")
            if not value.isascii() or not value.isprintable():
                raise EgressDenied(f"the header {name} has characters that no header may have")

    def redirected(self, here: httpx2.URL, status: int, location: str) -> Self:
        """Return what is sent where a redirect leads. Raise ``EgressDenied`` where that would give something away.

        The method changes as in https://fetch.spec.whatwg.org/#http-redirect-fetch.
        """
        try:
            there = here.join(location)
        except httpx2.InvalidURL as err:
            raise EgressDenied("a redirect leads to what is no address of the web") from err
        if here.scheme == "https" and there.scheme != "https":
            raise EgressDenied("a redirect leaves https")
        headers, method, body = self.headers, self.method, self.body
        if (status == 303 and method not in {"GET", "HEAD"}) or (status in {301, 302} and method == "POST"):
            method, body = "GET", None
            headers = {name: value for name, value in headers.items() if name not in _OF_BODY}
        if (here.scheme, here.raw_host, here.port) != (there.scheme, there.raw_host, there.port):
            if body is not None:
                raise EgressDenied("a redirect takes what is sent to another host")
            headers = {name: value for name, value in headers.items() if name in _FOR_ANYBODY}
        return replace(self, method=method, url=str(there), headers=headers, body=body)
