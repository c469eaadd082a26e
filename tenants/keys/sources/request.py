"""What a source of master keys is given, and what it must be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tenants.keys.master import MasterKey
from tenants.keys.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterRequest:
    """The wish for the master keys of a house.

    ``home`` is the house's folder, ``settings`` its environment. ``is_new`` says that no key was wrapped yet, so that a
    master key may be made. ``passphrase`` is there when somebody gave it.
    """

    home: Path
    settings: Mapping[str, str]
    is_new: bool = False
    passphrase: Secret | None = None


class MasterSource(Protocol):
    """Gives the master keys, the one that wraps first. A distribution offers it by an entry point of its own.

    Group ``reelhouse.master_keys``, name as it is written in ``REELHOUSE_MASTER_SOURCES``, value ``module:function``.
    Raise ``Sealed`` when a passphrase or the like is missing, ``MasterKeyInvalid`` for what can't be used, and
    ``MasterUnavailable`` when a service does not answer. Called in a thread.
    """

    def __call__(self, request: MasterRequest, /) -> Sequence[MasterKey]: ...
