"""The reader gives the frame that is shown at an instant, whatever the source is like."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.api import MediaError
from core.media.frames import plane_view
from core.media.probe import probe
from core.media.video import VideoReader
from tests.support.clips import numbered, read_number, write_clip


def number_at(reader: VideoReader, time: Fraction) -> int:
    return read_number(plane_view(reader.frame_at(time), 0))


def middle(frame: int, fps: Fraction = Fraction(30)) -> Fraction:
    return (frame + Fraction(1, 2)) / fps


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(30000, 1001), Fraction(60)], ids=str)
def test_every_frame_is_found_at_its_own_time(tmp_path: Path, fps: Fraction) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 40, fps=fps)
    with VideoReader(clip) as reader:
        assert [number_at(reader, middle(n, fps)) for n in range(40)] == list(range(40))


def test_times_in_any_order_find_the_same_frames_as_times_in_order(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 240, options={"g": "60", "bf": "3"})
    order = [200, 3, 199, 120, 121, 119, 0, 239, 60, 59]
    with VideoReader(clip) as reader:
        assert [number_at(reader, middle(n)) for n in order] == order


def test_backwards_gives_each_frame_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.media.video.BACKWARD_BYTES", 20 * 320 * 180 * 3 // 2)
    clip = write_clip(tmp_path / "clip.mp4", 100, options={"g": "30"})
    with VideoReader(clip) as reader:
        numbers = [read_number(plane_view(reader.frame_before(middle(n)), 0)) for n in reversed(range(100))]
    assert numbers == list(reversed(range(100)))


def test_after_the_end_the_last_frame_is_held(tmp_path: Path) -> None:
    with VideoReader(write_clip(tmp_path / "clip.mp4", 10)) as reader:
        assert number_at(reader, Fraction(100)) == 9
        assert number_at(reader, Fraction(0)) == 0


def test_a_variable_frame_rate_shows_the_latest_frame_of_each_instant(tmp_path: Path) -> None:
    times = [Fraction(n, 10) for n in (0, 1, 2, 8, 9, 20, 21, 35)]
    clip = write_clip(tmp_path / "clip.mkv", len(times), times=times)
    with VideoReader(clip) as reader:
        for instant, number in [("0.05", 0), ("0.25", 2), ("0.79", 2), ("0.85", 3), ("1.95", 4), ("2.05", 5), ("3", 6)]:
            assert number_at(reader, Fraction(instant)) == number, instant


def test_a_truncated_file_gives_what_is_there_and_holds_it(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.mkv", 60)
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    with VideoReader(cut) as reader:
        numbers = [number_at(reader, middle(n)) for n in range(60)]
    held = numbers[-1]
    assert 15 < held < 59
    assert numbers == list(range(held)) + [held] * (60 - held)


def test_a_file_that_is_no_media_is_refused_by_name(tmp_path: Path) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("not a video at all")
    with pytest.raises(MediaError, match=r"notes\.mp4"):
        probe(text)
    with pytest.raises(MediaError, match=r"notes\.mp4"):
        VideoReader(text)


def test_a_probe_tells_the_size_that_is_shown(tmp_path: Path) -> None:
    upright = probe(write_clip(tmp_path / "upright.mp4", 5, rotation=90))
    assert (upright.width, upright.height, abs(upright.rotation)) == (180, 320, 90)

    def anamorphic(stream: object) -> None:
        stream.codec_context.sample_aspect_ratio = Fraction(4, 3)  # type: ignore[attr-defined]

    wide = probe(write_clip(tmp_path / "wide.mp4", 5, size=(240, 180), prepare=anamorphic))
    assert (wide.width, wide.height) == (320, 180)
    assert wide.fps == 30
    assert wide.duration is not None
    assert abs(wide.duration - Fraction(5, 30)) < Fraction(1, 1000)


def test_interlaced_sources_become_whole_frames_one_for_one(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "fields.mp4", 20, options={"x264-params": "tff=1", "flags": "+ilme+ildct"})
    assert probe(clip).is_interlaced
    with VideoReader(clip, deinterlace=True) as reader:
        assert [number_at(reader, middle(n)) for n in range(20)] == list(range(20))


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format"),
    [("clip.webm", "libvpx-vp9", "yuva420p"), ("clip.mov", "prores_ks", "yuva444p10le")],
)
def test_alpha_is_found_and_decoded(tmp_path: Path, name: str, codec: str, pixel_format: str) -> None:
    def half_transparent(number: int) -> np.ndarray:
        alpha = np.zeros((180, 320, 1), np.uint8)
        alpha[:, 160:] = 255
        return np.dstack((numbered(number), alpha))

    options = {"profile:v": "4444"} if codec == "prores_ks" else {"auto-alt-ref": "0", "crf": "10", "b": "0"}
    clip = write_clip(
        tmp_path / name, 6, codec=codec, pixel_format=pixel_format, picture=half_transparent, options=options
    )
    assert probe(clip).has_alpha
    with VideoReader(clip, has_alpha=True) as reader:
        frame = reader.frame_at(middle(3)).reformat(format="rgba").to_ndarray()
    assert frame[90, 20, 3] < 8
    assert frame[90, 300, 3] > 247
