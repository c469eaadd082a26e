"""Deadlines: how long a plugin may take for each kind of call before it counts as hanging."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Seconds by kind of call. ``plugins.toml`` may override each for a plugin.

    ``load`` is the import of the plugin's module, ``collect`` one hook, ``open`` the opening or closing of a provider
    or store, ``search`` a provider's search, ``fetch`` a provider's delivery, ``store`` one step of a store (a chunk,
    a name, a link), ``transfer`` a whole file put or fetched, ``check`` a look at the file of a parameter, ``event``
    one listener.
    """

    load: float = 30.0
    collect: float = 5.0
    open: float = 60.0
    search: float = 20.0
    fetch: float = 600.0
    store: float = 60.0
    transfer: float = 3600.0
    check: float = 60.0
    event: float = 5.0
