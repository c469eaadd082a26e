"""Which sources of master keys a house uses, and where they are found: the entry points ``reelhouse.master_keys``.

Not a hook of the plugins: those are loaded long after the house is unsealed, are switched on and off by tenants, and
may fail without harm. Where the master key lies is one decision of who runs the house, needed before anything else.
"""

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from tenants.keys.failures import MasterKeyInvalid
from tenants.keys.master import MasterKey
from tenants.keys.sources import environment, kms, passphrase
from tenants.keys.sources.private_file import is_there
from tenants.keys.sources.request import MasterRequest, MasterSource

GROUP = "reelhouse.master_keys"
VARIABLE = "REELHOUSE_MASTER_SOURCES"


def open_masters(request: MasterRequest) -> tuple[MasterKey, ...]:
    """Return the master keys of a house, the one that wraps first.

    ``REELHOUSE_MASTER_SOURCES`` names the sources, the first of them wraps; else it is the one whose setting is there,
    else the file. Raise ``Sealed``, ``MasterKeyInvalid``, ``MasterUnavailable`` or ``WrongPassphrase``.
    """
    masters: dict[str, MasterKey] = {}
    for name in named_sources(request):
        opened = _source(name)(request)
        if not opened:
            raise MasterKeyInvalid(f"the source {name!r} gives no master key")
        for master in opened:
            masters.setdefault(master.id, master)
    return tuple(masters.values())


def named_sources(request: MasterRequest) -> tuple[str, ...]:
    """Return the names of the sources to open; raise ``MasterKeyInvalid`` when several are set and none is named."""
    named = tuple(request.settings.get(VARIABLE, "").replace(",", " ").split())
    if named:
        return named
    hints = {
        "environment": bool(request.settings.get(environment.VARIABLE)),
        "kms": bool(request.settings.get(kms.VARIABLE)),
        "passphrase": is_there(passphrase.path_of(request)),
    }
    found = tuple(name for name, is_set in hints.items() if is_set)
    if len(found) > 1:
        raise MasterKeyInvalid(
            f"master keys come from {' and '.join(found)}: which of them wraps?",
            hint=f"{VARIABLE}={','.join(found)} lets the first wrap and the others unwrap what it has not yet.",
        )
    return found or ("file",)


@cache  # asked for every key that is made, and what is installed stays the same
def _source(name: str) -> MasterSource:
    points = entry_points(group=GROUP)
    try:
        point: EntryPoint = points[name]
    except KeyError:
        raise MasterKeyInvalid(
            f"there is no source of master keys named {name!r}", hint=f"There are: {', '.join(sorted(points.names))}."
        ) from None
    try:
        source: MasterSource = point.load()
    except (ImportError, AttributeError) as err:
        raise MasterKeyInvalid(f"the source of master keys {name!r} can't be loaded: {err}") from err
    return source
