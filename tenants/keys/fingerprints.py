"""What may be shown of a secret: a fingerprint that tells two apart, and its last characters."""

import hmac
from hashlib import sha256

from tenants.keys.framing import framed

FINGERPRINT_BYTES = 16
SHOWN = 4
HIDDEN_FOR_EACH_SHOWN = 4


def fingerprint(secret: bytes, index_key: bytes) -> str:
    """Return 32 hexadecimal digits: the same for the same secret of one tenant, and without ``index_key`` of no use.

    HMAC-SHA256, its first 16 bytes.
    """
    digest = hmac.digest(index_key, framed(b"reelhouse fingerprint", secret), sha256)
    return digest[:FINGERPRINT_BYTES].hex()


def last_four(secret: str) -> str:
    """Return the last four characters, fewer of a short secret: never more than a quarter of it."""
    shown = min(SHOWN, len(secret) // HIDDEN_FOR_EACH_SHOWN)
    return secret[len(secret) - shown :]
