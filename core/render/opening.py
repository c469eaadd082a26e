"""Opening a workshop: the one place where cage, ledger and executor of an installation are put together."""

import os
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from core.render.executors import open_cluster, workers_here
from core.render.site import Site
from core.render.workshop import Elsewhere, Workshop


@contextmanager
def open_workshop(
    home: Path,
    *,
    owner: str,
    settings: Path | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
) -> Iterator[Workshop]:
    """Open the workshop of the installation in ``home`` for one owner; its workers end with the context.

    Work is done in children of this process, as many ``workers`` as suit the cores and the memory, unless there is an
    ``executor``, which must reach the same home, or a Dask cluster (``REELHOUSE_DASK``).
    """
    site = Site(home=home, owner=owner, settings=settings)
    with ExitStack() as closing:
        station = site.open_station(closing)
        executor = executor or open_cluster(os.environ, closing)
        yield Workshop(
            station=station,
            workers=workers or workers_here(),
            elsewhere=None if executor is None else Elsewhere(executor=executor, site=site),
        )
