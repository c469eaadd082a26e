"""Owners: breakers, faults, loops, folders and configurations of one are not those of another."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.api import CapabilityDenied, ConfigInvalid, NotFound, PluginFailed, RenderFinished, Search
from core.api.providers import AssetKind
from core.host.breaker import BreakerState
from core.host.host import PluginHost
from core.host.kinds import Kind
from core.host.owner import Given, Owner
from core.host.settings import PluginSettings, Settings
from tests.support.distributions import negative, write_plugin
from tests.unit.host.conftest import MakeHost

CODE = """
import threading
from core.api import *

class Stock:
    def __init__(self, context):
        self.context = context

    async def search(self, search):
        if search.text == self.context.config.text("dislikes"):
            raise RuntimeError(f"no {search.text}")
        title = f"{self.context.config.text('folder')} {threading.current_thread().name}"
        offer = AssetOffer(id="1", kind=AssetKind.IMAGE, title=title, licence=Licence(id="CC0-1.0"))
        return SearchPage(offers=(offer,))

    async def fetch(self, asset_id, folder): ...
    async def close(self): ...

@hookimpl
def reelhouse_asset_providers():
    yield AssetProvider(
        id="acme.stock", title="Stock", kinds=frozenset({AssetKind.IMAGE}), open=Stock,
        params=(
            Parameter(name="dislikes", title="Dislikes", type=ParameterType.TEXT, default=""),
            Parameter(name="folder", title="Folder", type=ParameterType.TEXT, default="", is_operator_only=True),
            Parameter(name="key", title="Key", type=ParameterType.SECRET, default=""),
        ),
    )
"""
ADA = Owner(
    name="ada", given={"acme.stock": Given(config={"dislikes": "cats"}, secrets={"token": "t0ken", "spy": "x"})}
)
BOB = Owner(name="bob")


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time, UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def host(site: Path, make_host: MakeHost, clock: Clock) -> PluginHost:
    write_plugin(
        site,
        "acme-stock",
        CODE,
        contributes={"asset_providers": ["acme.stock"]},
        extra='[capabilities]\nsecrets = ["token"]\n',
    )
    settings = PluginSettings(config={"folder": "/srv/stock", "key": "the operator's"})
    return make_host(Settings(plugins={"acme.stock": settings}), clock=clock, now=clock.now)


def cats() -> Search:
    return Search(text="cats", kind=AssetKind.IMAGE)


async def break_for_ada(host: PluginHost) -> None:
    provider = await host.open_provider("acme.stock", owner=ADA)
    for _ in range(5):
        with pytest.raises(PluginFailed, match="no cats"):
            await provider.search(cats())


async def test_a_plugin_that_fails_for_one_owner_goes_on_for_the_others(host: PluginHost, clock: Clock) -> None:
    clock.time = 1000.0
    await break_for_ada(host)
    with pytest.raises(PluginFailed, match="it is paused after repeated faults"):
        await host.open_provider("acme.stock", owner=ADA)
    for owner in (BOB, Owner()):
        provider = await host.open_provider("acme.stock", owner=owner)
        assert len((await provider.search(cats())).offers) == 1
        assert host.health("acme.stock", owner=owner).state is BreakerState.CLOSED
        assert host.health("acme.stock", owner=owner).faults == ()
    assert host.plugin("acme.stock").is_usable


async def test_health_tells_state_cause_and_since_when(host: PluginHost, clock: Clock) -> None:
    await break_for_ada(host)
    broken = host.health("acme.stock", owner=ADA)
    assert broken.state is BreakerState.OPEN
    assert broken.cause.startswith("RuntimeError: no cats")
    assert broken.retry_in == 120
    assert [(fault.owner, fault.count) for fault in broken.faults] == [("ada", 5)]
    clock.time = 130.0
    trying = host.health("acme.stock", owner=ADA)
    assert (trying.state, trying.retry_in) == (BreakerState.HALF_OPEN, 0)
    assert broken.since == trying.since == datetime.fromtimestamp(0, UTC)
    host.resume("acme.stock", owner=ADA)
    assert host.health("acme.stock", owner=ADA).state is BreakerState.CLOSED


async def test_a_failed_trial_does_not_forget_since_when(host: PluginHost, clock: Clock) -> None:
    await break_for_ada(host)
    clock.time = 120.0
    provider = await host.open_provider("acme.stock", owner=ADA)
    with pytest.raises(PluginFailed, match="no cats"):
        await provider.search(cats())
    clock.time = 180.0
    failing = host.health("acme.stock", owner=ADA)
    assert (failing.state, failing.retry_in) == (BreakerState.OPEN, 60)
    assert failing.since == datetime.fromtimestamp(0, UTC)


async def test_what_an_owner_gives_is_what_its_provider_gets_and_the_operators_alone_stays_so(
    host: PluginHost, tmp_path: Path
) -> None:
    context = host.context("acme.stock", owner=ADA)
    assert context.config.values == {"dislikes": "cats", "folder": "/srv/stock", "key": ""}
    assert not context.is_operators
    assert context.secret("token") == "t0ken"
    with pytest.raises(CapabilityDenied):
        context.secret("spy")
    assert context.folder == tmp_path / "home" / "owners" / "ada" / "plugins" / "acme.stock"
    assert context.folder.is_dir()


async def test_an_owner_can_not_set_what_is_the_operators_alone(host: PluginHost) -> None:
    eve = Owner(name="eve", given={"acme.stock": Given(config={"folder": "/etc"})})
    assert host.context("acme.stock", owner=eve).config.text("folder") == "/srv/stock"


async def test_an_owner_who_gave_nothing_works_with_what_plugins_toml_says(host: PluginHost, tmp_path: Path) -> None:
    context = host.context("acme.stock", owner=BOB)
    assert context.config.text("key") == "the operator's"
    assert context.is_operators
    assert host.context("acme.stock").folder == tmp_path / "home" / "plugins" / "acme.stock"
    assert context.folder == tmp_path / "home" / "owners" / "bob" / "plugins" / "acme.stock"


async def test_a_wrong_value_of_an_owner_is_told_with_its_field(host: PluginHost) -> None:
    owner = Owner(name="ada", given={"acme.stock": Given(config={"dislikes": 7})})
    with pytest.raises(ConfigInvalid, match="must be a text, not 7") as caught:
        await host.open_provider("acme.stock", owner=owner)
    assert caught.value.field == "dislikes"
    assert caught.value.hint == "set it in the plugin's configuration"


async def test_owners_have_loops_of_their_own_that_can_be_released(host: PluginHost) -> None:
    titles = []
    for owner in (ADA, BOB):
        provider = await host.open_provider("acme.stock", owner=owner)
        page = await provider.search(Search(text="dogs", kind=AssetKind.IMAGE))
        titles.append(page.offers[0].title)
    assert titles == ["/srv/stock plugin acme.stock ada", "/srv/stock plugin acme.stock bob"]
    host.release(ADA)
    provider = await host.open_provider("acme.stock", owner=ADA)
    assert len((await provider.search(Search(text="dogs", kind=AssetKind.IMAGE))).offers) == 1


async def test_a_released_owner_leaves_nothing_behind_but_what_fails(host: PluginHost) -> None:
    await break_for_ada(host)
    provider = await host.open_provider("acme.stock", owner=BOB)
    await provider.search(Search(text="dogs", kind=AssetKind.IMAGE))
    for owner in (ADA, BOB):
        host.release(owner)
    assert host.health("acme.stock", owner=ADA).state is BreakerState.OPEN
    assert host.health("acme.stock", owner=BOB).state is BreakerState.CLOSED
    assert set(host._dispatcher._breakers) == {"", "ada"}
    assert set(host._dispatcher._loops) == set()


def test_plugins_can_be_left_out_of_a_catalogue_and_are_not_imported_for_it(site: Path, make_host: MakeHost) -> None:
    write_plugin(site, "acme-one", negative("acme.one"))
    write_plugin(site, "acme-two", negative("acme.two"))
    host = make_host()
    assert set(host.catalogue(without={"acme.two"}).effects) == {"acme.one.invert"}
    assert set(host.catalogue(["acme.two.invert"], kinds=[Kind.EFFECTS], without={"acme.two"}).effects) == set()
    assert [state.status for state in host.plugins()] == ["active", "enabled"]


def test_an_event_of_an_owner_is_heard_by_who_may_and_blamed_on_the_owners_call(
    site: Path, make_host: MakeHost
) -> None:
    listener = "from core.api import hookimpl\nheard = []\n@hookimpl\ndef reelhouse_render_finished(event):\n"
    for name in ("acme-one", "acme-two"):
        write_plugin(
            site, name, listener + "    heard.append(event)\n    raise ValueError(event.name)\n", contributes={}
        )
    host = make_host()
    finished = RenderFinished(name="intro", output="intro.mp4", frames=1, seconds=1.0)
    host.emit(finished, owner=ADA, without={"acme.two"})
    assert sys.modules["acme_one"].heard == [finished]
    assert "acme_two" not in sys.modules
    assert len(host.health("acme.one", owner=ADA).faults) == 1
    assert host.health("acme.one").faults == ()


def test_a_context_of_nothing_that_is_configured_is_refused(host: PluginHost) -> None:
    with pytest.raises(NotFound):
        host.context("acme.nothing")


@pytest.mark.parametrize("name", ["../eve", "Ada", "a/b", "-", "a" * 65])
def test_an_owners_name_can_not_lead_elsewhere(name: str) -> None:
    with pytest.raises(ValueError, match="made of a-z"):
        Owner(name=name)


def test_what_an_owner_gives_is_not_shown() -> None:
    owner = Owner(name="ada", given={"acme.stock": Given(config={"key": "s3cret"}, secrets={"token": "t0ken"})})
    assert "s3cret" not in repr(owner)
    assert "t0ken" not in repr(owner)
