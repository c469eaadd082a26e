"""Keys from keys: HKDF with SHA-256 (RFC 5869), each for one purpose."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tenants.keys.framing import framed

KEY_BYTES = 32


def derived(key: bytes, *purpose: bytes, length: int = KEY_BYTES) -> bytes:
    """Derive ``length`` bytes for a purpose. What is derived for one tells nothing of the key or of the others.

    No salt: the keys given are uniformly random, for which RFC 5869 (3.1) needs none.
    """
    return HKDF(SHA256(), length, salt=None, info=framed(b"reelhouse", *purpose)).derive(key)
