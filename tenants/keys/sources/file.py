"""The master key in a file that its owner alone can read: the default."""

import os
from pathlib import Path

from tenants.keys.derivation import KEY_BYTES
from tenants.keys.failures import MasterKeyInvalid
from tenants.keys.master import LocalMasterKey
from tenants.keys.sources.private_file import create_private, read_private
from tenants.keys.sources.succession import Succession
from tenants.keys.sources.text import key_of, text_of

LARGEST_FILE = 128  # bytes: 64 digits and some white space


def open_key_file(path: Path, *, may_create: bool) -> tuple[LocalMasterKey, ...]:
    """Return the master keys that lie at ``path`` and beside it, the one that wraps first.

    ``may_create``: make a key where there is none. Say so only for a house that has no keys yet: a new master key opens
    nothing of the old one. Raise ``MasterKeyInvalid`` where there is none, or for a file that others could read.
    """
    files = Succession(path)
    if not files.present():
        if not may_create:
            raise MasterKeyInvalid(
                f"the master key {path} is missing", hint="Restore it from where it is kept; a new one opens nothing."
            )
        create_key_file(path)
    return tuple(_read(file) for file in files.present())


def create_key_file(path: Path) -> LocalMasterKey:
    """Make a file with a random key, or return the key of the one that is there already."""
    create_private(path, text_of(os.urandom(KEY_BYTES)))
    return _read(path)


def _read(path: Path) -> LocalMasterKey:
    return LocalMasterKey(key_of(read_private(path, at_most=LARGEST_FILE), name=str(path)))
