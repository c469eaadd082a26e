"""Sound and picture stay together: flashes and beeps, measured in what was rendered."""

from fractions import Fraction
from pathlib import Path

import pytest

from tests.support.rendering import render_document
from tests.support.sync import beeps_of, flashes_of, write_flash_and_beep

RATES = [
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
    Fraction(50),
    Fraction(60000, 1001),
    Fraction(60),
]


def rate(fps: Fraction) -> int | str:
    return fps.numerator if fps.denominator == 1 else str(fps)


def assert_together(video: Path, *, count: int, fps: Fraction) -> None:
    flashes, beeps = flashes_of(video), beeps_of(video)
    assert len(flashes) == len(beeps) == count
    for flash, beep in zip(flashes, beeps, strict=True):
        assert abs(flash - beep) <= 1 / fps, (flash, beep)


@pytest.mark.parametrize("fps", RATES, ids=str)
@pytest.mark.parametrize("encoder", ["mp4-h264", "webm-vp9"])
def test_flash_and_beep_stay_within_a_frame_at_every_rate(tmp_path: Path, fps: Fraction, encoder: str) -> None:
    write_flash_and_beep(tmp_path / "sync.mp4", fps=fps, seconds=6)
    output = {"width": 160, "height": 90, "fps": rate(fps), "encoder": encoder, "quality": "draft"}
    clip = {"start": 0, "asset": {"type": "video", "src": "file:sync.mp4"}}
    report = render_document({"version": 1, "output": output, "tracks": [{"clips": [clip]}]}, tmp_path)
    assert_together(Path(report.output), count=6, fps=fps)


@pytest.mark.parametrize(
    ("name", "codecs", "sample_rate", "layout"),
    [
        ("sync.mkv", ("libx264", "libmp3lame"), 44_100, "stereo"),
        ("sync.webm", ("libvpx-vp9", "libopus"), 48_000, "mono"),
        ("sync.mov", ("libx264", "aac"), 22_050, "mono"),
    ],
)
def test_every_kind_of_source_stays_together(
    tmp_path: Path, name: str, codecs: tuple[str, str], sample_rate: int, layout: str
) -> None:
    fps = Fraction(25)
    write_flash_and_beep(
        tmp_path / name,
        fps=fps,
        seconds=5,
        sample_rate=sample_rate,
        layout=layout,
        video_codec=codecs[0],
        audio_codec=codecs[1],
    )
    clip = {"start": 0, "asset": {"type": "video", "src": f"file:{name}"}}
    output = {"width": 160, "height": 90, "fps": 25, "quality": "draft"}
    report = render_document({"version": 1, "output": output, "tracks": [{"clips": [clip]}]}, tmp_path)
    assert_together(Path(report.output), count=5, fps=fps)


def test_trims_speed_and_crossfades_keep_sound_on_picture(tmp_path: Path) -> None:
    write_flash_and_beep(tmp_path / "sync.mp4", fps=Fraction(30), seconds=8)
    source = {"type": "video", "src": "file:sync.mp4"}
    clips = [
        {"start": 0, "duration": 2.5, "asset": {**source, "in": 0.5}},
        {"start": 2, "duration": 2.5, "asset": {**source, "in": 3.25}, "transition": {"use": "fade", "duration": 0.5}},
        {"start": 4.5, "duration": 2.9, "asset": {**source, "in": 1.5, "speed": 0.5}},
    ]
    output = {"width": 160, "height": 90, "fps": 30, "quality": "draft"}
    report = render_document({"version": 1, "output": output, "tracks": [{"clips": clips}]}, tmp_path)
    flashes, beeps = flashes_of(Path(report.output)), beeps_of(Path(report.output))
    expected = [0.5, 1.5, 2.75, 3.75, 5.5]
    assert flashes == pytest.approx(expected, abs=1 / 30)
    assert beeps == pytest.approx(expected, abs=1 / 30)


def test_a_part_of_a_video_keeps_its_sound(tmp_path: Path) -> None:
    write_flash_and_beep(tmp_path / "sync.mp4", fps=Fraction(30), seconds=6)
    clip = {"start": 0, "asset": {"type": "video", "src": "file:sync.mp4"}}
    output = {"width": 160, "height": 90, "fps": 30, "quality": "draft"}
    report = render_document(
        {"version": 1, "output": output, "tracks": [{"clips": [clip]}]},
        tmp_path,
        part=(Fraction(3, 2), Fraction(9, 2)),
    )
    assert report.frames == 90
    assert flashes_of(Path(report.output)) == pytest.approx([0.5, 1.5, 2.5], abs=0.001)
    assert beeps_of(Path(report.output)) == pytest.approx([0.5, 1.5, 2.5], abs=1 / 30)


def test_five_minutes_do_not_drift(tmp_path: Path) -> None:
    fps = Fraction(30000, 1001)
    write_flash_and_beep(tmp_path / "sync.mp4", fps=fps, seconds=20, size=(64, 36))
    clips = [
        {"start": 20 * index, "duration": 20, "asset": {"type": "video", "src": "file:sync.mp4"}} for index in range(15)
    ]
    output = {"width": 64, "height": 36, "fps": "30000/1001", "quality": "draft"}
    report = render_document({"version": 1, "output": output, "tracks": [{"clips": clips}]}, tmp_path)
    assert_together(Path(report.output), count=300, fps=fps)
