"""Several processes that do the same to one control plane at the same moment."""

import asyncio
import multiprocessing
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.synchronize import Barrier
from typing import Any

from tenants.control.database import open_control

_LONGEST_S = 120
_together: Barrier | None = None


class Processes:
    """A few processes that are kept for many tests: each deed is done in all of them at once."""

    def __init__(self, pool: ProcessPoolExecutor, count: int) -> None:
        self._pool = pool
        self._count = count

    def do[Result](self, deed: Callable[..., Awaitable[Result]], url: str, *arguments: Any) -> list[Result]:
        """Open the control plane in each process, wait for the others, then await ``deed(*arguments)``."""
        done = [self._pool.submit(_opened_then_do, deed, url, arguments) for _ in range(self._count)]
        return [one.result(timeout=_LONGEST_S) for one in done]

    def open(self, url: str) -> list[tuple[str, ...]]:
        """Open the control plane in all processes at the same moment; return which migrations each applied."""
        done = [self._pool.submit(_do_open, url) for _ in range(self._count)]
        return [one.result(timeout=_LONGEST_S) for one in done]


@contextmanager
def processes(count: int = 2) -> Iterator[Processes]:
    """Start processes that share nothing with this one, and end them."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(count)
    with ProcessPoolExecutor(count, mp_context=context, initializer=_meet, initargs=(barrier,)) as pool:
        yield Processes(pool, count)


def _meet(barrier: Barrier) -> None:
    global _together
    _together = barrier


def _wait_for_all() -> None:
    assert _together is not None
    _together.wait(timeout=_LONGEST_S)


def _opened_then_do(deed: Callable[..., Awaitable[Any]], url: str, arguments: tuple[Any, ...]) -> Any:
    async def do() -> Any:
        async with open_control(url):
            _wait_for_all()
            return await deed(*arguments)

    return asyncio.run(do())


def _do_open(url: str) -> tuple[str, ...]:
    async def do() -> tuple[str, ...]:
        _wait_for_all()
        async with open_control(url) as control:
            return control.migrated

    return asyncio.run(do())
