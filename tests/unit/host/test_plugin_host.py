"""The host: what it loads and when, what it shows, and the providers, stores and events it hands on."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from core.api import (
    AssetKind,
    ConfigInvalid,
    InvalidInput,
    NotFound,
    PluginFailed,
    RenderFinished,
    Search,
)
from core.host.host import PluginHost
from core.host.kinds import DRAWN_WITH, Kind
from core.host.settings import PluginSettings, Settings
from core.host.state import PluginStatus
from tests.support.distributions import negative, write_plugin
from tests.unit.host.conftest import MakeHost

PROVIDER = """
from core.api import *

LICENCE = Licence(id="CC0-1.0")
opened = []

class Stock:
    def __init__(self, context):
        opened.append(context)

    async def search(self, search):
        if search.text == "wrong":
            return SearchPage(offers=("picture",))
        offer = AssetOffer(id="1", kind=AssetKind.IMAGE, title=search.text, licence=LICENCE)
        return SearchPage(offers=(offer,), total=1)

    async def fetch(self, asset_id, folder):
        path = folder / "picture.png"
        match asset_id:
            case "missing":
                raise NotFound("no such picture")
            case "outside":
                path = folder.parent / "picture.png"
            case "nothing":
                return FetchedAsset(path=path, kind=AssetKind.IMAGE, licence=LICENCE)
            case "text":
                return FetchedAsset(path=str(path), kind=AssetKind.IMAGE, licence=LICENCE)
        path.write_bytes(b"picture")
        return FetchedAsset(path=path, kind=AssetKind.IMAGE, licence=LICENCE)

    async def close(self):
        opened.clear()

@hookimpl
def reelhouse_asset_providers():
    yield AssetProvider(
        id="acme.stock.photos", title="Photos", kinds=frozenset({AssetKind.IMAGE}), open=Stock,
        params=(Parameter(name="size", title="Size", type=ParameterType.INT, default=3, minimum=1),),
    )
"""

STORE = """
from core.api import *

class Store:
    def __init__(self, context):
        self.context = context
        self.closed = False

    async def read(self, key, *, start=0, length=None):
        try:
            yield b"one"
            yield b"two"
            if key == "wrong":
                yield "three"
            if key == "breaks":
                raise OSError("disk gone")
        finally:
            self.closed = True

    async def stat(self, key):
        raise NotFound(key)

    async def put(self, key, source, *, content_type="application/octet-stream"):
        return "stored"

    async def link(self, key, *, expires_in, filename=None):
        return None if key == "none" else 7 if key == "wrong" else f"https://acme.example/{key}"

    async def fetch(self, key, target): ...
    async def delete(self, key): ...
    async def close(self): ...

    async def list(self, prefix=""):
        for each in ():
            yield each

def open_store(context):
    return Store(context) if context.config.text("bucket") != "half" else object()

@hookimpl
def reelhouse_storage_backends():
    yield StorageBackend(id="acme.cloud", title="Cloud", open=open_store, params=(
        Parameter(name="bucket", title="Bucket", type=ParameterType.TEXT),
    ))
"""

LISTENER = """
from core.api import hookimpl
heard = []

@hookimpl
async def reelhouse_render_finished(event):
    heard.append(event)

@hookimpl
def reelhouse_fault(event):
    heard.append(event)
"""


@pytest.fixture
def stock(site: Path) -> str:
    return write_plugin(site, "acme-stock", PROVIDER, contributes={"asset_providers": ["acme.stock.photos"]})


@pytest.fixture
def cloud(site: Path) -> str:
    return write_plugin(site, "acme-cloud", STORE, contributes={"storage_backends": ["acme.cloud"]})


def test_nothing_is_imported_until_it_is_needed_and_then_only_that(site: Path, make_host: MakeHost) -> None:
    write_plugin(site, "acme-one", negative("acme.one"))
    write_plugin(site, "acme-two", negative("acme.two"))
    host = make_host()
    assert [state.status for state in host.plugins()] == [PluginStatus.ENABLED, PluginStatus.ENABLED]
    catalogue = host.catalogue(["acme.two.invert", "fade"])
    assert set(catalogue.effects) == {"acme.two.invert"}
    assert catalogue.versions == {"acme.two.invert": "acme.two 1.0"}
    assert "acme_two" in sys.modules
    assert "acme_one" not in sys.modules
    assert set(host.catalogue().effects) == {"acme.one.invert", "acme.two.invert"}
    assert [state.status for state in host.plugins()] == [PluginStatus.ACTIVE, PluginStatus.ACTIVE]


def test_workers_import_what_they_draw_with_and_no_store(site: Path, make_host: MakeHost) -> None:
    write_plugin(site, "acme-one", negative("acme.one"))
    write_plugin(site, "acme-cloud", STORE, contributes={"storage_backends": ["acme.cloud"]})
    host = make_host()
    assert set(host.catalogue(kinds=DRAWN_WITH).versions) == {"acme.one.invert"}
    assert host.catalogue(["acme.one.invert", "acme.cloud"], kinds=DRAWN_WITH).storage == {}
    assert "acme_cloud" not in sys.modules
    assert set(host.catalogue(kinds=[Kind.STORAGE_BACKENDS]).storage) == {"acme.cloud"}


def test_a_plugin_is_imported_once_and_its_import_is_timed(site: Path, make_host: MakeHost) -> None:
    write_plugin(site, "acme-one", negative("acme.one"))
    seconds = count()
    host = make_host(clock=lambda: float(next(seconds)))
    host.catalogue()
    first = host.plugin("acme.one").load_seconds
    assert first is not None
    assert first > 0
    module = sys.modules["acme_one"]
    host.catalogue()
    assert sys.modules["acme_one"] is module
    assert host.plugin("acme.one").load_seconds == first


def test_what_is_disabled_is_shown_and_not_imported(site: Path, make_host: MakeHost) -> None:
    write_plugin(site, "acme-one", "raise AssertionError('imported')\n")
    host = make_host(Settings(plugins={"acme.one": PluginSettings(is_enabled=False)}))
    assert host.catalogue().effects == {}
    [state] = host.plugins()
    assert (state.status, state.cause) == (PluginStatus.DISABLED, "plugins.toml disables it")
    assert state.is_listed
    assert host.why_not("acme.one.invert") == "the plugin acme.one is disabled: plugins.toml disables it"
    assert "acme_one" not in sys.modules


def test_what_is_not_listed_is_shown_so_and_loaded_as_the_settings_say(site: Path, make_host: MakeHost) -> None:
    write_plugin(site, "acme-one", negative("acme.one"))
    strict = make_host(Settings(loads_unlisted=False))
    assert strict.catalogue().effects == {}
    [state] = strict.plugins()
    assert (state.status, state.cause) == (PluginStatus.DISABLED, "plugins.toml does not list it")
    easy = make_host(Settings())
    assert set(easy.catalogue().effects) == {"acme.one.invert"}
    assert not easy.plugin("acme.one").is_listed


def test_what_is_listed_and_not_installed_is_shown(make_host: MakeHost) -> None:
    [state] = make_host(Settings(plugins={"acme.gone": PluginSettings()})).plugins()
    assert (state.id, state.status) == ("acme.gone", PluginStatus.MISSING)
    assert state.cause == "plugins.toml lists it and it is not installed"


def test_safe_mode_leaves_third_parties_alone(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_plugin(site, "acme-one", "raise AssertionError('imported')\n")
    monkeypatch.setenv("REELHOUSE_SAFE_MODE", "1")
    monkeypatch.setenv("REELHOUSE_PLUGINS", str(tmp_path / "plugins.toml"))
    (tmp_path / "plugins.toml").write_text("", encoding="utf-8")
    with PluginHost.load(home=tmp_path) as host:
        states = {state.id: state for state in host.plugins()}
        assert states["acme.one"].status is PluginStatus.DISABLED
        assert states["acme.one"].cause == "safe mode loads Reelhouse's own plugins alone"
        assert states["reelhouse.color"].status is PluginStatus.ENABLED
        assert "color.grade" in host.catalogue(["color.grade", "acme.one.invert"]).effects
    assert "acme_one" not in sys.modules


def test_two_plugins_may_use_one_id_for_two_kinds_and_both_versions_count(site: Path, make_host: MakeHost) -> None:
    write_plugin(site, "acme", negative("acme.good", "turn"), contributes={"effects": ["acme.good.turn"]})
    animation = (
        "from core.api import Animation, Pose, hookimpl\n\n@hookimpl\ndef reelhouse_animations():\n"
        "    yield Animation(id='acme.good.turn', title='Turn', pose=lambda presence, values: Pose())\n"
    )
    write_plugin(site, "acme-good", animation, contributes={"animations": ["acme.good.turn"]})
    catalogue = make_host().catalogue()
    assert set(catalogue.effects) == set(catalogue.animations) == {"acme.good.turn"}
    assert catalogue.versions == {"acme.good.turn": "acme 1.0 + acme.good 1.0"}


def test_an_unknown_plugin_gets_a_suggestion(site: Path, make_host: MakeHost) -> None:
    write_plugin(site, "acme-one", negative("acme.one"))
    with pytest.raises(NotFound, match=r'there is no plugin "acme.onne", did you mean "acme.one"'):
        make_host().plugin("acme.onne")


def test_a_wrong_key_in_the_configuration_is_a_fault_with_a_suggestion(make_host: MakeHost, stock: str) -> None:
    host = make_host(Settings(plugins={stock: PluginSettings(config={"sise": 3})}))
    assert host.plugin(stock).cause == 'plugins.toml: config.sise is an unknown key, did you mean "size"?'
    host = make_host(Settings(plugins={stock: PluginSettings(config={"size": 0})}))
    assert host.plugin(stock).cause == "plugins.toml: config.size must be at least 1, not 0"


async def test_a_provider_is_opened_with_its_configuration_and_folder(
    make_host: MakeHost, stock: str, tmp_path: Path
) -> None:
    host = make_host(Settings(plugins={stock: PluginSettings(config={"size": 5})}))
    provider = await host.open_provider("acme.stock.photos", root=tmp_path)
    page = await provider.search(Search(text="sea", kind=AssetKind.IMAGE))
    assert [offer.title for offer in page.offers] == ["sea"]
    [context] = sys.modules["acme_stock"].opened
    assert (context.plugin_id, context.root, context.config.number("size")) == (stock, tmp_path, 5)
    assert context.folder == tmp_path / "home" / "plugins" / stock
    assert context.folder.is_dir()
    await provider.close()
    assert sys.modules["acme_stock"].opened == []


def test_a_fetch_opens_the_provider_once_whatever_loop_asks(make_host: MakeHost, stock: str, tmp_path: Path) -> None:
    host = make_host()
    for number in (1, 2):
        fetched = asyncio.run(host.fetch("acme.stock.photos", "7", tmp_path / str(number)))
        assert fetched.path == tmp_path / str(number) / "picture.png"
        assert fetched.path.read_bytes() == b"picture"
    assert len(sys.modules["acme_stock"].opened) == 1


async def test_a_provider_answers_to_its_plugins_id_where_that_has_but_one(make_host: MakeHost, stock: str) -> None:
    assert await make_host().open_provider(stock) is not None


async def test_an_unknown_provider_gets_a_suggestion_and_one_that_failed_its_cause(
    site: Path, make_host: MakeHost, stock: str
) -> None:
    listed = {"asset_providers": ["acme.bad.photos"]}
    write_plugin(site, "acme-bad", "import acme_nowhere\n", contributes=listed)
    host = make_host()
    with pytest.raises(NotFound, match=r'there is no asset provider "acme.stok.photos", did you mean "acme.stock.pho'):
        await host.open_provider("acme.stok.photos")
    with pytest.raises(NotFound, match=r'"acme.bad.photos" can\'t be used: acme.bad is faulted: ModuleNotFoundError'):
        await host.open_provider("acme.bad.photos")


@pytest.mark.parametrize(
    ("asset", "cause"),
    [
        ("outside", "which is not in the folder it was given"),
        ("nothing", "fetch returned picture.png, which is no file"),
        ("text", "fetch returned str as path instead of a Path"),
    ],
)
async def test_a_delivery_that_is_not_in_its_folder_is_the_plugins_fault(
    make_host: MakeHost, stock: str, tmp_path: Path, asset: str, cause: str
) -> None:
    host = make_host()
    with pytest.raises(PluginFailed, match=cause):
        await host.fetch("acme.stock.photos", asset, tmp_path / "in")
    assert host.plugin(stock).faults[0].contribution == "acme.stock.photos"


async def test_an_offer_of_a_wrong_type_is_the_plugins_fault(make_host: MakeHost, stock: str) -> None:
    provider = await make_host().open_provider(stock)
    with pytest.raises(PluginFailed, match="search offered str instead of AssetOffer"):
        await provider.search(Search(text="wrong", kind=AssetKind.IMAGE))


async def test_what_a_provider_raises_on_purpose_reaches_the_caller(
    make_host: MakeHost, stock: str, tmp_path: Path
) -> None:
    host = make_host()
    with pytest.raises(NotFound, match="no such picture"):
        await host.fetch("acme.stock.photos", "missing", tmp_path / "in")
    assert host.plugin(stock).faults == ()


async def read(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


async def test_a_store_streams_through_the_dispatcher(make_host: MakeHost, cloud: str) -> None:
    host = make_host()
    store = await host.open_storage("acme.cloud", {"bucket": "videos"})
    assert await read(store.read("key")) == b"onetwo"
    assert [each async for each in store.list()] == []
    assert await store.link("a.mp4", expires_in=timedelta(minutes=1)) == "https://acme.example/a.mp4"
    assert await store.link("none", expires_in=timedelta(minutes=1)) is None
    with pytest.raises(NotFound):
        await store.stat("key")
    assert host.plugin(cloud).faults == ()


async def test_a_store_that_breaks_or_lies_is_at_fault(make_host: MakeHost, cloud: str) -> None:
    host = make_host()
    store = await host.open_storage("acme.cloud", {"bucket": "videos"})
    with pytest.raises(PluginFailed, match="OSError: disk gone"):
        await read(store.read("breaks"))
    with pytest.raises(PluginFailed, match="read gave str instead of bytes"):
        await read(store.read("wrong"))
    with pytest.raises(PluginFailed, match="returned str instead of StoredObject"):
        await store.put("key", Path(__file__))
    with pytest.raises(PluginFailed, match="link"):
        await store.link("wrong", expires_in=timedelta(minutes=1))
    assert len(host.plugin(cloud).faults) == 4


async def test_a_stream_that_is_left_early_is_closed(make_host: MakeHost, cloud: str) -> None:
    store = await make_host().open_storage("acme.cloud", {"bucket": "videos"})
    stream = store.read("key")
    assert await anext(stream) == b"one"
    await stream.aclose()
    assert store._inner.closed


async def test_a_store_needs_its_configuration(make_host: MakeHost, cloud: str) -> None:
    host = make_host()
    with pytest.raises(ConfigInvalid, match=r"config\.bucket is required") as caught:
        await host.open_storage("acme.cloud")
    assert caught.value.field == "bucket"
    with pytest.raises(ConfigInvalid, match='unknown parameter "bukket", did you mean "bucket"'):
        await host.open_storage("acme.cloud", {"bukket": "videos"})
    with pytest.raises(PluginFailed, match="open returned object, which has no put, stat, read"):
        await host.open_storage("acme.cloud", {"bucket": "half"})
    configured = make_host(Settings(plugins={cloud: PluginSettings(config={"bucket": "videos"})}))
    assert await configured.open_storage("acme.cloud") is not None


EVENT = RenderFinished(name="spring", output="spring.mp4", frames=90, seconds=1.5)


def test_events_reach_all_listeners_though_one_fails(site: Path, make_host: MakeHost) -> None:
    deaf = "from core.api import hookimpl\n\n@hookimpl\ndef reelhouse_render_finished(event):\n    1 / 0\n"
    write_plugin(site, "acme-deaf", deaf, contributes={})
    write_plugin(site, "acme-listener", LISTENER, contributes={})
    host = make_host()
    host.emit(EVENT)
    assert EVENT in sys.modules["acme_listener"].heard
    [fault] = host.plugin("acme.deaf").faults
    assert (fault.call, fault.cause) == (
        "reelhouse_render_finished",
        "ZeroDivisionError: division by zero (__init__.py:5)",
    )
    assert host.plugin("acme.deaf").status is PluginStatus.ACTIVE


def test_a_fault_is_told_to_the_other_plugins(site: Path, make_host: MakeHost) -> None:
    code = LISTENER + "    told.set()\n\nimport threading\ntold = threading.Event()\n"
    write_plugin(site, "acme-listener", code, contributes={})
    write_plugin(site, "acme-one", negative("acme.one"))
    host = make_host()
    host.catalogue()
    failure = PluginFailed(plugin="acme.one 1.0", contribution="acme.one.invert", cause="ValueError('no')")
    host.record(failure)
    listener = sys.modules["acme_listener"]
    assert listener.told.wait(5)
    [event] = listener.heard
    assert (event.plugin_id, event.contribution, event.cause) == ("acme.one", "acme.one.invert", "ValueError('no')")
    [fault] = host.plugin("acme.one").faults
    assert fault.call == "draw"


def test_a_plugin_that_fails_too_often_is_shown_as_paused(site: Path, make_host: MakeHost) -> None:
    write_plugin(site, "acme-one", negative("acme.one"))
    host = make_host(clock=lambda: 0.0)
    host.catalogue()
    failure = PluginFailed(plugin="acme.one 1.0", contribution="acme.one.invert", cause="ValueError('no')")
    for _ in range(5):
        host.record(failure)
    state = host.plugin("acme.one")
    assert state.status is PluginStatus.PAUSED
    assert state.cause == "it failed too often, the last time with: ValueError('no')"
    assert state.hint == "it is tried again in 120 s"
    assert state.faults[0].count == 5
    host.resume("acme.one")
    assert host.plugin("acme.one").status is PluginStatus.ACTIVE


def test_what_is_declared_is_shown(site: Path, make_host: MakeHost) -> None:
    write_plugin(site, "acme-one", negative("acme.one"))
    state = make_host().plugin("acme.one")
    assert [each.id for each in state.declared[Kind.EFFECTS]] == ["acme.one.invert"]
    assert state.is_usable


def test_settings_that_are_wrong_stop_the_load(tmp_path: Path) -> None:
    path = tmp_path / "plugins.toml"
    path.write_text("[plugin]\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="plugin is an unknown key"):
        PluginHost.load(path, home=tmp_path)
