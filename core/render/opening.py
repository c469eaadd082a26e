"""Opening a workshop: the one place where cage, ledger and executor of an installation are put together."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.cage import policy_of
from core.render.caged import CagedLauncher
from core.render.executors import open_executor
from core.render.ledger import Ledger
from core.render.making import Workshop
from core.render.scratch import scratch_folder
from core.render.station import Station

LEDGER, SCRATCH = "ledger", "rendering"


@contextmanager
def open_workshop(home: Path, *, owner: str, settings: Path | None = None) -> Iterator[Workshop]:
    """Open the workshop of the installation in ``home`` for one owner; its workers end with the context.

    ``settings`` is the ``plugins.toml`` that workers load their plugins by. The environment decides what is asked of
    the kernel (``REELHOUSE_SANDBOX_WEAK``) and where work is done (``REELHOUSE_DASK``).
    """
    launcher = CagedLauncher(settings=settings, home=home, policy=policy_of(os.environ))
    launcher.warm()
    try:
        with scratch_folder(home / SCRATCH) as folder, open_executor() as executor:
            ledger = Ledger(home / LEDGER, owner=owner)
            station = Station(launcher=launcher, ledger=ledger, folder=folder)
            yield Workshop(station=station, executor=executor.executor, workers=executor.workers)
    finally:
        launcher.close()
