"""The master key in a file that a passphrase opens, given at each start: nothing on disk opens anything.

Argon2id makes a key of the passphrase, and that opens the master keys in the file. So a passphrase is changed without
touching what they wrap, and a wrong one is told before any tenant's key is tried.
"""

import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hmac import compare_digest
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.api import InvalidInput
from tenants.keys.derivation import KEY_BYTES, derived
from tenants.keys.envelope import disclose, enclose
from tenants.keys.failures import MasterKeyInvalid, Sealed, WrongPassphrase
from tenants.keys.master import LocalMasterKey
from tenants.keys.secret import Secret
from tenants.keys.sources.private_file import alone_at, create_private, is_there, read_private, replace_private
from tenants.keys.sources.request import MasterRequest
from tenants.keys.sources.stretching import POLICY, SALT_BYTES, Policy, Stretching

VARIABLE = "REELHOUSE_MASTER_PASSPHRASE_FILE"
NAME = "master.passphrase"
LARGEST_FILE = 4096
LONGEST_PASSPHRASE = 1024


class Document(BaseModel):
    """A passphrase file. ``verifier`` tells a right passphrase; it also commits to it, which AES-GCM alone does not."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, ser_json_bytes="hex", val_json_bytes="hex", hide_input_in_errors=True
    )

    format: Literal[1] = 1
    stretching: Stretching
    verifier: bytes = Field(min_length=KEY_BYTES, max_length=KEY_BYTES)
    sealed: bytes


@dataclass(frozen=True, slots=True)
class PassphraseFile:
    """A file of master keys, and the passphrase that opens it."""

    path: Path
    passphrase: Secret
    policy: Policy = POLICY

    def create(self) -> None:
        """Make the file with one random key.

        Raise ``InvalidInput`` for a passphrase that is too short, and ``MasterKeyInvalid`` when there is a file.
        """
        if not create_private(self.path, self._sealed([os.urandom(KEY_BYTES)])):
            raise MasterKeyInvalid(f"{self.path} is there already")

    def open(self) -> tuple[LocalMasterKey, ...]:
        """Return the master keys, the one that wraps first. Takes the time of Argon2id, and its memory."""
        return tuple(map(LocalMasterKey, self.read()))

    def read(self) -> tuple[bytes, ...]:
        """Return the keys.

        Raise ``WrongPassphrase`` when it does not open, and ``MasterKeyInvalid`` for a file that is missing, that
        others could read, that is malformed, or whose parameters the policy forbids: then Argon2 is not even started.
        """
        document = self._document()
        self.policy.check(document.stretching, name=str(self.path))
        verifier, cipher = _opening(self._text(), document.stretching)
        if not compare_digest(verifier, document.verifier):
            raise WrongPassphrase("the passphrase is wrong, or its file was changed")
        keys = disclose(cipher, document.sealed, b"reelhouse passphrase file", name=str(self.path))
        return tuple(keys[at : at + KEY_BYTES] for at in range(0, len(keys), KEY_BYTES))

    def write(self, keys: Sequence[bytes]) -> None:
        """Put these in the place of those there, at once."""
        replace_private(self.path, self._sealed(keys))

    def change_passphrase(self, new: Secret) -> None:
        """Seal the same keys by another passphrase; until that is done, the old file stays whole."""
        with alone_at(self.path):
            replace(self, passphrase=new).write(self.read())

    def _sealed(self, keys: Sequence[bytes]) -> bytes:
        text = self._text()
        if len(text.decode()) < self.policy.shortest:
            raise InvalidInput(f"a passphrase has at least {self.policy.shortest} characters", path="passphrase")
        stretching = self.policy.stretching(os.urandom(SALT_BYTES))
        verifier, cipher = _opening(text, stretching)
        sealed = enclose(cipher, b"".join(keys), b"reelhouse passphrase file")
        document = Document(stretching=stretching, verifier=verifier, sealed=sealed)
        return document.model_dump_json(indent=2).encode() + b"\n"

    def _document(self) -> Document:
        if not is_there(self.path):
            raise MasterKeyInvalid(
                f"the passphrase file {self.path} is missing", hint="Restore it: the passphrase alone opens nothing."
            )
        try:
            return Document.model_validate_json(read_private(self.path, at_most=LARGEST_FILE))
        except ValidationError as err:
            first = err.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"])) or "it"
            raise MasterKeyInvalid(f"{self.path} is no passphrase file: {where}: {first['msg']}") from None

    def _text(self) -> bytes:
        """Return the passphrase in the one form of all keyboards: NFKC, as NIST SP 800-63B (3.1.1.2) advises."""
        value = self.passphrase.reveal()
        if len(value) > LONGEST_PASSPHRASE:
            raise InvalidInput(f"a passphrase has at most {LONGEST_PASSPHRASE} bytes", path="passphrase")
        text = _text(value)
        if text is None:
            raise InvalidInput("a passphrase is Unicode text", path="passphrase")
        return unicodedata.normalize("NFKC", text).encode()


def _text(value: bytes) -> str | None:
    """Decode UTF-8. Its error would hold the bytes, and hang on whatever is raised while it is handled."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def passphrase_source(request: MasterRequest) -> tuple[LocalMasterKey, ...]:
    """Open the passphrase file, or make it for a house that is new. Raise ``Sealed`` until the passphrase is given."""
    if request.passphrase is None:
        raise Sealed("the house is sealed until its passphrase is given")
    file = PassphraseFile(path_of(request), request.passphrase)
    if request.is_new and not is_there(file.path):
        file.create()
    return file.open()


def path_of(request: MasterRequest) -> Path:
    """Return where the passphrase file lies: ``REELHOUSE_MASTER_PASSPHRASE_FILE``, else in the home."""
    named = request.settings.get(VARIABLE)
    return Path(named) if named else request.home / NAME


def _opening(text: bytes, stretching: Stretching) -> tuple[bytes, AESGCM]:
    """Return the verifier, and what opens the keys: both of the passphrase and of all parameters."""
    root = stretching.key_of(text)
    verifier = derived(root, b"passphrase", b"verify", stretching.framed())
    return verifier, AESGCM(derived(root, b"passphrase", b"seal", stretching.framed()))
