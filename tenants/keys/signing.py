"""Signing: a house signs what it answers for with an Ed25519 key, which lies in its home wrapped by the master key."""

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tenants.keys.derivation import KEY_BYTES
from tenants.keys.failures import Tampered
from tenants.keys.framing import framed
from tenants.keys.keyring import Keyring
from tenants.keys.secret import Concealed


class Signer(Concealed):
    """Signs. ``public``, 64 hexadecimal digits, is what signatures are verified with: give it to those who do."""

    def __init__(self, private: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private)
        self.public = self._key.public_key().public_bytes_raw().hex()

    def sign(self, content: bytes, *, purpose: str) -> str:
        """Return a signature, 128 hexadecimal digits; it stands for this purpose alone."""
        return self._key.sign(_signed(content, purpose)).hex()


def is_signed(content: bytes, signature: str, *, purpose: str, public: str) -> bool:
    """Tell whether the holder of ``public``'s private side signed this for this purpose. Malformed is not signed."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(bytes.fromhex(signature), _signed(content, purpose))
    except (InvalidSignature, ValueError):
        return False
    return True


async def open_signer(path: Path, keyring: Keyring) -> Signer:
    """Return the signer kept at ``path``, wrapped by the current master key by now; make one where there is none.

    To be called after each rotation of the master key. Raise ``Sealed``, ``Tampered`` for a file that was changed,
    ``WrongMaster``, ``MasterUnavailable``.
    """
    kept = _read(path)
    if kept is None:
        await _keep(path, keyring, os.urandom(KEY_BYTES), is_new=True)
        return await open_signer(path, keyring)  # through the file: another may have been the first
    wrapped, master_id = kept
    private = await keyring.unwrap_house_key(wrapped, master_id=master_id)
    if master_id != keyring.master_id:
        await _keep(path, keyring, private, is_new=False)
    return Signer(private)


def _read(path: Path) -> tuple[bytes, str] | None:
    """Return the wrapped key and which master key wraps it; None where there is no file. Raise ``Tampered``."""
    try:
        kept = json.loads(path.read_bytes())
        return bytes.fromhex(kept["wrapped"]), str(kept["master_id"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise Tampered(f"{path.name} is no signing key") from None


async def _keep(path: Path, keyring: Keyring, private: bytes, *, is_new: bool) -> None:
    """Write the key, whole or not at all. Of two who make one at once, the first one's stays."""
    row = await keyring.wrap_house_key(private)
    _write(path, json.dumps({"wrapped": row.wrapped.hex(), "master_id": row.master_id}).encode(), is_new=is_new)


def _write(path: Path, content: bytes, *, is_new: bool) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.") as beside:  # 0600
        beside.write(content)
        beside.flush()
        os.fsync(beside.fileno())
        if is_new:
            with suppress(FileExistsError):
                os.link(beside.name, path)
        else:
            # A second name for the file, because the first is removed at the end.
            second = path.with_name(f"{Path(beside.name).name}.new")
            os.link(beside.name, second)
            second.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _signed(content: bytes, purpose: str) -> bytes:
    return framed(b"reelhouse", purpose.encode(), content)
