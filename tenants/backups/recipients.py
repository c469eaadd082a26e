"""Recipients: who can read a backup. The house holds their public keys alone; it writes what it can't read.

Keys of parts are sealed by HPKE (RFC 9180: X25519, HKDF-SHA256, AES-256-GCM), bound to house and part.
"""

from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from core.api import InvalidInput
from tenants.backups.failures import BackupRefused
from tenants.keys import Concealed, Secret
from tenants.keys.framing import framed
from tenants.keys.sources.private_file import read_private

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_KEY_BYTES = 32
_LONGEST_FILE = 200


class Recipient(Concealed):
    """The private side: opens what was sealed to ``public``, 64 hexadecimal digits."""

    def __init__(self, private: Secret) -> None:
        try:
            self._key = X25519PrivateKey.from_private_bytes(bytes.fromhex(private.reveal().decode().strip()))
        except ValueError:
            raise InvalidInput("a recipient's private key has 64 hexadecimal digits", path="recipient") from None
        self.public = self._key.public_key().public_bytes_raw().hex()

    def open(self, sealed: str, *, house: UUID, part: UUID) -> bytes:
        """Return the key of a part. Raise ``BackupRefused``."""
        try:
            return _SUITE.decrypt(bytes.fromhex(sealed), self._key, info=_info(house, part))
        except (InvalidTag, ValueError):
            raise BackupRefused(f"the key of part {part} does not open") from None


def recipient_at(path: Path) -> Recipient:
    """Return the recipient whose private key lies in a file that nobody else may read; raise what that raises."""
    return Recipient(Secret(read_private(path, at_most=_LONGEST_FILE)))


def make_recipient() -> tuple[str, Secret]:
    """Make a recipient; return its public key, and the private one, which is to be kept away from the house."""
    key = X25519PrivateKey.generate()
    return key.public_key().public_bytes_raw().hex(), Secret(key.private_bytes_raw().hex().encode())


def seal_to(recipient: str, key: bytes, *, house: UUID, part: UUID) -> str:
    """Seal the key of a part to a public key. Raise ``InvalidInput`` where that is none."""
    try:
        public = X25519PublicKey.from_public_bytes(bytes.fromhex(recipient))
    except ValueError:
        raise InvalidInput(
            f"a recipient's public key has {2 * _KEY_BYTES} hexadecimal digits", path="recipient"
        ) from None
    return _SUITE.encrypt(key, public, info=_info(house, part)).hex()


def _info(house: UUID, part: UUID) -> bytes:
    return framed(b"reelhouse backup part", house.bytes, part.bytes)
