"""Secret fields, sealed one by one before they reach any database.

AES-256-GCM-SIV (RFC 8452), because a vault that was restored or copied goes on with the same key: should a nonce come
twice, nothing is told but that the same was sealed at the same place.
"""

from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from core.api import InvalidInput
from tenants.keys.envelope import disclose, enclose
from tenants.keys.framing import number

LONGEST_SECRET = 65_536  # bytes: a service account's JSON has a few thousand


def seal(
    plain: bytes, *, key: bytes, key_version: int, tenant: UUID, table: str, row: UUID, column: str, version: int
) -> bytes:
    """Seal a field with a tenant's ``field`` key for this very place; ``version`` is the row's.

    The result is 29 bytes longer. Raise ``InvalidInput`` beyond 64 KiB.
    """
    if len(plain) > LONGEST_SECRET:
        raise InvalidInput(f"a secret has at most {LONGEST_SECRET} bytes, not {len(plain)}", path=column)
    return enclose(AESGCMSIV(key), plain, *_place(tenant, table, row, column, key_version, version))


def unseal(
    sealed: bytes, *, key: bytes, key_version: int, tenant: UUID, table: str, row: UUID, column: str, version: int
) -> bytes:
    """Return what was sealed. Raise ``Tampered`` if it was changed, or sealed for another place or by another key."""
    place = _place(tenant, table, row, column, key_version, version)
    return disclose(AESGCMSIV(key), sealed, *place, name=f"{table}.{column} of {row}")


def _place(tenant: UUID, table: str, row: UUID, column: str, key_version: int, version: int) -> tuple[bytes, ...]:
    names = (tenant.bytes, table.encode(), row.bytes, column.encode())
    return (b"reelhouse field", *names, number(key_version), number(version))
