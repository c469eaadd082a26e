"""Anchors: what the control plane knows of a vault, which is how an older copy of its file is noticed."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from tenants.control.models.anchor import VaultAnchor
from tenants.vault.failures import VaultMissing, VaultQuarantined, VaultUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The state that a vault was last known in.

    ``epoch`` counts writes of secrets, ``secrets`` is a digest over all of them, ``file`` the SHA-256 of the file as it
    was last closed, ``schema`` the last migration.
    """

    epoch: int
    secrets: str
    file: str
    schema: str

    @property
    def digest(self) -> str:
        """Both digests as they are stored."""
        return f"{self.secrets}:{self.file}"


async def read_anchor(tenant: UUID) -> Anchor:
    """Return a vault's anchor. Raise ``VaultMissing`` without one, ``VaultQuarantined``."""
    row = await VaultAnchor.get_or_none(tenant_id=tenant)
    if row is None:
        raise VaultMissing(f"tenant {tenant} has no vault")
    if row.quarantined is not None:
        raise VaultQuarantined(row.quarantined)
    secrets, _, file = row.digest.partition(":")
    return Anchor(epoch=row.epoch, secrets=secrets, file=file, schema=row.schema)


async def has_anchor(tenant: UUID) -> bool:
    """True if the control plane knows a vault of the tenant, quarantined or not."""
    return await VaultAnchor.exists(tenant_id=tenant)


async def add_anchor(tenant: UUID, anchor: Anchor) -> None:
    """Record a vault that was just made."""
    await VaultAnchor.create(tenant_id=tenant, epoch=anchor.epoch, digest=anchor.digest, schema=anchor.schema)


async def move_anchor(tenant: UUID, former: Anchor, anchor: Anchor) -> None:
    """Record a vault's new state, if the former is still what is recorded. Raise ``VaultUnavailable`` if it is not."""
    moved = await VaultAnchor.filter(tenant_id=tenant, epoch=former.epoch, digest=former.digest).update(
        epoch=anchor.epoch, digest=anchor.digest, schema=anchor.schema, updated=datetime.now(UTC)
    )
    if not moved:
        raise VaultUnavailable(f"the anchor of tenant {tenant} was moved by another host")


async def replace_anchor(tenant: UUID, anchor: Anchor) -> None:
    """Record a vault whatever was recorded before, and end its quarantine."""
    await VaultAnchor.update_or_create(
        tenant_id=tenant,
        defaults={"epoch": anchor.epoch, "digest": anchor.digest, "schema": anchor.schema, "quarantined": None},
    )


async def known_epoch(tenant: UUID) -> int:
    """Return the epoch that a vault was last known to be in, 0 if it is not known."""
    row = await VaultAnchor.get_or_none(tenant_id=tenant)
    return 0 if row is None else row.epoch


async def quarantine(tenant: UUID, reason: str) -> None:
    """Keep a vault closed from now on. The first reason stays."""
    await VaultAnchor.filter(tenant_id=tenant, quarantined=None).update(quarantined=reason)
