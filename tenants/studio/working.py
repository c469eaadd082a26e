"""Working: what jobs do in threads beside the event loop, and stop when they are not to go on."""

import asyncio
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from tenants.studio.services import Studio


async def in_thread[Result](work: Callable[[threading.Event], Result]) -> Result:
    """Do ``work`` in a thread; it is given an event that is set when it is to stop, and waited for even then."""
    stop = threading.Event()
    doing = asyncio.create_task(asyncio.to_thread(work, stop))
    try:
        return await asyncio.shield(doing)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait([doing])
        if not doing.cancelled():
            doing.exception()  # it was stopped, however it says so
        raise


@contextmanager
def work_folder(at: Studio, tenant: UUID, job: UUID) -> Iterator[Path]:
    """Give an empty folder for a job of a tenant; what a killed process left of the job is gone before."""
    folder = at.scratch / str(tenant) / str(job)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
