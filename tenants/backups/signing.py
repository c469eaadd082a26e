"""Signing: a house signs its backups with a key of its own (Ed25519), which lies in its home."""

from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from core.api import InvalidInput
from tenants.backups.failures import BackupRefused
from tenants.keys import Concealed, Secret
from tenants.vault.files import write_durably

_FILE = "signer.key"
_CONTEXT = b"reelhouse backup manifest\n"


class Signer(Concealed):
    """Signs manifests; ``public``, 64 hexadecimal digits, is what they are verified with."""

    def __init__(self, private: Secret) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private.reveal())
        self.public = self._key.public_key().public_bytes_raw().hex()

    @classmethod
    def at(cls, folder: Path) -> Self:
        """Return the signer that is kept in a folder; make one where there is none. Raise ``InvalidInput``."""
        path = folder / _FILE
        if not path.exists():
            write_durably(path, Ed25519PrivateKey.generate().private_bytes_raw())
        try:
            return cls(Secret(path.read_bytes()))
        except ValueError:
            raise InvalidInput(f"{path} is no signing key", path=_FILE) from None

    def keep(self, folder: Path) -> None:
        """Keep the signer in a folder."""
        write_durably(folder / _FILE, self.reveal().reveal())

    def reveal(self) -> Secret:
        """Return the private key, for the house's own backup."""
        return Secret(self._key.private_bytes_raw())

    def sign(self, content: bytes) -> bytes:
        """Return the content with its signature before it."""
        return self._key.sign(_CONTEXT + content).hex().encode() + b"\n" + content


def signed_content(signed: bytes, public: str) -> bytes:
    """Return what was signed. Raise ``BackupRefused`` where it was not by the holder of ``public``'s private side."""
    signature, _, content = signed.partition(b"\n")
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
    except ValueError:
        raise InvalidInput("a signer's public key has 64 hexadecimal digits", path="signer") from None
    try:
        raw = bytes.fromhex(signature.decode("ascii"))
        if raw.hex().encode() != signature:  # one signature has one form
            raise BackupRefused("a manifest's signature has an unknown form")
        key.verify(raw, _CONTEXT + content)
    except (InvalidSignature, ValueError):
        raise BackupRefused("a manifest's signature is not the house's") from None
    return content
