"""Keeping API keys: add, list, label, limit, revoke. Call these within a tenant's scope."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum, auto
from uuid import UUID, uuid4

from tortoise.transactions import in_transaction

from core.api import InvalidInput
from tenants.keys import last_four
from tenants.vault.api_keys.rows import find, find_active, open_next, open_secret, put_secrets, read_secret
from tenants.vault.api_keys.view import ApiKeyView, Budget
from tenants.vault.failures import ApiKeyTaken
from tenants.vault.models.api_key import ApiKey, ApiKeyState
from tenants.vault.secrets import SecretWriter, fingerprint_of, secret_write
from tenants.vault.sqlite.access import ALIAS

LONGEST_PROVIDER = 200
LONGEST_LABEL = 100


class Unchanged(Enum):
    """Says that something stays as it is, where None says something else."""

    UNCHANGED = auto()


UNCHANGED = Unchanged.UNCHANGED


async def add_key(
    provider: str,
    label: str,
    secret: str,
    *,
    now: datetime,
    expires: datetime | None = None,
    budget: Budget = Budget(),
) -> ApiKeyView:
    """Add a key for a provider, untested. ``now`` in UTC.

    Raise ``InvalidInput``; ``ApiKeyTaken`` for a label, or a very secret, that is in use for the provider.
    """
    if not 0 < len(provider) <= LONGEST_PROVIDER:
        raise InvalidInput(f"must have 1 to {LONGEST_PROVIDER} characters", path="provider")
    plain = read_secret(secret)
    key = ApiKey(
        id=uuid4(),
        provider=provider,
        label=_checked_label(label),
        last_four=last_four(secret.strip()),
        fingerprint=fingerprint_of(plain),
        key_version=0,
        created=now,
        expires=_checked_expiry(expires, now=now),
        **_columns(budget),
    )
    async with secret_write() as writer:
        await _refuse_taken_label(key)
        await refuse_known_secret(key, key.fingerprint)
        put_secrets(key, writer, current=plain, following=None)
        await key.save(force_create=True)
    return ApiKeyView.of(key, now=now)


async def list_keys(*, now: datetime, provider: str | None = None) -> Sequence[ApiKeyView]:
    """Return all keys, or a provider's, also those that were revoked; by provider, the oldest first."""
    found = ApiKey.all() if provider is None else ApiKey.filter(provider=provider)
    return [ApiKeyView.of(key, now=now) for key in await found.order_by("provider", "created", "id")]


async def show_key(key_id: UUID, *, now: datetime) -> ApiKeyView:
    """Return one key; raise ``NotFound``."""
    return ApiKeyView.of(await find(key_id), now=now)


async def change_key(
    key_id: UUID,
    *,
    now: datetime,
    label: str | None = None,
    budget: Budget | None = None,
    expires: datetime | Unchanged | None = UNCHANGED,
) -> ApiKeyView:
    """Change a key's label, its budget (what was used this month stays counted), or when it expires (None is never).

    All of it, or none. Raise ``NotFound``, ``InvalidInput``, ``ApiKeyTaken``, ``ApiKeyUnusable``.
    """
    async with in_transaction(ALIAS) if isinstance(expires, Unchanged) else secret_write() as writer:
        key = await find_active(key_id)
        if label is not None:
            key.label = _checked_label(label)
            await _refuse_taken_label(key)
        if budget is not None:
            key.update_from_dict(_columns(budget))
        if isinstance(writer, SecretWriter) and not isinstance(expires, Unchanged):
            key.expires = _checked_expiry(expires, now=now)
            following = open_next(key).reveal() if key.next_secret else None
            put_secrets(key, writer, current=open_secret(key).reveal(), following=following)
        await key.save()
    return ApiKeyView.of(key, now=now)


async def revoke_key(key_id: UUID, *, now: datetime) -> ApiKeyView:
    """Destroy a key's secret for good; the row stays, to tell of it. Raise ``NotFound``. Twice is as once."""
    async with secret_write() as writer:
        key = await find(key_id)
        if key.state is not ApiKeyState.REVOKED:
            key.state, key.revoked = ApiKeyState.REVOKED, now
            put_secrets(key, writer, current=None, following=None)
            await key.save()
    return ApiKeyView.of(key, now=now)


async def refuse_known_secret(key: ApiKey, fingerprint: str) -> None:
    """Raise ``ApiKeyTaken`` if a secret is in use already for the key's provider, be it by this key."""
    same = await ApiKey.filter(provider=key.provider, fingerprint=fingerprint, state=ApiKeyState.ACTIVE).first()
    if same is not None:
        raise ApiKeyTaken(f'this key is there already, as "{same.label}"')


async def _refuse_taken_label(key: ApiKey) -> None:
    others = ApiKey.filter(provider=key.provider, label__iexact=key.label, state=ApiKeyState.ACTIVE)
    if await others.exclude(id=key.id).exists():
        raise ApiKeyTaken(f'there is a key "{key.label}" for {key.provider} already')


def _checked_label(label: str) -> str:
    label = label.strip()
    if not 0 < len(label) <= LONGEST_LABEL:
        raise InvalidInput(f"must have 1 to {LONGEST_LABEL} characters", path="label")
    return label


def _checked_expiry(expires: datetime | None, *, now: datetime) -> datetime | None:
    if expires is not None and (expires.tzinfo is None or expires <= now):
        raise InvalidInput("must be a moment to come, with its time zone", path="expires")
    return expires


def _columns(budget: Budget) -> dict[str, int | str | None]:
    for name, value in (("calls", budget.calls), ("money", budget.money)):
        if value is not None and not 0 <= value < 2**53:
            raise InvalidInput("must not be negative", path=f"budget.{name}")
    if len(budget.currency) != 3 or not budget.currency.isascii() or not budget.currency.isupper():
        raise InvalidInput("must be a currency's three letters (ISO 4217)", path="budget.currency")
    return {"budget_calls": budget.calls, "budget_money": budget.money, "currency": budget.currency}
