"""``/admin/users``: everybody who signs in, their roles in the house, and whether they may."""

from datetime import UTC, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field
from quart import Blueprint
from tortoise.expressions import Q

from core.api import NotFound
from tenants.accounts import staff
from tenants.control.models.membership import Membership, Role
from tenants.control.models.user import HouseRole, User, UserState
from tenants.control.roles import HousePermission
from webshell.api.endpoint import Rules, endpoint
from webshell.api.pages import Page, PageQuery, cursor_of
from webshell.auth.limiting import RateClass
from webshell.auth.principal import principal

admin_users = Blueprint("admin_users", __name__, url_prefix="/admin/users")


class HouseUser(BaseModel, from_attributes=True):
    """Somebody who signs in."""

    id: UUID
    email: str
    name: str
    locale: str
    house_role: HouseRole | None
    state: UserState
    created: datetime


class UserMembership(BaseModel):
    """A workspace that a user belongs to."""

    tenant: UUID
    slug: str
    role: Role


class UserDetails(HouseUser):
    """Somebody who signs in, with the workspaces that they belong to."""

    memberships: list[UserMembership]

    @classmethod
    async def of(cls, user: User) -> Self:
        """Return what an administrator sees of a user."""
        rows = await Membership.filter(user_id=user.id).prefetch_related("tenant").order_by("created")
        memberships = [UserMembership(tenant=row.tenant_id, slug=row.tenant.slug, role=row.role) for row in rows]
        return cls(**HouseUser.model_validate(user).model_dump(), memberships=memberships)


class UserPage(Page[HouseUser]):
    """Users, by their addresses."""


class UsersQuery(PageQuery):
    """Which users."""

    state: UserState | None = None
    role: Annotated[HouseRole | None, Field(description="Those with this role in the house alone.")] = None
    q: Annotated[str, Field(max_length=100, description="A part of the address or the name.")] = ""


class HouseRoleChange(BaseModel, extra="forbid"):
    """The role in the house that a user shall have; null for none."""

    role: HouseRole | None


class UserStateChange(BaseModel, extra="forbid"):
    """Whether a user may sign in, and why not."""

    state: UserState
    reason: Annotated[str, Field(max_length=500)] = ""


_WRITE = Rules(
    needs=HousePermission.WRITE_USERS,
    rate=RateClass.WRITE,
    fresh=True,
    gives={200: UserDetails},
    problems=(404, 409),
)


@endpoint(admin_users, "", "GET", Rules(needs=HousePermission.READ_USERS, gives={200: UserPage}), query=UsersQuery)
async def list_users(query: UsersQuery) -> UserPage:
    """List users by their addresses."""
    found = User.filter(email__gt=query.after or "")
    if query.state is not None:
        found = found.filter(state=query.state)
    if query.role is not None:
        found = found.filter(house_role=query.role)
    if query.q:
        found = found.filter(Q(email__icontains=query.q) | Q(name__icontains=query.q))
    rows = await found.order_by("email").limit(query.limit + 1)
    shown = [HouseUser.model_validate(row) for row in rows[: query.limit]]
    return UserPage(items=shown, next=cursor_of(shown[-1].email) if len(rows) > query.limit else None)


@endpoint(
    admin_users,
    "/<uuid:user_id>",
    "GET",
    Rules(needs=HousePermission.READ_USERS, gives={200: UserDetails}, problems=(404,)),
)
async def show_user(user_id: UUID) -> UserDetails:
    """Show a user with the workspaces that they belong to."""
    return await UserDetails.of(await _found(user_id))


@endpoint(admin_users, "/<uuid:user_id>/role", "PUT", _WRITE, body=HouseRoleChange)
async def change_house_role(user_id: UUID, data: HouseRoleChange) -> UserDetails:
    """Give a user a role in the house, or none. The last administrator stays one."""
    await staff.give_house_role(user_id, data.role, actor=principal().actor)
    return await UserDetails.of(await _found(user_id))


@endpoint(admin_users, "/<uuid:user_id>/state", "PUT", _WRITE, body=UserStateChange)
async def change_user_state(user_id: UUID, data: UserStateChange) -> UserDetails:
    """Let a user sign in no more, and end their sessions; or let them again. The last administrator stays."""
    if data.state is UserState.DISABLED:
        await staff.disable(user_id, actor=principal().actor, now=datetime.now(UTC), reason=data.reason)
    else:
        await staff.enable(user_id, actor=principal().actor)
    return await UserDetails.of(await _found(user_id))


async def _found(user_id: UUID) -> User:
    user = await User.get_or_none(id=user_id)
    if user is None:
        raise NotFound(f"there is no user {user_id}")
    return user
