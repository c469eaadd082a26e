"""Counting: what an erasure is about to destroy, noted in the audit once, so that any interruption may come."""

from datetime import timedelta
from uuid import UUID

from tortoise.functions import Sum

from tenants.control.audit import audited
from tenants.control.audit_details import Detail
from tenants.control.models.audit import AuditEntry
from tenants.control.models.object import StoredObject
from tenants.control.models.tenant import Tenant
from tenants.keys import KeyGone, Tampered, WrongMaster
from tenants.leaving.tables import VAULT_TABLES
from tenants.vault.failures import VaultDamaged, VaultMissing, VaultNewer, VaultNotMigrated, VaultQuarantined
from tenants.vault.scope import scope

COUNTED = "erasure.count"
_UNREADABLE = (
    KeyGone,
    Tampered,
    WrongMaster,
    VaultDamaged,
    VaultMissing,
    VaultNewer,
    VaultNotMigrated,
    VaultQuarantined,
)
"""A vault that can't be read for good is erased unread; what may pass (busy, sealed) ends the erasure for now."""


async def count_once(tenant: UUID, *, actor: str, key_retention: timedelta) -> None:
    """Note how much there is, unless it was noted by an erasure that was interrupted."""
    if await counted(tenant) is not None:
        return
    rows = await _vault_rows(tenant)
    objects = StoredObject.filter(tenant_id=tenant)
    found: dict[str, Detail] = {
        **rows,
        "stored_objects": await objects.count(),
        "stored_bytes": await _bytes_of(tenant),
        "keys_kept_days": key_retention.days,
    }
    async with audited(actor, COUNTED, f"tenant:{tenant}", tenant, **found):
        # Whoever comes second waits here, notes it too, and is passed over: the first note counts.
        await Tenant.select_for_update().get(id=tenant)


async def counted(tenant: UUID) -> AuditEntry | None:
    """Return the note, if there is one."""
    return await AuditEntry.filter(tenant=tenant, action=COUNTED).order_by("sequence").first()


async def _vault_rows(tenant: UUID) -> dict[str, Detail]:
    names = {f"vault_{table}": model for table, model in VAULT_TABLES.items()}
    try:
        async with scope(tenant):
            return {name: await model.all().count() for name, model in names.items()}
    except _UNREADABLE:
        return dict.fromkeys(names)


async def _bytes_of(tenant: UUID) -> int:
    sums = await StoredObject.filter(tenant_id=tenant).annotate(total=Sum("size")).values_list("total", flat=True)
    return int(str(sums[0])) if sums and sums[0] is not None else 0
