"""An erasure leaves nothing of a tenant that could be read, everything of the others, and a certificate."""

import asyncio
import json
import random
import shutil
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from core.api import NotFound
from core.render.ledger import Ledger
from tenants.control import audit_check
from tenants.control.models.job import Job, JobState
from tenants.control.models.key import TenantKey
from tenants.control.models.membership import Membership, Role
from tenants.control.models.object import StoredObject
from tenants.control.models.tenant import Tenant, TenantState
from tenants.control.models.user import User
from tenants.control.tenants import change_state
from tenants.keys import KeyGone, Sealed
from tenants.keys.signing import Signer
from tenants.leaving.certificates import verify_certificate
from tenants.leaving.confirming import VALID_FOR, confirm
from tenants.leaving.erasing import erase_tenant
from tenants.leaving.failures import CertificateInvalid, NotConfirmed, StoreClosed
from tenants.leaving.tables import ERASED_TABLES, VAULT_TABLES
from tenants.vault.failures import VaultBusy
from tenants.vault.models.setting import Setting
from tenants.vault.scope import scope
from tests.support.amount import amount
from tests.support.counts import counted
from tests.support.leaving import ACTOR, NOW, SECRET, Leaving, leaving
from tests.support.leaving_deeds import leaving_deeds

KILLS = 100


def contents_of(folder: Path) -> list[bytes]:
    return [each.read_bytes() for each in folder.rglob("*") if each.is_file()]


async def rows_of(tenant: UUID) -> dict[str, int]:
    return {table: await model.filter(tenant_id=tenant).count() for table, model in ERASED_TABLES.items()}


async def assert_untouched(place: Leaving, tenant: UUID) -> None:
    """Nothing has happened to a tenant."""
    assert (await Tenant.get(id=tenant)).state is TenantState.ACTIVE
    assert all((await rows_of(tenant)).values())
    async with scope(tenant):
        for model in VAULT_TABLES.values():
            assert await model.all().count() > 0
    async for stored in place.stores["local"].list():
        assert stored.size > 0


def test_a_confirmation_is_needed_and_nothing_happens_without(home: Path) -> None:
    async def try_all() -> None:
        async with leaving(home) as place:
            acme, other = await place.tenant("acme"), await place.tenant("other")
            word = await place.confirmed(acme)
            bob = await User.get(email="bob@other.example")
            with pytest.raises(NotConfirmed):
                await confirm(acme, bob.id, signer=place.signer, now=NOW)  # an editor
            forged = await confirm(other, bob.id, signer=place.signer, now=NOW)
            old = await confirm(
                acme, UUID(word.split(".")[0]), signer=place.signer, now=NOW - VALID_FOR - timedelta(seconds=1)
            )
            strange = await confirm(acme, UUID(word.split(".")[0]), signer=Signer(bytes(32)), now=NOW)
            for bad in (None, "", "a.b.c", forged, old, strange, word[:-1], f"{bob.id}.{word.partition('.')[2]}"):
                with pytest.raises(NotConfirmed):
                    await place.erase(acme, bad)
            await assert_untouched(place, acme)

    asyncio.run(try_all())


async def test_an_unknown_tenant_is_not_erased(place: Leaving) -> None:
    with pytest.raises(NotFound):
        await place.erase(uuid4(), "x")


async def test_a_sealed_house_and_one_without_the_storage_erase_nothing(place: Leaving) -> None:
    acme = await place.tenant("acme")
    word = await place.confirmed(acme)
    with pytest.raises(StoreClosed, match="local"):
        await erase_tenant(
            acme,
            confirmation=word,
            actor=ACTOR,
            keyring=place.house.keyring,
            vaults=place.house.vaults,
            stores={},
            home=place.house.settings.home,
            signer=place.signer,
            now=NOW,
        )
    await assert_untouched(place, acme)
    await place.house.seal()
    with pytest.raises(Sealed):
        await place.erase(acme, word)
    await place.house.unseal()
    await assert_untouched(place, acme)


def traces_in(home: Path) -> list[str]:
    """Return the names of the traces that are left in a home."""
    return sorted(path.name for path in home.rglob("*.trace"))


@pytest.mark.parametrize("is_suspended", [False, True])
async def test_an_erased_tenant_is_gone_and_the_others_are_as_they_were(
    place: Leaving, home: Path, *, is_suspended: bool
) -> None:
    acme, other = await place.tenant("acme"), await place.tenant("other")
    traces = []
    for tenant in (acme, other):
        ledger = Ledger(home / "ledger", owner=str(tenant))
        piece = home / "piece"
        piece.write_bytes(b"drawn")
        ledger.put(f"key-{tenant}", piece)
        for folder in ("uploads", "owners", "studio"):
            left = home / folder / str(tenant) / "in" / f"{folder}-{tenant}.trace"
            left.parent.mkdir(parents=True)
            left.write_text("media")
            traces += [left.name] if tenant == other else []
    before = await rows_of(other)
    word = await place.confirmed(acme)
    if is_suspended:
        await change_state(acme, TenantState.SUSPENDED, actor=ACTOR)
    certificate = verify_certificate(await place.erase(acme, word), public=place.signer.public)
    assert (certificate.tenant, [key["version"] for key in certificate.keys]) == (str(acme), [1])
    counts = dict(certificate.counts)
    assert counts == {
        "api_tokens": 1,
        "events": 1,
        "jobs": 1,
        "memberships": 2,
        "one_time_tokens": 1,
        "plugin_choices": 1,
        "quota_entries": 1,
        "quota_totals": 1,
        "rate_counters": 0,
        "stored_bytes": counts["stored_bytes"],
        "stored_objects": 3,
        "subscriptions": 1,
        "users": 1,
        "vault_anchors": 1,
        "vault_api_keys": 1,
        "vault_assets": 2,
        "vault_deliveries": 1,
        "vault_notifications": 1,
        "vault_plugin_configs": 1,
        "vault_projects": 1,
        "vault_revisions": 2,
        "vault_settings": 1,
        "vault_shares": 1,
        "vault_templates": 1,
        "vault_usage_events": 1,
        "vault_videos": 1,
        "vault_webhooks": 1,
    }
    assert set((await rows_of(acme)).values()) == {0}
    assert await rows_of(other) == before
    row = await Tenant.get(id=acme)
    assert (row.state, row.slug, row.name) == (TenantState.ERASED, f"erased-{acme.hex}", "erased")
    assert not (home / "vaults" / str(acme)).exists()
    assert traces_in(home) == sorted(traces)
    assert Ledger(home / "ledger", owner=str(acme)).get(f"key-{acme}") is None
    assert Ledger(home / "ledger", owner=str(other)).get(f"key-{other}") is not None
    assert [stored.key async for stored in place.stores["local"].list()] == ["other/0", "other/1", "other/2"]
    assert [user.email for user in await User.all()] == ["bob@other.example"]
    assert (await audit_check.verify()).is_intact
    async with scope(other):
        assert (await Setting.get(name="greeting")).value == "hello other"
    with pytest.raises(KeyGone):
        await place.house.keyring.keys(acme)


async def test_an_erasure_that_is_asked_for_again_gives_the_same_certificate(place: Leaving) -> None:
    acme = await place.tenant("acme")
    first = await place.erase(acme, await place.confirmed(acme))
    entries = await audit_check.verify()
    assert await place.erase(acme) == first
    assert await audit_check.verify() == entries


async def test_erasures_at_once_are_one(place: Leaving) -> None:
    acme = await place.tenant("acme")
    word = await place.confirmed(acme)
    certificates = await asyncio.gather(*(place.erase(acme, word) for _ in range(3)))
    assert len(set(certificates)) == 1
    assert (await audit_check.verify()).is_intact


async def test_a_running_job_is_cancelled_and_a_vault_in_use_is_waited_for(place: Leaving) -> None:
    acme = await place.tenant("acme")
    word = await place.confirmed(acme)
    place.house.vaults._wait_s = 0.01
    async with scope(acme):
        with pytest.raises(VaultBusy):
            await asyncio.create_task(place.erase(acme, word))
        assert [job.state for job in await Job.filter(tenant_id=acme)] == [JobState.CANCELLED]
    place.house.vaults._wait_s = 30
    verify_certificate(await place.erase(acme), public=place.signer.public)


async def test_a_vault_that_cannot_be_read_is_erased_unread(place: Leaving, home: Path) -> None:
    acme = await place.tenant("acme")
    (home / "vaults" / str(acme) / "vault.db").write_bytes(bytes(8192))
    certificate = verify_certificate(await place.erase(acme, await place.confirmed(acme)), public=place.signer.public)
    assert certificate.counts["vault_projects"] is None
    assert certificate.counts["stored_objects"] == 3


async def test_a_certificate_that_was_changed_or_is_not_the_houses_is_refused(place: Leaving) -> None:
    acme = await place.tenant("acme")
    text = await place.erase(acme, await place.confirmed(acme))
    changed = json.loads(text)
    changed["certificate"]["counts"]["stored_objects"] = 2
    for bad in (json.dumps(changed), "", "[]", "{}", "{", text.replace(str(acme), str(uuid4()))):
        with pytest.raises(CertificateInvalid):
            verify_certificate(bad, public=place.signer.public)
    for public in (Signer(bytes(32)).public, "", "zz"):
        with pytest.raises(CertificateInvalid):
            verify_certificate(text, public=public)


async def test_nothing_decrypts_afterwards_with_saved_vaults_files_and_master_key(
    place: Leaving, home: Path, tmp_path: Path
) -> None:
    acme = await place.tenant("acme")
    await place.house.vaults.close_all()
    saved = tmp_path / "saved"
    shutil.copytree(home / "vaults" / str(acme), saved / "vault")
    shutil.copytree(home / "objects", saved / "objects")
    await place.erase(acme, await place.confirmed(acme))
    shutil.copytree(saved / "vault", home / "vaults" / str(acme))
    tried = 0
    for version in (None, 1, 2):
        with pytest.raises(KeyGone):
            await place.house.keyring.keys(acme, version)
        tried += 1
    with pytest.raises(KeyGone):
        async with scope(acme):
            pass
    assert [bytes(key.wrapped) for key in await TenantKey.filter(tenant_id=acme)] == [b""]
    for content in contents_of(home):
        assert SECRET.encode() not in content
        tried += 1
    counted(f"{tried} tries to read what was erased, with the vault, the files and the master key: none did")


def test_a_killed_erasure_is_gone_on_with_to_the_same_end(two_tenants: Path, tmp_path: Path) -> None:
    luck = random.Random(4)
    kills, done = amount(KILLS), 0

    async def finish(home: Path, acme: UUID) -> tuple[object, ...]:
        async with leaving(home) as place:
            state = (await Tenant.get(id=acme)).state
            word = await place.confirmed(acme) if state is TenantState.ACTIVE else None
            certificate = verify_certificate(await place.erase(acme, word), public=place.signer.public)
            assert (await audit_check.verify()).is_intact
            assert await Membership.filter(role=Role.OWNER).count() == 1
            return certificate.tenant, certificate.counts, await StoredObject.all().count(), set(await rows_of(acme))

    async def find(home: Path) -> UUID:
        async with leaving(home) as place:
            return await place.tenant("acme")

    acme = asyncio.run(find(two_tenants))
    ends = []
    with leaving_deeds() as forking:
        for number in range(kills):
            home = Path(shutil.copytree(two_tenants, tmp_path / str(number)))
            told = forking.until_killed("erase", home, acme, lines=1, after_s=luck.random() / 8)
            done += "done" in told
            ends.append(asyncio.run(finish(home, acme)))
            assert not (home / "vaults" / str(acme)).exists()
            shutil.rmtree(home)
    assert all(end == ends[0] for end in ends)
    counted(f"{kills} kills -9 around an erasure, {done} of them after it: the same end each time", kills=kills)
