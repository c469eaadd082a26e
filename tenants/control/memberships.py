"""Memberships: who belongs to a tenant and as what. A tenant keeps at least one owner, whatever happens at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from tortoise.exceptions import IntegrityError

from core.api import NotFound
from tenants.control.audit import audited
from tenants.control.failures import LastOwner, Taken, WrongState
from tenants.control.models.membership import Membership, Role
from tenants.control.models.tenant import Tenant, TenantState
from tenants.control.models.user import User, UserState


async def add_member(tenant: UUID, user: UUID, role: Role, *, actor: str) -> Membership:
    """Let a user into a tenant. Raise ``NotFound``, ``Taken`` for a member, ``WrongState`` for a tenant that leaves."""
    async with _changing(tenant, user, "member.add", actor, role):
        if not await User.exists(id=user, state=UserState.ACTIVE):
            raise NotFound(f"there is no user {user}")
        try:
            return await Membership.create(tenant_id=tenant, user_id=user, role=role)
        except IntegrityError as err:
            raise Taken("this user is a member already") from err


async def change_role(tenant: UUID, user: UUID, role: Role, *, actor: str) -> None:
    """Give a member another role. Raise ``NotFound``, ``LastOwner``, ``WrongState``; nothing changes then."""
    async with _changing(tenant, user, "member.change", actor, role):
        await _keep_an_owner(tenant, user, role)
        await Membership.filter(tenant_id=tenant, user_id=user).update(role=role)


async def remove_member(tenant: UUID, user: UUID, *, actor: str) -> None:
    """Take a user out of a tenant. Raise ``NotFound``, ``LastOwner``, ``WrongState``; nothing changes then."""
    async with _changing(tenant, user, "member.remove", actor, None):
        await _keep_an_owner(tenant, user, None)
        await Membership.filter(tenant_id=tenant, user_id=user).delete()


async def role_of(tenant: UUID, user: UUID) -> Role | None:
    """Return what an active user is in a tenant, whatever state that is in; None for who is no member."""
    membership = await Membership.get_or_none(tenant_id=tenant, user_id=user, user__state=UserState.ACTIVE)
    return membership.role if membership else None


@asynccontextmanager
async def _changing(tenant: UUID, user: UUID, action: str, actor: str, role: Role | None) -> AsyncIterator[None]:
    """Change a tenant's members one at a time: its row is locked until the change is through."""
    async with audited(actor, action, f"user:{user}", tenant, role=role):
        row = await Tenant.select_for_update(no_key=True).get_or_none(id=tenant)
        if row is None:
            raise NotFound(f"there is no tenant {tenant}")
        if row.state in {TenantState.ERASING, TenantState.ERASED}:
            raise WrongState(f"the members of a tenant that is {row.state} can't be changed")
        yield


async def _keep_an_owner(tenant: UUID, user: UUID, role: Role | None) -> None:
    """Raise ``NotFound`` for no member, ``LastOwner`` for the only owner who is to become something else."""
    members = await Membership.filter(tenant_id=tenant)
    present = next((member for member in members if member.user_id == user), None)
    if present is None:
        raise NotFound(f"user {user} is no member of this tenant")
    owners = [member for member in members if member.role is Role.OWNER]
    if role is not Role.OWNER and owners == [present]:
        raise LastOwner("a tenant keeps at least one owner", hint="Make someone else an owner first.")
