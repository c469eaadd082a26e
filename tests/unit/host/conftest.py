"""A folder on the import path that a test fills with plugins, and hosts that see those alone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.host.discovery import FoundPlugin, discover
from core.host.host import PluginHost
from core.host.settings import Settings
from tests.support.distributions import on_path

type MakeHost = Callable[..., PluginHost]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Path]:
    """A folder that is searched as site-packages is."""
    folder = tmp_path / "site"
    folder.mkdir()
    with on_path(folder):
        yield folder


@pytest.fixture
def found(site: Path) -> Callable[[], tuple[FoundPlugin, ...]]:
    """What discovery finds in ``site``, without Reelhouse's own plugins."""
    return lambda: tuple(plugin for plugin in discover() if not plugin.is_first_party)


@pytest.fixture
def make_host(found: Callable[[], tuple[FoundPlugin, ...]], tmp_path: Path) -> Iterator[MakeHost]:
    """Make hosts over ``site``; they are closed at the end."""
    hosts: list[PluginHost] = []

    def make(settings: Settings | None = None, **options: object) -> PluginHost:
        hosts.append(PluginHost(found(), settings or Settings(), home=tmp_path / "home", **options))
        return hosts[-1]

    yield make
    for host in hosts:
        host.close()
