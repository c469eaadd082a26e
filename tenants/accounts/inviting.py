"""Inviting: people are asked by mail into a workspace, and come in as what they were asked for."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.transactions import in_transaction

from core.api import InvalidInput, NotFound
from tenants.accounts import one_time
from tenants.accounts.failures import TokenRefused
from tenants.accounts.letters import Occasion, letter
from tenants.accounts.passwords import check_password
from tenants.accounts.services import Accounts
from tenants.control.audit import audited
from tenants.control.database import ALIAS
from tenants.control.failures import Taken
from tenants.control.memberships import add_member
from tenants.control.models.membership import Membership, Role
from tenants.control.models.one_time_token import OneTimeToken, Purpose
from tenants.control.models.tenant import Tenant
from tenants.control.models.user import User, UserState
from tenants.control.users import create_user, find_user, normal_email


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An invitation that was not answered yet."""

    id: UUID
    email: str
    role: Role
    created: datetime
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """What an invitation says to who got it. ``is_known``: they have an account, and need no password."""

    workspace: str
    email: str
    role: Role
    is_known: bool


async def invite(at: Accounts, tenant: UUID, email: str, role: Role, *, by: UUID, locale: str, now: datetime) -> None:
    """Ask somebody in. Raise ``InvalidInput``, ``Taken`` for a member, ``MailFailed``."""
    email = normal_email(email)
    workspace, inviter, known = await Tenant.get(id=tenant), await User.get(id=by), await find_user(email)
    if known and await Membership.exists(tenant_id=tenant, user_id=known.id):
        raise Taken("this user is a member already")
    async with audited(f"user:{by}", "member.invite", f"tenant:{tenant}", tenant, role=role):
        secret = await one_time.give(Purpose.INVITE, now=now, tenant=tenant, email=email, role=role.value, by=str(by))
    link, language = at.link("join", secret), known.locale if known else locale
    named = {"inviter": inviter.name, "workspace": workspace.name}
    await at.mailer.send(letter(Occasion.INVITATION, email, language, link=link, **named))


async def invitations_of(tenant: UUID, *, now: datetime) -> list[Invitation]:
    """Return a tenant's open invitations, the oldest first."""
    rows = await OneTimeToken.filter(purpose=Purpose.INVITE, tenant_id=tenant, used=None, expires__gt=now).order_by(
        "created", "id"
    )
    return [
        Invitation(
            id=row.id,
            email=row.details["email"],
            role=Role(row.details["role"]),
            created=row.created,
            expires=row.expires,
        )
        for row in rows
    ]


async def withdraw(tenant: UUID, invitation: UUID, *, by: UUID, now: datetime) -> None:
    """Take an invitation back. Raise ``NotFound`` for one that is not this tenant's, or not open."""
    if invitation not in {each.id for each in await invitations_of(tenant, now=now)}:
        raise NotFound(f"there is no invitation {invitation}")
    async with audited(f"user:{by}", "member.uninvite", f"tenant:{tenant}", tenant):
        await OneTimeToken.filter(id=invitation).update(used=now)


async def look_at(secret: str, *, now: datetime) -> Invited:
    """Return what an invitation says. Raise ``TokenRefused``."""
    step = await one_time.look_at(Purpose.INVITE, secret, now=now)
    tenant = await Tenant.get(id=step.tenant)
    email = step.details["email"]
    return Invited(
        workspace=tenant.name, email=email, role=Role(step.details["role"]), is_known=bool(await find_user(email))
    )


async def accept(at: Accounts, secret: str, *, user: UUID | None, name: str, password: str, now: datetime) -> UUID:
    """Become a member; return which user did. Who has no account by that address makes one, with the password.

    ``user`` is who is signed in. Raise ``TokenRefused`` where that is somebody else than was invited, or nobody though
    there is an account; ``InvalidInput``, with which the invitation stays open; ``Taken``, ``WrongState``.
    """
    step = await one_time.look_at(Purpose.INVITE, secret, now=now)
    email, tenant = step.details["email"], UUID(str(step.tenant))
    known = await find_user(email)
    if known is not None and (known.id != user or known.state is not UserState.ACTIVE):
        raise TokenRefused("sign in with the address that was invited first")
    password_hash = None
    if known is None:
        if user is not None:
            raise TokenRefused("sign out first: another address was invited")
        if not name.strip():
            raise InvalidInput("must have 1 to 200 characters", path="name")
        check_password(password, about=(email, name))
        password_hash = await at.passwords.hash(password)
    async with in_transaction(ALIAS):
        await one_time.take(Purpose.INVITE, secret, now=now)
        member = known or await create_user(email, name, actor="invitation", password_hash=password_hash)
        await add_member(tenant, member.id, Role(step.details["role"]), actor=f"user:{step.details['by']}")
    return member.id
