"""Master keys: what wraps every tenant's key, and lies outside of all databases."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenants.keys.derivation import KEY_BYTES, derived
from tenants.keys.envelope import disclose, enclose
from tenants.keys.framing import number
from tenants.keys.secret import Concealed

ID_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPlace:
    """Where a wrapped key belongs: this house, that tenant, that version. It can't be unwrapped for another place."""

    instance: UUID
    tenant: UUID
    version: int


class MasterKey(Protocol):
    """A key that wraps tenants' keys, or a service that does. Called from threads, so it may wait."""

    @property
    def id(self) -> str:
        """A fingerprint, at most 64 characters: the same for the same key always, and tells nothing of it."""

    def wrap(self, key: bytes, place: KeyPlace) -> bytes:
        """Encrypt a tenant's key (32 bytes), bound to its place and to this master key.

        Raise ``MasterUnavailable`` where a service can't do it now.
        """

    def unwrap(self, wrapped: bytes, place: KeyPlace) -> bytes:
        """Return the tenant's key. Raise ``Tampered`` for all that this key has not wrapped for that very place."""


class LocalMasterKey(Concealed):
    """A master key that is here in memory: 32 random bytes, wherever they were read from.

    Wraps with AES-256-GCM. Two keys are derived from the one given, so that the fingerprint shares nothing with what
    encrypts.
    """

    __slots__ = ("_cipher", "_id")

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a master key has {KEY_BYTES} bytes, not {len(key)}")
        self._cipher = AESGCM(derived(key, b"master key", b"wrap"))
        self._id = derived(key, b"master key", b"id", length=ID_BYTES).hex()

    @property
    def id(self) -> str:
        """The fingerprint: 32 hexadecimal digits."""
        return self._id

    def __repr__(self) -> str:
        return f"LocalMasterKey(id={self._id!r})"

    def wrap(self, key: bytes, place: KeyPlace) -> bytes:
        """Encrypt a tenant's key for its place; the result has 61 bytes."""
        return enclose(self._cipher, key, *self._bound_to(place))

    def unwrap(self, wrapped: bytes, place: KeyPlace) -> bytes:
        """Return the tenant's key, or raise ``Tampered``."""
        return disclose(self._cipher, wrapped, *self._bound_to(place), name=f"the wrapped key of tenant {place.tenant}")

    def _bound_to(self, place: KeyPlace) -> tuple[bytes, ...]:
        parts = (place.instance.bytes, place.tenant.bytes, number(place.version), self._id.encode())
        return (b"reelhouse tenant key", *parts)
