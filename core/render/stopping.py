"""Requests to stop, for work in this process and in others."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

LOOK_SECONDS = 0.2
"""How often whoever waits looks whether it is to stop."""


class Stop(Protocol):
    """Tells whether work is still wanted, as ``threading.Event`` does."""

    def is_set(self) -> bool:
        """Return whether to stop."""


@dataclass(frozen=True, slots=True)
class StopFile:
    """A request to stop that reaches other processes: it is made when the file is there."""

    path: Path

    def is_set(self) -> bool:
        """Return whether to stop."""
        return self.path.exists()


@contextmanager
def stoppable_threads(most: int, stop: threading.Event, *, name: str) -> Iterator[ThreadPoolExecutor]:
    """Give a pool of threads; when the context is left, however that is, none of them runs any more.

    When it fails or is interrupted, ``stop`` is set for those that run, and what waits is dropped.
    """
    with ThreadPoolExecutor(most, thread_name_prefix=name) as pool:
        try:
            yield pool
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise
