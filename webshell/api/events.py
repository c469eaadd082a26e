"""``/events``: one stream a tab of what happens in a workspace (server-sent events)."""

import asyncio
import json
from collections.abc import AsyncIterator
from uuid import UUID

from quart import Blueprint, Response, request

from tenants.control.events import EventView, events_of, last_sequence
from tenants.control.roles import Permission
from webshell.api.endpoint import Rules, endpoint
from webshell.auth.principal import tenant
from webshell.shell import Shell, shell

events = Blueprint("events", __name__, url_prefix="/events")

HEARTBEAT_S = 15.0
"""Proxies cut what is silent for longer."""
_MEDIA = "text/event-stream"


@endpoint(events, "", "GET", Rules(needs=Permission.READ, gives={200: None}, media=_MEDIA))
async def stream_events() -> Response:
    """Stream what happens: jobs, notifications, plugins, quotas. ``Last-Event-ID`` goes on where a stream ended."""
    given = request.headers.get("Last-Event-ID", "")
    after = int(given) if given.isascii() and given.isdigit() and len(given) <= 18 else await last_sequence()
    response = Response(_told(shell(), tenant(), after), content_type=_MEDIA)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


async def _told(at: Shell, of: UUID, after: int) -> AsyncIterator[bytes]:
    """Yield events until the host ends or the client goes; then the client asks for the next stream by itself."""
    yield b"retry: 2000\n\n"
    async with at.tail.watching(of) as queue:
        for event in await events_of(of, after=after):
            after = event.sequence
            yield _line(event)
        while not at.stopping.is_set():
            try:
                found = await _next(queue, at.stopping)
            except TimeoutError:
                yield b": still here\n\n"
                continue
            if found is None:
                return
            if found.sequence > after:
                yield _line(found)


async def _next(queue: "asyncio.Queue[EventView | None]", stopping: asyncio.Event) -> EventView | None:
    """Return the next event, None where the stream is to end. Raise ``TimeoutError`` where none came for a while."""
    coming, ending = asyncio.create_task(queue.get()), asyncio.create_task(stopping.wait())
    try:
        done, _ = await asyncio.wait([coming, ending], timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
        if coming in done:
            return coming.result()
        if not done:
            raise TimeoutError
        return None
    finally:
        coming.cancel()
        ending.cancel()


def _line(event: EventView) -> bytes:
    data = json.dumps({"at": event.at.isoformat(), **event.data}, separators=(",", ":"))
    return f"id: {event.sequence}\nevent: {event.topic}\ndata: {data}\n\n".encode()
