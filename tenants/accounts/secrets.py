"""Secrets that are handed out once and kept by their digest alone."""

import hashlib
import secrets

BYTES = 32


def new_secret() -> str:
    """Return 256 random bits, 43 characters that need no escaping in an address."""
    return secrets.token_urlsafe(BYTES)


def digest_of(secret: str) -> str:
    """Return what is kept of a secret: SHA-256, in hexadecimal. Enough, as nobody guesses 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
