"""Sessions: where users are signed in.

They lie in the control plane, so that what is revoked is over at the next request.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.queryset import QuerySet

from core.api import NotFound
from tenants.accounts.secrets import digest_of, new_secret
from tenants.control.audit import audited
from tenants.control.models.session import Session
from tenants.control.models.user import UserState

IDLE = timedelta(days=7)
LONGEST = timedelta(days=30)
_NOTED = timedelta(minutes=1)
"""How coarsely it is kept when a session was used: not every request shall write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a request comes from, as it is shown to the user."""

    address: str
    agent: str

    @property
    def columns(self) -> dict[str, str]:
        """As the tables keep it."""
        return {"address": self.address[:45], "agent": self.agent[:300]}


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """A session that is usable, as it stands."""

    id: UUID
    user: UUID
    tenant: UUID | None
    methods: Sequence[str]
    address: str
    agent: str
    created: datetime
    proven: datetime
    seen: datetime
    expires: datetime

    @classmethod
    def of(cls, row: Session) -> "SessionView":
        """Return the view of a row."""
        return cls(
            id=row.id,
            user=row.user_id,
            tenant=row.tenant_id,
            methods=tuple(row.methods),
            address=row.address,
            agent=row.agent,
            created=row.created,
            proven=row.proven,
            seen=row.seen,
            expires=row.expires,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A session that has begun. ``secret`` goes to the client and is kept nowhere."""

    session: SessionView
    secret: str = field(repr=False)


async def begin(user: UUID, methods: Sequence[str], place: Place, *, tenant: UUID | None, now: datetime) -> Begun:
    """Sign a user in at one place."""
    secret = new_secret()
    session = Session(
        user_id=user, tenant_id=tenant, digest=digest_of(secret), methods=list(methods), **place.columns,
        created=now, proven=now, seen=now, expires=now + LONGEST,
    )  # fmt: skip
    async with audited(f"user:{user}", "session.begin", f"session:{session.id}", methods=" ".join(methods)):
        await session.save(force_create=True)
    return Begun(session=SessionView.of(session), secret=secret)


async def find(secret: str, *, now: datetime) -> SessionView | None:
    """Return the usable session that a secret is of, and note that it was used."""
    return await _found(_usable(now).filter(digest=digest_of(secret)), now)


async def find_by_id(session: UUID, *, now: datetime) -> SessionView | None:
    """Return a usable session, and note that it was used."""
    return await _found(_usable(now).filter(id=session), now)


async def sessions_of(user: UUID, *, now: datetime) -> list[SessionView]:
    """Return a user's usable sessions, the last used first."""
    return [SessionView.of(row) for row in await _usable(now).filter(user_id=user).order_by("-seen", "id")]


async def prove(session: UUID, methods: Sequence[str], *, now: datetime) -> None:
    """Note that who uses a session has proven again who they are."""
    row = await Session.get(id=session)
    kept = [*row.methods, *(each for each in methods if each not in row.methods)]
    async with audited(f"user:{row.user_id}", "session.prove", f"session:{session}", methods=" ".join(methods)):
        await Session.filter(id=session).update(proven=now, methods=kept)


async def enter(session: UUID, tenant: UUID | None) -> None:
    """Have a session work in a tenant. That its user may is for the caller to see to."""
    await Session.filter(id=session).update(tenant_id=tenant)


async def revoke(session: UUID, user: UUID, *, now: datetime) -> None:
    """End one of a user's sessions; raise ``NotFound`` for another's, and for one that has ended."""
    async with audited(f"user:{user}", "session.revoke", f"session:{session}"):
        if not await Session.filter(id=session, user_id=user, revoked=None).update(revoked=now):
            raise NotFound(f"there is no session {session}")


async def revoke_all(user: UUID, *, except_for: UUID | None = None, actor: str, now: datetime) -> int:
    """End all sessions of a user but one; return how many."""
    async with audited(actor, "session.revoke_all", f"user:{user}"):
        rows = Session.filter(user_id=user, revoked=None)
        return await (rows.exclude(id=except_for) if except_for else rows).update(revoked=now)


async def prune(*, now: datetime) -> int:
    """Forget sessions that ended a week ago; return how many."""
    return await Session.filter(expires__lte=now - timedelta(days=7)).delete()


def _usable(now: datetime) -> QuerySet[Session]:
    return Session.filter(revoked=None, expires__gt=now, seen__gt=now - IDLE, user__state=UserState.ACTIVE)


async def _found(rows: QuerySet[Session], now: datetime) -> SessionView | None:
    row = await rows.first()
    if row is None:
        return None
    if now - row.seen > _NOTED:
        await Session.filter(id=row.id).update(seen=now)
    return SessionView.of(row)
