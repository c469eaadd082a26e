"""Erasing: keys first, then data, in steps that may be interrupted anywhere and are gone through again.

What was done is known from what is there: the tenant's state, the notes in the audit, the rows that are left. So an
erased tenant's certificate is made of these whenever it is asked for, and is the same each time.
"""

import asyncio
import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from core.api import NotFound, Storage
from tenants.control.failures import WrongState
from tenants.control.models.audit import AuditEntry
from tenants.control.models.job import Job, JobState
from tenants.control.models.key import TenantKey
from tenants.control.models.object import StoredObject
from tenants.control.models.tenant import Tenant, TenantState
from tenants.control.tenants import change_state
from tenants.keys import Keyring
from tenants.keys.signing import Signer
from tenants.leaving.certificates import Certificate, signed
from tenants.leaving.confirming import check_confirmation
from tenants.leaving.counting import count_once, counted
from tenants.leaving.failures import NotConfirmed, StoreClosed
from tenants.leaving.removing import REMOVED, remove_rows
from tenants.leaving.traces import remove_traces
from tenants.vault.failures import VaultMissing
from tenants.vault.files import VaultFiles
from tenants.vault.pool import VaultPool

KEY_RETENTION = timedelta(days=14)
"""How long the backups' series of keys keeps a copy; whole days."""
_AT_ONCE = 100


async def erase_tenant(
    tenant: UUID,
    *,
    confirmation: str | None,
    actor: str,
    keyring: Keyring,
    vaults: VaultPool,
    stores: Mapping[str, Storage],
    home: Path,
    signer: Signer,
    now: datetime,
    key_retention: timedelta = KEY_RETENTION,
) -> str:
    """Erase a tenant, active or suspended, for good; return the certificate, signed, as JSON.

    Call it again after an interruption: no ``confirmation`` is needed then. A tenant that is erased gives the same
    certificate again. ``stores`` are the open storage backends by name, ``home`` is the house's. Users who belong to no
    other tenant and have no role in the house are erased too, others lose their membership.

    Raise ``NotFound``, ``NotConfirmed``, ``StoreClosed`` and ``Sealed``: nothing has happened then. ``VaultBusy``
    where the vault is in use for too long, and what a store raises: to be gone on with.
    """
    row = await Tenant.get_or_none(id=tenant)
    if row is None:
        raise NotFound(f"there is no tenant {tenant}")
    if row.state is not TenantState.ERASED:
        _ = keyring.master_id  # raises ``Sealed``: what can't be counted yet is not erased
        await _check_stores(tenant, stores)
        if row.state is not TenantState.ERASING:
            await _begin(tenant, confirmation, actor=actor, signer=signer, now=now)
        await _cancel_jobs(tenant, now=now)
        await count_once(tenant, actor=actor, key_retention=key_retention)
        async with vaults.drained(tenant) as files:
            await keyring.shred(tenant)
            await asyncio.to_thread(_remove_vault, files)
        await asyncio.to_thread(remove_traces, home, tenant)
        await _remove_objects(tenant, stores)
        await remove_rows(tenant, actor=actor)
    return signed(await _certificate(tenant, signer.public), signer)


async def _begin(tenant: UUID, confirmation: str | None, *, actor: str, signer: Signer, now: datetime) -> None:
    if confirmation is None:
        raise NotConfirmed("an owner of the tenant must confirm its erasure")
    owner = await check_confirmation(confirmation, tenant, signer=signer, now=now)
    try:
        await change_state(tenant, TenantState.ERASING, actor=actor, reason=f"confirmed by user:{owner}")
    except WrongState:  # another has begun in this moment: it is one erasure
        if (await Tenant.get(id=tenant)).state not in {TenantState.ERASING, TenantState.ERASED}:
            raise


async def _check_stores(tenant: UUID, stores: Mapping[str, Storage]) -> None:
    used = await StoredObject.filter(tenant_id=tenant).distinct().values_list("backend", flat=True)
    if closed := sorted({str(backend) for backend in used} - stores.keys()):
        raise StoreClosed(closed)


async def _cancel_jobs(tenant: UUID, *, now: datetime) -> None:
    """End what goes on; who does it learns of it through its lease."""
    going_on = Job.filter(tenant_id=tenant, state__in=[JobState.QUEUED, JobState.RUNNING])
    await going_on.update(state=JobState.CANCELLED, lease_until=None, ended=now)


def _remove_vault(files: VaultFiles) -> None:
    try:
        with files.leased():
            shutil.rmtree(files.folder)
    except VaultMissing:
        return  # by the erasure that was interrupted


async def _remove_objects(tenant: UUID, stores: Mapping[str, Storage]) -> None:
    """Remove files, each before its row: what is still to be removed is always known."""
    while page := await StoredObject.filter(tenant_id=tenant).order_by("id").limit(_AT_ONCE):
        await _check_stores(tenant, stores)
        for stored in page:
            await stores[stored.backend].delete(stored.key)
        await StoredObject.filter(id__in=[stored.id for stored in page]).delete()


async def _certificate(tenant: UUID, signer: str) -> Certificate:
    """Make the certificate of what the control plane tells."""
    begun = await AuditEntry.filter(tenant=tenant, action=f"tenant.{TenantState.ERASING}").get()
    removed = await AuditEntry.filter(tenant=tenant, action=REMOVED).get()
    count = await counted(tenant)
    found = dict(count.details) if count else {}
    days = int(found.pop("keys_kept_days", KEY_RETENTION.days))
    keys = await TenantKey.filter(tenant_id=tenant).order_by("version")
    return Certificate(
        tenant=str(tenant),
        begun=begun.at.isoformat(),
        completed=removed.at.isoformat(),
        keys=[{"id": str(key.id), "version": key.version, "master_key": key.master_id} for key in keys],
        # What was counted at the beginning stands before what the end found: files went in between.
        counts={**removed.details, **found},
        keys_in_backups_until=(removed.at + timedelta(days=days)).isoformat(),
        audit_sequence=removed.sequence,
        audit_digest=removed.digest,
        signer=signer,
    )
