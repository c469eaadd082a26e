"""Only media come in, told by their content; all that FFmpeg would open beyond them is refused."""

import ast
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from core.api import MediaError
from core.media import intake
from core.media.intake import open_media
from core.media.probe import probe
from tests.support.clips import write_clip

SOURCES = Path(__file__).parents[3]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
DISGUISED = {
    "concat": b"ffconcat version 1.0\nfile clip.mp4\n",
    "hls": b"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:2.0,\nclip.mp4\n#EXT-X-ENDLIST\n",
    "dash": b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"></MPD>',
    "sdp": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    b"m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    "svg": SVG,
    "text": b"just words\n" * 100,
    "zip": b"PK\x03\x04" + bytes(200),
    "nothing": b"",
}


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "clip.mp4", 10, fps=Fraction(25), size=(64, 36))


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".m3u8", ".sdp", ".svg", ""])
@pytest.mark.parametrize("kind", DISGUISED)
def test_what_names_other_files_or_networks_is_refused_whatever_its_name(
    tmp_path: Path, clip: Path, kind: str, suffix: str
) -> None:
    path = tmp_path / f"innocent{suffix}"
    path.write_bytes(DISGUISED[kind])
    with pytest.raises(MediaError, match="innocent"):
        probe(path)
    assert clip.exists()


@pytest.mark.parametrize(
    "name", ["concat:clip.mp4|clip.mp4", "subfile,,start,0,end,0,,:clip.mp4", "http://127.0.0.1/a"]
)
def test_a_name_is_a_file_s_name_and_no_protocol(tmp_path: Path, clip: Path, name: str) -> None:
    with pytest.raises(FileNotFoundError), closing(open_media(clip.parent / name)):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4"]


def test_a_decoder_that_is_not_listed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("flv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((36, 64, 3), np.uint8), "rgb24")))
        container.mux(stream.encode(None))
    with pytest.raises(MediaError, match=r"old\.avi: video of the kind flv is not taken"):
        probe(path)


@pytest.mark.parametrize(
    ("limit", "value", "message"),
    [
        ("MOST_PIXELS", 64 * 36 - 1, "the picture is too large"),
        ("MOST_FRAMES_A_SECOND", 24, "25 frames a second, more than 24"),
        ("MOST_STREAMS", 0, "has 1 streams, more than 0"),
        ("MOST_SECONDS", 0, "lasts longer"),
    ],
)
def test_what_goes_beyond_a_limit_is_refused_before_it_is_decoded(
    clip: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, message: str
) -> None:
    monkeypatch.setattr(intake, limit, value)
    with pytest.raises(MediaError, match=message), closing(open_media(clip)):
        pass


def test_nothing_else_opens_media_for_reading() -> None:
    found = set()
    for path in (*SOURCES.glob("core/**/*.py"), *SOURCES.glob("plugins/**/*.py"), *SOURCES.glob("webshell/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "av.open":
                modes = [ast.unparse(given) for given in (*node.args[1:2], *(key.value for key in node.keywords))]
                if "'w'" not in modes:
                    found.add(str(path.relative_to(SOURCES)))
    # The testing kit reads what an encoder under test wrote, the GIF encoder its own spool.
    assert found == {"core/media/intake.py", "core/api/testing/encoders.py", "plugins/encoders/gif/session.py"}
