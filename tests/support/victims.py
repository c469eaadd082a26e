"""Processes that write to a control plane until they are killed, and say of each row when it was kept."""

import asyncio
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from tenants.control.audit import audited
from tenants.control.database import open_control
from tenants.control.models.user import User


@contextmanager
def victim(
    deed: Callable[[str, str, Connection], None], url: str, name: str
) -> Iterator[tuple[BaseProcess, Connection]]:
    """Start a process for a deed; it is killed, at the latest, when the block is left."""
    context = multiprocessing.get_context("forkserver")  # forked from a process that imported all this already
    context.set_forkserver_preload([__name__])
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=deed, args=(url, name, there))
    process.start()
    there.close()
    try:
        yield process, here
    finally:
        process.kill()
        process.join()
        process.close()
        here.close()


def write_for_ever(url: str, name: str, kept: Connection) -> None:
    """Make users, audited; send each one's address after it was kept."""

    async def write() -> None:
        async with open_control(url):
            number = 0
            while True:
                email = f"{name}.{number}@example.com"
                async with audited(f"process:{name}", "user.create", email):
                    await User.create(email=email, name=name)
                kept.send(email)
                number += 1

    asyncio.run(write())


def open_once(url: str, _name: str, opening: Connection) -> None:
    """Open a database, which migrates it; say when it begins."""

    async def do() -> None:
        opening.send("")
        async with open_control(url):
            pass

    asyncio.run(do())
