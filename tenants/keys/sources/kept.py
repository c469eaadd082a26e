"""Master keys that lie in a file, and how one follows another there."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from tenants.keys.derivation import KEY_BYTES
from tenants.keys.failures import MasterKeyInvalid
from tenants.keys.master import LocalMasterKey
from tenants.keys.sources.private_file import alone_at

MOST_KEYS = 16


class KeptKeys(Protocol):
    """A file of master keys: the first wraps; the others were before it, and unwrap what a rotation has not reached."""

    @property
    def path(self) -> Path:
        """Where it lies."""

    def read(self) -> tuple[bytes, ...]:
        """Return the keys, 32 bytes each."""

    def write(self, keys: Sequence[bytes]) -> None:
        """Put these in the place of those there, at once."""


def begin_rotation(kept: KeptKeys) -> tuple[LocalMasterKey, ...]:
    """Put a new key before those in the file, and return all: rotate to the first.

    Processes that run find it there by themselves, if they may ``reopen`` (``Keyring.unseal``). Raise
    ``MasterKeyInvalid`` when sixteen keys are kept already.
    """
    with alone_at(kept.path):
        keys = (os.urandom(KEY_BYTES), *kept.read())
        if len(keys) > MOST_KEYS:
            raise MasterKeyInvalid(f"{kept.path} holds {MOST_KEYS} keys already: end a rotation first")
        kept.write(keys)
    return tuple(map(LocalMasterKey, keys))


def drop_older(kept: KeptKeys, *, keep: int = 2) -> int:
    """Remove all but the first keys, after a rotation that is complete; return how many are gone.

    The key before is kept by default: a process that had read the file just before the rotation began may have wrapped
    a new tenant's key by it. The next rotation reaches that one.
    """
    if keep < 1:
        raise ValueError("at least one key must be kept")
    with alone_at(kept.path):
        keys = kept.read()
        if len(keys) > keep:
            kept.write(keys[:keep])
    return max(0, len(keys) - keep)
