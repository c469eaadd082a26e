"""``/admin/tenants``: all workspaces of the house, their limits and states."""

from datetime import UTC, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field
from quart import Blueprint
from tortoise.expressions import Q

from core.api import NotFound
from tenants.control.audit import audited
from tenants.control.models.membership import Membership
from tenants.control.models.tenant import Tenant, TenantState
from tenants.control.roles import HousePermission
from tenants.control.tenants import change_state
from tenants.quotas.limits import Limits
from tenants.quotas.usage import usage_of
from webshell.api.endpoint import Rules, endpoint
from webshell.api.pages import Page, PageQuery, cursor_of
from webshell.api.usage import Standing
from webshell.auth.limiting import RateClass
from webshell.auth.principal import principal
from webshell.shell import shell

admin_tenants = Blueprint("admin_tenants", __name__, url_prefix="/admin/tenants")


class Workspace(BaseModel, from_attributes=True):
    """A workspace. ``limits`` is what an administrator set in place of the plan's, if anything."""

    id: UUID
    slug: str
    name: str
    state: TenantState
    limits: dict[str, Any] | None
    created: datetime


class WorkspacePage(Workspace):
    """A workspace with how many members it has, and how it stands against its limits."""

    members: int
    usage: list[Standing]

    @classmethod
    async def of(cls, tenant: Tenant) -> Self:
        """Return what an administrator sees of a tenant."""
        usage = []
        if tenant.state in (TenantState.ACTIVE, TenantState.SUSPENDED):
            usage = [Standing.model_validate(each) for each in await usage_of(tenant.id, now=datetime.now(UTC))]
        facts = Workspace.model_validate(tenant).model_dump()
        return cls(**facts, members=await Membership.filter(tenant_id=tenant.id).count(), usage=usage)


class WorkspacesQuery(PageQuery):
    """Which workspaces."""

    state: TenantState | None = None
    q: Annotated[str, Field(max_length=100, description="A part of the slug or the name.")] = ""


class NewWorkspace(BaseModel, extra="forbid"):
    """A workspace to make. Its owner is made too, if there is no such user."""

    slug: Annotated[str, Field(max_length=63)]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    owner: Annotated[str, Field(max_length=254, description="An e-mail address.")]


class WorkspaceState(BaseModel, extra="forbid"):
    """The state that a workspace shall be in, and why."""

    state: Annotated[TenantState, Field(description="`active` or `suspended`.")]
    reason: Annotated[str, Field(max_length=500)] = ""


class WorkspaceLimits(BaseModel, extra="forbid"):
    """Limits in place of the plan's; null for the plan's own."""

    limits: dict[str, Any] | None


_SHOW = {200: WorkspacePage}
_WRITE = Rules(needs=HousePermission.WRITE_TENANTS, rate=RateClass.WRITE, fresh=True, gives=_SHOW, problems=(404, 409))


@endpoint(
    admin_tenants,
    "",
    "GET",
    Rules(needs=HousePermission.READ_TENANTS, gives={200: Page[Workspace]}),
    query=WorkspacesQuery,
)
async def list_workspaces(query: WorkspacesQuery) -> Page[Workspace]:
    """List the workspaces by their slugs."""
    found = Tenant.filter(slug__gt=query.after or "")
    if query.state is not None:
        found = found.filter(state=query.state)
    if query.q:
        found = found.filter(Q(slug__icontains=query.q) | Q(name__icontains=query.q))
    rows = await found.order_by("slug").limit(query.limit + 1)
    shown = [Workspace.model_validate(row) for row in rows[: query.limit]]
    return Page[Workspace](items=shown, next=cursor_of(shown[-1].slug) if len(rows) > query.limit else None)


@endpoint(
    admin_tenants,
    "",
    "POST",
    Rules(
        needs=HousePermission.WRITE_TENANTS,
        rate=RateClass.WRITE,
        gives={201: WorkspacePage},
        problems=(404, 409),
    ),
    body=NewWorkspace,
)
async def make_workspace(data: NewWorkspace) -> WorkspacePage:
    """Make a workspace with its owner, a key and an encrypted vault of its own."""
    made = await shell().house.create_tenant(data.slug, data.name, owner=data.owner, actor=principal().actor)
    return await WorkspacePage.of(made)


@endpoint(
    admin_tenants,
    "/<uuid:tenant_id>",
    "GET",
    Rules(needs=HousePermission.READ_TENANTS, gives=_SHOW, problems=(404,)),
)
async def show_workspace(tenant_id: UUID) -> WorkspacePage:
    """Show a workspace, and how it stands against its limits."""
    return await WorkspacePage.of(await _found(tenant_id))


@endpoint(admin_tenants, "/<uuid:tenant_id>/state", "PUT", _WRITE, body=WorkspaceState)
async def change_workspace_state(tenant_id: UUID, data: WorkspaceState) -> WorkspacePage:
    """Suspend a workspace, or let it go on. Erasing one is the command line's: ``reelhouse tenant erase``."""
    if data.state not in (TenantState.ACTIVE, TenantState.SUSPENDED):
        raise NotFound(f"a workspace is not made {data.state} here", hint="reelhouse tenant erase")
    await change_state(tenant_id, data.state, actor=principal().actor, reason=data.reason)
    return await WorkspacePage.of(await _found(tenant_id))


@endpoint(admin_tenants, "/<uuid:tenant_id>/limits", "PUT", _WRITE, body=WorkspaceLimits)
async def limit_workspace(tenant_id: UUID, data: WorkspaceLimits) -> WorkspacePage:
    """Set limits for a workspace in place of its plan's."""
    tenant = await _found(tenant_id)
    if data.limits is not None:
        Limits().overridden(data.limits, path="limits")
    async with audited(principal().actor, "tenant.limit", f"tenant:{tenant_id}", tenant_id):
        await Tenant.filter(id=tenant_id).update(limits=data.limits)
    await tenant.refresh_from_db()
    return await WorkspacePage.of(tenant)


async def _found(tenant_id: UUID) -> Tenant:
    tenant = await Tenant.get_or_none(id=tenant_id)
    if tenant is None:
        raise NotFound(f"there is no tenant {tenant_id}")
    return tenant
