"""A house of many tenants, for ``trials.vaults``: ``python -m benchmarks.trials.house_of_vaults HOME TENANTS OPENS``.

Makes the tenants, opens cold vaults, then vaults at random, then replaces the master key while requests go on. Prints
what it measured as JSON.
"""

import asyncio
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Awaitable
from pathlib import Path
from uuid import UUID, uuid4

from tenants.house.house import House, open_house
from tenants.house.settings import HouseSettings
from tenants.vault.models.setting import Setting
from tenants.vault.scope import scope

COLD = 200
REQUESTS_A_SECOND = 50
AT_ONCE = 1
"""How many random opens are under way at a time: requests do not queue up one by one."""


async def main(home: Path, tenants: int, opens: int) -> dict[str, float]:
    """Measure everything. Times in milliseconds, memory in MB (PSS, the largest seen)."""
    luck = random.Random(1)
    async with open_house(HouseSettings(home=home, environment={})) as house:
        await house.unseal()
        begun, cpu = time.perf_counter(), time.process_time()
        ids = [await _made(house, number) for number in range(tenants)]
        making = (time.perf_counter() - begun, time.process_time() - cpu)
        await house.vaults.close_all()
        cold = [await _timed(_opened(tenant)) for tenant in luck.sample(ids, min(COLD, tenants))]
        await house.vaults.close_all()
        from_disk = [await _timed_from_disk(house, tenant) for tenant in luck.sample(ids, min(COLD, tenants))]
        await house.vaults.close_all()
        opened, memory = await _at_random(ids, opens, luck)
        failed, asked, rotating = await _rotated(house, ids, luck)
    return {
        "making_ms": making[0] / tenants * 1000,
        "making_cpu_ms": making[1] / tenants * 1000,
        "cold_ms": statistics.median(cold) * 1000,
        "from_disk_ms": statistics.median(from_disk) * 1000,
        "open_median_ms": statistics.median(opened) * 1000,
        "open_95_ms": sorted(opened)[int(len(opened) * 0.95)] * 1000,
        "memory_mb": memory,
        "rotation_s": rotating,
        "requests": asked,
        "failed": failed,
    }


async def _made(house: House, number: int) -> UUID:
    return (
        await house.create_tenant(f"tenant-{number}", f"Tenant {number}", owner="owner@example.com", actor="bench")
    ).id


async def _opened(tenant: UUID) -> None:
    async with scope(tenant):
        await Setting.all().count()


async def _at_random(ids: list[UUID], opens: int, luck: random.Random) -> tuple[list[float], float]:
    """Open vaults at random, several at a time; return how long each took, and the most memory."""
    wanted = iter([luck.choice(ids) for _ in range(opens)])
    took: list[float] = []
    memory = 0.0

    async def open_some() -> None:
        nonlocal memory
        for tenant in wanted:
            took.append(await _timed(_opened(tenant)))
            if len(took) % 500 == 0:
                memory = max(memory, _pss_mb())

    await asyncio.gather(*(open_some() for _ in range(AT_ONCE)))
    return took, max(memory, _pss_mb())


async def _rotated(house: House, ids: list[UUID], luck: random.Random) -> tuple[int, int, float]:
    """Replace the master key while requests come in; return how many failed, how many there were, and the seconds."""
    done = asyncio.Event()
    failed = asked = 0
    requests: set[asyncio.Task[None]] = set()

    async def request() -> None:
        nonlocal failed
        try:
            async with scope(luck.choice(ids)):
                await Setting.create(name=uuid4().hex, value=1)
                await Setting.all().count()
        except Exception as err:  # noqa: BLE001 - any failure counts
            print(repr(err), file=sys.stderr)
            failed += 1

    async def come_in() -> None:
        nonlocal asked
        while not done.is_set():
            asked += 1
            task = asyncio.create_task(request())
            requests.add(task)
            task.add_done_callback(requests.discard)
            await asyncio.sleep(1 / REQUESTS_A_SECOND)

    coming = asyncio.create_task(come_in())
    await asyncio.sleep(1)
    begun = time.perf_counter()
    await house.rotate_master()
    seconds = time.perf_counter() - begun
    await asyncio.sleep(1)
    done.set()
    await coming
    await asyncio.gather(*requests)
    return failed, asked, seconds


async def _timed_from_disk(house: House, tenant: UUID) -> float:
    """Open a vault whose file the kernel was told to drop from its page cache (posix_fadvise(2))."""
    file = os.open(house.settings.vaults / str(tenant) / "vault.db", os.O_RDONLY)
    try:
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(file)
    return await _timed(_opened(tenant))


async def _timed(work: Awaitable[object]) -> float:
    begun = time.perf_counter()
    await work
    return time.perf_counter() - begun


def _pss_mb() -> float:
    lines = Path(f"/proc/{os.getpid()}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))))
