"""Tenants: making them, and the states they pass through."""

import re
from collections.abc import Mapping
from uuid import UUID

from tortoise.exceptions import IntegrityError

from core.api import InvalidInput, NotFound
from tenants.control.audit import audited
from tenants.control.failures import Taken, WrongState
from tenants.control.models.membership import Membership, Role
from tenants.control.models.tenant import Tenant, TenantState
from tenants.control.models.user import User, UserState

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")  # a label of RFC 1123: it may become part of a host's name
_LONGEST_NAME = 200
_BEFORE: Mapping[TenantState, frozenset[TenantState]] = {
    TenantState.ACTIVE: frozenset({TenantState.SUSPENDED}),
    TenantState.SUSPENDED: frozenset({TenantState.ACTIVE}),
    TenantState.ERASING: frozenset({TenantState.ACTIVE, TenantState.SUSPENDED}),
    TenantState.ERASED: frozenset({TenantState.ERASING}),
}
"""From which states each state is reached. Erasing is never taken back: keys may be gone already."""


async def create_tenant(slug: str, name: str, *, owner: UUID, actor: str) -> Tenant:
    """Make a tenant with its owner, both or neither.

    Raise ``InvalidInput`` for a slug that is no label of a host's name, ``Taken`` for one in use, ``NotFound`` for an
    owner who is not there, or disabled.
    """
    if not _SLUG.fullmatch(slug):
        raise InvalidInput("must be 1 to 63 of a-z, 0-9 and, inside, -", path="slug")
    if not 0 < len(name.strip()) <= _LONGEST_NAME:
        raise InvalidInput(f"must have 1 to {_LONGEST_NAME} characters", path="name")
    tenant = Tenant(slug=slug, name=name.strip())
    async with audited(actor, "tenant.create", f"tenant:{tenant.id}", tenant.id, slug=slug, owner=str(owner)):
        if not await User.exists(id=owner, state=UserState.ACTIVE):
            raise NotFound(f"there is no user {owner}")
        try:
            await tenant.save(force_create=True)
        except IntegrityError as err:
            raise Taken(f'the slug "{slug}" is in use') from err
        await Membership.create(tenant=tenant, user_id=owner, role=Role.OWNER)
    return tenant


async def change_state(tenant: UUID, state: TenantState, *, actor: str, reason: str = "") -> None:
    """Suspend a tenant, let it go on, or take it through its erasure.

    Raise ``NotFound``, or ``WrongState`` where that state is not reached from the present one; nothing changes then.
    """
    async with audited(actor, f"tenant.{state}", f"tenant:{tenant}", tenant, reason=reason):
        if await Tenant.filter(id=tenant, state__in=list(_BEFORE[state])).update(state=state):
            return
        row = await Tenant.get_or_none(id=tenant)
        if row is None:
            raise NotFound(f"there is no tenant {tenant}")
        raise WrongState(f"a tenant that is {row.state} can't become {state}")
