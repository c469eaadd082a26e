import itertools
from uuid import UUID, uuid4

import pytest

from core.api import InvalidInput, NotFound
from tenants.control.database import Control
from tenants.control.failures import Taken, WrongState
from tenants.control.models.audit import AuditEntry
from tenants.control.models.membership import Membership, Role
from tenants.control.models.tenant import Tenant, TenantState
from tenants.control.models.user import User, UserState
from tenants.control.tenants import change_state, create_tenant


@pytest.fixture
async def owner(control: Control) -> UUID:
    return (await User.create(email="ada@example.com", name="Ada")).id


async def test_a_tenant_is_made_with_its_owner_and_an_audit_entry(owner: UUID) -> None:
    tenant = await create_tenant("acme", " Acme Films ", owner=owner, actor="user:1")
    assert await Tenant.all().values_list("slug", "name", "state") == [("acme", "Acme Films", TenantState.ACTIVE)]
    assert await Membership.all().values_list("tenant_id", "user_id", "role") == [(tenant.id, owner, Role.OWNER)]
    entry = await AuditEntry.get()
    assert (entry.action, entry.target, entry.tenant) == ("tenant.create", f"tenant:{tenant.id}", tenant.id)
    assert entry.details == {"slug": "acme", "owner": str(owner)}


async def test_a_slug_that_is_no_label_of_a_host_is_refused(owner: UUID) -> None:
    for slug in ("", "-a", "a-", "A", "a_b", "a.b", "é", "a" * 64, "a b", "a\n"):
        with pytest.raises(InvalidInput):
            await create_tenant(slug, "A", owner=owner, actor="user:1")
    assert (await Tenant.all().count(), await AuditEntry.all().count()) == (0, 0)


async def test_a_slug_that_is_one_is_taken_as_it_is(owner: UUID) -> None:
    for slug in ("a", "0", "a-b", "a" * 63):
        assert (await create_tenant(slug, "A", owner=owner, actor="user:1")).slug == slug


async def test_a_name_that_says_nothing_or_too_much_is_refused(owner: UUID) -> None:
    for name in ("", "  ", "x" * 201):
        with pytest.raises(InvalidInput):
            await create_tenant("a", name, owner=owner, actor="user:1")
    assert (await Tenant.all().count(), await AuditEntry.all().count()) == (0, 0)


async def test_a_slug_in_use_is_refused_and_nothing_is_left_of_the_second(owner: UUID) -> None:
    await create_tenant("acme", "Acme", owner=owner, actor="user:1")
    with pytest.raises(Taken):
        await create_tenant("acme", "Other", owner=owner, actor="user:1")
    assert (await Tenant.all().count(), await Membership.all().count(), await AuditEntry.all().count()) == (1, 1, 1)


async def test_an_owner_who_is_not_there_or_disabled_leaves_no_tenant(control: Control) -> None:
    disabled = await User.create(email="a@b", name="A", state=UserState.DISABLED)
    for owner in (uuid4(), disabled.id):
        with pytest.raises(NotFound):
            await create_tenant("acme", "Acme", owner=owner, actor="user:1")
    assert (await Tenant.all().count(), await AuditEntry.all().count()) == (0, 0)


ALLOWED = {
    (TenantState.ACTIVE, TenantState.SUSPENDED),
    (TenantState.SUSPENDED, TenantState.ACTIVE),
    (TenantState.ACTIVE, TenantState.ERASING),
    (TenantState.SUSPENDED, TenantState.ERASING),
    (TenantState.ERASING, TenantState.ERASED),
}


async def test_a_tenant_goes_from_state_to_state_as_the_table_says(control: Control) -> None:
    for before, after in itertools.product(TenantState, repeat=2):
        tenant = await Tenant.create(slug=f"{before}-{after}", name="A", state=before)
        if (before, after) in ALLOWED:
            await change_state(tenant.id, after, actor="user:1", reason="unpaid")
            entry = await AuditEntry.get(target=f"tenant:{tenant.id}")
            assert (entry.action, entry.details) == (f"tenant.{after}", {"reason": "unpaid"})
        else:
            with pytest.raises(WrongState):
                await change_state(tenant.id, after, actor="user:1")
            assert not await AuditEntry.exists(target=f"tenant:{tenant.id}")
        await tenant.refresh_from_db()
        assert tenant.state == (after if (before, after) in ALLOWED else before)


async def test_the_state_of_a_tenant_that_is_not_there_can_not_be_changed(control: Control) -> None:
    with pytest.raises(NotFound):
        await change_state(uuid4(), TenantState.SUSPENDED, actor="user:1")
    assert await AuditEntry.all().count() == 0
