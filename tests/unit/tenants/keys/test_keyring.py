"""The keyring: keys are made, given, forgotten, destroyed."""

import os
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from tenants.keys import (
    KeyExists,
    KeyGone,
    KeyPlace,
    Keyring,
    KeyState,
    LocalMasterKey,
    MasterKey,
    Sealed,
    Tampered,
    WrongMaster,
)
from tests.support.wrapped_keys import WrappedKeysInMemory

INSTANCE = uuid4()


@pytest.fixture
def rows() -> WrappedKeysInMemory:
    return WrappedKeysInMemory()


@pytest.fixture
def master() -> LocalMasterKey:
    return LocalMasterKey(os.urandom(32))


@pytest.fixture
def keyring(rows: WrappedKeysInMemory, master: LocalMasterKey) -> Keyring:
    keyring = Keyring(rows, instance=INSTANCE)
    keyring.unseal(master)
    return keyring


class CountingMaster:
    """Counts what a master key is asked for, and lets something happen while it works."""

    def __init__(self, inner: MasterKey) -> None:
        self.inner = inner
        self.unwrapped = 0
        self.meanwhile: list[object] = []

    @property
    def id(self) -> str:
        return self.inner.id

    def wrap(self, key: bytes, place: KeyPlace) -> bytes:
        return self.inner.wrap(key, place)

    def unwrap(self, wrapped: bytes, place: KeyPlace) -> bytes:
        self.unwrapped += 1
        for act in self.meanwhile:
            assert callable(act)
            act()
        return self.inner.unwrap(wrapped, place)


async def test_a_new_tenant_gets_five_different_keys_that_stay_the_same(
    keyring: Keyring, rows: WrappedKeysInMemory, master: LocalMasterKey
) -> None:
    tenant = uuid4()
    made = await keyring.create(tenant)
    assert (made.tenant, made.version) == (tenant, 1)
    assert len({made.vault, made.field, made.blob, made.index, made.backup}) == 5
    another = Keyring(rows, instance=INSTANCE)
    another.unseal(master)
    assert await another.keys(tenant) == made == await another.keys(tenant, 1)


async def test_a_tenant_is_given_a_key_once(keyring: Keyring, rows: WrappedKeysInMemory) -> None:
    tenant = uuid4()
    made = await keyring.create(tenant)
    before = dict(rows.rows)
    with pytest.raises(KeyExists):
        await keyring.create(tenant)
    assert rows.rows == before
    assert await keyring.keys(tenant) == made


async def test_nothing_is_given_or_made_while_sealed(rows: WrappedKeysInMemory, keyring: Keyring) -> None:
    tenant = uuid4()
    await keyring.create(tenant)
    keyring.seal()
    assert keyring.is_sealed
    before, rows.calls = dict(rows.rows), []
    for ask in (
        lambda: keyring.keys(tenant),
        lambda: keyring.keys(tenant, 1),
        lambda: keyring.create(uuid4()),
        lambda: keyring.renew(tenant),
        lambda: keyring.rotate_master(LocalMasterKey(os.urandom(32))),
    ):
        with pytest.raises(Sealed) as caught:
            await ask()
        assert (caught.value.code, caught.value.status) == ("sealed", 503)
    with pytest.raises(Sealed):
        _ = keyring.master_id
    assert rows.rows == before
    assert rows.calls == []


async def test_an_unsealed_keyring_goes_on_with_the_same_keys(keyring: Keyring, master: LocalMasterKey) -> None:
    tenant = uuid4()
    made = await keyring.create(tenant)
    keyring.seal()
    keyring.unseal(master)
    assert await keyring.keys(tenant) == made


async def test_what_is_unwrapped_while_the_house_is_sealed_is_not_given(
    rows: WrappedKeysInMemory, master: LocalMasterKey
) -> None:
    counting = CountingMaster(master)
    keyring = Keyring(rows, instance=INSTANCE)
    keyring.unseal(counting)
    await keyring.create(tenant := uuid4())
    keyring.seal()
    keyring.unseal(counting)
    counting.meanwhile.append(keyring.seal)
    with pytest.raises(Sealed):
        await keyring.keys(tenant)
    assert not keyring._kept


async def test_what_is_unwrapped_while_it_is_shredded_is_not_given(
    rows: WrappedKeysInMemory, master: LocalMasterKey
) -> None:
    counting = CountingMaster(master)
    keyring = Keyring(rows, instance=INSTANCE)
    keyring.unseal(master)
    await keyring.create(tenant := uuid4())
    keyring.seal()
    keyring.unseal(counting)

    def shred() -> None:
        counting.meanwhile.clear()
        with pytest.raises(StopIteration):
            keyring.shred(tenant).send(None)

    counting.meanwhile.append(shred)
    with pytest.raises(KeyGone):
        await keyring.keys(tenant)
    assert counting.unwrapped == 1
    assert not keyring._kept


async def test_only_the_last_used_keys_are_kept(rows: WrappedKeysInMemory, master: LocalMasterKey) -> None:
    counting = CountingMaster(master)
    keyring = Keyring(rows, instance=INSTANCE, capacity=3)
    keyring.unseal(counting)
    first, second, third, fourth = tenants = [uuid4() for _ in range(4)]
    for tenant in tenants[:3]:
        await keyring.create(tenant)
    await keyring.keys(first)
    await keyring.create(fourth)
    assert [place[0] for place in keyring._kept] == [third, first, fourth]
    counting.unwrapped = 0
    for tenant in (third, first, fourth):
        await keyring.keys(tenant)
    assert counting.unwrapped == 0
    await keyring.keys(second)
    assert counting.unwrapped == 1
    assert len(keyring._kept) == 3


async def test_a_shredded_tenant_has_no_key_and_never_gets_one(keyring: Keyring, rows: WrappedKeysInMemory) -> None:
    tenant, other = uuid4(), uuid4()
    await keyring.create(tenant)
    await keyring.renew(tenant)
    kept = await keyring.create(other)
    assert await keyring.shred(tenant) == 2
    for version in (None, 1, 2):
        with pytest.raises(KeyGone):
            await keyring.keys(tenant, version)
    for make in (keyring.create, keyring.renew):
        with pytest.raises((KeyExists, KeyGone)):
            await make(tenant)
    assert [row.wrapped for place, row in rows.rows.items() if place[0] == tenant] == [b"", b""]
    assert await keyring.keys(other) == kept


async def test_a_key_that_another_process_shredded_is_gone_at_once(keyring: Keyring, rows: WrappedKeysInMemory) -> None:
    await keyring.create(tenant := uuid4())
    await rows.shred(tenant)
    with pytest.raises(KeyGone):
        await keyring.keys(tenant)
    assert not keyring._kept


async def test_keys_can_be_shredded_while_sealed(keyring: Keyring, rows: WrappedKeysInMemory) -> None:
    await keyring.create(tenant := uuid4())
    keyring.seal()
    assert await keyring.shred(tenant) == 1
    assert rows.rows[tenant, 1].state is KeyState.SHREDDED


async def test_a_renewed_key_is_the_active_one_and_the_former_still_opens(
    keyring: Keyring, rows: WrappedKeysInMemory
) -> None:
    tenant = uuid4()
    first = await keyring.create(tenant)
    second = await keyring.renew(tenant)
    assert (first.version, second.version) == (1, 2)
    assert not {first.vault, first.field, first.blob} & {second.vault, second.field, second.blob}
    assert await keyring.keys(tenant) == second
    assert await keyring.keys(tenant, 1) == first
    assert [row.state for row in rows.rows.values()] == [KeyState.DECRYPT_ONLY, KeyState.ACTIVE]


async def test_who_never_had_a_key_has_none(keyring: Keyring, rows: WrappedKeysInMemory) -> None:
    for ask in (lambda: keyring.keys(uuid4()), lambda: keyring.keys(uuid4(), 3), lambda: keyring.renew(uuid4())):
        with pytest.raises(KeyGone):
            await ask()
    assert rows.rows == {}


async def test_a_wrong_master_key_is_refused_by_name(keyring: Keyring, rows: WrappedKeysInMemory) -> None:
    await keyring.create(tenant := uuid4())
    before = dict(rows.rows)
    wanted = keyring.master_id
    keyring.seal()
    keyring.unseal(LocalMasterKey(os.urandom(32)))
    with pytest.raises(WrongMaster) as caught:
        await keyring.keys(tenant)
    assert caught.value.master_id == wanted
    assert rows.rows == before


async def test_a_row_that_was_moved_does_not_unwrap(
    keyring: Keyring, rows: WrappedKeysInMemory, master: LocalMasterKey
) -> None:
    tenant, other = uuid4(), uuid4()
    await keyring.create(tenant)
    await keyring.renew(tenant)
    await keyring.create(other)
    keyring.seal()
    keyring.unseal(master)
    own, former, foreign = rows.rows[tenant, 2], rows.rows[tenant, 1], rows.rows[other, 1]
    for spoilt in (
        replace(own, wrapped=foreign.wrapped),
        replace(own, wrapped=former.wrapped),
        replace(foreign, version=2),
        replace(former, state=KeyState.ACTIVE),
        replace(own, wrapped=b""),
    ):
        rows.rows[tenant, 2] = spoilt
        with pytest.raises(Tampered):
            await keyring.keys(tenant, 2)
    another_house = Keyring(rows, instance=uuid4())
    another_house.unseal(master)
    with pytest.raises(Tampered):
        await another_house.keys(other)
    assert not keyring._kept


async def test_keys_of_a_rotation_begun_elsewhere_are_found(rows: WrappedKeysInMemory, master: LocalMasterKey) -> None:
    """Another process made a new master key, wrapped a tenant's key by it, and did not tell."""
    successor = LocalMasterKey(os.urandom(32))
    lying_there: list[LocalMasterKey] = [master]

    def reopen() -> Sequence[MasterKey]:
        return lying_there

    serving = Keyring(rows, instance=INSTANCE)
    serving.unseal(master, reopen=reopen)
    untouched, rewrapped, later = uuid4(), uuid4(), uuid4()
    await serving.create(untouched)
    made = await serving.create(rewrapped)
    lying_there.insert(0, successor)
    elsewhere = Keyring(rows, instance=INSTANCE)
    elsewhere.unseal(successor, master)
    await elsewhere.create(later)

    assert (await serving.keys(later)).version == 1
    assert serving.master_id == successor.id
    assert await serving.keys(rewrapped) == made
    assert (await serving.keys(untouched)).version == 1


async def test_a_key_made_during_a_rotation_elsewhere_is_wrapped_by_the_new_master(
    rows: WrappedKeysInMemory, master: LocalMasterKey
) -> None:
    successor = LocalMasterKey(os.urandom(32))
    keyring = Keyring(rows, instance=INSTANCE)
    keyring.unseal(master, reopen=lambda: (successor, master))
    await keyring.create(tenant := uuid4())
    assert rows.rows[tenant, 1].master_id == successor.id


async def test_a_master_key_that_lies_nowhere_is_still_refused(
    rows: WrappedKeysInMemory, master: LocalMasterKey, keyring: Keyring
) -> None:
    stranger = Keyring(rows, instance=INSTANCE)
    stranger.unseal(LocalMasterKey(os.urandom(32)))
    await stranger.create(tenant := UUID(int=1))
    keyring.unseal(master, reopen=lambda: (master,))
    with pytest.raises(WrongMaster):
        await keyring.keys(tenant)


async def test_a_house_that_is_sealed_during_a_look_at_the_source_stays_sealed(
    rows: WrappedKeysInMemory, master: LocalMasterKey, keyring: Keyring
) -> None:
    def reopen() -> Sequence[MasterKey]:
        keyring.seal()
        return (master,)

    keyring.unseal(master, reopen=reopen)
    with pytest.raises(Sealed):
        await keyring.create(uuid4())
    assert keyring.is_sealed
    assert rows.rows == {}


async def test_a_rotation_begun_here_is_not_undone_by_a_look_at_the_source(
    rows: WrappedKeysInMemory, master: LocalMasterKey, keyring: Keyring
) -> None:
    successor = LocalMasterKey(os.urandom(32))
    keyring.unseal(master, reopen=lambda: (master,))
    await keyring.rotate_master(successor)
    await keyring.create(tenant := uuid4())
    assert rows.rows[tenant, 1].master_id == keyring.master_id == successor.id
