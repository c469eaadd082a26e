"""Requests to stop, for work in this process and in others."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.api import Cancelled

LOOK_SECONDS = 0.2
"""How often whoever waits looks whether it is to stop."""


class Stop(Protocol):
    """Tells whether work is still wanted, as ``threading.Event`` does."""

    def is_set(self) -> bool:
        """Return whether to stop."""


class _Never:
    """No request at all."""

    def is_set(self) -> bool:
        return False


NEVER: Stop = _Never()
"""What nobody ever stops."""


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


def result_unless[T](cancelled: Stop, coming: Future[T]) -> T:
    """Return what comes of a call, or raise what it raises; raise ``Cancelled`` when it is not wanted any more."""
    while not wait((coming,), LOOK_SECONDS).done:
        raise_if(cancelled)
    return coming.result()


def raise_if(cancelled: Stop) -> None:
    """Raise ``Cancelled`` when work is not wanted any more."""
    if cancelled.is_set():
        raise Cancelled("the render was cancelled")
