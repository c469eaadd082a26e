"""What the studio works with, put together once by who opens the house."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tenants.leaving.traces import STUDIO
from tenants.library.holdings import Holdings
from tenants.library.staging import Staging
from tenants.plugin_sets.sets import PluginSets


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """``home`` is the house's: there lie the ledger of pieces, each tenant's apart, and folders of work in progress.

    ``drawing`` lets stills be drawn one after the other: renders go first.
    """

    home: Path
    plugin_sets: PluginSets
    holdings: Holdings
    staging: Staging
    clock: Callable[[], datetime]
    drawing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def scratch(self) -> Path:
        """The folder of work in progress."""
        return self.home / STUDIO
