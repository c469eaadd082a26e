"""Processes that work on a vault until they are killed. Forked from one that has imported everything.

``python -m tests.support.vault_deeds`` reads lines ``DEED HOME TENANT`` and forks for each; the child tells what it has
done, a line each, and lives until it is killed. When it has ended, the parent says ``ended``.
"""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from signal import SIGKILL
from uuid import UUID

import tenants.vault.upgrading
from tenants.house.house import open_house
from tenants.house.settings import HouseSettings
from tenants.vault.api_keys.keeping import add_key
from tenants.vault.migrations import MIGRATIONS
from tenants.vault.models.setting import Setting
from tenants.vault.registering import APPS
from tenants.vault.scope import scope
from tests.support.vaults import small_house

ROOT = Path(__file__).parents[2]
LATER = (*MIGRATIONS, "9999_later")
NOW = datetime(2026, 11, 23, tzinfo=UTC)


class Deeds:
    """The process that forks."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def until_killed(self, deed: str, home: Path, tenant: UUID, *, lines: int, after_s: float) -> list[str]:
        """Have a deed done, kill it ``after_s`` it has told so many lines; return all that it told."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{deed} {home} {tenant}\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        told = [self._process.stdout.readline().strip() for _ in range(lines)]
        time.sleep(after_s)  # a random moment; nothing waits for it
        os.kill(pid, SIGKILL)
        while (line := self._process.stdout.readline().strip()) != "ended":
            assert line, "the process has ended by itself"
            told.append(line)
        return told


@contextmanager
def deeds() -> Iterator[Deeds]:
    """Start the process that forks, and end it."""
    command = [sys.executable, "-m", "tests.support.vault_deeds"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            yield Deeds(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()


def tell(line: str) -> None:
    """Say a line at once, whole."""
    os.write(1, f"{line}\n".encode())


async def write(home: Path, tenant: UUID) -> None:
    """Write rows and secrets, now and then in a vault that was just opened."""
    async with small_house(home) as house:
        run = random.randrange(10**9)
        number = 0
        while True:
            async with scope(tenant):
                for _ in range(5):
                    number += 1
                    await Setting.create(name=f"{run}-{number}", value=number)
                    tell(f"row {run}-{number}")
                await add_key("pexels", f"{run}-{number}", f"secret-{run}-{number}", now=NOW)
                tell(f"key {run}-{number}")
            async with house.pool.drained(tenant):
                tell("closed")


async def migrate(home: Path, tenant: UUID) -> None:
    """Open the vault with a later version, whose migration it needs."""
    be_later()
    async with small_house(home):
        tell("begun")
        async with scope(tenant):
            tell("migrated")
            await asyncio.Event().wait()


async def rotate(home: Path, tenant: UUID) -> None:
    """Replace the tenant's key over and over, and the house's master key, with rows and secrets written in between."""
    async with open_house(HouseSettings(home=home, environment={})) as house:
        await house.unseal()
        run = random.randrange(10**9)
        number = 0
        tell("begun")
        while True:
            number += 1
            async with scope(tenant):
                await Setting.create(name=f"{run}-{number}", value=number)
                tell(f"row {run}-{number}")
                await add_key("pexels", f"{run}-{number}", f"secret-{run}-{number}", now=NOW)
                tell(f"key {run}-{number}")
            if number % 3:
                tell(f"version {await house.rotate_tenant_key(tenant, actor='test')}")
            else:
                await house.rotate_master()
                tell("master")


def be_later() -> None:
    """Be a later version, for good."""
    APPS["vault"]["migrations"] = "tests.support.later.migrations"
    tenants.vault.upgrading.MIGRATIONS = LATER


def main() -> None:
    """Fork for each line."""
    for line in sys.stdin:
        deed, home, tenant = line.split()
        pid = os.fork()
        if not pid:
            tell(str(os.getpid()))
            asyncio.run({"write": write, "migrate": migrate, "rotate": rotate}[deed](Path(home), UUID(tenant)))
            os._exit(0)
        os.waitpid(pid, 0)
        tell("ended")


if __name__ == "__main__":
    main()
