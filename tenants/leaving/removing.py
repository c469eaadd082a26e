"""Removing: a tenant's rows in the control plane, and the people whom nothing else holds there.

The audit stays as it is, and so does its chain: entries name people and tenants by random ids. With the rows gone that
said who these are, the ids are pseudonyms of nobody.
"""

from uuid import UUID

from tortoise.transactions import in_transaction

from tenants.control.audit import record
from tenants.control.audit_details import Detail
from tenants.control.database import ALIAS
from tenants.control.models.membership import Membership
from tenants.control.models.rate import RateCounter
from tenants.control.models.tenant import Tenant, TenantState
from tenants.control.models.user import User
from tenants.control.tenants import change_state
from tenants.leaving.tables import ERASED_TABLES

REMOVED = "erasure.remove"


async def remove_rows(tenant: UUID, *, actor: str) -> None:
    """Remove all rows of a tenant that is being erased, name it after its id, and note how many they were: all or none.

    Nothing happens where it is done already.
    """
    async with in_transaction(ALIAS):
        row = await Tenant.select_for_update().get(id=tenant)
        if row.state is TenantState.ERASED:
            return
        members = [membership.user_id for membership in await Membership.filter(tenant_id=tenant)]
        people = await User.select_for_update().filter(id__in=members).order_by("id")
        removed: dict[str, Detail] = {
            table: await model.filter(tenant_id=tenant).delete() for table, model in ERASED_TABLES.items()
        }
        removed["users"] = await _remove_people(people)
        removed["rate_counters"] = await RateCounter.filter(key__contains=str(tenant)).delete()
        row.slug, row.name, row.limits = f"erased-{tenant.hex}", "erased", None
        await row.save(update_fields=["slug", "name", "limits"])
        await change_state(tenant, TenantState.ERASED, actor=actor)
        await record(actor, REMOVED, f"tenant:{tenant}", tenant, **removed)


async def _remove_people(people: list[User]) -> int:
    """Remove those who belong to no other tenant and have no role in the house."""
    held = set(await Membership.filter(user_id__in=[user.id for user in people]).values_list("user_id", flat=True))
    gone = [user.id for user in people if user.id not in held and user.house_role is None]
    return await User.filter(id__in=gone).delete()
