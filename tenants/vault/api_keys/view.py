"""What may be shown of an API key."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from tenants.vault.models.api_key import ApiKey, ApiKeyState, Proof


class Usability(StrEnum):
    """Whether a key can be used, its budget aside."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a key may be used for in a calendar month (UTC); None is without a limit. ``money`` in minor units."""

    calls: int | None = None
    money: int | None = None
    currency: str = "USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextSecret:
    """A secret that waits to be proven."""

    last_four: str
    fingerprint: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyView:
    """An API key without its secret. ``calls`` and ``money`` were used in this month."""

    id: UUID
    provider: str
    label: str
    state: Usability
    proof: Proof
    last_four: str
    fingerprint: str
    next: NextSecret | None
    created: datetime
    tested: datetime | None
    rotated: datetime | None
    expires: datetime | None
    revoked: datetime | None
    last_used: datetime | None
    budget: Budget
    calls: int
    money: int

    @classmethod
    def of(cls, key: ApiKey, *, now: datetime) -> Self:
        """Return what may be shown of a row."""
        is_of_this_month = key.month == month_of(now)
        return cls(
            id=key.id,
            provider=key.provider,
            label=key.label,
            state=usability(key, now=now),
            proof=key.proof,
            last_four=key.last_four,
            fingerprint=key.fingerprint,
            next=_next_of(key),
            created=key.created,
            tested=key.tested,
            rotated=key.rotated,
            expires=key.expires,
            revoked=key.revoked,
            last_used=key.last_used,
            budget=Budget(calls=key.budget_calls, money=key.budget_money, currency=key.currency),
            calls=key.calls if is_of_this_month else 0,
            money=key.money if is_of_this_month else 0,
        )


def usability(key: ApiKey, *, now: datetime) -> Usability:
    """Return whether a key can be used; from the very moment that it ``expires`` it can't."""
    if key.state is ApiKeyState.REVOKED:
        return Usability.REVOKED
    return Usability.EXPIRED if key.expires is not None and key.expires <= now else Usability.ACTIVE


def month_of(now: datetime) -> str:
    """Return the calendar month, as in ``2026-11``. ``now`` is in UTC."""
    return f"{now:%Y-%m}"


def _next_of(key: ApiKey) -> NextSecret | None:
    if key.next_last_four is None or key.next_fingerprint is None or key.next_since is None:
        return None
    return NextSecret(last_four=key.next_last_four, fingerprint=key.next_fingerprint, since=key.next_since)
