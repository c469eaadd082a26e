"""Wrapped keys as they are stored, and what the keyring needs of the store."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class KeyState(StrEnum):
    """What a version of a tenant's key is still for."""

    ACTIVE = "active"
    DECRYPT_ONLY = "decrypt_only"
    SHREDDED = "shredded"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """One version of a tenant's key, wrapped by the master key ``master_id``.

    ``version`` counts a tenant's keys from 1, ``wrap_version`` how often this one was wrapped, from 1.
    """

    tenant: UUID
    version: int
    wrapped: bytes
    master_id: str
    wrap_version: int = 1
    state: KeyState = KeyState.ACTIVE


class WrappedKeys(Protocol):
    """The store of wrapped keys. Each call is one transaction of its own."""

    async def get(self, tenant: UUID, version: int) -> WrappedKey | None:
        """Return a version of a tenant's key, whatever its state."""

    async def active(self, tenant: UUID) -> WrappedKey | None:
        """Return the one version that is active."""

    async def add(self, key: WrappedKey) -> bool:
        """Store a new version and make the tenant's active one ``decrypt_only``, both or neither.

        Return False, and change nothing, when there is that version already, in whatever state.
        """

    async def replace_wrap(
        self, tenant: UUID, version: int, *, expected_wrap_version: int, wrapped: bytes, master_id: str
    ) -> bool:
        """Store a new wrapping and count ``wrap_version`` up, if it is still as expected and the key not shredded."""

    async def not_wrapped_by(
        self, master_id: str, *, after: tuple[UUID, int] | None, limit: int
    ) -> Sequence[WrappedKey]:
        """Return at most ``limit`` keys that another master key wraps and that are not shredded.

        In the order of (tenant, version), from behind ``after`` on.
        """

    async def shred(self, tenant: UUID) -> int:
        """Overwrite every wrapping of a tenant with nothing, set it ``shredded``; return how many it were.

        The rows stay, so that no key can be made for the tenant again.
        """
