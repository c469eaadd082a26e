"""How something short is sealed: format (1 byte), nonce (12), what was encrypted, tag (16)."""

import os
from typing import Protocol

from cryptography.exceptions import InvalidTag

from tenants.keys.failures import Tampered
from tenants.keys.framing import framed

FORMAT = b"\x01"
NONCE_BYTES = 12
HEAD_BYTES = len(FORMAT) + NONCE_BYTES
TAG_BYTES = 16
ADDED_BYTES = HEAD_BYTES + TAG_BYTES


class Aead(Protocol):
    """A cipher of ``cryptography`` that encrypts and authenticates, with nonces of 12 bytes and tags of 16."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes: ...


def enclose(cipher: Aead, plain: bytes, *bound_to: bytes) -> bytes:
    """Encrypt, under a fresh random nonce; the result opens only with the same ``bound_to``. 29 bytes longer."""
    nonce = os.urandom(NONCE_BYTES)
    return FORMAT + nonce + cipher.encrypt(nonce, plain, framed(FORMAT, *bound_to))


def disclose(cipher: Aead, sealed: bytes, *bound_to: bytes, name: str) -> bytes:
    """Return what was enclosed. Raise ``Tampered`` for anything else; ``name`` says to the reader what it was."""
    if len(sealed) < ADDED_BYTES or not sealed.startswith(FORMAT):
        raise Tampered(f"{name} has an unknown form")
    try:
        return cipher.decrypt(sealed[len(FORMAT) : HEAD_BYTES], sealed[HEAD_BYTES:], framed(FORMAT, *bound_to))
    except InvalidTag:
        raise Tampered(f"{name} was changed, or does not belong here") from None
