"""Threads for plugins' code: each call runs beside the host and is left behind when its deadline passes.

Python can't stop a thread. One that hangs is a daemon: it holds up neither the host nor its exit.
"""

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, wait
from contextvars import copy_context


class DeadlinePassed(Exception):
    """The call did not end in time; it may still be running."""


type Outcome[T] = tuple[T, None] | tuple[None, BaseException]
"""What a call gave, or what it raised."""


def run_in_thread[T](function: Callable[[], T | Awaitable[T]], seconds: float, name: str) -> Outcome[T]:
    """Run ``function`` in a daemon thread and await what it returns if that can be awaited.

    Whatever it raises (``SystemExit`` too) comes back as the outcome; ``DeadlinePassed`` after ``seconds``.
    """
    outcome: Future[T] = Future()
    context = copy_context()

    def target() -> None:
        try:
            result = context.run(function)
            outcome.set_result(context.run(asyncio.run, _awaited(result)) if inspect.isawaitable(result) else result)
        except BaseException as err:  # noqa: BLE001 - the plugin dispatcher's catch: everything is a plugin's doing
            outcome.set_exception(err)

    threading.Thread(target=target, name=f"plugin {name}", daemon=True).start()
    if not wait([outcome], timeout=seconds).done:
        return None, DeadlinePassed(f"it did not end within {seconds:g} s")
    raised = outcome.exception()
    return (None, raised) if raised else (outcome.result(), None)


async def _awaited[T](awaitable: Awaitable[T]) -> T:
    return await awaitable


class PluginLoop:
    """The event loop that one plugin's asynchronous code runs on, in a daemon thread of its own.

    So a plugin that blocks blocks itself alone, and what it opened (connections) lives on one loop, however many
    loops the host uses. A loop that no longer answers is left behind and replaced.
    """

    def __init__(self, name: str, *, grace: float = 1.0) -> None:
        self._name = name
        self._grace = grace
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    async def run[T](self, function: Callable[[], T | Awaitable[T]], seconds: float) -> Outcome[T]:
        """Call ``function`` on the loop and await what it returns if that can be awaited.

        The caller's context variables hold. After ``seconds`` the call is cancelled and the outcome is
        ``DeadlinePassed``.
        """
        loop = self._started()
        running = asyncio.run_coroutine_threadsafe(_outcome(function), loop)
        waiting = asyncio.wrap_future(running)
        try:
            done, _ = await asyncio.wait([waiting], timeout=seconds)
        except asyncio.CancelledError:
            running.cancel()
            raise
        if done:
            if waiting.cancelled():
                return None, asyncio.CancelledError("it cancelled itself")
            return waiting.result()
        running.cancel()
        await self._replace_unless_answering(loop)
        return None, DeadlinePassed(f"it did not end within {seconds:g} s")

    def close(self) -> None:
        """Stop the loop; a blocked one is left behind."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            return
        loop.call_soon_threadsafe(loop.stop)
        thread.join(self._grace)

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=_serve, args=(self._loop,), name=f"plugin {self._name}", daemon=True
                )
                self._thread.start()
            return self._loop

    async def _replace_unless_answering(self, loop: asyncio.AbstractEventLoop) -> None:
        answer: Future[None] = Future()
        loop.call_soon_threadsafe(answer.set_result, None)
        answered, _ = await asyncio.wait([asyncio.wrap_future(answer)], timeout=self._grace)
        if not answered:
            with self._lock:
                if self._loop is loop:
                    self._loop = self._thread = None


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _outcome[T](function: Callable[[], T | Awaitable[T]]) -> Outcome[T]:
    try:
        result = function()
        return (await result if inspect.isawaitable(result) else result), None
    except (Exception, SystemExit, KeyboardInterrupt) as err:  # noqa: BLE001 - the plugin dispatcher's catch
        return None, err
