"""The tail: reads new events once for all who watch in this process, and wakes those whom one is for."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from core.api import ReelhouseError
from tenants.control.database import DATABASE_ERRORS
from tenants.control.events import EventView, events_after, last_sequence

EVERY_S = 0.5
"""How soon an event of another process is told."""
_MOST_WAITING = 1000

_log = logging.getLogger(__name__)


class Tail:
    """Hands events to watchers. One that is too slow is let go: it comes again, and reads what it missed."""

    def __init__(self) -> None:
        self._watching: dict[UUID, set[asyncio.Queue[EventView | None]]] = defaultdict(set)

    @asynccontextmanager
    async def watching(self, tenant: UUID) -> AsyncIterator["asyncio.Queue[EventView | None]"]:
        """Give a queue of a tenant's events from now on; None says that some were missed."""
        queue: asyncio.Queue[EventView | None] = asyncio.Queue(_MOST_WAITING)
        self._watching[tenant].add(queue)
        try:
            yield queue
        finally:
            self._watching[tenant].discard(queue)
            if not self._watching[tenant]:
                del self._watching[tenant]

    async def run(self) -> None:
        """Read events until cancelled; not at all while nobody watches."""
        last: int | None = None
        while True:
            try:
                if not self._watching:
                    last = None
                elif last is None:
                    last = await last_sequence()
                else:
                    for event in await events_after(last):
                        last = event.sequence
                        self._hand_out(event)
            except (ReelhouseError, *DATABASE_ERRORS) as err:
                _log.warning("events can't be read: %s", err)
            await asyncio.sleep(EVERY_S)

    def _hand_out(self, event: EventView) -> None:
        if event.tenant is None:
            return
        for queue in list(self._watching.get(event.tenant, ())):
            if queue.qsize() >= _MOST_WAITING - 1:
                self._watching[event.tenant].discard(queue)
                queue.put_nowait(None)
            else:
                queue.put_nowait(event)
