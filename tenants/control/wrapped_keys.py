"""Wrapped keys: the rows that ``tenants.keys`` asks for through its protocol ``WrappedKeys``.

The two rooms do not know each other: who puts them together says how a row becomes the keyring's value.
"""

from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import UUID

from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError
from tortoise.expressions import F, Q
from tortoise.transactions import in_transaction

from tenants.control.database import ALIAS
from tenants.control.models.key import TenantKey, TenantKeyState


class Wrapped(Protocol):
    """What is stored of a key."""

    @property
    def tenant(self) -> UUID: ...
    @property
    def version(self) -> int: ...
    @property
    def wrapped(self) -> bytes: ...
    @property
    def master_id(self) -> str: ...
    @property
    def wrap_version(self) -> int: ...


class WrappedKeyRows[Key: Wrapped]:
    """The store; ``key_of`` makes the keyring's value of a row. Each call is a transaction, or part of the caller's."""

    def __init__(self, key_of: Callable[[TenantKey], Key]) -> None:
        self._key_of = key_of

    async def get(self, tenant: UUID, version: int) -> Key | None:
        """Return a version of a tenant's key, whatever its state."""
        row = await TenantKey.get_or_none(tenant_id=tenant, version=version)
        return self._key_of(row) if row else None

    async def active(self, tenant: UUID) -> Key | None:
        """Return the one version that is active."""
        row = await TenantKey.get_or_none(tenant_id=tenant, state=TenantKeyState.ACTIVE)
        return self._key_of(row) if row else None

    async def add(self, key: Key) -> bool:
        """Store a new version, active, in place of the one that is; False, and nothing changed, where it is there.

        Of two that are added at once one is refused. Tortoise's ``IntegrityError`` where there is no such tenant.
        """
        row = TenantKey(
            tenant_id=key.tenant,
            version=key.version,
            wrapped=key.wrapped,
            master_id=key.master_id,
            wrap_version=key.wrap_version,
        )
        try:
            async with in_transaction(ALIAS):
                active = TenantKey.filter(tenant_id=key.tenant, state=TenantKeyState.ACTIVE)
                await active.update(state=TenantKeyState.DECRYPT_ONLY)
                await row.save(force_create=True)
        except IntegrityError:
            # Also where another version became active in this moment: what was added then is there.
            if await TenantKey.exists(tenant_id=key.tenant, version=key.version):
                return False
            raise
        return True

    async def replace_wrap(
        self, tenant: UUID, version: int, *, expected_wrap_version: int, wrapped: bytes, master_id: str
    ) -> bool:
        """Store a new wrapping and count up, if it is still as expected and the key not shredded."""
        expected = TenantKey.filter(tenant_id=tenant, version=version, wrap_version=expected_wrap_version)
        return bool(
            await expected.exclude(state=TenantKeyState.SHREDDED).update(
                wrapped=wrapped, master_id=master_id, wrap_version=F("wrap_version") + 1
            )
        )

    async def not_wrapped_by(self, master_id: str, *, after: tuple[UUID, int] | None, limit: int) -> Sequence[Key]:
        """Return at most ``limit`` keys that another master key wraps, shredded ones left out, from behind ``after``.

        In the order of (tenant, version), which is the same on all databases.
        """
        rows = TenantKey.exclude(master_id=master_id).exclude(state=TenantKeyState.SHREDDED)
        if after is not None:
            tenant, version = after
            rows = rows.filter(Q(tenant_id__gt=tenant) | Q(tenant_id=tenant, version__gt=version))
        return [self._key_of(row) for row in await rows.order_by("tenant_id", "version").limit(limit)]

    async def shred(self, tenant: UUID) -> int:
        """Overwrite every wrapping of a tenant with nothing, for good; return how many it were. The rows stay.

        Outside a transaction what the database keeps of old rows is overwritten too. Within one, whoever began it has
        to see to that.
        """
        count = await TenantKey.filter(tenant_id=tenant).update(wrapped=b"", state=TenantKeyState.SHREDDED)
        connection = get_connection(ALIAS)
        if not isinstance(connection, TransactionalDBClient):
            is_sqlite = connection.capabilities.dialect == "sqlite"
            rewrite = "PRAGMA wal_checkpoint(TRUNCATE)" if is_sqlite else 'VACUUM FULL "tenant_keys"'
            await connection.execute_query(rewrite)
        return count
