"""The algorithms of keys written down a second time, from their specifications, to compare with.

Of the block cipher alone nothing is written anew: AES on single blocks comes from the library. HKDF after RFC 5869, GCM
after NIST SP 800-38D, GCM-SIV after RFC 8452. Slow, and not in constant time: for tests alone.
"""

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB

BLOCK = 16


def hkdf(key: bytes, info: bytes, length: int = 32, salt: bytes = b"") -> bytes:
    """HKDF-SHA256."""
    pseudorandom = hmac.digest(salt or bytes(32), key, hashlib.sha256)
    made = last = b""
    for counter in range(1, 256):
        if len(made) >= length:
            break
        last = hmac.digest(pseudorandom, last + info + bytes([counter]), hashlib.sha256)
        made += last
    return made[:length]


def frame(*parts: bytes) -> bytes:
    """Join parts, each after its length in four bytes."""
    made = b""
    for part in parts:
        made += bytes([len(part) >> 24 & 255, len(part) >> 16 & 255, len(part) >> 8 & 255, len(part) & 255]) + part
    return made


def gcm(key: bytes, nonce: bytes, plain: bytes, bound_to: bytes) -> bytes:
    """AES-256-GCM with a nonce of 12 bytes: what was encrypted, then the tag."""
    sealed = b"".join(
        _xor(block, _aes(key, nonce + counter.to_bytes(4))) for counter, block in enumerate(_blocks(plain), 2)
    )
    hashed, secret = 0, int.from_bytes(_aes(key, bytes(BLOCK)))
    for block in [*_padded(bound_to), *_padded(sealed), _bits(bound_to, "big") + _bits(sealed, "big")]:
        hashed = _multiply(hashed ^ int.from_bytes(block), secret)
    return sealed + _xor(hashed.to_bytes(BLOCK), _aes(key, nonce + (1).to_bytes(4)))


def gcm_siv(key: bytes, nonce: bytes, plain: bytes, bound_to: bytes) -> bytes:
    """AES-256-GCM-SIV: what was encrypted, then the tag."""
    halves = [_aes(key, counter.to_bytes(4, "little") + nonce)[:8] for counter in range(6)]
    authenticating, encrypting = b"".join(halves[:2]), b"".join(halves[2:])
    # POLYVAL is GHASH with the bytes of every block reversed, and its key multiplied by x (RFC 8452, appendix A).
    secret = _times_x(int.from_bytes(authenticating[::-1]))
    hashed = 0
    for block in [*_padded(bound_to), *_padded(plain), _bits(bound_to, "little") + _bits(plain, "little")]:
        hashed = _multiply(hashed ^ int.from_bytes(block[::-1]), secret)
    mixed = bytearray(_xor(hashed.to_bytes(BLOCK)[::-1], nonce + bytes(4)))
    mixed[15] &= 0x7F
    tag = _aes(encrypting, bytes(mixed))
    start, rest = int.from_bytes(tag[:4], "little"), tag[4:15] + bytes([tag[15] | 0x80])
    sealed = b"".join(
        _xor(block, _aes(encrypting, ((start + at) % (1 << 32)).to_bytes(4, "little") + rest))
        for at, block in enumerate(_blocks(plain))
    )
    return sealed + tag


def _aes(key: bytes, block: bytes) -> bytes:
    return Cipher(AES256(key), ECB()).encryptor().update(block)


def _multiply(left: int, right: int) -> int:
    """Multiply in GF(2**128) as GCM writes its elements: the highest bit stands for x**0."""
    product = 0
    for bit in range(127, -1, -1):
        if left >> bit & 1:
            product ^= right
        right = _times_x(right)
    return product


def _times_x(element: int) -> int:
    return element >> 1 ^ (0xE1 << 120 if element & 1 else 0)


def _blocks(text: bytes) -> list[bytes]:
    return [text[at : at + BLOCK] for at in range(0, len(text), BLOCK)]


def _padded(text: bytes) -> list[bytes]:
    return [block.ljust(BLOCK, b"\0") for block in _blocks(text)]


def _bits(text: bytes, order: str) -> bytes:
    return (len(text) * 8).to_bytes(8, "big" if order == "big" else "little")


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(left, right, strict=False))
