"""Errands: what is done to an open file, one after the other, in the one thread that it belongs to.

Not aiosqlite: its thread logs every statement with its values, and hands results over in futures, whose repr (asyncio's
debug mode logs it) shows them.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor


class ErrandThread:
    """A thread that does what it is told in order. Nothing that goes in or out is seen in a repr."""

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="vault")

    async def run[Result](self, errand: Callable[[], Result]) -> Result:
        """Return what an errand returns. Cancelled while it waits in the queue, it is not done at all."""
        results: list[Result] = []
        await asyncio.wrap_future(self._submit(errand, results))
        return results[0]

    async def run_surely[Result](self, errand: Callable[[], Result]) -> Result:
        """Return what an errand returns; it is done in its turn even if who waits for it is cancelled."""
        results: list[Result] = []
        await asyncio.shield(asyncio.wrap_future(self._submit(errand, results)))
        return results[0]

    def end(self) -> None:
        """Let the thread end; it has done all that it was told."""
        self._executor.shutdown()

    def _submit[Result](self, errand: Callable[[], Result], results: list[Result]) -> "Future[None]":
        return self._executor.submit(lambda: results.append(errand()))
