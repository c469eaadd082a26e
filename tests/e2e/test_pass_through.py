"""Pass-through: untouched footage reaches the output as it is, but for its edges, and nobody can see where.

What each frame should show is worked out from the sources alone: the last picture that begins at or before the middle
of the output's frame.
"""

from bisect import bisect_right
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from core.render.report import RenderReport
from tests.support.clips import write_clip
from tests.support.copying import decoded_frames, digest, psnr
from tests.support.rendering import render_document
from tests.support.sync import beeps_of, flashes_of, write_flash_and_beep

LIKE = 30.0
"""Decibels by which frames that were encoded anew are like their source at least."""
FINE = {"crf": 14, "preset": "ultrafast"}
PYRAMID = {"preset": "medium", "bf": "5", "x264-params": "scenecut=0:keyint=24:b-adapt=0:b-pyramid=normal"}
DEEPEST = {
    "preset": "medium",
    "bf": "16",
    "x264-params": "scenecut=0:keyint=34:b-adapt=0:b-pyramid=strict:ref=16:b-bias=100",
}
BASELINE = {"preset": "fast", "profile": "baseline", "x264-params": "scenecut=0:keyint=15"}
OPEN = {"preset": "medium", "x264-params": "open-gop=1:scenecut=0:keyint=24:bframes=3:b-adapt=0"}


def clip(src: str, start: float, inside: Fraction = Fraction(0), **fields: Any) -> dict[str, Any]:
    return {"start": start, "asset": {"type": "video", "src": f"file:{src}", "in": float(inside)}, **fields}


def document(*clips: dict[str, Any], fps: int | str = 30, encoder: str = "mp4-h264", **more: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "output": {"width": 320, "height": 180, "fps": fps, "encoder": encoder, "quality": FINE | more},
        "tracks": [{"clips": list(clips)}],
    }


def shown(path: Path, inside: Fraction, frames: int, fps: Fraction) -> list[np.ndarray]:
    """Return what a source shows from ``inside`` seconds on, one picture for each frame of the output."""
    with av.open(str(path)) as container:
        origin = Fraction(container.start_time or 0, 1_000_000)
    times, pictures = decoded_frames(path)
    middles = [inside + (number + Fraction(1, 2)) / fps + origin for number in range(frames)]
    return [pictures[max(0, bisect_right(times, middle) - 1)] for middle in middles]


def copied_frames(report: RenderReport) -> set[int]:
    found = {
        frame
        for segment in report.segments
        if segment.outcome == "copied"
        for frame in range(segment.first, segment.end)
    }
    assert len(found) == report.copied
    return found


def assert_seamless(report: RenderReport, output: Path, wanted: list[np.ndarray], fps: Fraction) -> set[int]:
    """Check count, times and pictures of all frames; return those that were copied."""
    times, pictures = decoded_frames(output)
    assert times == [number / fps for number in range(len(wanted))]
    copied = copied_frames(report)
    assert [number for number in copied if digest(pictures[number]) != digest(wanted[number])] == []
    drawn = set(range(len(wanted))) - copied
    assert [number for number in drawn if psnr(pictures[number], wanted[number]) < LIKE] == []
    return copied


def plain(options: dict[str, str], name: str = "clip.mp4", **more: Any) -> Callable[[Path], Path]:
    return lambda folder: write_clip(folder / name, 100, options=options, **more)


def with_slow_middle(folder: Path) -> Path:
    """Write a clip of variable frame rate: ten pictures in its middle last as long as twelve and a half."""
    steps = [Fraction(1, 24) if 50 <= number < 60 else Fraction(1, 30) for number in range(100)]
    times = [sum(steps[:number], Fraction(0)) for number in range(100)]
    return write_clip(folder / "clip.mp4", 100, options=PYRAMID, times=times)


def with_trembling_times(folder: Path) -> Path:
    """Write a clip as phones do: its times are a few milliseconds off."""
    times = [Fraction(number, 30) + Fraction(number * 7 % 11 - 5, 1000) for number in range(100)]
    times[0] = Fraction(0)
    return write_clip(folder / "clip.mp4", 100, options=PYRAMID, times=times)


def with_edit_list(folder: Path) -> Path:
    """Write a clip whose first pictures are needed for decoding, but are not shown."""
    return recut(write_clip(folder / "whole.mp4", 105, options=PYRAMID), folder / "clip.mp4", hidden=5)


def without_first_key_frame(folder: Path) -> Path:
    return recut(write_clip(folder / "whole.mkv", 105, options=PYRAMID), folder / "clip.mkv", lost=5)


def recut(whole: Path, path: Path, *, hidden: int = 0, lost: int = 0) -> Path:
    """Copy a clip with its first pictures before time 0, or without its first packets."""
    with av.open(str(whole)) as source, av.open(str(path), "w") as written:
        template = source.streams.video[0]
        stream = written.add_stream_from_template(template, opaque=True)
        back = round(hidden / Fraction(30) / Fraction(template.time_base.numerator, template.time_base.denominator))
        packets = [packet for packet in source.demux(template) if packet.size]
        for packet in packets[lost:]:
            packet.pts = None if packet.pts is None else packet.pts - back
            packet.dts = None if packet.dts is None else packet.dts - back
            packet.stream = stream
            written.mux_one(packet)
    return path


def with_sound_that_begins_before(folder: Path) -> Path:
    """Write a clip whose picture begins a fifth of a second after its sound."""
    late = [Fraction(1, 5) + Fraction(number, 30) for number in range(100)]
    picture = write_clip(folder / "picture.mp4", 100, options=PYRAMID, times=late)
    path = folder / "clip.ts"
    with av.open(str(picture)) as source, av.open(str(path), "w") as written:
        template = source.streams.video[0]
        stream = written.add_stream_from_template(template, opaque=True)
        sound = written.add_stream("aac", rate=48_000)
        sound.codec_context.layout = "stereo"
        packets = [packet for packet in source.demux(template) if packet.size]
        for block in range(150):
            frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = 48_000, 1024 * block
            written.mux(sound.encode(frame))
        for packet in packets:
            packet.stream = stream
            written.mux_one(packet)
        written.mux(sound.encode(None))
    return path


@pytest.mark.parametrize(
    ("write", "inside", "copied"),
    [
        pytest.param(plain(PYRAMID), Fraction("0.24"), range(17, 72), id="pyramid"),
        pytest.param(plain(DEEPEST), Fraction("0.24"), range(27, 62), id="deepest"),
        pytest.param(plain(BASELINE), Fraction("0.24"), range(8, 75), id="baseline"),
        pytest.param(plain(OPEN), Fraction(0), range(73), id="open groups from the start"),
        pytest.param(plain(OPEN), Fraction("0.24"), range(0), id="open groups from their midst"),
        pytest.param(plain(PYRAMID, "clip.mkv"), Fraction("0.24"), range(17, 72), id="times in milliseconds"),
        pytest.param(plain(PYRAMID, "clip.ts"), Fraction("0.24"), range(17, 72), id="transport stream"),
        pytest.param(plain(PYRAMID, "clip.mov"), Fraction("0.25"), range(16, 71), id="between two frames"),
        pytest.param(with_slow_middle, Fraction(0), range(49), id="variable frame rate"),
        pytest.param(with_trembling_times, Fraction(0), range(73), id="trembling times"),
        pytest.param(with_edit_list, Fraction("0.24"), range(12, 73), id="edit list"),
        pytest.param(without_first_key_frame, Fraction(1), range(14, 71), id="first frame is no key frame"),
        pytest.param(with_sound_that_begins_before, Fraction(1, 2), range(16, 71), id="sound begins before"),
    ],
)
def test_footage_passes_through_without_a_seam(
    tmp_path: Path, write: Callable[[Path], Path], inside: Fraction, copied: range
) -> None:
    source = write(tmp_path)
    report = render_document(document(clip(source.name, 0, inside, duration=2.5)), tmp_path)
    wanted = shown(source, inside, 75, Fraction(30))
    assert assert_seamless(report, tmp_path / "out" / "out.mp4", wanted, Fraction(30)) == set(copied)


@pytest.mark.parametrize("params", ["open-gop=1:b-pyramid=1", "open-gop=0:radl=2"])
def test_h265_passes_through_from_open_and_closed_groups(tmp_path: Path, params: str) -> None:
    options = {
        "preset": "superfast",
        "x265-params": f"log-level=none:keyint=24:scenecut=0:bframes=4:b-adapt=0:{params}",
    }
    source = write_clip(tmp_path / "clip.mp4", 100, codec="libx265", options=options)
    inside = Fraction("0.2")
    report = render_document(document(clip("clip.mp4", 0, inside, duration=2.5), encoder="mp4-h265"), tmp_path)
    wanted = shown(source, inside, 75, Fraction(30))
    copied = assert_seamless(report, tmp_path / "out" / "out.mp4", wanted, Fraction(30))
    assert len(copied) > 40


def test_two_trimmed_sources_of_a_broadcast_rate_are_joined(tmp_path: Path) -> None:
    fps = Fraction(30000, 1001)
    one = write_clip(tmp_path / "one.mp4", 100, fps=fps, options=PYRAMID)
    two = write_clip(tmp_path / "two.mp4", 100, fps=fps, options=BASELINE)
    inside = Fraction("0.3")
    clips = (clip("one.mp4", 0, inside, duration=2.002), clip("two.mp4", 2.002, inside, duration=2.002))
    report = render_document(document(*clips, fps="30000/1001"), tmp_path)
    wanted = [*shown(one, inside, 60, fps), *shown(two, inside, 60, fps)]
    copied = assert_seamless(report, tmp_path / "out" / "out.mp4", wanted, fps)
    assert len(copied) >= 95
    assert {0, 60}.isdisjoint(copied)


def test_a_title_is_drawn_and_all_around_it_passes_through(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.mp4", 100, options=PYRAMID)
    given = document(clip("clip.mp4", 0, duration=3))
    title = {"start": 1.2, "duration": 0.3, "asset": {"type": "color", "color": "#ff0000"}, "width": 0.2, "height": 0.2}
    given["tracks"].append({"clips": [title]})
    report = render_document(given, tmp_path)
    copied = copied_frames(report)
    times, pictures = decoded_frames(tmp_path / "out" / "out.mp4")
    wanted = shown(source, Fraction(0), 90, Fraction(30))
    assert times == [Fraction(number, 30) for number in range(90)]
    # The title is seen in the frames 36 to 44; the next picture that stands alone is frame 48.
    assert copied == {*range(31), *range(48, 85)}
    assert all(digest(pictures[number]) == digest(wanted[number]) for number in copied)
    reds = [number for number, picture in enumerate(pictures) if psnr(picture, wanted[number]) < LIKE]
    assert reds == list(range(36, 45))


def test_sound_and_picture_stay_together(tmp_path: Path) -> None:
    write_flash_and_beep(tmp_path / "clip.mp4", fps=Fraction(30), seconds=6, size=(320, 180))
    report = render_document(document(clip("clip.mp4", 0, Fraction("0.7"), duration=4)), tmp_path)
    assert len(copied_frames(report)) > 100
    flashes = flashes_of(tmp_path / "out" / "out.mp4")
    beeps = beeps_of(tmp_path / "out" / "out.mp4")
    assert [round(flash, 2) for flash in flashes] == [0.3, 1.3, 2.3, 3.3]
    assert all(abs(flash - beep) < 0.02 for flash, beep in zip(flashes, beeps, strict=True))


def test_who_wants_all_encoded_anew_gets_it(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mp4", 60, options=PYRAMID)
    report = render_document(document(clip("clip.mp4", 0), copy="never"), tmp_path)
    assert copied_frames(report) == set()


def test_footage_larger_than_asked_for_is_encoded_anew(tmp_path: Path) -> None:
    noise = np.random.default_rng(5).integers(0, 255, (60, 180, 320, 3), np.uint8)
    lossless = {"preset": "ultrafast", "crf": "4", "x264-params": "keyint=24"}
    source = write_clip(tmp_path / "clip.mp4", 60, options=lossless, picture=lambda number: noise[number])
    small = render_document(document(clip("clip.mp4", 0), crf=40), tmp_path)
    assert copied_frames(small) == set()
    assert (tmp_path / "out" / "out.mp4").stat().st_size < source.stat().st_size / 4
    always = render_document(document(clip("clip.mp4", 0), crf=40, copy="always"), tmp_path)
    assert len(copied_frames(always)) == 60


def test_a_smaller_rendition_is_drawn_while_the_whole_passes_through(tmp_path: Path) -> None:
    source = write_clip(tmp_path / "clip.mp4", 60, options=PYRAMID)
    given = document(clip("clip.mp4", 0))
    given["output"]["renditions"] = [{"width": 160, "height": 90}]
    report = render_document(given, tmp_path)
    wanted = shown(source, Fraction(0), 60, Fraction(30))
    times, pictures = decoded_frames(tmp_path / "out" / "out.mp4")
    assert report.copied == 60
    assert [digest(picture) for picture in pictures] == [digest(picture) for picture in wanted]
    assert len(times) == len(decoded_frames(tmp_path / "out" / "out-160x90.mp4")[0]) == 60
