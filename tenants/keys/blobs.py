"""Files sealed in chunks of 64 KiB, so that they can be of any length and are read as they come.

A file has a random key of its own, wrapped by the tenant's ``blob`` key for this very file. Chunks are sealed with
AES-256-GCM in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its
Nonce-Reuse Misuse-Resistance", 2015): the nonce is the chunk's number (11 bytes) and whether it is the last (1 byte).
So no chunk can be left out, moved, repeated, added, or taken from elsewhere.

    mark (4 bytes) | version of the tenant's key (8) | wrapped key of the file (61) | chunks, each 16 bytes longer
"""

import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESGCMSIV

from tenants.keys.derivation import KEY_BYTES
from tenants.keys.envelope import ADDED_BYTES, TAG_BYTES, disclose, enclose
from tenants.keys.failures import Tampered
from tenants.keys.framing import NUMBER_BYTES, number
from tenants.keys.secret import Concealed

MARK = b"RHB1"
VERSION_END = len(MARK) + NUMBER_BYTES
HEAD_BYTES = VERSION_END + KEY_BYTES + ADDED_BYTES
CHUNK_BYTES = 64 * 1024
SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES
COUNTER_BYTES = 11


class BlobSealer(Concealed):
    """Seals one file with a tenant's ``blob`` key: feed it the bytes as they come, write what it returns."""

    def __init__(self, *, key: bytes, key_version: int, tenant: UUID, file: UUID) -> None:
        file_key = os.urandom(KEY_BYTES)
        wrapped = enclose(AESGCMSIV(key), file_key, *_place(tenant, file, key_version))
        self._out = bytearray(MARK + number(key_version) + wrapped)
        self._cipher = AESGCM(file_key)
        self._pending = bytearray()
        self._chunk = 0

    def update(self, plain: bytes) -> bytes:
        """Take some of the file; return what is sealed by now, which may be nothing."""
        self._pending += plain
        while len(self._pending) > CHUNK_BYTES:  # what fills a chunk exactly may be the last
            self._seal(is_last=False)
        return self._taken()

    def finish(self) -> bytes:
        """Return the rest. Without it, what was written is refused as cut off."""
        self._seal(is_last=True)
        return self._taken()

    def _seal(self, *, is_last: bool) -> None:
        chunk = bytes(self._pending[:CHUNK_BYTES])
        del self._pending[:CHUNK_BYTES]
        self._out += self._cipher.encrypt(_nonce(self._chunk, is_last=is_last), chunk, None)
        self._chunk += 1

    def _taken(self) -> bytes:
        taken = bytes(self._out)
        self._out.clear()
        return taken


class BlobOpener(Concealed):
    """Opens one file; each byte it returns was sealed at this place of this file. Raise ``Tampered`` for others.

    Whether all of it came is known only when ``finish`` has returned: until then, what was read is not to be relied on.
    """

    def __init__(self, *, key: bytes, key_version: int, tenant: UUID, file: UUID) -> None:
        self._key = key
        self._place = _place(tenant, file, key_version)
        self._head = MARK + number(key_version)
        self._name = f"the file {file}"
        self._cipher: AESGCM | None = None
        self._pending = bytearray()
        self._chunk = 0

    def update(self, sealed: bytes) -> bytes:
        """Take some of the sealed file; return what is open by now, which may be nothing."""
        self._pending += sealed
        plain = bytearray()
        if self._cipher is None and len(self._pending) >= HEAD_BYTES:
            self._cipher = self._open_head()
        if self._cipher is not None:
            while len(self._pending) > SEALED_CHUNK_BYTES:
                plain += self._open(self._cipher, is_last=False)
        return bytes(plain)

    def finish(self) -> bytes:
        """Return the rest; raise ``Tampered`` when the file was cut off."""
        if self._cipher is None:
            raise Tampered(f"{self._name} was cut off")
        plain = self._open(self._cipher, is_last=True)
        if not plain and self._chunk > 1:
            raise Tampered(f"{self._name} has an unknown form")  # only an empty file has an empty chunk
        return plain

    def _open_head(self) -> AESGCM:
        head = bytes(self._pending[:HEAD_BYTES])
        del self._pending[:HEAD_BYTES]
        if not head.startswith(self._head):
            raise Tampered(f"{self._name} has an unknown form, or is sealed by another version of the key")
        return AESGCM(disclose(AESGCMSIV(self._key), head[VERSION_END:], *self._place, name=self._name))

    def _open(self, cipher: AESGCM, *, is_last: bool) -> bytes:
        chunk = bytes(self._pending[:SEALED_CHUNK_BYTES])
        del self._pending[:SEALED_CHUNK_BYTES]
        try:
            plain = cipher.decrypt(_nonce(self._chunk, is_last=is_last), chunk, None)
        except InvalidTag:
            raise Tampered(f"{self._name} was changed or cut off in chunk {self._chunk}") from None
        self._chunk += 1
        return plain


def blob_key_version(head: bytes) -> int:
    """Return which version of the tenant's key a sealed file needs, from its first 12 bytes or more.

    Not yet proved: that comes with the opening. Raise ``Tampered`` for what is no sealed file.
    """
    if len(head) < VERSION_END or not head.startswith(MARK):
        raise Tampered("this is no sealed file")
    return int.from_bytes(head[len(MARK) : VERSION_END])


def sealed_size(size: int) -> int:
    """Return how many bytes a file of ``size`` bytes has when it is sealed."""
    chunks = max(1, -(-size // CHUNK_BYTES))
    return HEAD_BYTES + size + chunks * TAG_BYTES


def _place(tenant: UUID, file: UUID, key_version: int) -> tuple[bytes, ...]:
    return (b"reelhouse blob", MARK, tenant.bytes, file.bytes, number(key_version))


def _nonce(chunk: int, *, is_last: bool) -> bytes:
    return chunk.to_bytes(COUNTER_BYTES) + bytes([is_last])
