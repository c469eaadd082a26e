from uuid import UUID, uuid4

import pytest

from core.api import NotFound
from tenants.control.database import Control, open_control
from tenants.control.failures import LastOwner, Taken, WrongState
from tenants.control.memberships import add_member, change_role, remove_member, role_of
from tenants.control.models.audit import AuditEntry
from tenants.control.models.membership import Membership, Role
from tenants.control.models.tenant import Tenant, TenantState
from tenants.control.models.user import User, UserState
from tests.support.amount import amount
from tests.support.processes import Processes


async def make(*roles: Role, state: TenantState = TenantState.ACTIVE) -> tuple[UUID, list[UUID]]:
    """Make a tenant with members of these roles."""
    tenant = await Tenant.create(slug=f"t{uuid4().hex}", name="T", state=state)
    users = [await User.create(email=f"{uuid4().hex}@example.com", name="U") for _ in roles]
    for user, role in zip(users, roles, strict=True):
        await Membership.create(tenant=tenant, user=user, role=role)
    return tenant.id, [user.id for user in users]


async def roles_in(tenant: UUID) -> dict[UUID, Role]:
    return {member.user_id: member.role for member in await Membership.filter(tenant_id=tenant)}


async def test_a_user_comes_changes_and_goes_and_each_step_is_audited(control: Control) -> None:
    tenant, (owner,) = await make(Role.OWNER)
    user = (await User.create(email="b@example.com", name="B")).id
    await add_member(tenant, user, Role.VIEWER, actor="user:1")
    assert await role_of(tenant, user) is Role.VIEWER
    await change_role(tenant, user, Role.EDITOR, actor="user:1")
    assert await role_of(tenant, user) is Role.EDITOR
    await remove_member(tenant, user, actor="user:1")
    assert await role_of(tenant, user) is None
    assert await roles_in(tenant) == {owner: Role.OWNER}
    assert [(e.action, e.target, e.tenant, e.details) for e in await AuditEntry.all().order_by("sequence")] == [
        ("member.add", f"user:{user}", tenant, {"role": "viewer"}),
        ("member.change", f"user:{user}", tenant, {"role": "editor"}),
        ("member.remove", f"user:{user}", tenant, {"role": None}),
    ]


async def test_the_last_owner_can_neither_go_nor_become_something_else(control: Control) -> None:
    tenant, (owner, editor) = await make(Role.OWNER, Role.EDITOR)
    for step in (
        remove_member(tenant, owner, actor="user:1"),
        change_role(tenant, owner, Role.EDITOR, actor="user:1"),
    ):
        with pytest.raises(LastOwner):
            await step
    await change_role(tenant, owner, Role.OWNER, actor="user:1")
    assert await roles_in(tenant) == {owner: Role.OWNER, editor: Role.EDITOR}
    assert await AuditEntry.all().count() == 1


async def test_one_of_two_owners_can_go(control: Control) -> None:
    tenant, (first, second) = await make(Role.OWNER, Role.OWNER)
    await remove_member(tenant, first, actor="user:1")
    assert await roles_in(tenant) == {second: Role.OWNER}


async def test_the_owners_of_another_tenant_do_not_count(control: Control) -> None:
    tenant, (owner,) = await make(Role.OWNER)
    other, _ = await make(Role.OWNER, Role.OWNER)
    await add_member(other, owner, Role.VIEWER, actor="user:1")
    with pytest.raises(LastOwner):
        await remove_member(tenant, owner, actor="user:1")
    await remove_member(other, owner, actor="user:1")
    assert await roles_in(tenant) == {owner: Role.OWNER}


async def test_a_member_is_not_added_twice(control: Control) -> None:
    tenant, (owner,) = await make(Role.OWNER)
    with pytest.raises(Taken):
        await add_member(tenant, owner, Role.VIEWER, actor="user:1")
    assert await roles_in(tenant) == {owner: Role.OWNER}
    assert await AuditEntry.all().count() == 0


async def test_who_is_no_member_can_not_be_changed(control: Control) -> None:
    tenant, _ = await make(Role.OWNER)
    _, (stranger,) = await make(Role.OWNER)
    for place, user in ((tenant, stranger), (tenant, uuid4()), (uuid4(), stranger)):
        with pytest.raises(NotFound):
            await change_role(place, user, Role.OWNER, actor="user:1")
        with pytest.raises(NotFound):
            await remove_member(place, user, actor="user:1")
    assert (await Membership.all().count(), await AuditEntry.all().count()) == (2, 0)


async def test_who_is_not_there_or_disabled_is_not_let_in(control: Control) -> None:
    tenant, _ = await make(Role.OWNER)
    disabled = await User.create(email="d@example.com", name="D", state=UserState.DISABLED)
    for user in (uuid4(), disabled.id):
        with pytest.raises(NotFound):
            await add_member(tenant, user, Role.VIEWER, actor="user:1")
    assert (await Membership.all().count(), await AuditEntry.all().count()) == (1, 0)


async def test_a_disabled_user_is_nothing_in_any_tenant(control: Control) -> None:
    tenant, (owner,) = await make(Role.OWNER)
    await User.filter(id=owner).update(state=UserState.DISABLED)
    assert await role_of(tenant, owner) is None


async def test_the_members_of_a_tenant_that_is_being_erased_stay_as_they_are(control: Control) -> None:
    for state in (TenantState.ERASING, TenantState.ERASED):
        tenant, (owner, editor) = await make(Role.OWNER, Role.EDITOR, state=state)
        with pytest.raises(WrongState):
            await remove_member(tenant, editor, actor="user:1")
        assert await roles_in(tenant) == {owner: Role.OWNER, editor: Role.EDITOR}


async def leave(tenants: list[UUID]) -> int:
    """Make half of the owners leave every tenant; each process begins with the others."""
    left = 0
    for tenant in tenants:
        owners = await Membership.filter(tenant_id=tenant).order_by("id")
        for owner in owners:
            try:
                await remove_member(tenant, owner.user_id, actor="process")
            except (LastOwner, NotFound):
                continue
            left += 1
    return left


async def test_owners_who_leave_at_once_leave_one(control_url: str, two_processes: Processes) -> None:
    async with open_control(control_url):
        tenants = [(await make(Role.OWNER, Role.OWNER))[0] for _ in range(amount(100))]
        assert sum(two_processes.do(leave, control_url, tenants)) == len(tenants)
        for tenant in tenants:
            assert list((await roles_in(tenant)).values()) == [Role.OWNER]
