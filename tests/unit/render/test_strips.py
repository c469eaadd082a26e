"""A strip holds a segment's thumbnails in a row, two a second, and gives back what was put in."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.render.strips import StripTap, read_strip, thumbnail_frames, thumbnail_size
from tests.support.encoding import flat_frame, frame_at
from tests.support.plans import plan_of


@pytest.mark.parametrize(
    ("size", "expected"),
    [((320, 180), (160, 90)), ((180, 320), (160, 284)), ((4096, 16), (160, 2)), ((100, 100), (160, 160))],
)
def test_thumbnails_keep_the_shape_in_even_pixels(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert thumbnail_size(plan_of(frames=30, size=size)) == expected


@pytest.mark.parametrize(
    ("fps", "frames", "expected"),
    [
        (Fraction(30), 45, (0, 15, 30)),
        (Fraction(30), 46, (0, 15, 30, 45)),
        (Fraction(30000, 1001), 31, (0, 15, 30)),
        (Fraction(30), 1, (0,)),
        (Fraction(1), 3, (0, 1, 2)),
        (Fraction(1), 801, tuple(range(0, 801, 3))),
    ],
)
def test_every_half_second_has_a_thumbnail(fps: Fraction, frames: int, expected: tuple[int, ...]) -> None:
    assert tuple(thumbnail_frames(plan_of(frames=100, fps=fps), frames)) == expected


@pytest.mark.parametrize("seconds", [199, 200, 201, 3600, 86_400])
def test_a_strip_of_any_length_is_narrow_enough_for_a_picture(tmp_path: Path, seconds: int) -> None:
    frames = seconds * 30
    plan = plan_of(frames=frames, size=(640, 16))
    tap = StripTap(plan)
    picture = np.zeros((4, 160, 3), np.uint8)
    for _ in thumbnail_frames(plan, frames):
        tap.add(picture)
    tap.write(tmp_path / "strip")
    assert 200 < len(read_strip(tmp_path / "strip", plan, frames)) <= 400


def test_a_strip_holds_its_segments_thumbnails_and_the_next_one_others(tmp_path: Path) -> None:
    plan = plan_of(frames=200)
    tap = StripTap(plan)
    for name, lumas in (("one", (40, 120, 200)), ("two", (80, 160))):
        frames = 15 * len(lumas)
        for number in range(frames):
            tap.look_at(flat_frame(number, lumas[number // 15]), number, frames)
        tap.write(tmp_path / name)
    for name, lumas in (("one", (40, 120, 200)), ("two", (80, 160))):
        pictures = read_strip(tmp_path / name, plan, 15 * len(lumas))
        assert [picture.shape for picture in pictures] == [(90, 160, 3)] * len(lumas)
        grey = [round((luma - 16) * 255 / 219) for luma in lumas]  # BT.709, limited range
        assert [np.abs(picture - float(wanted)).max() <= 3 for picture, wanted in zip(pictures, grey, strict=True)] == [
            True
        ] * len(lumas)


def test_pictures_with_transparency_show_their_colours(tmp_path: Path) -> None:
    plan = plan_of(frames=1, size=(160, 90))
    tap = StripTap(plan)
    frame = frame_at(0, is_rgba=True)
    tap.look_at(frame, 0, 1)
    tap.write(tmp_path / "strip")
    [picture] = read_strip(tmp_path / "strip", plan, 1)
    assert np.abs(picture.astype(int) - frame.to_ndarray()[:, :, :3]).mean() < 3


def test_what_is_no_strip_is_refused(tmp_path: Path) -> None:
    Image.new("RGB", (160, 90)).save(tmp_path / "strip", "PNG")
    with pytest.raises(OSError, match="cannot identify image file"):
        read_strip(tmp_path / "strip", plan_of(frames=1), 1)
