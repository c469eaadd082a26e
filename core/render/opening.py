"""Opening a workshop: the one place where cage, ledger and executor of an installation are put together."""

import os
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from core.render.distance import DistantSite, open_depot, sweep_notes
from core.render.elsewhere import SharedHome, ThroughStore
from core.render.executors import STORE_VARIABLE, open_cluster, workers_here
from core.render.site import Site, engine_version
from core.render.workshop import Workshop


@contextmanager
def open_workshop(
    home: Path,
    *,
    owner: str,
    settings: Path | None = None,
    executor: Executor | None = None,
    store: str | None = None,
    workers: int | None = None,
) -> Iterator[Workshop]:
    """Open the workshop of the installation in ``home`` for one owner; its workers end with the context.

    Work is done in children of this process, as many ``workers`` as suit the cores and the memory, unless there is an
    ``executor`` or a Dask cluster (``REELHOUSE_DASK``). Its workers reach the same home, or the same ``store`` (the id
    of a storage backend, else ``REELHOUSE_DASK_STORE``), through which they get files and give back what they made.
    """
    version = engine_version()
    with ExitStack() as closing:
        executor = executor or open_cluster(os.environ, closing)
        store = store or os.environ.get(STORE_VARIABLE)
        workers = workers or workers_here()
        if executor is not None and store:
            distant = DistantSite(store=store, owner=owner, version=version, settings=settings)
            depot = open_depot(distant, home, closing)
            sweep_notes(depot.notes)
            through = ThroughStore(executor=executor, site=distant, depot=depot)
            yield Workshop(station=depot.station, workers=workers, elsewhere=through)
            return
        site = Site(home=home, owner=owner, version=version, settings=settings)
        station = site.open_station(closing)
        at_home = None if executor is None else SharedHome(executor=executor, site=site, folder=station.folder)
        yield Workshop(station=station, workers=workers, elsewhere=at_home)
