"""Using API keys: a secret is handed out for one call, counted before it is made."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from tenants.keys import Concealed, Secret
from tenants.vault.api_keys.rows import open_secret
from tenants.vault.api_keys.view import Usability, month_of, usability
from tenants.vault.binding import required
from tenants.vault.failures import ApiKeyUnusable, NoApiKey, VaultClosed
from tenants.vault.models.api_key import ApiKey, ApiKeyState, Proof

# One statement, so that two calls can't both have what is left for one. A new month begins with nothing used.
_TAKE = """
UPDATE "api_keys" SET
  "calls" = CASE "month" WHEN ?1 THEN "calls" ELSE 0 END + 1,
  "money" = CASE "month" WHEN ?1 THEN "money" ELSE 0 END + ?2,
  "month" = ?1, "last_used" = ?3
WHERE "id" = ?4 AND "state" = 'active' AND ("expires" IS NULL OR "expires" > ?3)
  AND ("budget_calls" IS NULL OR CASE "month" WHEN ?1 THEN "calls" ELSE 0 END < "budget_calls")
  AND ("budget_money" IS NULL OR (CASE "month" WHEN ?1 THEN "money" ELSE 0 END < "budget_money"
                                  AND CASE "month" WHEN ?1 THEN "money" ELSE 0 END + ?2 <= "budget_money"))
"""
_SETTLE = 'UPDATE "api_keys" SET "money" = max(0, "money" + ?) WHERE "id" = ? AND "month" = ?'


class KeyInUse(Concealed):
    """A key, handed out for one call. ``cost`` (minor units) may be set to what the call did cost, before the end."""

    def __init__(self, key_id: UUID, secret: Secret, *, cost: int) -> None:
        self.key_id = key_id
        self.cost = cost
        self._secret: Secret | None = secret

    @property
    def secret(self) -> Secret:
        """The secret; raise ``VaultClosed`` when the call is over."""
        if self._secret is None:
            raise VaultClosed("the API key was handed out for one call, which is over")
        return self._secret

    def end(self) -> None:
        """Forget the secret."""
        self._secret = None


@asynccontextmanager
async def use(provider: str, *, now: datetime, cost: int = 0) -> AsyncIterator[KeyInUse]:
    """Hand out a provider's key for one call, and count the call and its foreseen cost against the key's budget.

    Of several keys the oldest that can be used is taken. A call that fails stays counted: the provider may have counted
    it, too. Raise ``NoApiKey``; ``ApiKeyUnusable`` with what hinders it; ``Tampered``.
    """
    key = await _take_any(provider, now=now, cost=cost)
    taken = KeyInUse(key.id, open_secret(key), cost=cost)
    try:
        yield taken
    finally:
        taken.end()
        if taken.cost != cost:
            await required().current.execute_query(_SETTLE, [taken.cost - cost, str(key.id), month_of(now)])


async def has_key(provider: str) -> bool:
    """Tell whether there is a key for a provider that was not revoked, be it usable or not."""
    return await ApiKey.filter(provider=provider, state=ApiKeyState.ACTIVE).exists()


async def note_proof(key_id: UUID, proof: Proof, *, now: datetime) -> None:
    """Keep what the provider made of a key; nothing is written where that is known already."""
    await ApiKey.filter(id=key_id).exclude(proof=proof).update(proof=proof, tested=now)


async def _take_any(provider: str, *, now: datetime, cost: int) -> ApiKey:
    keys = ApiKey.filter(provider=provider).order_by("created", "id")
    for key in await keys:
        changed, _ = await required().current.execute_query(_TAKE, [month_of(now), cost, now, str(key.id)])
        taken = await ApiKey.get(id=key.id) if changed else None  # anew: it may have been rotated since
        if taken is not None and taken.state is ApiKeyState.ACTIVE:
            return taken
    raise _hindrance(provider, await keys, now=now)  # anew, too: others may have had the last call


def _hindrance(provider: str, keys: list[ApiKey], *, now: datetime) -> NoApiKey | ApiKeyUnusable:
    if not keys:
        return NoApiKey(f"there is no API key for {provider}", hint="Add one.")
    key = next((key for key in keys if usability(key, now=now) is Usability.ACTIVE), keys[-1])
    state = usability(key, now=now)
    if state is not Usability.ACTIVE:
        return ApiKeyUnusable(f'the API key "{key.label}" is {state}', reason=state)
    used = key.calls if key.month == month_of(now) else 0
    reason = "calls" if key.budget_calls is not None and used >= key.budget_calls else "money"
    return ApiKeyUnusable(f'this month\'s budget of {reason} for the API key "{key.label}" is spent', reason=reason)
