"""Every encoder writes a file that decodes to what it was given."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from core.api import Encoder
from core.timeline.plan import CaptionTrack, Cue
from tests.support.encoding import HEIGHT, SECOND, WIDTH, encode_clip, luma_at, psnr, tone

RATES = [
    Fraction(12),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
    Fraction(50),
    Fraction(60000, 1001),
    Fraction(60),
]
VIDEO = ["mp4-h264", "mp4-h265", "webm-vp9", "webm-av1", "mov-prores4444"]


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


@pytest.mark.parametrize("fps", RATES, ids=str)
@pytest.mark.parametrize("name", VIDEO)
def test_frame_rates_are_kept_exactly(
    encoders: Mapping[str, Encoder], tmp_path: Path, name: str, fps: Fraction
) -> None:
    encoder = encoders[name]
    path = encode_clip(encoder, tmp_path / f"clip.{encoder.extension}", frames=24, fps=fps)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        rate = Fraction(stream.average_rate.numerator, stream.average_rate.denominator)
        assert abs(rate / fps - 1) <= (Fraction(1, 10**6) if encoder.container == "webm" else 0)  # WebM has nanoseconds
        assert container.duration / 1_000_000 == pytest.approx(float(24 / fps), abs=0.045)  # to a packet of sound
        stamps = [
            frame.pts * Fraction(frame.time_base.numerator, frame.time_base.denominator)
            for frame in container.decode(stream)
        ]
    exact = [number / fps for number in range(24)]
    if encoder.container == "webm":  # which counts milliseconds
        assert [abs(stamp - time) <= Fraction(1, 1000) for stamp, time in zip(stamps, exact, strict=True)] == [
            True
        ] * 24
    else:
        assert stamps == exact


@pytest.mark.parametrize(("name", "padding"), [("mp3", 0), ("m4a", 1024), ("wav", 0)])
def test_sound_alone_is_what_it_was_sample_by_sample(
    encoders: Mapping[str, Encoder], tmp_path: Path, name: str, padding: int
) -> None:
    encoder = encoders[name]
    path = encode_clip(encoder, tmp_path / f"tone.{encoder.extension}", quality={} if name == "wav" else {"kbit": 192})
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("flt", "stereo", SECOND)
        parts = [part.to_ndarray()[0] for frame in container.decode(audio=0) for part in resampler.resample(frame)]
    samples = np.concatenate(parts).reshape(-1, 2)
    assert SECOND <= len(samples) <= SECOND + padding
    assert np.abs(samples[4800:43_200] - tone(4800, 43_200)).max() < (1e-6 if name == "wav" else 0.02)


@pytest.mark.parametrize("name", ["mov-prores4444", "png", "gif"])
def test_transparency_is_kept(encoders: Mapping[str, Encoder], tmp_path: Path, name: str) -> None:
    encoder = encoders[name]
    path = encode_clip(encoder, tmp_path / f"clip.{encoder.extension}", frames=1 if encoder.is_still else 6)
    with av.open(str(path)) as container:
        pixels = next(container.decode(video=0)).to_ndarray(format="rgba")
    assert pixels[HEIGHT // 2, 10, 3] < 5
    assert pixels[HEIGHT // 2, WIDTH - 10, 3] > 250


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
