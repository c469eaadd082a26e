"""An export gives a tenant everything it owns, nothing of another's, no secret, and is whole or not there."""

import asyncio
import hashlib
import json
import random
import zipfile
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from core.api import NotFound
from tenants.control.failures import WrongState
from tenants.control.models.object import StoredObject
from tenants.keys import Sealed
from tenants.leaving.archive import archive_at
from tenants.leaving.exporting import Export, export_tenant
from tenants.leaving.failures import ExportBusy
from tenants.leaving.naming import safe_name
from tenants.leaving.tables import CONTROL_TABLES, VAULT_TABLES
from tests.support.amount import amount
from tests.support.counts import counted
from tests.support.leaving import MEDIA, NOW, Leaving, leaving
from tests.support.leaving_deeds import leaving_deeds

KILLS = 50
MOMENT = (2026, 11, 23, 12, 0, 0)


async def export(place: Leaving, target: Path, slug: str = "acme") -> Export:
    return await export_tenant(
        await place.tenant(slug), target, keyring=place.house.keyring, stores=place.stores, now=NOW
    )


def contents(target: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(target) as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


def names_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


async def test_an_export_holds_all_of_a_tenant_and_nothing_else(place: Leaving, tmp_path: Path) -> None:
    target = tmp_path / "acme.zip"
    assert (await export(place, target)).problems == {}
    found = contents(target)
    for table in VAULT_TABLES:
        rows = [json.loads(line) for line in found[f"vault/{table}.jsonl"].splitlines()]
        assert rows, table
        assert not {"secret", "next_secret", "secrets"} & rows[0].keys()
        assert set(json.loads(found[f"schemas/vault/{table}.schema.json"])["required"]) == rows[0].keys()
    for table in CONTROL_TABLES:
        assert found[f"control/{table}.jsonl"], table
    assert len(found["control/audit.jsonl"].splitlines()) == 2
    assert b"password_hash" not in found["control/users.jsonl"]
    revisions = [content for name, content in found.items() if name.startswith("projects/")]
    assert [json.loads(each)["number"] for each in revisions] == [1, 2]
    media = {content for name, content in found.items() if name.startswith("objects/")}
    assert media == {MEDIA + b"0", MEDIA + b"1", MEDIA + b"2"}
    other = str(await place.tenant("other")).encode()
    for name, content in found.items():
        assert other not in content, name
        assert b"hello other" not in content, name
        assert b"sk-canary" not in content, name
    assert "Vos données".upper() in found["README.txt"].decode()


async def test_the_manifest_tells_size_and_hash_of_every_other_file(place: Leaving, tmp_path: Path) -> None:
    await export(place, tmp_path / "acme.zip")
    found = contents(tmp_path / "acme.zip")
    manifest = json.loads(found.pop("manifest.json"))
    told = {entry["path"]: (entry["size"], entry["sha256"]) for entry in manifest["files"]}
    assert told == {name: (len(each), hashlib.sha256(each).hexdigest()) for name, each in found.items()}


async def test_file_names_are_safe_and_apart_whatever_the_case(place: Leaving, tmp_path: Path) -> None:
    await export(place, tmp_path / "acme.zip")
    names = list(contents(tmp_path / "acme.zip"))
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert not name.startswith("/")
        assert ".." not in name.split("/")
        assert not set(name) & set('\\:*?"<>|')
    row = uuid4()
    assert safe_name("con.mp4", row) == f"con_mp4-{row}"
    assert safe_name("../..", row) == f"untitled-{row}"
    assert len(safe_name("x" * 300, row)) == 97


async def test_missing_and_damaged_files_are_told_and_the_rest_is_there(place: Leaving, tmp_path: Path) -> None:
    store = place.stores["local"]
    await store.delete("acme/0")
    damaged = tmp_path / "damaged"
    await store.fetch("acme/1", damaged)
    flip_last(damaged)
    await store.put("acme/1", damaged)
    await StoredObject.filter(key="acme/2").delete()
    result = await export(place, tmp_path / "acme.zip")
    assert set(result.problems) == {"local/acme/0", "local/acme/1", "local/acme/2"}
    found = contents(tmp_path / "acme.zip")
    assert not [name for name in found if name.startswith("objects/")]
    assert json.loads(found["manifest.json"])["problems"] == result.problems


def flip_last(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


async def test_unknown_sealed_and_erased_tenants_leave_no_file(place: Leaving, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    acme = await place.tenant("acme")
    given = {"keyring": place.house.keyring, "stores": place.stores, "now": NOW}
    with pytest.raises(NotFound):
        await export_tenant(uuid4(), folder / "x.zip", **given)  # type: ignore[arg-type]
    await place.house.seal()
    with pytest.raises(Sealed):
        await export_tenant(acme, folder / "x.zip", **given)  # type: ignore[arg-type]
    await place.house.unseal()
    await place.erase(acme, await place.confirmed(acme))
    with pytest.raises(WrongState):
        await export_tenant(acme, folder / "x.zip", **given)  # type: ignore[arg-type]
    assert names_in(folder) == []


async def test_exports_to_one_file_at_once_do_not_mix(place: Leaving, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    target = folder / "acme.zip"
    with archive_at(target, moment=MOMENT) as archive:
        archive.add("a", b"a")
        with pytest.raises(ExportBusy):
            await export(place, target)
    assert contents(target) == {"a": b"a"}
    (folder / ".acme.zip.part").write_bytes(b"left by an export that was killed" * 9)
    await asyncio.create_task(export(place, target))
    assert "manifest.json" in contents(target)
    assert names_in(folder) == ["acme.zip"]


def test_a_killed_export_leaves_a_whole_file_or_none_and_is_made_anew(home: Path) -> None:
    luck = random.Random(5)
    kills, whole = amount(KILLS), 0
    folder = home / "out"
    folder.mkdir()
    target = folder / "acme.zip"

    async def acme() -> UUID:
        async with leaving(home) as place:
            return await place.tenant("acme")

    async def again() -> Export:
        async with leaving(home) as place:
            return await export(place, target)

    tenant = asyncio.run(acme())
    with leaving_deeds() as forking:
        for _ in range(kills):
            target.unlink(missing_ok=True)
            told = forking.until_killed("export", home, tenant, lines=1, after_s=luck.random() / 2.3)
            assert target.exists() or "done" not in told
            if target.exists():
                assert "manifest.json" in contents(target)
                whole += 1
            assert asyncio.run(again()).problems == {}
            assert "manifest.json" in contents(target)
            assert names_in(folder) == ["acme.zip"]
    counted(
        f"{kills} kills -9 around an export, {whole} left a whole file, the others none under its name", kills=kills
    )
