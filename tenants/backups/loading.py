"""Loading: rows of a backup into an empty control plane, in one transaction."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from uuid import UUID

from tortoise.models import Model
from tortoise.transactions import in_transaction

from tenants.backups.rows import CONTROL, KEYS, loaded
from tenants.control.database import ALIAS
from tenants.control.models.anchor import VaultAnchor
from tenants.control.models.audit import AuditEntry, AuditHead
from tenants.control.models.house import House
from tenants.control.models.house_key import HouseKey
from tenants.control.models.key import TenantKey, TenantKeyState
from tenants.control.models.plan import Plan
from tenants.control.models.tenant import Tenant
from tenants.keys import KeyGone, WrappedKey
from tenants.vault.anchors import Anchor

_AT_ONCE = 500


class Loading:
    """What a set holds of the control plane, read and not saved yet. Raise ``BackupNewer``, ``BackupRefused``."""

    def __init__(self, control: Sequence[bytes], keys: Sequence[bytes]) -> None:
        self._rows = list(loaded(control, CONTROL))
        there = {row.id for row in self._rows if isinstance(row, Tenant)}
        read = list(loaded(keys, KEYS))
        # A tenant may have come after the control plane was written.
        self._keys = [row for row in read if isinstance(row, TenantKey) and row.tenant_id in there]
        self._house_keys = [row for row in read if isinstance(row, HouseKey)]
        self._anchors = {row.tenant_id: row for row in self._rows if isinstance(row, VaultAnchor)}

    @property
    def epochs(self) -> dict[UUID, int]:
        """The epoch of each vault that the control plane knew."""
        return {tenant: row.epoch for tenant, row in self._anchors.items()}

    def wrapped(self, tenant: UUID, version: int | None) -> WrappedKey:
        """Return a version of a tenant's key. Raise ``KeyGone`` where it is not among the keys, or was destroyed."""
        for row in self._keys:
            if (row.tenant_id, row.version) == (tenant, version) and row.state != TenantKeyState.SHREDDED:
                return WrappedKey(
                    tenant=tenant, version=row.version, wrapped=bytes(row.wrapped), master_id=row.master_id
                )
        raise KeyGone(f"the keys in the backup hold none for tenant {tenant}")

    async def save(self, anchors: Mapping[UUID, Anchor], lost: Mapping[UUID, str]) -> None:
        """Fill the bound database, which holds nothing but what its migrations have made."""
        for tenant, anchor in anchors.items():
            row = self._anchors[tenant]
            row.epoch, row.digest, row.schema, row.quarantined = anchor.epoch, anchor.digest, anchor.schema, None
        for tenant, reason in lost.items():
            self._anchors[tenant].quarantined = reason
        async with in_transaction(ALIAS):
            await Plan.all().delete()
            for model, rows in groupby(self._rows, type):
                if model is House:
                    for house in rows:
                        await house.save(force_update=True)
                elif model is not AuditHead:  # it follows the entries, one by one
                    await _insert(model, list(rows))
            await TenantKey.bulk_create(self._keys, batch_size=_AT_ONCE)
            await HouseKey.bulk_create(self._house_keys)
            for entry in self._rows:
                if isinstance(entry, AuditEntry):
                    await AuditHead.filter(id=1).update(sequence=entry.sequence, digest=entry.digest)


async def _insert[Row: Model](model: type[Row], rows: list[Row]) -> None:
    await model.bulk_create(rows, batch_size=_AT_ONCE)
