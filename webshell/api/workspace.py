"""``/tenant``: the workspace that one works in, its members, and from where it can be worked in."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field
from quart import Blueprint, request

from core.api import InvalidInput
from tenants.accounts import inviting
from tenants.control.audit import audited
from tenants.control.memberships import change_role, remove_member
from tenants.control.models.membership import Membership, Role
from tenants.control.models.tenant import Tenant, TenantState
from tenants.control.roles import Permission
from webshell.api.auth import Email, Locale, Name
from webshell.api.endpoint import Rules, endpoint
from webshell.auth.authenticating import is_within
from webshell.auth.limiting import RateClass
from webshell.auth.principal import principal, tenant
from webshell.forwarding import Network
from webshell.shell import shell

workspace = Blueprint("tenant", __name__, url_prefix="/tenant")


class WorkspaceSettings(BaseModel):
    """A workspace. ``networks`` are those it may be worked in from; empty for anywhere."""

    id: UUID
    slug: str
    name: str
    state: TenantState
    networks: list[str]
    created: datetime


class WorkspaceChange(BaseModel, extra="forbid"):
    """What to change; what is not named stays."""

    name: Name | None = None
    networks: Annotated[list[Network] | None, Field(max_length=50)] = None


class Member(BaseModel):
    """Someone who belongs to the workspace."""

    user: UUID
    name: str
    email: str
    role: Role
    since: datetime


class Invitation(BaseModel, from_attributes=True):
    """An invitation that was not answered yet."""

    id: UUID
    email: str
    role: Role
    created: datetime
    expires: datetime


class Members(BaseModel):
    """Who belongs to the workspace, and who is asked in."""

    items: list[Member]
    invitations: list[Invitation]


class NewMember(BaseModel, extra="forbid"):
    """Whom to ask in, and as what."""

    email: Email
    role: Role
    locale: Locale = "en"


class RoleChange(BaseModel, extra="forbid"):
    """What a member shall be."""

    role: Role


_CHANGING = Rules(needs=Permission.MEMBERS, fresh=True, gives={204: None}, rate=RateClass.WRITE, problems=(404, 409))


@endpoint(workspace, "", "GET", Rules(needs=Permission.READ, gives={200: WorkspaceSettings}))
async def show_tenant() -> WorkspaceSettings:
    """Show the workspace."""
    row = await Tenant.get(id=tenant())
    return WorkspaceSettings(
        id=row.id, slug=row.slug, name=row.name, state=row.state, networks=row.networks or [], created=row.created
    )


@endpoint(
    workspace,
    "",
    "PATCH",
    Rules(needs=Permission.SETTINGS, fresh=True, gives={200: WorkspaceSettings}, rate=RateClass.WRITE),
    body=WorkspaceChange,
)
async def change_tenant(data: WorkspaceChange) -> WorkspaceSettings:
    """Change the workspace's name, or from where it can be worked in: here must be among it."""
    changed: dict[str, object] = {}
    if data.name is not None:
        changed["name"] = data.name
    if data.networks is not None:
        if not is_within(request.remote_addr or "", data.networks):
            raise InvalidInput(f"would lock you out: your address is {request.remote_addr}", path="networks")
        changed["networks"] = [str(network) for network in data.networks] or None
    if changed:
        async with audited(
            principal().actor, "tenant.change", f"tenant:{tenant()}", tenant(), what=" ".join(sorted(changed))
        ):
            await Tenant.filter(id=tenant()).update(**changed)
    return await show_tenant()


@endpoint(workspace, "/members", "GET", Rules(needs=Permission.READ, gives={200: Members}))
async def list_members() -> Members:
    """List who belongs to the workspace, the first first, and who is asked in."""
    rows = await Membership.filter(tenant_id=tenant()).order_by("created", "id").select_related("user")
    members = [
        Member(user=row.user_id, name=row.user.name, email=row.user.email, role=row.role, since=row.created)
        for row in rows
    ]
    invited = await inviting.invitations_of(tenant(), now=_now())
    return Members(items=members, invitations=[Invitation.model_validate(each) for each in invited])


@endpoint(workspace, "/members", "POST", _CHANGING, body=NewMember)
async def invite_member(data: NewMember) -> None:
    """Ask somebody into the workspace, by mail."""
    await inviting.invite(
        shell().accounts, tenant(), data.email, data.role, by=principal().user, locale=data.locale, now=_now()
    )


@endpoint(workspace, "/members/<uuid:user_id>", "PATCH", _CHANGING, body=RoleChange)
async def change_member(user_id: UUID, data: RoleChange) -> None:
    """Give a member another role; the last owner stays one."""
    await change_role(tenant(), user_id, data.role, actor=principal().actor)


@endpoint(workspace, "/members/<uuid:user_id>", "DELETE", _CHANGING)
async def dismiss_member(user_id: UUID) -> None:
    """Take a member out of the workspace; the last owner stays."""
    await remove_member(tenant(), user_id, actor=principal().actor)


@endpoint(
    workspace,
    "/membership",
    "DELETE",
    Rules(needs=Permission.READ, fresh=True, gives={204: None}, rate=RateClass.WRITE, problems=(409,)),
)
async def leave_workspace() -> None:
    """Leave the workspace; its last owner can't."""
    await remove_member(tenant(), principal().user, actor=principal().actor)


@endpoint(workspace, "/invitations/<uuid:invitation_id>", "DELETE", _CHANGING)
async def withdraw_invitation(invitation_id: UUID) -> None:
    """Take an invitation back."""
    await inviting.withdraw(tenant(), invitation_id, by=principal().user, now=_now())


def _now() -> datetime:
    return datetime.now(UTC)
