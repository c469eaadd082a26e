"""API tokens: ``rht_<id>_<secret>_<checksum>``, which scanners for leaked secrets can tell from anything else."""

import re
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from uuid import UUID, uuid4

from core.api import InvalidInput, NotFound
from tenants.accounts.secrets import digest_of, new_secret
from tenants.control.audit import audited
from tenants.control.models.api_token import ApiToken
from tenants.control.models.user import UserState
from tenants.control.roles import Permission

PREFIX = "rht_"
LONGEST_LIFE = timedelta(days=366)
MOST = 100
"""Tokens that one user may have in one tenant."""
_FORM = re.compile(r"rht_([0-9a-f]{32})_([A-Za-z0-9_-]{43})_([0-9a-f]{8})")
_NOTED = timedelta(minutes=1)
NEVER = frozenset({Permission.BILLING, Permission.ERASE, Permission.EXPORT, Permission.MEMBERS, Permission.KEYS})
"""What no program may do: these need someone who proves afresh who they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenView:
    """A token, without its secret."""

    id: UUID
    user: UUID
    tenant: UUID
    name: str
    scopes: Sequence[str]
    networks: Sequence[str]
    created: datetime
    expires: datetime
    last_used: datetime | None
    revoked: datetime | None

    @classmethod
    def of(cls, row: ApiToken) -> "TokenView":
        """Return the view of a row."""
        return cls(
            id=row.id,
            user=row.user_id,
            tenant=row.tenant_id,
            name=row.name,
            scopes=tuple(row.scopes),
            networks=tuple(row.networks),
            created=row.created,
            expires=row.expires,
            last_used=row.last_used,
            revoked=row.revoked,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token that was just made. ``secret`` is the whole of what a program sends; it is told this once."""

    view: TokenView
    secret: str = field(repr=False)


async def create(
    user: UUID, tenant: UUID, name: str, *, scopes: Collection[str], networks: Collection[str], expires: datetime,
    now: datetime,
) -> NewToken:  # fmt: skip
    """Make a token. Raise ``InvalidInput`` for a scope, network or time that can't be; nothing is made then."""
    if not 0 < len(name.strip()) <= 100:
        raise InvalidInput("must have 1 to 100 characters", path="name")
    unknown = sorted(set(scopes) - (frozenset(Permission) - NEVER))
    if unknown or not scopes:
        raise InvalidInput(f"{unknown[0]} is no scope" if unknown else "must name one scope at least", path="scopes")
    if not now < expires <= now + LONGEST_LIFE:
        raise InvalidInput("must be within a year from now", path="expires")
    for network in networks:
        try:
            ip_network(network)
        except ValueError as err:
            raise InvalidInput(f"{network} is no network in CIDR form", path="networks") from err
    secret = new_secret()
    row = ApiToken(
        id=uuid4(), user_id=user, tenant_id=tenant, name=name.strip(), digest=digest_of(secret),
        scopes=sorted(set(scopes)), networks=list(networks), created=now, expires=expires,
    )  # fmt: skip
    async with audited(f"user:{user}", "token.create", f"token:{row.id}", tenant, scopes=" ".join(row.scopes)):
        if await ApiToken.filter(user_id=user, tenant_id=tenant, revoked=None, expires__gt=now).count() >= MOST:
            raise InvalidInput(f"there are {MOST} already: revoke some first", path="name")
        await row.save(force_create=True)
    return NewToken(view=TokenView.of(row), secret=_spelled(row.id, secret))


async def find(secret: str, *, address: str, now: datetime) -> TokenView | None:
    """Return the usable token that a program sent from an address, and note that it was used."""
    read = _FORM.fullmatch(secret)
    if read is None or _checksum(secret[: read.end(2)]) != read[3]:
        return None
    row = await ApiToken.get_or_none(
        id=UUID(hex=read[1]), digest=digest_of(read[2]), revoked=None, expires__gt=now, user__state=UserState.ACTIVE
    )
    if row is None or (row.networks and not any(ip_address(address) in ip_network(each) for each in row.networks)):
        return None
    if row.last_used is None or now - row.last_used > _NOTED:
        await ApiToken.filter(id=row.id).update(last_used=now)
    return TokenView.of(row)


async def tokens_of(user: UUID, tenant: UUID) -> list[TokenView]:
    """Return a user's tokens in a tenant, the newest first; revoked ones too."""
    return [
        TokenView.of(row) for row in await ApiToken.filter(user_id=user, tenant_id=tenant).order_by("-created", "id")
    ]


async def roll(token: UUID, user: UUID, tenant: UUID, *, overlap: timedelta, now: datetime) -> NewToken:
    """Make a token like another, which goes on for ``overlap`` yet. Raise ``NotFound`` for one that is not usable."""
    row = await _own(token, user, tenant, now)
    new = await create(
        user, tenant, row.name, scopes=row.scopes, networks=row.networks, now=now,
        expires=now + min(row.expires - row.created, LONGEST_LIFE),
    )  # fmt: skip
    async with audited(f"user:{user}", "token.roll", f"token:{token}", tenant):
        await ApiToken.filter(id=token).update(expires=min(row.expires, now + overlap))
    return new


async def revoke(token: UUID, user: UUID, tenant: UUID, *, now: datetime) -> None:
    """End a token. Raise ``NotFound`` for another's, and for one that is not usable."""
    await _own(token, user, tenant, now)
    async with audited(f"user:{user}", "token.revoke", f"token:{token}", tenant):
        await ApiToken.filter(id=token).update(revoked=now)


async def _own(token: UUID, user: UUID, tenant: UUID, now: datetime) -> ApiToken:
    row = await ApiToken.get_or_none(id=token, user_id=user, tenant_id=tenant, revoked=None, expires__gt=now)
    if row is None:
        raise NotFound(f"there is no token {token}")
    return row


def _spelled(token: UUID, secret: str) -> str:
    told = f"{PREFIX}{token.hex}_{secret}"
    return f"{told}_{_checksum(told)}"


def _checksum(told: str) -> str:
    return f"{zlib.crc32(told.encode()):08x}"
