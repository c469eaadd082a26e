"""Reelhouse's own plugins: all are listed, all load, and all that is listed is there."""

from pathlib import Path

import pytest

from core.host.discovery import discover
from core.host.host import PluginHost
from core.host.settings import read_settings
from core.host.state import PluginStatus
from tests.contract.conftest import ROOT

SETTINGS = ROOT / "plugins.toml"


@pytest.fixture
def host(tmp_path: Path) -> PluginHost:
    return PluginHost(
        (plugin for plugin in discover() if plugin.is_first_party), read_settings(SETTINGS), home=tmp_path
    )


def test_each_is_listed_in_plugins_toml_and_each_that_is_listed_is_installed(host: PluginHost) -> None:
    assert [state.id for state in host.plugins() if not state.is_listed] == [], "add a line to plugins.toml"
    assert [state.id for state in host.plugins() if state.status is PluginStatus.MISSING] == []


def test_each_loads_without_a_fault_and_declares_what_its_manifest_lists(host: PluginHost) -> None:
    host.catalogue()
    assert {state.id: state.cause for state in host.plugins() if state.status is not PluginStatus.ACTIVE} == {}
    for state in host.plugins():
        assert state.faults == ()
        assert state.manifest is not None
        declared = {kind: tuple(each.id for each in listed) for kind, listed in state.declared.items() if listed}
        assert {kind: set(ids) for kind, ids in declared.items()} == {
            kind: set(ids) for kind, ids in state.manifest.contributes.items()
        }


def test_all_that_is_needed_is_imported_and_no_more(host: PluginHost) -> None:
    catalogue = host.catalogue(["color.grade", "mp4-h264"])
    assert {"color.grade", "mp4-h264"} <= set(catalogue.versions)
    active = [state.id for state in host.plugins() if state.status is PluginStatus.ACTIVE]
    assert active == ["reelhouse.color", "reelhouse.h26x"]


def test_an_id_that_a_transition_and_an_animation_share_counts_both_versions(host: PluginHost) -> None:
    catalogue = host.catalogue(["fade"])
    assert "fade" in catalogue.transitions
    assert "fade" in catalogue.animations
    assert catalogue.versions["fade"] == "reelhouse.animations 1.0 + reelhouse.transitions 1.0"
