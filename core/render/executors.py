"""Executors."""

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An executor."""

    executor: Executor
    workers: int


@contextmanager
def open_executor() -> Iterator[Opened]:
    """Open."""
    workers = max(1, len(os.sched_getaffinity(0)))
    with ThreadPoolExecutor(workers) as pool:
        yield Opened(executor=pool, workers=workers)
