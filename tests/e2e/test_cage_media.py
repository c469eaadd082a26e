"""All that the engine does works in a cage that kills for one forbidden call: each encoder makes a film there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.cage import RENDER, Cage
from core.host.host import PluginHost
from tests.support.caged import lay_out, make_film

ENCODERS = {
    "mp4-h264": {"kind": "video", "codec": "h264", "has_audio": True},
    "mp4-h265": {"kind": "video", "codec": "hevc", "has_audio": True},
    "mov-prores4444": {"kind": "video", "codec": "prores", "has_audio": True},
    "webm-vp9": {"kind": "video", "codec": "vp9", "has_audio": True},
    "webm-av1": {"kind": "video", "codec": "av1", "has_audio": True},
    "gif": {"kind": "video", "codec": "gif", "has_audio": False},
    "hls": {"kind": "folder", "files": 7},
    "png": {"kind": "image", "codec": "png", "has_audio": False},
    "jpeg": {"kind": "image", "codec": "jpeg", "has_audio": False},
    "mp3": {"kind": "audio", "codec": "mp3float", "has_audio": True},
    "m4a": {"kind": "audio", "codec": "aac", "has_audio": True},
    "wav": {"kind": "audio", "codec": "pcm_s24le", "has_audio": True},
}


@pytest.fixture(scope="module")
def cage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cage]:
    with Cage("tests.support.caged:warm_up", tmp_path_factory.mktemp("home")) as cage:
        yield cage


@pytest.mark.parametrize("encoder", ENCODERS)
def test_an_encoder_makes_a_film_in_the_cage(encoder: str, cage: Cage, tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "job")
    profile = RENDER.for_pixels(320 * 180)
    assert cage.run(make_film, encoder, folder, profile=profile, folder=folder) == ENCODERS[encoder]


def test_no_encoder_of_ours_is_left_out(tmp_path: Path) -> None:
    with PluginHost.load(home=tmp_path) as host:
        assert set(host.catalogue().encoders) == set(ENCODERS)
