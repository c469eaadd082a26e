"""Every encoder writes a file that decodes to what it was given."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from core.api import EncodeJob, Encoder, InvalidInput, MediaError, parse_values
from core.host.host import PluginHost
from core.media.encode import open_session
from core.timeline.plan import CaptionTrack, Cue
from tests.support.encoding import HEIGHT, WIDTH, encode_clip, frame_at, luma_at, psnr

VIDEO = ["mp4-h264", "mp4-h265", "webm-vp9", "webm-av1", "mov-prores4444"]


@pytest.fixture(scope="module")
def encoders(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Encoder]:
    with PluginHost.load(home=tmp_path_factory.mktemp("home")) as host:
        return host.catalogue().encoders


def test_the_encoders_of_the_house_are_there(encoders: Mapping[str, Encoder]) -> None:
    assert {*VIDEO, "gif", "hls", "mp3", "m4a", "wav", "png", "jpeg"} <= encoders.keys()


@pytest.mark.parametrize("name", VIDEO)
def test_a_video_has_its_frames_its_sound_and_its_tags(
    encoders: Mapping[str, Encoder], tmp_path: Path, name: str
) -> None:
    encoder = encoders[name]
    path = encode_clip(encoder, tmp_path / f"clip.{encoder.extension}")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.width, stream.codec_context.height) == (WIDTH, HEIGHT)
        assert Fraction(stream.average_rate.numerator, stream.average_rate.denominator) == 30
        context = stream.codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)
        lumas = [frame.to_ndarray(format="gray") for frame in container.decode(stream)]
    assert len(lumas) == 30
    if not encoder.has_alpha:
        # "gray" is full range: 16 to 235 become 0 to 255.
        expected = np.clip((luma_at(20).astype(float) - 16) * 255 / 219, 0, 255)
        assert psnr(lumas[20], expected) > 30
    with av.open(str(path)) as container:
        heard = sum(frame.samples for frame in container.decode(audio=0))
    assert abs(heard - 48_000) <= 2048


@pytest.mark.parametrize(
    "fps", [Fraction(12), Fraction(24), Fraction(30000, 1001), Fraction(60000, 1001), Fraction(60)], ids=str
)
@pytest.mark.parametrize("name", ["mp4-h264", "webm-vp9", "gif"])
def test_frame_rates_are_kept_exactly(
    encoders: Mapping[str, Encoder], tmp_path: Path, name: str, fps: Fraction
) -> None:
    encoder = encoders[name]
    quality = {"max_fps": 50} if name == "gif" else None
    path = encode_clip(encoder, tmp_path / f"clip.{encoder.extension}", frames=24, fps=fps, quality=quality)
    with av.open(str(path)) as container:
        times = [frame.time for frame in container.decode(video=0)]
    step = 2 if name == "gif" and fps > 50 else 1
    assert len(times) == 24 // step
    tolerance = 0.0051 if name == "gif" else 0.001  # a GIF counts hundredths of a second, WebM milliseconds
    assert times == pytest.approx([float(number * step / fps) for number in range(24 // step)], abs=tolerance)


@pytest.mark.parametrize("name", ["mp3", "m4a", "wav"])
def test_sound_alone_is_as_long_and_as_loud_as_it_was(
    encoders: Mapping[str, Encoder], tmp_path: Path, name: str
) -> None:
    encoder = encoders[name]
    path = encode_clip(encoder, tmp_path / f"tone.{encoder.extension}", quality={} if name == "wav" else {"kbit": 192})
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("flt", "stereo", 48_000)
        parts = [part.to_ndarray()[0][::2] for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    samples = np.concatenate(parts)
    assert abs(len(samples) - 48_000) <= 2400
    assert float(np.sqrt((samples[9600:38400] ** 2).mean())) == pytest.approx(0.3 / np.sqrt(2), rel=0.03)


@pytest.mark.parametrize("name", ["mov-prores4444", "png", "gif"])
def test_transparency_is_kept(encoders: Mapping[str, Encoder], tmp_path: Path, name: str) -> None:
    encoder = encoders[name]
    path = encode_clip(encoder, tmp_path / f"clip.{encoder.extension}", frames=1 if encoder.is_still else 6)
    with av.open(str(path)) as container:
        pixels = next(container.decode(video=0)).to_ndarray(format="rgba")
    assert pixels[HEIGHT // 2, 10, 3] < 5
    assert pixels[HEIGHT // 2, WIDTH - 10, 3] > 250


def test_a_jpeg_is_the_frame(encoders: Mapping[str, Encoder], tmp_path: Path) -> None:
    path = encode_clip(encoders["jpeg"], tmp_path / "still.jpg", frames=1)
    with Image.open(path) as image:
        grey = np.asarray(image.convert("L"))
    assert psnr(grey, np.clip((luma_at(0).astype(float) - 16) * 255 / 219, 0, 255)) > 30


@pytest.mark.parametrize(
    ("name", "codec"), [("mp4-h264", "mov_text"), ("webm-vp9", "webvtt"), ("mov-prores4444", "mov_text")]
)
def test_soft_captions_are_in_the_file_with_their_language(
    encoders: Mapping[str, Encoder], tmp_path: Path, name: str, codec: str
) -> None:
    cues = (
        Cue(start=Fraction(1, 10), end=Fraction(4, 10), text="Déjà vu"),
        Cue(start=Fraction(5, 10), end=Fraction(9, 10), text="two\nlines"),
    )
    tracks = [
        CaptionTrack(language="fr", cues=cues, is_sidecar=False, is_soft=True),
        CaptionTrack(language="en", cues=cues, is_sidecar=True, is_soft=False),
    ]
    encoder = encoders[name]
    path = encode_clip(encoder, tmp_path / f"clip.{encoder.extension}", captions=tracks)
    with av.open(str(path)) as container:
        assert len(container.streams.subtitles) == 1
        stream = container.streams.subtitles[0]
        assert (stream.codec_context.name, stream.language) == (codec, "fre" if codec == "webvtt" else "fra")
        packets = [
            (
                round(float(packet.pts * packet.time_base), 3),
                round(float(packet.duration * packet.time_base), 3),
                bytes(packet),
            )
            for packet in container.demux(stream)
            if packet.size > 2
        ]
    assert [(start, length) for start, length, _ in packets] == [(0.1, 0.3), (0.5, 0.4)]
    assert packets[0][2].endswith("Déjà vu".encode())


def test_hevc_is_tagged_so_that_apple_players_read_it(encoders: Mapping[str, Encoder], tmp_path: Path) -> None:
    with av.open(str(encode_clip(encoders["mp4-h265"], tmp_path / "clip.mp4", frames=5))) as container:
        assert container.streams.video[0].codec_context.codec_tag == "hvc1"


def test_an_mp4_can_be_played_while_it_loads(encoders: Mapping[str, Encoder], tmp_path: Path) -> None:
    content = encode_clip(encoders["mp4-h264"], tmp_path / "clip.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    assert b"colrnclx" in content


def test_a_gif_has_a_palette_that_fits_and_loops_for_ever(encoders: Mapping[str, Encoder], tmp_path: Path) -> None:
    path = encode_clip(encoders["gif"], tmp_path / "clip.gif", quality={"max_fps": 30})
    content = path.read_bytes()
    assert b"NETSCAPE2.0\x03\x01\x00\x00" in content
    with av.open(str(path)) as container:
        pixels = list(container.decode(video=0))[10].to_ndarray(format="rgba")
    opaque = pixels[:, WIDTH // 2 + 2 :, 0]
    assert psnr(opaque, luma_at(10)[:, WIDTH // 2 + 2 :]) > 32
    assert len(np.unique(pixels.reshape(-1, 4), axis=0)) <= 256


def test_an_hls_ladder_has_rungs_that_play_and_change_at_the_same_frames(
    encoders: Mapping[str, Encoder], tmp_path: Path
) -> None:
    quality = {"heights": "90 44", "segment": 1, "preset": "ultrafast"}
    folder = encode_clip(encoders["hls"], tmp_path / "clip.hls", frames=75, quality=quality)
    master = (folder / "master.m3u8").read_text()
    assert "RESOLUTION=160x90" in master
    assert "RESOLUTION=78x44" in master
    assert 'CODECS="avc1.' in master
    starts = []
    for rung in ("90p", "44p", "sound"):
        playlist = (folder / f"{rung}.m3u8").read_text()
        lengths = [float(line[8:].rstrip(",")) for line in playlist.splitlines() if line.startswith("#EXTINF:")]
        assert sum(lengths) == pytest.approx(2.5, abs=0.05)
        for line in playlist.splitlines():
            assert line.startswith("#") or (folder / line).is_file()
        if rung != "sound":
            with av.open(str(folder / f"{rung}.m3u8")) as container:
                frames = list(container.decode(video=0))
            assert len(frames) == 75
            starts.append([number for number, frame in enumerate(frames) if frame.key_frame])
    assert starts[0] == starts[1] == [0, 30, 60]


def test_an_hls_ladder_is_told_what_is_wrong_with_its_sizes(encoders: Mapping[str, Encoder], tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match='"tall" is no list of heights'):
        encode_clip(encoders["hls"], tmp_path / "clip.hls", quality={"heights": "tall"})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["mp4-h264", "gif", "hls", "png"])
def test_an_aborted_session_leaves_nothing(encoders: Mapping[str, Encoder], tmp_path: Path, name: str) -> None:
    encoder = encoders[name]
    values, _ = parse_values(encoder.params, {})
    job = EncodeJob(
        path=tmp_path / "clip", width=WIDTH, height=HEIGHT, fps=Fraction(30), frames=9, has_audio=False, values=values
    )
    session = open_session(encoder, job)
    for number in range(3):
        session.write_video(frame_at(number, is_rgba=encoder.has_alpha))
    session.abort()
    session.abort()
    session.close()
    assert list(tmp_path.iterdir()) == []


def test_closing_twice_changes_nothing(encoders: Mapping[str, Encoder], tmp_path: Path) -> None:
    path = encode_clip(encoders["mp4-h264"], tmp_path / "clip.mp4", frames=5)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["mp4-h264", "gif", "hls", "png"])
def test_a_place_that_can_not_be_written_is_named(encoders: Mapping[str, Encoder], tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(MediaError, match="file/clip"):
        encode_clip(encoders[name], tmp_path / "file" / "clip", frames=2)
    assert (tmp_path / "file").read_text() == "in the way"
