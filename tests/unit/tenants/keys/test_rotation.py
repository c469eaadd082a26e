"""Rotation of the master key: every key is wrapped anew, once, while the house goes on."""

import asyncio
import os
import random
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from tenants.keys import (
    KeyGone,
    KeyPlace,
    Keyring,
    KeyState,
    LocalMasterKey,
    MasterUnavailable,
    Refused,
    Sealed,
    TenantKeys,
    WrongMaster,
)
from tests.support.amount import amount
from tests.support.wrapped_keys import WrappedKeysInMemory

INSTANCE = uuid4()
OLD, NEW = LocalMasterKey(os.urandom(32)), LocalMasterKey(os.urandom(32))


@pytest.fixture
def rows() -> WrappedKeysInMemory:
    return WrappedKeysInMemory()


def unsealed(rows: WrappedKeysInMemory, *masters: LocalMasterKey) -> Keyring:
    keyring = Keyring(rows, instance=INSTANCE)
    keyring.unseal(*masters)
    return keyring


async def tenants_of(keyring: Keyring, count: int) -> dict[UUID, TenantKeys]:
    return {tenant: await keyring.create(tenant) for tenant in (uuid4() for _ in range(count))}


async def test_every_key_is_wrapped_anew_and_opens_the_same(rows: WrappedKeysInMemory) -> None:
    """More than a page of them."""
    keyring = unsealed(rows, OLD)
    made = await tenants_of(keyring, 250)
    renewed = next(iter(made))
    second = await keyring.renew(renewed)
    before = dict(rows.rows)

    rotation = await keyring.rotate_master(NEW)

    assert (rotation.rewrapped, rotation.refused, rotation.is_complete) == (251, (), True)
    assert {(row.master_id, row.wrap_version) for row in rows.rows.values()} == {(NEW.id, 2)}
    assert [row.state for row in rows.rows.values()] == [row.state for row in before.values()]
    assert keyring.master_id == NEW.id
    fresh = unsealed(rows, NEW)
    assert {tenant: await fresh.keys(tenant, 1) for tenant in made} == made
    assert await fresh.keys(renewed) == second
    former = unsealed(rows, OLD)
    for tenant in made:
        with pytest.raises(WrongMaster):
            await former.keys(tenant)


async def test_a_second_rotation_to_the_same_key_does_nothing(rows: WrappedKeysInMemory) -> None:
    keyring = unsealed(rows, OLD)
    await tenants_of(keyring, 3)
    await keyring.rotate_master(NEW)
    before = dict(rows.rows)
    again = await keyring.rotate_master(NEW)
    assert (again.rewrapped, again.is_complete) == (0, True)
    assert rows.rows == before


class Interrupted(Exception):
    """Stands for a process that ends at that moment."""


async def test_a_rotation_that_was_interrupted_goes_on_where_it_was(rows: WrappedKeysInMemory) -> None:
    """Ended at random moments, before or after what is stored: every key opens with one of both, and none is lost."""
    made = await tenants_of(unsealed(rows, OLD), 30)
    luck = random.Random(7)
    rewrapped = interruptions = 0
    replace_wrap = rows.replace_wrap

    async def mortal(tenant: UUID, version: int, **values: object) -> bool:
        moment = luck.random()
        if moment < 0.1:
            raise Interrupted
        done = await replace_wrap(tenant, version, **values)  # type: ignore[arg-type]
        if moment > 0.9:
            raise Interrupted
        return done

    rows.replace_wrap = mortal  # type: ignore[method-assign, assignment]
    while True:
        keyring = unsealed(rows, NEW, OLD)
        try:
            rotation = await keyring.rotate_master(NEW)
        except Interrupted:
            interruptions += 1
            assert {tenant: await keyring.keys(tenant) for tenant in made} == made
            continue
        rewrapped += rotation.rewrapped
        break
    assert interruptions > 0
    assert rotation.is_complete
    assert {row.wrap_version for row in rows.rows.values()} == {2}
    fresh = unsealed(rows, NEW)
    assert {tenant: await fresh.keys(tenant) for tenant in made} == made


async def test_readers_and_new_tenants_go_on_beside_a_rotation(rows: WrappedKeysInMemory) -> None:
    keyring = unsealed(rows, OLD)
    made = await tenants_of(keyring, amount(1_000))
    reading = Keyring(rows, instance=INSTANCE, capacity=1)  # so that nearly each reading unwraps
    reading.unseal(OLD, NEW)
    finished = asyncio.Event()
    read = 0

    async def read_on() -> None:
        nonlocal read
        luck = random.Random(8)
        while not finished.is_set():
            tenant = luck.choice(list(made))
            assert await reading.keys(tenant) == made[tenant]
            read += 1

    async def make_more() -> dict[UUID, TenantKeys]:
        return await tenants_of(reading, 10)  # wrapped by the old one: this process was not told

    async with asyncio.TaskGroup() as group:
        readers = [group.create_task(read_on()) for _ in range(3)]
        more = group.create_task(make_more())
        rotation = await keyring.rotate_master(NEW)
        late = await more
        finished.set()
    assert all(reader.done() for reader in readers)
    assert read > 0
    rest = await keyring.rotate_master(NEW)
    assert rest.is_complete
    assert rotation.rewrapped + rest.rewrapped == len(made) + 10
    fresh = unsealed(rows, NEW)
    assert {tenant: await fresh.keys(tenant) for tenant in late} == late


async def test_a_tenant_made_behind_the_rotation_s_back_is_reached_as_well(rows: WrappedKeysInMemory) -> None:
    """Another process wraps by the old master key, for a tenant that the pass has gone by already."""
    elsewhere = unsealed(rows, OLD)
    await tenants_of(elsewhere, 3)
    late = UUID(int=0)

    class Last(LocalMasterKey):
        def wrap(self, key: bytes, place: KeyPlace) -> bytes:
            if place.tenant == max(tenant for tenant, _ in rows.rows) and (late, 1) not in rows.rows:
                asyncio.run_coroutine_threadsafe(elsewhere.create(late), loop).result()
            return super().wrap(key, place)

    loop = asyncio.get_running_loop()
    to = Last(os.urandom(32))
    rotation = await unsealed(rows, OLD).rotate_master(to)
    assert (rotation.rewrapped, rotation.is_complete) == (4, True)
    assert rows.rows[late, 1].master_id == to.id


async def test_of_two_rotations_at_once_each_key_is_wrapped_by_one(rows: WrappedKeysInMemory) -> None:
    made = await tenants_of(unsealed(rows, OLD), 150)
    rotations = await asyncio.gather(*(unsealed(rows, OLD).rotate_master(NEW) for _ in range(2)))
    assert all(rotation.is_complete for rotation in rotations)
    assert sum(rotation.rewrapped for rotation in rotations) == 150
    assert {(row.master_id, row.wrap_version) for row in rows.rows.values()} == {(NEW.id, 2)}
    fresh = unsealed(rows, NEW)
    assert {tenant: await fresh.keys(tenant) for tenant in made} == made


async def test_rotations_to_two_keys_at_once_end_and_lose_nothing(rows: WrappedKeysInMemory) -> None:
    made = await tenants_of(unsealed(rows, OLD), 20)
    other = LocalMasterKey(os.urandom(32))
    await asyncio.gather(unsealed(rows, OLD, other).rotate_master(NEW), unsealed(rows, OLD, NEW).rotate_master(other))
    fresh = unsealed(rows, NEW, other)
    assert {tenant: await fresh.keys(tenant) for tenant in made} == made


async def test_a_key_that_was_changed_is_told_left_and_stops_no_other(rows: WrappedKeysInMemory) -> None:
    keyring = unsealed(rows, OLD)
    changed, foreign, sound = sorted(await tenants_of(keyring, 3))
    rows.rows[changed, 1] = replace(rows.rows[changed, 1], wrapped=bytes(61))
    rows.rows[foreign, 1] = replace(rows.rows[foreign, 1], master_id="another")
    before = dict(rows.rows)
    rotation = await keyring.rotate_master(NEW)
    assert not rotation.is_complete
    assert rotation.rewrapped == 1
    assert rotation.refused == (
        Refused(tenant=changed, version=1, code="tampered"),
        Refused(tenant=foreign, version=1, code="wrong_master_key"),
    )
    assert [rows.rows[tenant, 1] for tenant in (changed, foreign)] == [before[changed, 1], before[foreign, 1]]
    assert rows.rows[sound, 1].master_id == NEW.id


async def test_a_key_that_is_shredded_meanwhile_stays_shredded(rows: WrappedKeysInMemory) -> None:
    keyring = unsealed(rows, OLD)
    (tenant,) = await tenants_of(keyring, 1)

    class Slow(LocalMasterKey):
        """Shreds the key between its unwrapping and its storing."""

        def wrap(self, key: bytes, place: KeyPlace) -> bytes:
            asyncio.run_coroutine_threadsafe(rows.shred(tenant), loop).result()
            return super().wrap(key, place)

    loop = asyncio.get_running_loop()
    rotation = await keyring.rotate_master(Slow(os.urandom(32)))
    assert (rotation.rewrapped, rotation.is_complete) == (0, True)
    assert (rows.rows[tenant, 1].wrapped, rows.rows[tenant, 1].state) == (b"", KeyState.SHREDDED)
    with pytest.raises(KeyGone):
        await keyring.keys(tenant)


async def test_a_house_that_is_sealed_ends_the_rotation(rows: WrappedKeysInMemory) -> None:
    keyring = unsealed(rows, OLD)
    made = await tenants_of(keyring, 5)

    class Sealing(LocalMasterKey):
        def wrap(self, key: bytes, place: KeyPlace) -> bytes:
            keyring.seal()
            return super().wrap(key, place)

    before = dict(rows.rows)
    with pytest.raises(Sealed):
        await keyring.rotate_master(Sealing(os.urandom(32)))
    assert rows.rows == before
    assert set(await tenants_of(unsealed(rows, OLD), 0)) == set()
    again = unsealed(rows, OLD)
    assert {tenant: await again.keys(tenant) for tenant in made} == made


async def test_a_service_that_fails_ends_the_rotation_which_can_be_repeated(rows: WrappedKeysInMemory) -> None:
    keyring = unsealed(rows, OLD)
    await tenants_of(keyring, 5)
    calls = 0

    class Failing(LocalMasterKey):
        def wrap(self, key: bytes, place: KeyPlace) -> bytes:
            nonlocal calls
            calls += 1
            if calls == 3:
                raise MasterUnavailable("no answer")
            return super().wrap(key, place)

    to = Failing(os.urandom(32))
    with pytest.raises(MasterUnavailable):
        await keyring.rotate_master(to)
    assert sum(row.master_id == to.id for row in rows.rows.values()) == 2
    rotation = await keyring.rotate_master(to)
    assert (rotation.rewrapped, rotation.is_complete) == (3, True)
