"""A bad line: a proxy on loopback that cuts each connection after so many bytes, while there are cuts left."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class BadLine:
    """Where it listens, and how often it has cut."""

    port: int = 0
    cuts: int = 0
    _left: list[int] = field(default_factory=list)


@asynccontextmanager
async def cutting(port: int, after: Iterable[int]) -> AsyncIterator[BadLine]:
    """Lead connections to a port of this machine; the n-th that sends much is cut after the n-th number of bytes."""
    line = BadLine(_left=list(after))
    tasks: set[asyncio.Task[None]] = set()

    async def lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host_reader, host_writer = await asyncio.open_connection("127.0.0.1", port)
        back = asyncio.create_task(_pass(host_reader, writer))
        tasks.add(back)
        limit = line._left[0] if line._left else None
        if not await _pass(reader, host_writer, limit) and line._left:
            line._left.pop(0)
            line.cuts += 1
            writer.transport.abort()
            host_writer.transport.abort()

    server = await asyncio.start_server(lead, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: int | None = None) -> bool:
    """Pass bytes on until the end; return False when the limit was met before."""
    passed = 0
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            if limit is not None and passed + len(data) > limit:
                writer.write(data[: limit - passed])
                await writer.drain()
                return False
            passed += len(data)
            writer.write(data)
            await writer.drain()
        writer.close()
    return True
