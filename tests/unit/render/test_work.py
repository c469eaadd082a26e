"""Work is done with the plugins that it was planned with, or not at all."""

from pathlib import Path

import pytest

from core.api import MediaError
from core.host.host import PluginHost
from core.host.kinds import DRAWN_WITH
from core.render.ingredients import Ingredients


def test_materials_are_made_of_the_same_versions_only(tmp_path: Path) -> None:
    with PluginHost.load(home=tmp_path) as host:
        here = host.catalogue(frozenset({"fade", "mp4-h264"}), kinds=DRAWN_WITH).versions
        assert {"fade", "mp4-h264"} <= here.keys()
        assert {"fade", "mp4-h264"} <= Ingredients(media={}, versions=here).materials(host).catalogue.versions.keys()
        plugin, _, version = here["mp4-h264"].rpartition(" ")
        with pytest.raises(MediaError, match=rf"^the worker has another version of {plugin}$") as refused:
            Ingredients(media={}, versions={"mp4-h264": f"{plugin} {version}.1"}).materials(host)
        assert refused.value.hint == "install the same plugins on all machines"
