"""An API in a process of its own, whose only member everybody is: ``python -m tests.support.api_host HOME``."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.answering import answering
from tests.support.api import opened_api


@asynccontextmanager
async def api_host(home: Path) -> AsyncIterator[tuple[str, int]]:
    """Run one, and make its tenant; yield its address and the number of its process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.api_host", str(home),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip(), process.pid
    finally:
        process.kill()
        await process.wait()


async def _main(home: Path) -> None:
    async with opened_api(home, {"REELHOUSE_LIMITS_READ": "100000"}) as api:
        api.everybody_is(await api.somebody("acme"))
        async with answering(api.app) as url:
            print(url, flush=True)  # noqa: T201 - what the other process waits for
            await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1])))
