"""A host in this process, on a socket of its own, for clients that know nothing but HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from quart import Quart

from webshell.serve import serve
from webshell.settings import ServerSettings


@asynccontextmanager
async def answering(app: Quart) -> AsyncIterator[str]:
    """Serve an application on a free port of this machine; yield its address."""
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    stopping = asyncio.Event()
    settings = ServerSettings(port=0)
    serving = asyncio.create_task(serve(app, settings, stopping=stopping, started=address.set_result))
    try:
        yield await address
    finally:
        stopping.set()
        await serving
