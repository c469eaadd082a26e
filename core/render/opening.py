"""Opening a workshop: the one place where cage, ledger and executor of an installation are put together."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from core.render.executors import cores_here, open_cluster
from core.render.site import Site
from core.render.workshop import Elsewhere, Workshop

CORES_A_WORKER = 2
"""One draws and decodes, the other encodes."""


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
        executor = executor or open_cluster(closing)
        yield Workshop(
            station=station,
            workers=workers or max(1, cores_here() // CORES_A_WORKER),
            elsewhere=None if executor is None else Elsewhere(executor=executor, site=site),
        )
