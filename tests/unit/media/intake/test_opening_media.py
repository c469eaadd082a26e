"""Only listed decoders see a file, limits hold before anything is decoded, and there is no second way in."""

import ast
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Discard

from core.api import MediaError
from core.media.intake import Limits, open_media
from core.media.probe import probe
from tests.support.clips import write_clip
from tests.support.seeds import write_tone

SOURCES = Path(__file__).parents[4]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "clip.mp4", 10, fps=Fraction(25), size=(64, 36))


@pytest.mark.parametrize(
    "name", ["concat:clip.mp4|clip.mp4", "subfile,,start,0,end,0,,:clip.mp4", "http://127.0.0.1/a"]
)
def test_a_name_is_a_file_s_name_and_no_protocol(tmp_path: Path, clip: Path, name: str) -> None:
    with (
        pytest.raises(MediaError, match="can't be read: No such file or directory"),
        closing(open_media(clip.parent / name)),
    ):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4"]


def test_a_file_with_a_protocol_s_name_is_read_itself(tmp_path: Path, clip: Path) -> None:
    odd = clip.rename(tmp_path / "concat:clip.mp4|clip.mp4")
    assert probe(odd).width == 64


def test_a_decoder_that_is_not_listed_is_refused(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "old.avi", 5, size=(64, 36), codec="flv1", options={"g": "5"})
    with pytest.raises(MediaError, match=r"^old\.avi: video of the kind flv is not taken$"):
        probe(path)


def test_a_codec_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "new.mkv", 5, size=(64, 36))
    path.write_bytes(path.read_bytes().replace(b"V_MPEG4/ISO/AVC", b"V_MPEG4/ISO/XYZ"))
    with pytest.raises(MediaError, match=r"^new\.mkv: video of the kind that FFmpeg does not know is not taken$"):
        probe(path)


def test_streams_that_are_not_used_may_be_of_any_kind_and_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "two.avi"
    with av.open(str(path), "w") as container:
        streams = [container.add_stream(name, rate=48_000, layout="stereo") for name in ("pcm_s16le", "adpcm_ms")]
        for stream in streams:
            for _ in range(30):
                frame = av.AudioFrame.from_ndarray(np.zeros((2, 2048), np.float32), "fltp", "stereo")
                frame.sample_rate = 48_000
                for each in av.AudioResampler(stream.codec_context.format).resample(frame):
                    container.mux(stream.encode(each))
            container.mux(stream.encode(None))
    assert probe(path).codec == "pcm_s16le"
    with closing(open_media(path)) as container:
        assert [stream.discard for stream in container.streams] == [Discard.default, Discard.all]


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(pixels=64 * 36 - 1), r"the picture is too large \(64x36\)"),
        (Limits(side=63), r"the picture is too large \(64x36\)"),
        (Limits(frames_a_second=24), "has 25 frames a second, more than 24"),
        (Limits(frames=9), "has 10 frames, more than 9"),
        (Limits(streams=0), "has more than 0 streams"),
        (Limits(seconds=0), "lasts longer than 0 hours"),
    ],
)
def test_what_goes_beyond_a_limit_is_refused(clip: Path, limits: Limits, message: str) -> None:
    with pytest.raises(MediaError, match=rf"^clip\.mp4: {message}$"), closing(open_media(clip, limits=limits)):
        pass


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(channels=1), "has 2 channels of sound, more than 1"),
        (Limits(samples_a_second=44_100), "its sound has 48000 samples a second"),
        (Limits(least_samples_a_second=48_001), "its sound has 48000 samples a second"),
    ],
)
def test_absurd_sound_is_refused(tmp_path: Path, limits: Limits, message: str) -> None:
    path = write_tone(tmp_path / "tone.wav")
    with pytest.raises(MediaError, match=rf"^tone\.wav: {message}$"), closing(open_media(path, limits=limits)):
        pass


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_a_stream_whose_header_lies_about_its_size_is_not_decoded(tmp_path: Path, suffix: str) -> None:
    path = write_clip(tmp_path / f"liar.{suffix}", 5, size=(640, 360))
    with closing(open_media(path)) as container:
        video = container.streams.video[0]
        assert video.codec_context.options["max_pixels"] == str(8192 * 8192)
        video.codec_context.options = {"max_pixels": str(640 * 360 - 1)}  # as if the header had said less
        with pytest.raises(av.FFmpegError):
            next(container.decode(video))


def test_a_packet_with_a_minute_of_sound_is_not_decoded(tmp_path: Path) -> None:
    path = tmp_path / "long.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 2**20 + 1), np.int16), "s16", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    with closing(open_media(path)) as container, pytest.raises(av.error.ArgumentError):
        next(container.decode(container.streams.audio[0]))


@pytest.mark.parametrize(
    ("calls", "rooms"),
    [
        # The testing kit reads what an encoder under test wrote, the GIF encoder its own spool.
        (
            {"av.open", "av.container.open"},
            {"core/media/intake/opening.py", "core/api/testing/encoders.py", "plugins/encoders/gif/session.py"},
        ),
        # The testing kit reads its references, a storyboard the strips that workers wrote.
        (
            {"Image.open", "PIL.Image.open", "cv2.imread", "cv2.VideoCapture"},
            {"core/media/intake/pictures.py", "core/api/testing/golden.py", "core/render/strips.py"},
        ),
    ],
)
def test_nothing_else_opens_media_for_reading(calls: set[str], rooms: set[str]) -> None:
    found = set()
    for path in (each for room in ("core", "plugins", "webshell") for each in (SOURCES / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module in {"av", "av.container", "PIL.Image"}:
                assert "open" not in {name.name for name in node.names}, f"{path}: say whose open it is"
            if isinstance(node, ast.Import):
                assert not any(name.name == "av" and name.asname for name in node.names), f"{path}: call it av"
            if isinstance(node, ast.Call) and ast.unparse(node.func) in calls:
                modes = [ast.unparse(given) for given in (*node.args[1:2], *(key.value for key in node.keywords))]
                if "'w'" not in modes:
                    found.add(str(path.relative_to(SOURCES)))
    assert found == rooms
