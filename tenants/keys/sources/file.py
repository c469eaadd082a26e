"""The master key in a file that its owner alone can read: the default."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tenants.keys.derivation import KEY_BYTES
from tenants.keys.failures import MasterKeyInvalid
from tenants.keys.master import LocalMasterKey
from tenants.keys.sources.private_file import create_private, is_there, read_private, replace_private
from tenants.keys.sources.request import MasterRequest
from tenants.keys.sources.text import LARGEST_TEXT, keys_of, text_of

VARIABLE = "REELHOUSE_MASTER_KEY_FILE"
NAME = "master.key"


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A file of master keys, a line each."""

    path: Path

    def create(self) -> None:
        """Make the file with one random key, unless it is there: whoever comes first makes it."""
        create_private(self.path, text_of([os.urandom(KEY_BYTES)]))

    def open(self) -> tuple[LocalMasterKey, ...]:
        """Return the master keys, the one that wraps first. Raise ``MasterKeyInvalid`` if it can't be used."""
        return tuple(map(LocalMasterKey, self.read()))

    def read(self) -> tuple[bytes, ...]:
        """Return the keys; raise ``MasterKeyInvalid`` for a file that is missing, malformed, or readable by others."""
        if not is_there(self.path):
            raise MasterKeyInvalid(
                f"the master key {self.path} is missing",
                hint="Restore it from where it is kept: a new one opens nothing.",
            )
        return keys_of(read_private(self.path, at_most=LARGEST_TEXT), name=str(self.path))

    def write(self, keys: Sequence[bytes]) -> None:
        """Put these in the place of those there, at once."""
        replace_private(self.path, text_of(keys))


def file_source(request: MasterRequest) -> tuple[LocalMasterKey, ...]:
    """Open ``REELHOUSE_MASTER_KEY_FILE``, else ``master.key`` in the home; make it for a house that is new."""
    file = file_of(request)
    if request.is_new:
        file.create()
    return file.open()


def file_of(request: MasterRequest) -> KeyFile:
    """Return the file that the request means."""
    named = request.settings.get(VARIABLE)
    return KeyFile(Path(named) if named else request.home / NAME)
