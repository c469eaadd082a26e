"""Whatever is done to a stored backup is refused: flips, truncations, swaps, rollbacks, other signers and readers."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from core.api import ReelhouseError
from tenants.backups.chain import read_head
from tenants.backups.creating import create_backup
from tenants.backups.failures import BackupBusy, BackupRefused
from tenants.backups.manifest import place_of
from tenants.backups.recipients import Recipient, make_recipient
from tenants.backups.source import working
from tenants.backups.verifying import list_backups, verify_backup
from tenants.keys import Sealed
from tenants.vault.models.setting import Setting
from tenants.vault.scope import scope
from tests.support.amount import amount
from tests.support.counts import counted
from tests.unit.tenants.backups.conftest import START, Backed

DAMAGES = amount(600)


async def verified(backed: Backed, scratch: Path, *, sequence: int | None = None) -> bool:
    done = await verify_backup(
        backed.store,
        signer=backed.signer,
        scratch=scratch,
        sequence=sequence,
        head=read_head(backed.source.folder),
        recipient=backed.recipient,
    )
    return done.has_keys and done.was_decrypted


def flipped(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content))
    return content[:place] + bytes([content[place] ^ (1 << chance.randrange(8))]) + content[place + 1 :]


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def lengthened(content: bytes, chance: random.Random) -> bytes:
    return content + chance.randbytes(chance.randrange(1, 100))


async def test_flips_truncations_additions_and_swaps_are_all_refused(backed: Backed, tmp_path: Path) -> None:
    manifest = await backed.back_up()
    assert await verified(backed, tmp_path)
    root = tmp_path / "store"
    places = [root / key for key in (place_of(1), manifest.keys.place, *(part.place for part in manifest.parts))]
    chance = random.Random(4)
    ways: list[Callable[[bytes, random.Random], bytes]] = [flipped, cut, lengthened]
    refused = 0
    for number in range(DAMAGES):
        place = places[number % len(places)]
        content = place.read_bytes()
        damaged = (
            chance.choice([other for other in places if other != place]).read_bytes()
            if number % 7 == 6
            else chance.choice(ways)(content, chance)
        )
        place.write_bytes(damaged)
        with pytest.raises(BackupRefused):
            await verified(backed, tmp_path)
        place.write_bytes(content)
        refused += 1
    counted(f"{refused} of {DAMAGES} damages of backups refused", refused=refused)
    assert await verified(backed, tmp_path)
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith("verify-")]  # noqa: ASYNC240 - a test


async def test_a_store_that_was_put_back_to_an_older_state_is_refused(backed: Backed, tmp_path: Path) -> None:
    await backed.back_up()
    await backed.back_up(hours=1)
    newest = tmp_path / "store" / place_of(2)
    kept = newest.read_bytes()
    newest.unlink()
    with pytest.raises(BackupRefused, match="set 2"):
        await verified(backed, tmp_path)
    with pytest.raises(BackupRefused, match="set 2"):
        await backed.back_up(hours=2)
    newest.write_bytes((tmp_path / "store" / place_of(1)).read_bytes())
    with pytest.raises(BackupRefused, match="does not follow"):
        await verified(backed, tmp_path)
    newest.write_bytes(kept)
    (tmp_path / "store" / place_of(1)).unlink()
    with pytest.raises(BackupRefused, match="does not follow"):
        await verified(backed, tmp_path)


async def test_nobody_else_signs_or_reads(backed: Backed, tmp_path: Path) -> None:
    await backed.back_up()
    _, private = make_recipient()
    with pytest.raises(BackupRefused, match="not made for this recipient"):
        await verify_backup(backed.store, signer=backed.signer, scratch=tmp_path, recipient=Recipient(private))
    with pytest.raises(BackupRefused, match="signature"):
        await list_backups(backed.store, signer=make_recipient()[0])
    assert private.reveal().decode() not in repr(Recipient(private))


async def test_without_keys_or_beside_another_process_nothing_is_stored(backed: Backed, tmp_path: Path) -> None:
    with working(backed.source.folder), pytest.raises(BackupBusy):
        await backed.back_up()
    with pytest.raises(ReelhouseError, match="recipient"):
        await create_backup(backed.source, backed.store, recipients=[], now=START)
    await backed.house.seal()
    with pytest.raises(Sealed):
        await backed.back_up()
    assert [stored async for stored in backed.store.list()] == []


async def test_an_unchanged_vault_is_not_copied_again(backed: Backed) -> None:
    first = await backed.back_up()
    await backed.write("second")
    second = await backed.back_up(hours=1)
    former = {part.tenant: part for part in first.vaults}
    again = {part.tenant: part for part in second.vaults}
    changed, same = (tenant.id for tenant in backed.tenants)
    assert again[same] == former[same]
    assert again[changed].sha256 != former[changed].sha256
    assert (second.sequence, second.house) == (2, backed.house.instance)


async def test_a_vault_that_can_not_be_copied_is_told_and_keeps_its_last_good_copy(backed: Backed) -> None:
    first = await backed.back_up()
    damaged, whole = (tenant.id for tenant in backed.tenants)
    await backed.write("second")
    vault = backed.source.files(damaged).database
    vault.write_bytes(vault.read_bytes()[:-1])
    for hours in (1, 2):  # the second finds it quarantined
        later = await backed.back_up(hours=hours)
        assert later.vaults == first.vaults
        assert list(later.failed) == [damaged]
    async with scope(whole):
        assert await Setting.all().count() == 0


async def test_no_secret_is_stored_in_plain(backed: Backed, tmp_path: Path) -> None:
    await backed.write("canary-4711")
    await backed.back_up()
    stored = b"".join(file.read_bytes() for file in (tmp_path / "store").rglob("*") if file.is_file())
    for canary in (b"canary-4711", b"ada@example.org", b"acme", bytes(range(32)), bytes(range(32)).hex().encode()):
        assert canary not in stored
    assert sorted(file.name for file in backed.source.folder.iterdir()) == ["head", "lock", "signer.key"]
