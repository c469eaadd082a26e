"""One-time tokens: each leads to one step, once, for a while."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.expressions import F

from tenants.accounts.failures import TokenRefused
from tenants.accounts.secrets import digest_of, new_secret
from tenants.control.models.one_time_token import OneTimeToken, Purpose

LIFETIMES: Mapping[Purpose, timedelta] = {
    Purpose.REGISTER: timedelta(days=1),
    Purpose.RESET_PASSWORD: timedelta(hours=1),
    Purpose.CHANGE_EMAIL: timedelta(days=1),
    Purpose.INVITE: timedelta(days=7),
    Purpose.SECOND_FACTOR: timedelta(minutes=10),
    Purpose.PASSKEY: timedelta(minutes=5),
    Purpose.OPENID: timedelta(minutes=10),
}
MOST_GUESSES = 5
"""Wrong codes after which a token is no longer taken: a code of six digits is guessed soon enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a token that was taken leads to."""

    user: UUID | None
    tenant: UUID | None
    details: Mapping[str, Any]


async def give(
    purpose: Purpose, *, user: UUID | None = None, tenant: UUID | None = None, now: datetime, **details: Any
) -> str:
    """Make a token and return its secret, which is not kept. ``details`` are JSON."""
    secret = new_secret()
    await OneTimeToken.create(
        purpose=purpose,
        digest=digest_of(secret),
        user_id=user,
        tenant_id=tenant,
        details=details,
        created=now,
        expires=now + LIFETIMES[purpose],
    )
    return secret


async def look_at(purpose: Purpose, secret: str, *, now: datetime) -> Step:
    """Return what a token leads to and leave it usable; raise ``TokenRefused``."""
    row = await OneTimeToken.get_or_none(
        digest=digest_of(secret), purpose=purpose, used=None, expires__gt=now, failed__lt=MOST_GUESSES
    )
    if row is None:
        raise TokenRefused
    return Step(user=row.user_id, tenant=row.tenant_id, details=row.details)


async def take(purpose: Purpose, secret: str, *, now: datetime) -> Step:
    """Use a token; of several that try at once, one does. Raise ``TokenRefused``.

    In a transaction it is used only when that is through.
    """
    found = await look_at(purpose, secret, now=now)
    if not await OneTimeToken.filter(digest=digest_of(secret), used=None).update(used=now):
        raise TokenRefused
    return found


async def guess_wrong(secret: str) -> None:
    """Count a wrong guess that was made with a token."""
    await OneTimeToken.filter(digest=digest_of(secret)).update(failed=F("failed") + 1)


async def withdraw(purpose: Purpose, user: UUID, *, now: datetime) -> None:
    """Have all of a user's tokens of a purpose used up."""
    await OneTimeToken.filter(purpose=purpose, user_id=user, used=None).update(used=now)


async def prune(*, now: datetime) -> int:
    """Forget tokens that expired; return how many."""
    return await OneTimeToken.filter(expires__lte=now).delete()
