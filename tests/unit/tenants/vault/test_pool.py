"""The pool: how many vaults are open, which are closed and when, and what several callers share."""

import asyncio
import threading
from pathlib import Path
from uuid import UUID

import pytest

from tenants.vault.failures import VaultBusy, VaultClosed, VaultMissing
from tenants.vault.models.setting import Setting
from tenants.vault.opening import Opener
from tenants.vault.scope import open_vaults, scope
from tests.support.vaults import INSTANCE, SmallHouse, small_house


def threads() -> int:
    return sum(thread.name.startswith("vault") for thread in threading.enumerate())


def descriptors(home: Path) -> list[str]:
    """Return which files below the vaults are open in this process, as they are named there."""
    links = (link.readlink() for link in Path("/proc/self/fd").iterdir() if link.is_symlink())
    return sorted(str(link.relative_to(home / "vaults")) for link in links if link.is_relative_to(home / "vaults"))


async def test_a_vault_that_many_want_at_once_is_opened_once(
    house: SmallHouse, tenant: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    original = Opener.open

    async def counted(self: Opener, wanted: UUID) -> object:
        opened.append(wanted)
        return await original(self, wanted)

    monkeypatch.setattr(Opener, "open", counted)

    async def use(number: int) -> None:
        async with scope(tenant):
            await Setting.create(name=str(number), value=number)

    await asyncio.gather(*(use(number) for number in range(30)))
    assert (opened, house.pool.open_count, threads()) == ([tenant], 1, 1)


async def test_no_more_than_the_capacity_are_open_and_the_longest_unused_goes(home: Path) -> None:
    async with small_house(home, capacity=3) as house:
        tenants = [await house.add_tenant() for _ in range(5)]
        for tenant in (*tenants, tenants[2], tenants[0]):
            async with scope(tenant):
                await Setting.all()
            assert house.pool.open_count <= 3
        while house.pool.open_count == 3:  # a place is made free beforehand
            await house.pool._slots.change()
        opened = {UUID(name.partition("/")[0]) for name in descriptors(home)}
        assert (opened, threads()) == ({tenants[2], tenants[0]}, 2)
    assert (threads(), descriptors(home)) == (0, [])


async def test_an_open_vault_costs_a_thread_and_four_descriptors_and_closing_gives_them_back(
    house: SmallHouse, tenant: UUID
) -> None:
    async with scope(tenant):
        await Setting.all()
        names = [f"{tenant}/{name}" for name in ("lease", "vault.db", "vault.db-shm", "vault.db-wal")]
        assert (threads(), descriptors(house.home)) == (1, names)
    async with house.pool.drained(tenant):
        assert (threads(), descriptors(house.home)) == (0, [])
    assert sorted(path.name for path in house.files(tenant).folder.iterdir()) == ["lease", "vault.db"]


async def test_what_is_used_is_not_closed_and_who_comes_waits(home: Path) -> None:
    async with small_house(home, capacity=1) as house:
        first, second = await house.add_tenant(), await house.add_tenant()

        async def use_second() -> None:
            async with scope(second):
                order.append("second")

        order: list[str] = []
        task = asyncio.create_task(use_second())
        async with scope(first):
            await asyncio.sleep(0)
            await Setting.create(name="a", value=1)
            order.append("first")
        await task
        assert order == ["first", "second"]


async def test_who_waits_too_long_for_a_place_is_told(home: Path) -> None:
    async with small_house(home, capacity=1, wait_s=1.0) as house:
        first, second = await house.add_tenant(), await house.add_tenant()
        async with scope(first):
            with pytest.raises(VaultBusy):
                async with house.pool.lease(second):
                    pass
            await Setting.create(name="still", value=1)
        async with scope(second):
            assert not await Setting.exists()


async def test_idle_vaults_are_closed_and_others_not(home: Path) -> None:
    now = [0.0]
    async with small_house(home, idle_s=100, clock=lambda: now[0]) as house:
        old, new, used = [await house.add_tenant() for _ in range(3)]
        async with scope(old):
            await Setting.create(name="a", value=1)
        async with scope(used):
            now[0] = 60
            async with house.pool.lease(new):
                pass
            now[0] = 130
            await house.pool.close_idle()
            assert house.pool.open_count == 2
            await Setting.create(name="a", value=1)
        now[0] = 161
        await house.pool.close_idle()
        assert house.pool.open_count == 1
        async with scope(old):
            assert await Setting.all().count() == 1


async def test_a_failed_opening_leaves_no_place_taken_and_can_be_tried_again(house: SmallHouse, tenant: UUID) -> None:
    files = house.files(tenant)
    files.database.rename(files.folder / "away")

    async def use() -> None:
        async with scope(tenant):
            pass

    results = await asyncio.gather(*(use() for _ in range(5)), return_exceptions=True)
    assert [type(result) for result in results] == [VaultMissing] * 5
    assert (house.pool.open_count, threads(), descriptors(house.home)) == (0, 0, [])
    (files.folder / "away").rename(files.database)
    await use()


async def test_who_gives_up_waiting_does_not_stop_the_opening(house: SmallHouse, tenant: UUID) -> None:
    async def use() -> str:
        async with scope(tenant):
            return "used"

    first, second = asyncio.create_task(use()), asyncio.create_task(use())
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await second == "used"


async def test_a_drained_vault_is_kept_closed_until_the_end(house: SmallHouse, tenant: UUID) -> None:
    async def use() -> None:
        async with scope(tenant):
            order.append("used")

    order: list[str] = []
    async with house.pool.drained(tenant) as files:
        task = asyncio.create_task(use())
        await asyncio.sleep(0)
        order.append("drained")
        with files.leased():  # nobody has it open
            await asyncio.sleep(0)
    await task
    assert order == ["drained", "used"]


async def test_a_closed_pool_lets_nobody_in(home: Path) -> None:
    async with small_house(home) as house:
        tenant = await house.add_tenant()
        async with scope(tenant):
            await Setting.create(name="a", value=1)
        await house.pool.close()
        with pytest.raises(VaultClosed):
            async with scope(tenant):
                pass
        assert (threads(), descriptors(home)) == (0, [])


async def test_who_still_uses_a_vault_when_the_house_closes_is_refused(home: Path) -> None:
    async with small_house(home, wait_s=0.05) as house:
        tenant = await house.add_tenant()
        async with scope(tenant):
            await Setting.create(name="a", value=1)
            await house.pool.close()
            with pytest.raises(VaultClosed):
                await Setting.create(name="b", value=1)
    async with small_house(home), scope(tenant):
        assert await Setting.all().count() == 1


async def test_the_house_offers_its_vaults_and_closes_them_at_the_end(house: SmallHouse, home: Path) -> None:
    tenant = await house.add_tenant()
    async with open_vaults(
        home / "vaults", keyring=house.keyring, control=house.control, instance=INSTANCE, idle_s=0.001
    ) as pool:
        async with scope(tenant):
            await Setting.create(name="a", value=1)
            assert pool.open_count == 1
        while pool.open_count:
            await pool._slots.change()
    assert threads() == 0


async def test_another_process_is_kept_out_until_the_vault_is_closed(
    house: SmallHouse, tenant: UUID, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenants.vault.opening.LEASE_WAIT_S", 0.1)
    other = open_vaults(home / "vaults", keyring=house.keyring, control=house.control, instance=INSTANCE)
    async with scope(tenant):
        await Setting.create(name="a", value=1)
    async with other as pool:
        with pytest.raises(VaultBusy):
            async with pool.lease(tenant):
                pass
        async with house.pool.drained(tenant):
            pass
        async with scope(tenant):
            assert await Setting.all().count() == 1
