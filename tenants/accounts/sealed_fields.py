"""Sealed fields: what accounts must be able to read again, such as an authenticator's seed, under a house key."""

from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from tenants.accounts.services import Accounts
from tenants.control.models.house_key import KeyPurpose
from tenants.keys import Tampered
from tenants.keys.derivation import derived
from tenants.keys.envelope import disclose, enclose

_ID_BYTES = 16


async def seal(at: Accounts, plain: bytes, *, table: str, row: UUID) -> bytes:
    """Seal something for one row of one table, under the newest key. Raise ``Sealed``."""
    key_id, key = await at.keys.newest(KeyPurpose.FIELDS)
    return key_id.bytes + enclose(_cipher(key), plain, table.encode(), row.bytes)


async def unseal(at: Accounts, sealed: bytes, *, table: str, row: UUID) -> bytes:
    """Return what was sealed. Raise ``Tampered`` for anything else, ``Sealed``."""
    name = f"{table} of {row}"
    key = await at.keys.any(UUID(bytes=sealed[:_ID_BYTES]), KeyPurpose.FIELDS) if len(sealed) > _ID_BYTES else None
    if key is None:
        raise Tampered(f"{name} was sealed by an unknown key")
    return disclose(_cipher(key), sealed[_ID_BYTES:], table.encode(), row.bytes, name=name)


def _cipher(key: bytes) -> AESGCMSIV:
    return AESGCMSIV(derived(key, b"account-field"))
