"""Plugin sets as a request sees them: changed at once, configured in the vault, secrets written and never read."""

import json
import logging
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from core.api import ConfigInvalid, NotFound, PluginFailed, Search
from core.api.providers import AssetKind
from core.host.breaker import BreakerState
from core.host.host import PluginHost
from core.host.settings import PluginSettings, Settings
from tenants.control.models.audit import AuditEntry
from tenants.control.models.plugin import PluginInstall
from tenants.plugin_sets.failures import PluginConfigInvalid, PluginNotEnabled, PluginWithdrawn
from tenants.plugin_sets.sets import PluginSets
from tenants.vault.failures import WrongScope
from tenants.vault.models.plugin_config import PluginConfig
from tenants.vault.scope import scope
from tests.support.distributions import write_plugin
from tests.support.vaults import SmallHouse
from tests.unit.host.conftest import MakeHost
from tests.unit.tenants.plugin_sets.stock import write_glow, write_stock

ADA = "user:ada"
SECRET = "canary-0123456789-wxyz"
STOCK = "acme.stock"


@pytest.fixture
async def tenant(house: SmallHouse) -> UUID:
    return await house.add_tenant()


@pytest.fixture
def host(site: Path, make_host: MakeHost) -> PluginHost:
    write_glow(site)
    write_stock(site)
    return make_host(Settings(plugins={STOCK: PluginSettings(config={"style": "plain", "key": "operators"})}))


@pytest.fixture
def sets(house: SmallHouse, host: PluginHost) -> PluginSets:
    return PluginSets(host)


async def fetched(sets: PluginSets, tenant: UUID, folder: Path) -> str:
    """What the stock provider delivers to a tenant now: its style and its key."""
    async with await sets.view(tenant, actor=ADA) as view:
        return (await view.fetch(STOCK, "1", folder)).path.read_text()


async def audited() -> list[tuple[str, str]]:
    return [(entry.action, entry.target) for entry in await AuditEntry.all().order_by("sequence")]


async def test_what_is_enabled_and_disabled_counts_in_the_next_view_and_not_in_the_last(
    sets: PluginSets, tenant: UUID, tmp_path: Path
) -> None:
    async with await sets.view(tenant, actor=ADA) as before:
        await sets.disable(tenant, STOCK, actor=ADA)
        async with await sets.view(tenant, actor=ADA) as after:
            assert set(after.catalogue().providers) == set()
            with pytest.raises(PluginNotEnabled, match="is not enabled in this workspace"):
                await after.fetch(STOCK, "1", tmp_path)
        assert set(before.catalogue().providers) == {STOCK}
        assert (await before.fetch(STOCK, "1", tmp_path)).path.is_file()
    await sets.enable(tenant, STOCK, actor=ADA)
    async with await sets.view(tenant, actor=ADA) as again:
        assert set(again.catalogue().providers) == {STOCK}


async def test_another_process_of_the_house_sees_it_at_once(
    house: SmallHouse, site: Path, make_host: MakeHost, sets: PluginSets, tenant: UUID, tmp_path: Path
) -> None:
    elsewhere = PluginSets(make_host(Settings(plugins={STOCK: PluginSettings(config={"style": "plain"})})))
    await sets.configure(tenant, STOCK, {"style": "noir"}, actor=ADA)
    assert await fetched(elsewhere, tenant, tmp_path) == "noir "
    await sets.disable(tenant, STOCK, actor=ADA)
    assert [each.standing for each in await elsewhere.plugins(tenant)] == ["default", "refused"]


async def test_a_tenant_works_with_the_houses_configuration_until_it_has_its_own(
    sets: PluginSets, tenant: UUID, tmp_path: Path
) -> None:
    assert await fetched(sets, tenant, tmp_path / "a") == "plain operators"
    await sets.configure(tenant, STOCK, {"style": "noir"}, {"key": SECRET}, actor=ADA)
    assert await fetched(sets, tenant, tmp_path / "b") == f"noir {SECRET}"
    await sets.reset(tenant, STOCK, actor=ADA)
    assert await fetched(sets, tenant, tmp_path / "c") == "plain operators"


async def test_a_running_call_keeps_the_configuration_it_began_with(
    sets: PluginSets, tenant: UUID, tmp_path: Path
) -> None:
    async with await sets.view(tenant, actor=ADA) as begun:
        provider = await begun.open_provider(STOCK)
        await sets.configure(tenant, STOCK, {"style": "noir"}, actor=ADA)
        page = await provider.search(Search(text="x", kind=AssetKind.IMAGE))
        assert page.offers[0].title == " plain"
    assert await fetched(sets, tenant, tmp_path) == "noir "


async def test_with_its_own_configuration_a_tenant_never_gets_the_operators_secrets(
    sets: PluginSets, tenant: UUID, tmp_path: Path
) -> None:
    await sets.configure(tenant, STOCK, {"style": "noir"}, actor=ADA)
    assert await fetched(sets, tenant, tmp_path) == "noir "


async def test_secrets_stay_until_they_are_replaced_or_taken_out(
    sets: PluginSets, tenant: UUID, tmp_path: Path
) -> None:
    await sets.configure(tenant, STOCK, {"style": "a"}, {"key": SECRET, "token": "t0ken-0123456789"}, actor=ADA)
    await sets.configure(tenant, STOCK, {"style": "b"}, actor=ADA)
    assert await fetched(sets, tenant, tmp_path / "b") == f"b {SECRET}"
    await sets.configure(tenant, STOCK, {"style": "c"}, {"key": "another-secret"}, actor=ADA)
    assert await fetched(sets, tenant, tmp_path / "c") == "c another-secret"
    await sets.configure(tenant, STOCK, {"style": "d"}, {"key": None}, actor=ADA)
    assert await fetched(sets, tenant, tmp_path / "d") == "d "
    context = await sets.context_for(tenant, STOCK, actor=ADA)
    assert context.secret("token") == "t0ken-0123456789"


async def test_of_a_secret_the_last_four_characters_are_shown_and_no_more(sets: PluginSets, tenant: UUID) -> None:
    await sets.configure(tenant, STOCK, {"style": "noir"}, {"key": SECRET, "token": "tiny"}, actor=ADA)
    details = await sets.details(tenant, STOCK)
    assert details.config is not None
    assert (details.config.config, details.config.secrets) == ({"style": "noir"}, {"key": "wxyz", "token": "y"})
    assert details.form.secrets == ("key", "token")
    assert SECRET not in repr(details)


async def test_a_secret_is_in_no_file_log_or_audit(
    house: SmallHouse, sets: PluginSets, tenant: UUID, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await sets.configure(tenant, STOCK, {"style": "noir"}, {"key": SECRET}, actor=ADA)
    with pytest.raises(PluginConfigInvalid) as caught:
        await sets.configure(tenant, STOCK, {"style": 7, "key": SECRET}, {"tokn": SECRET}, actor=ADA)
    view = await sets.view(tenant, actor=ADA)
    assert SECRET not in f"{caught.value!r} {caught.value} {view!r} {vars(view)!r} {caplog.text}"
    assert SECRET not in json.dumps([entry.details for entry in await AuditEntry.all()])
    async with scope(tenant):
        [row] = await PluginConfig.all()
    assert row.secrets is not None
    assert SECRET.encode() not in row.secrets
    written = [path for path in house.home.rglob("*") if path.is_file()]
    assert len(written) > 2
    assert [path for path in written if SECRET.encode() in path.read_bytes()] == []


async def test_each_change_and_each_use_of_a_secret_is_in_the_audit(sets: PluginSets, tenant: UUID) -> None:
    await sets.configure(tenant, STOCK, {"style": "noir"}, actor=ADA)
    await sets.view(tenant, actor=ADA)
    assert await audited() == [("plugin.configure", "plugin:acme.stock")]
    await sets.configure(tenant, STOCK, {"style": "noir"}, {"key": SECRET}, actor=ADA)
    await sets.view(tenant, actor="job:7")
    await sets.reset(tenant, STOCK, actor=ADA)
    assert (await audited())[1:] == [
        ("plugin.configure", "plugin:acme.stock"),
        ("plugin.use_secrets", "plugin:acme.stock"),
        ("plugin.reset", "plugin:acme.stock"),
    ]
    assert (await AuditEntry.get(action="plugin.use_secrets")).actor == "job:7"


async def test_secrets_of_a_plugin_that_is_not_enabled_stay_sealed(sets: PluginSets, tenant: UUID) -> None:
    await sets.configure(tenant, STOCK, {"style": "noir"}, {"key": SECRET}, actor=ADA)
    await sets.disable(tenant, STOCK, actor=ADA)
    view = await sets.view(tenant, actor=ADA)
    assert ("plugin.use_secrets", "plugin:acme.stock") not in await audited()
    with pytest.raises(PluginNotEnabled):
        view.context(STOCK)


async def test_what_does_not_fit_is_refused_and_nothing_is_written(
    sets: PluginSets, tenant: UUID, tmp_path: Path
) -> None:
    await sets.configure(tenant, STOCK, {"style": "noir"}, {"key": SECRET}, actor=ADA)
    for config, secrets in (({"style": 7}, {}), ({"house": "Eve"}, {}), ({"style": "x"}, {"key": ""})):
        with pytest.raises(PluginConfigInvalid):
            await sets.configure(tenant, STOCK, config, secrets, actor=ADA)
    with pytest.raises(NotFound):
        await sets.configure(tenant, "acme.nothing", {}, actor=ADA)
    assert len(await audited()) == 1
    assert await fetched(sets, tenant, tmp_path) == f"noir {SECRET}"


async def test_one_tenants_configuration_is_not_anothers(
    house: SmallHouse, sets: PluginSets, tenant: UUID, tmp_path: Path
) -> None:
    other = await house.add_tenant()
    await sets.configure(tenant, STOCK, {"style": "noir"}, {"key": SECRET}, actor=ADA)
    assert (await sets.details(other, STOCK)).config is None
    assert await fetched(sets, other, tmp_path) == "plain operators"
    async with scope(other):
        with pytest.raises(WrongScope):
            await sets.view(tenant, actor=ADA)


async def test_a_tenant_that_is_not_there_has_no_plugins(sets: PluginSets, house: SmallHouse) -> None:
    for attempt in (
        lambda: sets.plugins(uuid4()),
        lambda: sets.view(uuid4(), actor=ADA),
        lambda: sets.details(uuid4(), STOCK),
        lambda: sets.configure(uuid4(), STOCK, {}, actor=ADA),
        lambda: sets.enable(uuid4(), STOCK, actor=ADA),
    ):
        with pytest.raises(NotFound, match="there is no tenant"):
            await attempt()
    assert await audited() == []


async def test_what_a_configuration_lacks_is_the_plugins_problem_and_not_the_views(
    sets: PluginSets, tenant: UUID
) -> None:
    assert (await sets.details(tenant, STOCK)).problem == ""
    await sets.configure(tenant, STOCK, {}, {"key": SECRET}, actor=ADA)
    assert (await sets.details(tenant, STOCK)).problem == "config.style is required"
    view = await sets.view(tenant, actor=ADA)
    assert set(view.catalogue().effects) == {"acme.glow.invert"}
    with pytest.raises(ConfigInvalid, match=r"config\.style is required"):
        await view.open_provider(STOCK)


async def test_health_is_a_tenants_own_with_its_cause_and_since_when(
    house: SmallHouse, sets: PluginSets, tenant: UUID, tmp_path: Path
) -> None:
    other = await house.add_tenant()
    async with await sets.view(tenant, actor=ADA) as view:
        for _ in range(5):
            with pytest.raises(PluginFailed):
                await view.fetch(STOCK, "break", tmp_path / "a")
    broken = (await sets.details(tenant, STOCK)).health
    assert (broken.state, broken.cause.startswith("RuntimeError: out of order")) == (BreakerState.OPEN, True)
    assert broken.since is not None
    whole = (await sets.details(other, STOCK)).health
    assert (whole.state, whole.faults, whole.since) == (BreakerState.CLOSED, (), None)
    assert await fetched(sets, other, tmp_path / "b") == "plain operators"
    sets.resume(tenant, STOCK)
    assert sets.health(tenant, STOCK).state is BreakerState.CLOSED
    assert await fetched(sets, tenant, tmp_path / "c") == "plain operators"
    sets.release(tenant)
    assert await fetched(sets, tenant, tmp_path / "d") == "plain operators"


async def test_a_plugin_that_is_switched_off_for_all_is_neither_shown_nor_configured(
    sets: PluginSets, tenant: UUID
) -> None:
    await PluginInstall.create(plugin=STOCK, version="1.0", distribution="acme", offered=False)
    with pytest.raises(PluginWithdrawn, match="The administrator switched it off"):
        await sets.details(tenant, STOCK)
    with pytest.raises(PluginWithdrawn):
        await sets.configure(tenant, STOCK, {"style": "x"}, actor=ADA)
    assert await audited() == []


async def test_a_plugin_that_can_not_be_loaded_shows_why_and_is_not_configured(
    house: SmallHouse, site: Path, make_host: MakeHost, tenant: UUID
) -> None:
    write_plugin(site, "acme-bad", "raise OSError('no licence')\n", contributes={"effects": ["acme.bad"]})
    sets = PluginSets(make_host())
    assert (await sets.details(tenant, "acme.bad")).problem == "OSError: no licence (__init__.py:1)"
    with pytest.raises(PluginWithdrawn, match="no licence"):
        await sets.configure(tenant, "acme.bad", {}, actor=ADA)
