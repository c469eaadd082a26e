"""Staff: what who runs the house does to users: roles in the house, and who may sign in at all."""

from datetime import datetime
from uuid import UUID

from core.api import NotFound
from tenants.accounts import sessions
from tenants.control.audit import audited
from tenants.control.failures import WrongState
from tenants.control.models.user import HouseRole, User, UserState


async def give_house_role(user: UUID, role: HouseRole | None, *, actor: str) -> None:
    """Give a user a role in the house, or none. Raise ``NotFound``; ``WrongState`` for the last administrator."""
    async with audited(actor, "user.house_role", f"user:{user}", role=role or "none"):
        row = await _locked(user)
        if role is not HouseRole.ADMIN:
            await _keep_an_administrator(row)
        row.house_role = role
        await row.save(update_fields=["house_role"])


async def disable(user: UUID, *, actor: str, now: datetime, reason: str = "") -> None:
    """Let a user sign in no more, and end their sessions. Raise ``NotFound``; ``WrongState`` as above."""
    async with audited(actor, "user.disable", f"user:{user}", reason=reason):
        row = await _locked(user)
        await _keep_an_administrator(row)
        row.state = UserState.DISABLED
        await row.save(update_fields=["state"])
        await sessions.revoke_all(user, actor=actor, now=now)


async def enable(user: UUID, *, actor: str) -> None:
    """Let a user sign in again. Raise ``NotFound``."""
    async with audited(actor, "user.enable", f"user:{user}"):
        row = await _locked(user)
        row.state = UserState.ACTIVE
        await row.save(update_fields=["state"])


async def _locked(user: UUID) -> User:
    """Return a user, with all administrators locked: of two that leave at once, one stays."""
    administrators = await User.select_for_update().filter(house_role=HouseRole.ADMIN).order_by("id")
    row = next((each for each in administrators if each.id == user), None) or await User.get_or_none(id=user)
    if row is None:
        raise NotFound(f"there is no user {user}")
    return row


async def _keep_an_administrator(row: User) -> None:
    others = User.filter(house_role=HouseRole.ADMIN, state=UserState.ACTIVE).exclude(id=row.id)
    if row.house_role is HouseRole.ADMIN and row.state is UserState.ACTIVE and not await others.exists():
        raise WrongState("the house keeps at least one administrator", hint="Make somebody else one first.")
