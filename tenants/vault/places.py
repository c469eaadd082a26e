"""Places: a secret is sealed for where it lies, and can't be read anywhere else, nor in another version of its row."""

from dataclasses import dataclass
from uuid import UUID

from tenants.keys import TenantKeys, seal, unseal


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a secret lies."""

    table: str
    row: UUID
    column: str
    version: int

    def seal(self, secret: bytes, keys: TenantKeys) -> bytes:
        """Seal a secret for this place; raise ``InvalidInput`` beyond 64 KiB."""
        return seal(
            secret,
            key=keys.field,
            key_version=keys.version,
            tenant=keys.tenant,
            table=self.table,
            row=self.row,
            column=self.column,
            version=self.version,
        )

    def unseal(self, sealed: bytes, keys: TenantKeys, *, key_version: int) -> bytes:
        """Return what was sealed by a key of this version; raise ``Tampered`` if it was not for this very place."""
        return unseal(
            sealed,
            key=keys.field,
            key_version=key_version,
            tenant=keys.tenant,
            table=self.table,
            row=self.row,
            column=self.column,
            version=self.version,
        )
