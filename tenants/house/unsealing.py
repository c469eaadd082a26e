"""Unsealing: the master keys of a house, from wherever they come, and their rotation where they lie in a file."""

import asyncio
import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tenants.control.models.key import TenantKey
from tenants.house.failures import NotRotatable, RotationUnderWay
from tenants.house.house_keys import rewrap_house_keys
from tenants.house.settings import HouseSettings
from tenants.keys import Keyring, KeyState, MasterKey, Rotation, Secret, WrappedKey
from tenants.keys.signing import open_signer
from tenants.keys.sources.file import file_of
from tenants.keys.sources.finding import named_sources, open_masters
from tenants.keys.sources.kept import begin_rotation, drop_older
from tenants.keys.sources.passphrase import path_of
from tenants.keys.sources.private_file import is_there
from tenants.keys.sources.request import MasterRequest

FILE = "file"
"""The name of the source that lies in a file: the one that another process may change meanwhile."""


def key_of(row: TenantKey) -> WrappedKey:
    """Return the keyring's value of a row."""
    return WrappedKey(
        tenant=row.tenant_id,
        version=row.version,
        wrapped=bytes(row.wrapped),
        master_id=row.master_id,
        wrap_version=row.wrap_version,
        state=KeyState(row.state),
    )


async def unseal(keyring: Keyring, settings: HouseSettings, passphrase: Secret | None = None) -> None:
    """Open the master keys and let the keyring work with them; make one for a house that never had a tenant.

    Raise what ``open_masters`` does: ``Sealed`` where a passphrase is missing, ``MasterKeyInvalid``,
    ``MasterUnavailable``, ``WrongPassphrase``. The keyring stays as it was then.
    """
    is_new = not await TenantKey.exists()
    first = _request(settings, passphrase, is_new=is_new)
    masters = await asyncio.to_thread(open_masters, first)
    later = _request(settings, None, is_new=False)
    is_read_again = named_sources(later) == (FILE,)
    keyring.unseal(*masters, reopen=(lambda: open_masters(later)) if is_read_again else None)


async def masters_of(settings: HouseSettings, passphrase: Secret | None = None) -> Sequence[MasterKey]:
    """Return the master keys that there are, the one that wraps first; make none. Raise as ``unseal``."""
    return await asyncio.to_thread(open_masters, _request(settings, passphrase, is_new=False))


def has_passphrase(settings: HouseSettings) -> bool:
    """Tell whether a passphrase was chosen already: the first one is asked for twice."""
    return is_there(path_of(_request(settings, None, is_new=False)))


async def rotate_master(keyring: Keyring, settings: HouseSettings) -> Rotation:
    """Make a new master key in the file, wrap every tenant's key by it, and drop the keys before the last.

    What was interrupted is done by the next call. Raise ``NotRotatable`` where the master key is not in a file,
    ``RotationUnderWay`` while another process does this; nothing is changed then.
    """
    request = _request(settings, None, is_new=False)
    sources = named_sources(request)
    if sources != (FILE,):
        raise NotRotatable(
            f"the master key comes from {', '.join(sources)}",
            hint="Name the new source first in REELHOUSE_MASTER_SOURCES, the old one after it, and start again.",
        )
    file = file_of(request)
    with _rotating_alone(settings.home):
        new, *older = await asyncio.to_thread(begin_rotation, file)
        keyring.unseal(new, *older, reopen=lambda: open_masters(request))
        rotation = await keyring.rotate_master(new)
        if rotation.is_complete:
            if is_there(settings.signing_key):
                await open_signer(settings.signing_key, keyring)  # wraps it anew: before the old key goes
            await rewrap_house_keys(keyring)
            await asyncio.to_thread(drop_older, file)
    return rotation


@contextmanager
def _rotating_alone(home: Path) -> Iterator[None]:
    """Keep others from rotating: of two at once, one could drop the key that the other still wraps by."""
    with (home / "rotation.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RotationUnderWay("the master key is being replaced by another process") from None
        yield


def _request(settings: HouseSettings, passphrase: Secret | None, *, is_new: bool) -> MasterRequest:
    return MasterRequest(home=settings.home, settings=settings.environment, is_new=is_new, passphrase=passphrase)
