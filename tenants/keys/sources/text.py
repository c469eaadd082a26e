"""A master key as text: 64 hexadecimal digits, or 44 characters of base64."""

import re
from base64 import b64decode

from tenants.keys.derivation import KEY_BYTES
from tenants.keys.failures import MasterKeyInvalid

HEX = re.compile(rb"[0-9A-Fa-f]{64}")
BASE64 = re.compile(rb"[0-9A-Za-z+/]{43}=")


def key_of(text: bytes, *, name: str) -> bytes:
    """Return the 32 bytes that a text stands for; white space around it is passed over.

    Raise ``MasterKeyInvalid``, which tells ``name`` and nothing of the text.
    """
    text = text.strip()
    if HEX.fullmatch(text):
        key = bytes.fromhex(text.decode())
    elif BASE64.fullmatch(text):
        key = b64decode(text)
    else:
        raise MasterKeyInvalid(
            f"{name} holds no master key: neither 64 hexadecimal digits nor 44 characters of base64",
            hint=f"It has {len(text)} characters. `openssl rand -hex 32` makes a key.",
        )
    if len(set(key)) == 1:
        raise MasterKeyInvalid(f"{name} holds no master key: all its bytes are the same")
    return key


def text_of(key: bytes) -> bytes:
    """Return a key as a line of hexadecimal digits."""
    assert len(key) == KEY_BYTES
    return key.hex().encode() + b"\n"
