"""Master keys as text: each 64 hexadecimal digits or 44 characters of base64, white space between them.

The first wraps; the others were before it, and unwrap what a rotation has not reached yet.
"""

import re
from base64 import b64decode
from collections.abc import Iterable

from tenants.keys.failures import MasterKeyInvalid
from tenants.keys.sources.kept import MOST_KEYS

HEX = re.compile(rb"[0-9A-Fa-f]{64}")
BASE64 = re.compile(rb"[0-9A-Za-z+/]{43}=")
LARGEST_TEXT = MOST_KEYS * 80  # bytes


def keys_of(text: bytes, *, name: str) -> tuple[bytes, ...]:
    """Return the keys, 32 bytes each, that a text stands for.

    Raise ``MasterKeyInvalid``, which tells ``name`` and nothing of the text.
    """
    words = text.split()
    if not 0 < len(words) <= MOST_KEYS:
        raise MasterKeyInvalid(f"{name} holds {len(words)} master keys: there must be one to {MOST_KEYS}")
    return tuple(_key_of(word, f"key {at} of {name}") for at, word in enumerate(words, 1))


def text_of(keys: Iterable[bytes]) -> bytes:
    """Return keys as lines of hexadecimal digits."""
    return b"".join(key.hex().encode() + b"\n" for key in keys)


def _key_of(word: bytes, name: str) -> bytes:
    if HEX.fullmatch(word):
        key = bytes.fromhex(word.decode())
    elif BASE64.fullmatch(word):
        key = b64decode(word)
    else:
        raise MasterKeyInvalid(
            f"{name} is malformed: its {len(word)} characters are neither 64 hexadecimal digits nor 44 of base64",
            hint="`openssl rand -hex 32` makes one.",
        )
    if len(set(key)) == 1:
        raise MasterKeyInvalid(f"{name} is no key: all its bytes are the same")
    return key
