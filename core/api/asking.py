"""Asking a service of the web: its answers read, its refusals told in the SDK's own errors."""

import json as json_module
import time
from collections.abc import Callable, Collection, Mapping
from urllib.parse import quote, urlencode

from core.api.context import HttpClient, HttpResponse
from core.api.errors import AuthFailed, InvalidInput, NotFound, NotReady
from core.api.parameters import JsonValue

LONGEST_COMPLAINT = 300
_EPOCH = 1_000_000_000
"""A number of seconds that is no wait any more but a moment, since 1970."""
_UNTOLD_WAIT = 30.0
_SECRET = 6
"""What is shorter in a header is no secret, and would be cut out of ordinary words."""


async def ask[T](
    http: HttpClient,
    url: str,
    read: Callable[[bytes], T],
    *,
    service: str,
    query: Mapping[str, str | int | float | bool | None] | None = None,
    headers: Mapping[str, str] | None = None,
    json: JsonValue = None,
    keep_s: float | None = None,
) -> T:
    """Ask a service and return what ``read`` makes of its answer; with ``json`` as the body it is a POST.

    What is None or empty in ``query`` is left out. Raise ``AuthFailed`` where the key is refused, ``NotFound``,
    ``InvalidInput`` with what the service complains of, ``NotReady`` where it is busy, away, or answers with what
    ``read`` refuses by a ``ValueError``. No error holds the address or the headers: keys may be in them.
    """
    given = {name: _text(value) for name, value in (query or {}).items() if value is not None and value != ""}
    answer = await http.request(
        "GET" if json is None else "POST",
        f"{url}?{urlencode(given, quote_via=quote)}" if given else url,
        headers={**({} if json is None else {"content-type": "application/json"}), **(headers or {})},
        body=None if json is None else json_module.dumps(json).encode(),
        keep_s=keep_s,
    )
    sent = (*given.values(), *(word for value in (headers or {}).values() for word in value.split()))
    secrets = {value for value in sent if len(value) >= _SECRET}
    check_answer(answer, service=service, secrets=secrets)
    try:
        return read(answer.body)
    except ValueError as err:
        raise NotReady(f"{service} answered with what can't be understood") from err


def check_answer(answer: HttpResponse, *, service: str, secrets: Collection[str] = ()) -> None:
    """Raise the error that an answer's status stands for; see ``ask``. ``secrets`` are cut out of what it says."""
    status = answer.status
    if 200 <= status < 300:
        return
    said = _complaint(answer.body, secrets)
    told = f": {said}" if said else ""
    if status in (401, 403):
        raise AuthFailed(f"{service} refuses the key{told}")
    if status in (404, 410):
        raise NotFound(f"{service} has no such thing{told}")
    if status in (400, 413, 415, 422):
        raise InvalidInput(f"{service} refuses what it was asked{told}")
    if status == 402:
        raise AuthFailed(f"{service} wants to be paid first{told}")
    raise NotReady(
        f"{service} is asked too often" if status == 429 else f"{service} answered with {status}{told}",
        retry_after=_wait(answer.headers),
    )


def _text(value: str | int | float | bool | None) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _complaint(body: bytes, secrets: Collection[str]) -> str:
    """Return what a service says in words, wherever it puts them; empty where it says nothing readable."""
    try:
        said = json_module.loads(body)
    except ValueError:
        said = body.decode(errors="replace").strip()
        said = said if len(said) <= LONGEST_COMPLAINT and not said.startswith("<") else ""
    while isinstance(said, dict):
        said = next((said[name] for name in ("error", "detail", "message", "error_message") if said.get(name)), "")
    text = said if isinstance(said, str) else ""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "…")
    return text[:LONGEST_COMPLAINT]


def _wait(headers: Mapping[str, str]) -> float:
    """Return the seconds after which a service may be asked again, by ``Retry-After`` or the headers of its limits."""
    for name in ("retry-after", "x-ratelimit-reset"):
        told = headers.get(name, "")
        if told.isdecimal():
            seconds = float(told)
            return max(0.0, seconds - time.time()) if seconds > _EPOCH else seconds
    return _UNTOLD_WAIT
