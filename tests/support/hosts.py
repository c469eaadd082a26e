"""A host of its own process, for tests that ask what strangers ask."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

_ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A host that serves: where, and its process."""

    url: str
    process: asyncio.subprocess.Process

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.url.rpartition(":")[2])

    async def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal and return the exit code, and what was logged."""
        self.process.send_signal(number)
        _, logged = await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode, logged.decode()


@asynccontextmanager
async def serving(home: Path, environment: Mapping[str, str] | None = None, *arguments: str) -> AsyncIterator[Host]:
    """Run ``reelhouse serve`` on a free port; kill it at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "webshell.cli", "serve", "--port", "0", *arguments,
        env={**os.environ, "REELHOUSE_HOME": str(home), **(environment or {})},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, limit=2**24,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        while True:
            line = (await process.stdout.readline()).decode()
            if found := _ADDRESS.search(line):
                break
            assert line, await _complaint(process)
        yield Host(url=found.group(), process=process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _complaint(process: asyncio.subprocess.Process) -> str:
    _, logged = await process.communicate()
    return f"the host ended with {process.returncode}: {logged.decode()}"
