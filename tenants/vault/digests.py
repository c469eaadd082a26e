"""Digests: over all secrets of a vault, and the mark of one that is written to. Keyed: nobody else can make them."""

import hmac
from hashlib import sha256

from tenants.keys import TenantKeys
from tenants.keys.framing import framed, number
from tenants.vault.sqlite.access import Raw

DIGEST_BYTES = 16
SEALED = {
    "api_keys": ("id", "version", "key_version", "state", "expires", "secret", "next_secret"),
    "plugin_configs": ("id", "version", "key_version", "secrets"),
    "webhooks": ("id", "version", "key_version", "secret"),
}
"""The tables that hold secrets, and the columns that an older copy of a row would differ in. Migrations keep them."""


def secrets_digest(raw: Raw, keys: TenantKeys, *, epoch: int) -> str:
    """Return the digest over all secrets, as they are in the file at this epoch: 32 hexadecimal digits."""
    digest = hmac.new(keys.index, framed(b"reelhouse vault secrets", keys.tenant.bytes, number(epoch)), sha256)
    for table, columns in SEALED.items():
        if not raw.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", [table]).fetchone():
            continue  # made by a migration that comes yet
        for row in raw.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY id"):  # noqa: S608 - ours
            digest.update(framed(table.encode(), *(_bytes_of(value) for value in row)))
    return digest.digest()[:DIGEST_BYTES].hex()


def mark_of(keys: TenantKeys, file: str) -> bytes:
    """Return what ``written`` holds while a vault may differ from the file that was last closed."""
    return hmac.digest(keys.index, framed(b"reelhouse vault written since", keys.tenant.bytes, file.encode()), sha256)


def _bytes_of(value: str | int | bytes | None) -> bytes:
    match value:
        case None:
            return b""
        case bytes():
            return value
        case _:
            return str(value).encode()
