"""Proving API keys: the provider's own check says whether a key works. Only then a new secret replaces the old one."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from core.api import AuthFailed
from tenants.control.failures import WrongState
from tenants.keys import Secret, last_four
from tenants.vault.api_keys.keeping import refuse_known_secret
from tenants.vault.api_keys.rows import find_active, open_next, open_secret, put_secrets, read_secret
from tenants.vault.api_keys.view import ApiKeyView
from tenants.vault.failures import ApiKeyUnproven
from tenants.vault.models.api_key import ApiKey, Proof
from tenants.vault.secrets import fingerprint_of, secret_write

type Check = Callable[[Secret], Awaitable[None]]
"""Tries a secret at the provider. Returns if it is accepted, raises ``AuthFailed`` if not; what else it raises
(``NotReady``) says nothing of the secret."""


async def test_key(key_id: UUID, check: Check, *, now: datetime) -> ApiKeyView:
    """Try a key and note what the provider says; whatever else happens there is raised, and nothing is noted.

    Raise ``NotFound``, ``ApiKeyUnusable``.
    """
    key = await find_active(key_id)
    proof = await _proof_of(open_secret(key), check)
    await ApiKey.filter(id=key_id, version=key.version).update(proof=proof, tested=now)
    return ApiKeyView.of(await find_active(key_id), now=now)


async def rotate_key(key_id: UUID, secret: str, *, now: datetime) -> ApiKeyView:
    """Keep a new secret beside the old one, which stays in use until ``prove_rotation`` has proven the new.

    A secret that still waits is replaced. Raise ``NotFound``, ``ApiKeyUnusable``, ``InvalidInput``; ``ApiKeyTaken`` for
    a secret that is in use already.
    """
    plain = read_secret(secret)
    async with secret_write() as writer:
        key = await find_active(key_id)
        key.next_fingerprint = fingerprint_of(plain)
        await refuse_known_secret(key, key.next_fingerprint)
        key.next_last_four, key.next_since = last_four(secret.strip()), now
        put_secrets(key, writer, current=open_secret(key).reveal(), following=plain)
        await key.save()
    return ApiKeyView.of(key, now=now)


async def prove_rotation(key_id: UUID, check: Check, *, now: datetime) -> ApiKeyView:
    """Try the new secret; if it is accepted it replaces the old one, which is destroyed.

    Raise ``ApiKeyUnproven`` if it is refused: it is dropped, the old one stays. What else happens at the provider is
    raised, and both stay. Raise ``WrongState`` without a new secret, or when the key was changed meanwhile.
    """
    key = await find_active(key_id)
    if key.next_secret is None:
        raise WrongState("there is no new secret to be proven")
    proof = await _proof_of(open_next(key), check)
    async with secret_write() as writer:
        now_there = await find_active(key_id)
        if now_there.version != key.version:
            raise WrongState("the key was changed while the new secret was tried")
        if proof is Proof.ACCEPTED:
            _replace(now_there, now=now)
            put_secrets(now_there, writer, current=open_next(key).reveal(), following=None)
        else:
            put_secrets(now_there, writer, current=open_secret(key).reveal(), following=None)
        await now_there.save()
    if proof is Proof.REFUSED:
        raise ApiKeyUnproven("the provider refused the new secret: the former stays in use")
    return ApiKeyView.of(now_there, now=now)


async def drop_rotation(key_id: UUID, *, now: datetime) -> ApiKeyView:
    """Forget a new secret that was not proven yet. Raise ``NotFound``, ``ApiKeyUnusable``."""
    async with secret_write() as writer:
        key = await find_active(key_id)
        put_secrets(key, writer, current=open_secret(key).reveal(), following=None)
        await key.save()
    return ApiKeyView.of(key, now=now)


def _replace(key: ApiKey, *, now: datetime) -> None:
    key.last_four, key.fingerprint = key.next_last_four or "", key.next_fingerprint or ""
    key.proof, key.tested, key.rotated = Proof.ACCEPTED, now, now


async def _proof_of(secret: Secret, check: Check) -> Proof:
    try:
        await check(secret)
    except AuthFailed:
        return Proof.REFUSED
    return Proof.ACCEPTED
