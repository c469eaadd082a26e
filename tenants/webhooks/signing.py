"""Signing: messages carry an id, a time and a signature, as Standard Webhooks has them.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256

PREFIX = "whsec_"
_SECRET_BYTES = 32


def new_secret() -> str:
    """Return a secret as receivers' libraries take it."""
    return PREFIX + b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed_headers(secret: str, message: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """Return the headers of a message. ``timestamp`` in seconds since 1970."""
    key = b64decode(secret.removeprefix(PREFIX))
    signature = hmac.digest(key, b".".join((message.encode(), str(timestamp).encode(), body)), sha256)
    return {
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{b64encode(signature).decode()}",
    }
