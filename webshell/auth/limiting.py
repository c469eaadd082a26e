"""Limits of rate: how often who asks may, by class of route, counted exactly across all hosts."""

import ipaddress
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus

from quart import g, request

from core.api import ReelhouseError
from tenants.control import rate
from webshell.forwarding import address_of
from webshell.shell import shell

_MINUTE = timedelta(minutes=1)
_IPV6_NETWORK = 64
"""What one client of IPv6 is given at least: all its addresses count as one."""


class RateClass(StrEnum):
    """Routes that are limited together: by what they cost, and by what guessing at them gains."""

    READ = "read"
    WRITE = "write"
    SEARCH = "search"
    GUESS = "guess"


class TooOften(ReelhouseError):
    """It was asked too often; ``retry_after`` seconds later it will be answered."""

    code = "too_often"
    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, retry_after: float) -> None:
        super().__init__("this was asked too often")
        self.retry_after = retry_after


async def limit(of: RateClass, now: datetime) -> None:
    """Count the running request; raise ``TooOften``.

    What can be guessed at is counted by address; all else by the token, or the user in their tenant.
    """
    who = g.get("principal")
    asked_by = _address() if who is None or of is RateClass.GUESS else f"{who.actor}:{who.tenant}"
    await limit_by(f"{of}:{asked_by}", of, now)


async def limit_by(key: str, of: RateClass, now: datetime) -> None:
    """Count one for a key, such as an account's; raise ``TooOften``."""
    per_minute: int = getattr(shell().settings.tables.limits, of)
    found = await rate.allow(key, limit=per_minute, period=_MINUTE, now=now)
    if not found.allowed:
        raise TooOften(found.retry_after.total_seconds())


def _address() -> str:
    address = address_of(request.remote_addr or "")
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _IPV6_NETWORK), strict=False))
    return str(address)
