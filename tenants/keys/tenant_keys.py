"""A tenant's keys: one random key, and what is derived of it for each purpose."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from tenants.keys.derivation import KEY_BYTES, derived
from tenants.keys.framing import number
from tenants.keys.secret import Concealed


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TenantKeys(Concealed):
    """What one version of a tenant's key opens; each key has 32 bytes.

    ``vault`` is the raw key of the vault's file, ``field`` seals secret fields in it, ``blob`` wraps the keys of files,
    ``index`` makes fingerprints, ``backup`` seals backups. Nothing in it depends on the house: a tenant that is
    restored in another keeps its keys.
    """

    tenant: UUID
    version: int
    vault: bytes
    field: bytes
    blob: bytes
    index: bytes
    backup: bytes

    def __repr__(self) -> str:
        return f"TenantKeys(tenant={str(self.tenant)!r}, version={self.version}, …)"

    @classmethod
    def derive(cls, key: bytes, *, tenant: UUID, version: int) -> Self:
        """Derive all keys from a tenant's random key (32 bytes)."""
        if len(key) != KEY_BYTES:
            raise ValueError(f"a tenant's key has {KEY_BYTES} bytes, not {len(key)}")

        def keyed(purpose: bytes) -> bytes:
            return derived(key, b"tenant key", purpose, tenant.bytes, number(version))

        return cls(
            tenant=tenant,
            version=version,
            vault=keyed(b"vault"),
            field=keyed(b"field"),
            blob=keyed(b"blob"),
            index=keyed(b"index"),
            backup=keyed(b"backup"),
        )
