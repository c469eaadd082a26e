"""Refresh tokens: each is traded once for the next. One that comes back is stolen: the session ends, for the thief too.

A client whose answer was lost asks again at once: within ten seconds it is given the same successor, which is derived
from the token by a key of the house, so that it need not be kept.
"""

import base64
import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from tortoise.transactions import in_transaction

from tenants.accounts import sessions
from tenants.accounts.failures import TokenRefused
from tenants.accounts.secrets import digest_of, new_secret
from tenants.accounts.sessions import SessionView
from tenants.control.audit import audited
from tenants.control.database import ALIAS
from tenants.control.models.house_key import KeyPurpose
from tenants.control.models.session import RefreshToken, Session
from tenants.house.house_keys import HouseKeys
from tenants.keys.derivation import derived

GRACE = timedelta(seconds=10)


class Reused(TokenRefused):
    """A token came back that was traded before: its session has been ended. ``user`` should be told."""

    def __init__(self, user: UUID) -> None:
        super().__init__()
        self.user = user


async def give(session: UUID, *, now: datetime) -> str:
    """Return the first refresh token of a session."""
    secret = new_secret()
    await RefreshToken.create(session_id=session, digest=digest_of(secret), created=now)
    return secret


async def trade(secret: str, *, keys: HouseKeys, now: datetime) -> tuple[SessionView, str]:
    """Trade a token for the next; return its session too. Raise ``TokenRefused``, ``Reused``, ``Sealed``."""
    row = await RefreshToken.get_or_none(digest=digest_of(secret))
    if row is None:
        raise TokenRefused
    session = await sessions.find_by_id(row.session_id, now=now)
    if session is None:
        raise TokenRefused
    successor = await _successor(secret, keys)
    async with in_transaction(ALIAS):
        if await RefreshToken.filter(id=row.id, used=None).update(used=now):
            await RefreshToken.create(session_id=session.id, digest=digest_of(successor), created=now)
            return session, successor
        row = await RefreshToken.get(id=row.id)
        if row.used is not None and now - row.used <= GRACE and await _is_unused(successor):
            return session, successor
    async with audited(f"user:{session.user}", "session.reuse", f"session:{session.id}"):
        await Session.filter(id=session.id, revoked=None).update(revoked=now)
    raise Reused(session.user)


async def _is_unused(secret: str) -> bool:
    return await RefreshToken.exists(digest=digest_of(secret), used=None)


async def _successor(secret: str, keys: HouseKeys) -> str:
    _, key = await keys.newest(KeyPurpose.TOKENS)
    mac = hmac.new(derived(key, b"refresh-token"), secret.encode("utf-8", "replace"), sha256).digest()
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")
