import asyncio
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from tortoise.exceptions import IntegrityError

from tenants.control.database import Control
from tenants.control.models.key import TenantKey
from tenants.control.models.tenant import Tenant
from tenants.control.wrapped_keys import WrappedKeyRows
from tenants.keys import KeyState, WrappedKey
from tenants.keys.rows import WrappedKeys


def key_of(row: TenantKey) -> WrappedKey:
    return WrappedKey(
        tenant=row.tenant_id,
        version=row.version,
        wrapped=row.wrapped,
        master_id=row.master_id,
        wrap_version=row.wrap_version,
        state=KeyState(row.state),
    )


@pytest.fixture
def rows(control: Control) -> WrappedKeys:
    return WrappedKeyRows(key_of)


def all_bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def make_tenant() -> UUID:
    return (await Tenant.create(slug=uuid4().hex, name="T")).id


def key(tenant: UUID, version: int = 1, wrapped: bytes = b"wrapped", master: str = "m1") -> WrappedKey:
    return WrappedKey(tenant=tenant, version=version, wrapped=wrapped, master_id=master)


async def states(tenant: UUID) -> dict[int, str]:
    return {row.version: row.state for row in await TenantKey.filter(tenant_id=tenant)}


async def test_a_key_reads_back_as_it_was_added(rows: WrappedKeys) -> None:
    tenant = await make_tenant()
    assert (await rows.get(tenant, 1), await rows.active(tenant)) == (None, None)
    assert await rows.add(key(tenant, wrapped=bytes(range(256))))
    assert await rows.get(tenant, 1) == await rows.active(tenant) == key(tenant, wrapped=bytes(range(256)))
    assert await rows.get(await make_tenant(), 1) is None


async def test_a_new_version_takes_the_place_of_the_active_one_of_its_tenant_alone(rows: WrappedKeys) -> None:
    tenant, other = await make_tenant(), await make_tenant()
    for added in (key(tenant), key(other), key(tenant, 2)):
        assert await rows.add(added)
    assert (await states(tenant), await states(other)) == ({1: "decrypt_only", 2: "active"}, {1: "active"})


async def test_a_version_that_is_there_is_not_added_again_and_nothing_changes(rows: WrappedKeys) -> None:
    tenant = await make_tenant()
    await rows.add(key(tenant))
    await rows.add(key(tenant, 2))
    assert not await rows.add(key(tenant, 1, b"other"))
    assert not await rows.add(key(tenant, 2, b"other"))
    assert await states(tenant) == {1: "decrypt_only", 2: "active"}
    assert await TenantKey.filter(wrapped=b"other").count() == 0


async def test_of_many_who_add_the_same_version_at_once_one_does(rows: WrappedKeys) -> None:
    tenant = await make_tenant()
    for version in (1, 2):
        added = await asyncio.gather(*(rows.add(key(tenant, version, bytes([n]))) for n in range(20)))
        assert sum(added) == 1
    assert await states(tenant) == {1: "decrypt_only", 2: "active"}


async def test_a_key_of_nobody_is_refused(rows: WrappedKeys) -> None:
    with pytest.raises(IntegrityError):
        await rows.add(key(uuid4()))
    assert await TenantKey.all().count() == 0


async def test_a_wrapping_is_replaced_once_and_never_of_a_shredded_key(rows: WrappedKeys) -> None:
    tenant = await make_tenant()
    await rows.add(key(tenant))

    async def replace(by: bytes) -> bool:
        return await rows.replace_wrap(tenant, 1, expected_wrap_version=1, wrapped=by, master_id="m2")

    assert sum(await asyncio.gather(*(replace(bytes([n])) for n in range(10)))) == 1
    kept = await rows.get(tenant, 1)
    assert kept is not None
    assert (kept.wrap_version, kept.master_id) == (2, "m2")
    await rows.shred(tenant)
    assert not await rows.replace_wrap(tenant, 1, expected_wrap_version=2, wrapped=b"x", master_id="m3")
    assert await rows.get(tenant, 1) == WrappedKey(
        tenant=tenant, version=1, wrapped=b"", master_id="m2", wrap_version=2, state=KeyState.SHREDDED
    )


async def test_keys_that_another_master_wraps_are_listed_page_by_page(rows: WrappedKeys) -> None:
    tenants = sorted([await make_tenant() for _ in range(6)])
    for tenant in tenants:
        await rows.add(key(tenant))
        await rows.add(key(tenant, 2))
    await rows.replace_wrap(tenants[1], 2, expected_wrap_version=1, wrapped=b"x", master_id="m2")
    await rows.shred(tenants[4])
    listed: list[tuple[UUID, int]] = []
    after: tuple[UUID, int] | None = None
    while page := await rows.not_wrapped_by("m2", after=after, limit=3):
        assert len(page) <= 3
        listed += [(row.tenant, row.version) for row in page]
        after = listed[-1]
    gone = {(tenants[1], 2), (tenants[4], 1), (tenants[4], 2)}
    assert listed == [(tenant, version) for tenant in tenants for version in (1, 2) if (tenant, version) not in gone]


async def test_what_was_shredded_is_in_no_file_and_other_tenants_keep_theirs(
    rows: WrappedKeys, engine: str, tmp_path: Path
) -> None:
    tenant, other = await make_tenant(), await make_tenant()
    await rows.add(key(tenant, wrapped=b"canary-" * 9))
    await rows.add(key(tenant, 2, wrapped=b"canary-" * 9))
    await rows.add(key(other, wrapped=b"spared-" * 9))
    assert [await rows.shred(tenant), await rows.shred(tenant), await rows.shred(uuid4())] == [2, 2, 0]
    assert (await states(tenant), await rows.active(tenant)) == ({1: "shredded", 2: "shredded"}, None)
    assert await rows.active(other) == key(other, wrapped=b"spared-" * 9)
    if engine == "sqlite":
        files = all_bytes(tmp_path)
        assert (b"canary-" in files, b"spared-" in files) == (False, True)
