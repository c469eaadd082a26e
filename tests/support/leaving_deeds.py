"""Processes that erase or export a tenant until they are killed. Forked from one that has imported everything.

``python -m tests.support.leaving_deeds`` is spoken to as ``tests.support.vault_deeds`` is.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from tenants.leaving.exporting import export_tenant
from tests.support.leaving import NOW, leaving
from tests.support.vault_deeds import ROOT, Deeds, tell


@contextmanager
def leaving_deeds() -> Iterator[Deeds]:
    """Start the process that forks, and end it."""
    command = [sys.executable, "-m", "tests.support.leaving_deeds"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            yield Deeds(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()


async def erase(home: Path, tenant: UUID) -> None:
    """Erase, and live on."""
    async with leaving(home) as place:
        word = await place.confirmed(tenant)
        tell("begun")
        await place.erase(tenant, word)
        tell("done")
        await asyncio.Event().wait()


async def export(home: Path, tenant: UUID) -> None:
    """Export, again and again."""
    async with leaving(home) as place:
        tell("begun")
        while True:
            await export_tenant(
                tenant, home / "out" / "acme.zip", keyring=place.house.keyring, stores=place.stores, now=NOW
            )
            tell("done")


def main() -> None:
    """Fork for each line."""
    for line in sys.stdin:
        deed, home, tenant = line.split()
        pid = os.fork()
        if not pid:
            tell(str(os.getpid()))
            asyncio.run({"erase": erase, "export": export}[deed](Path(home), UUID(tenant)))
            os._exit(0)
        os.waitpid(pid, 0)
        tell("ended")


if __name__ == "__main__":
    main()
