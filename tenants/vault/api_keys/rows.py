"""Rows of API keys: found, and their secrets sealed and opened in their places."""

from uuid import UUID

from core.api import InvalidInput, NotFound
from tenants.keys import LONGEST_SECRET, Secret
from tenants.vault.failures import ApiKeyUnusable
from tenants.vault.models.api_key import ApiKey, ApiKeyState
from tenants.vault.places import Place
from tenants.vault.secrets import SecretWriter, reveal


async def find(key_id: UUID) -> ApiKey:
    """Return a key's row; raise ``NotFound``."""
    key = await ApiKey.get_or_none(id=key_id)
    if key is None:
        raise NotFound(f"there is no API key {key_id}")
    return key


async def find_active(key_id: UUID) -> ApiKey:
    """Return a key's row; raise ``NotFound``, or ``ApiKeyUnusable`` for one that was revoked."""
    key = await find(key_id)
    if key.state is ApiKeyState.REVOKED:
        raise ApiKeyUnusable(f'the API key "{key.label}" was revoked', reason="revoked")
    return key


def read_secret(given: str) -> bytes:
    """Return a secret as it was typed or pasted, without the space around it; raise ``InvalidInput``, never with it."""
    secret = given.strip().encode()
    if not secret or "\x00" in given or len(secret) > LONGEST_SECRET:
        raise InvalidInput(f"must have 1 to {LONGEST_SECRET} bytes", path="secret")
    return secret


def open_secret(key: ApiKey) -> Secret:
    """Return the secret of a row; raise ``Tampered`` if it was not written for this row as it is."""
    return _opened(key, "secret", key.secret)


def open_next(key: ApiKey) -> Secret:
    """Return the secret that waits to be proven, likewise."""
    return _opened(key, "next_secret", key.next_secret)


def put_secrets(key: ApiKey, writer: SecretWriter, *, current: bytes | None, following: bytes | None) -> None:
    """Seal both secrets of a row, or what there is of them, for its next version."""
    key.version = key.version + 1 if key.key_version else 1
    key.key_version = writer.key_version
    key.secret = current and writer.seal(current, _place(key, "secret"))
    key.next_secret = following and writer.seal(following, _place(key, "next_secret"))
    if following is None:
        key.next_last_four = key.next_fingerprint = key.next_since = None


def _opened(key: ApiKey, column: str, sealed: bytes | None) -> Secret:
    return reveal(sealed or b"", _place(key, column), key_version=key.key_version)


def _place(key: ApiKey, column: str) -> Place:
    return Place(table="api_keys", row=key.id, column=column, version=key.version)
