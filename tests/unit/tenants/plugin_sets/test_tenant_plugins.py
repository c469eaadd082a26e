"""A tenant's view: what is not in its set is not there, says so, and is not called; what fails, fails for it alone."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.api import PluginFailed, RenderFinished, Search
from core.api.providers import AssetKind
from core.host.breaker import BreakerState
from core.host.host import PluginHost
from core.host.owner import Given, Owner
from core.host.settings import PluginSettings, Settings
from core.render.preparing import read_checked
from core.timeline.complaints import InvalidTimeline
from tenants.plugin_sets.failures import PluginNotEnabled
from tenants.plugin_sets.standing import Install, plugins_of
from tenants.plugin_sets.view import TenantPlugins
from tests.support.distributions import write_plugin
from tests.unit.host.conftest import MakeHost
from tests.unit.tenants.plugin_sets.stock import write_clip, write_glow, write_stock

type View = Callable[..., TenantPlugins]

CONFIG = PluginSettings(config={"style": "plain", "house": "Acme"})
TIMELINE = """{
  "version": 1,
  "output": {"width": 64, "height": 36, "fps": 25, "encoder": "acme.clip"},
  "tracks": [{"clips": [{"id": "a", "start": 0, "duration": 1, "asset": {"type": "color", "color": "#102040"},
    "effects": [{"use": "acme.glow.invert"}]}]}]
}"""
INTRO = RenderFinished(name="intro", output="intro.mp4", frames=1, seconds=1.0)


@pytest.fixture
def host(site: Path, make_host: MakeHost) -> PluginHost:
    write_clip(site)
    write_glow(site)
    write_stock(site)
    return make_host(Settings(plugins={"acme.stock": CONFIG}))


@pytest.fixture
def view(host: PluginHost) -> View:
    def make(name: str = "ada", *, given: dict[str, Given] | None = None, **choices: bool) -> TenantPlugins:
        chosen = {f"acme.{plugin}": is_enabled for plugin, is_enabled in choices.items()}
        return TenantPlugins(host, Owner(name=name, given=given or {}), plugins_of(host.plugins(), {}, chosen))

    return make


def test_the_catalogue_holds_what_the_tenant_may_use_and_imports_nothing_else(view: View) -> None:
    assert set(view(stock=False).catalogue().effects) == {"acme.glow.invert"}
    assert "acme_stock" not in sys.modules
    both = view().catalogue()
    assert (set(both.effects), set(both.providers)) == ({"acme.glow.invert"}, {"acme.stock"})
    assert view(glow=False).catalogue(["acme.glow.invert", "acme.stock"]).effects == {}


def test_a_timeline_that_uses_a_disabled_plugin_is_told_so(view: View) -> None:
    timeline, catalogue = read_checked(TIMELINE, view())
    assert timeline.tracks[0].clips[0].effects[0].use == "acme.glow.invert"
    assert set(catalogue.versions) == {"acme.clip", "acme.glow.invert"}
    with pytest.raises(InvalidTimeline) as caught:
        read_checked(TIMELINE, view(glow=False))
    told = [str(complaint) for complaint in caught.value.complaints]
    assert told[0] == '"acme.glow.invert" can\'t be used: the plugin acme.glow is not enabled in this workspace'
    assert told[1].startswith("tracks[0].clips[0].effects[0].use: ")
    assert len(told) == 2


def test_why_not_says_nothing_of_what_can_be_used_and_passes_on_what_the_host_knows(
    site: Path, make_host: MakeHost
) -> None:
    write_glow(site)
    write_plugin(site, "acme-bad", "raise OSError('no licence')\n", contributes={"effects": ["acme.bad"]})
    host = make_host()
    seen = TenantPlugins(host, Owner(name="ada"), plugins_of(host.plugins(), {}, {}))
    assert seen.why_not("acme.glow.invert") is None
    assert seen.why_not("acme.nothing") is None
    assert seen.why_not("acme.bad") == "the plugin acme.bad is faulted: OSError: no licence (__init__.py:1)"
    off = TenantPlugins(
        host, Owner(name="ada"), plugins_of(host.plugins(), {"acme.bad": Install(is_offered=False)}, {})
    )
    assert off.why_not("acme.bad") == "the plugin acme.bad is switched off by the administrator"


async def test_a_provider_that_is_not_enabled_is_not_there_and_is_not_opened(view: View, tmp_path: Path) -> None:
    seen = view(stock=False)
    why = '"acme.stock" can\'t be used: the plugin acme.stock is not enabled in this workspace'
    for attempt in (
        lambda: seen.open_provider("acme.stock"),
        lambda: seen.fetch("acme.stock", "1", tmp_path / "fetched"),
    ):
        with pytest.raises(PluginNotEnabled) as caught:
            await attempt()
        assert (str(caught.value), caught.value.status) == (why, 404)
    with pytest.raises(PluginNotEnabled):
        seen.context("acme.stock")
    assert not (tmp_path / "fetched").exists()
    assert "acme_stock" not in sys.modules


async def test_a_provider_works_with_the_tenants_own_configuration(view: View, tmp_path: Path) -> None:
    given = {"acme.stock": Given(config={"style": "noir", "key": "s3cret", "house": "Eve"}, secrets={"token": "t"})}
    async with view(given=given) as seen:
        fetched = await seen.fetch("acme.stock", "1", tmp_path / "a")
        assert fetched.path.read_text() == "noir s3cret"
        assert seen.context("acme.stock").secret("token") == "t"
        provider = await seen.open_provider("acme.stock")
        page = await provider.search(Search(text="x", kind=AssetKind.IMAGE))
        assert page.offers[0].title == "Acme noir"
    async with view("bob") as other:
        assert (await other.fetch("acme.stock", "1", tmp_path / "b")).path.read_text() == "plain "


async def test_what_was_opened_is_opened_once_and_closed_with_the_view(view: View, tmp_path: Path) -> None:
    seen = view()
    await seen.fetch("acme.stock", "1", tmp_path / "a")
    await seen.fetch("acme.stock", "1", tmp_path / "b")
    assert len(seen._fetchers) == 1
    await seen.close()
    assert seen._fetchers == {}
    await seen.close()


async def test_a_plugin_that_fails_for_one_tenant_stays_open_for_another(
    view: View, host: PluginHost, tmp_path: Path
) -> None:
    async with view() as mine, view("bob") as theirs:
        for _ in range(5):
            with pytest.raises(PluginFailed, match="out of order"):
                await mine.fetch("acme.stock", "break", tmp_path / "a")
        with pytest.raises(PluginFailed, match="it is paused after repeated faults"):
            await mine.fetch("acme.stock", "1", tmp_path / "a")
        assert (await theirs.fetch("acme.stock", "1", tmp_path / "b")).path.is_file()
        assert host.health("acme.stock", owner=Owner(name="ada")).state is BreakerState.OPEN
        assert host.health("acme.stock", owner=Owner(name="bob")).state is BreakerState.CLOSED


def test_what_the_engine_meets_is_counted_for_this_tenant_alone(view: View, host: PluginHost) -> None:
    failure = PluginFailed(plugin="acme.glow 1.0", contribution="acme.glow.invert", cause="ValueError")
    view().record(failure)
    assert [fault.cause for fault in host.health("acme.glow", owner=Owner(name="ada")).faults] == ["ValueError"]
    assert host.health("acme.glow", owner=Owner(name="bob")).faults == ()
    assert host.health("acme.glow").faults == ()


def test_only_listeners_of_the_set_hear_of_a_tenants_renders(site: Path, make_host: MakeHost) -> None:
    code = "from core.api import hookimpl\nheard = []\n@hookimpl\ndef reelhouse_render_finished(event):\n"
    for name in ("acme-ear", "acme-wall"):
        write_plugin(site, name, f"{code}    heard.append(event)\n", contributes={})
    host = make_host()
    host.catalogue()
    seen = TenantPlugins(host, Owner(name="ada"), plugins_of(host.plugins(), {}, {"acme.wall": False}))
    seen.emit(INTRO)
    assert sys.modules["acme_ear"].heard == [INTRO]
    assert sys.modules["acme_wall"].heard == []


async def test_a_view_ends_as_it_began_whatever_is_chosen_meanwhile(view: View, tmp_path: Path) -> None:
    async with view() as begun:
        view(stock=False)
        assert (await begun.fetch("acme.stock", "1", tmp_path / "a")).path.is_file()
