"""The compositor shows the right clip, at the right place, at the right frame."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from core.api import Animation, Canvas, Catalogue, Color, Moment, PluginFailed, Pose, Transition, Values
from core.media.compositor import Compositor
from core.media.frames import Converter, plane_view
from core.timeline.curves import Curve, Key
from core.timeline.plan import Blend, Crop, Fit, Layer, Placement, Plan, TimedUse
from core.timeline.sources import ImageSource, Playback, TimelineSource, VideoSource
from tests.support.clips import read_number, write_clip
from tests.support.plans import materials_of, plan_of

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
ZERO = Fraction(0)


def mix_linearly(before: Canvas, after: Canvas, out: Canvas, progress: float, values: Values, moment: Moment) -> None:
    for (first, _), (second, _), (target, _) in zip(before.planes(), after.planes(), out.planes(), strict=True):
        target[:] = np.rint(first * (1 - progress) + second * progress)


CATALOGUE = Catalogue(
    transitions={"fade": Transition(id="fade", title="Fade", mix=mix_linearly)},
    animations={
        "fade": Animation(id="fade", title="Fade", pose=lambda presence, _values: Pose(opacity=presence)),
        "slide": Animation(id="slide", title="Slide", pose=lambda presence, _values: Pose(x=presence - 1)),
    },
)


def still(folder: Path, name: str, color: tuple[int, ...], size: tuple[int, int] = (320, 180)) -> Path:
    path = folder / name
    Image.new("RGBA" if len(color) == 4 else "RGB", size, color).save(path)
    return path


def layer(name: str, first: int = 0, end: int = 10, **more: object) -> Layer:
    return Layer(
        id=name,
        path=name,
        first=first,
        end=end,
        start=Fraction(first, 30),
        **{  # type: ignore[arg-type]
            "source": ImageSource(src=f"file:{name}"),
            **more,
        },
    )


def rgb(plan: Plan, materials: object, number: int) -> np.ndarray:
    compositor = Compositor(plan, materials)  # type: ignore[arg-type]
    pixels = Converter().frame_to_rgb(compositor.frame(number)).astype(int)
    compositor.close()
    return pixels


def is_near(pixel: np.ndarray, color: tuple[int, ...], tolerance: int = 3) -> bool:
    return bool(np.abs(pixel - np.array(color)).max() <= tolerance)


def test_a_clip_is_seen_in_its_own_frames_and_the_background_in_the_others(tmp_path: Path) -> None:
    plan = plan_of(layer("red.png", 3, 6), frames=10, background=Color(0, 0, 255))
    materials = materials_of(still(tmp_path, "red.png", RED))
    shown = [tuple(rgb(plan, materials, n)[90, 160]) for n in (2, 3, 5, 6)]
    assert [is_near(np.array(pixel), color) for pixel, color in zip(shown, (BLUE, RED, RED, BLUE), strict=True)] == [
        True
    ] * 4


def test_each_output_frame_shows_the_source_frame_of_its_middle(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 60, fps=Fraction(24))
    source = VideoSource(src="file:clip.mp4", playback=Playback(start=Fraction(1, 2), length=Fraction(2)))
    plan = plan_of(layer("c", 0, 30, source=source), frames=30, fps=Fraction(30))
    compositor = Compositor(plan, materials_of(clip))
    shown = [read_number(plane_view(compositor.frame(n), 0)) for n in range(30)]
    assert shown == [12 + int((Fraction(2 * n + 1, 60)) * 24) for n in range(30)]


def test_speed_reverse_and_loop_choose_their_frames(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 30)

    def shown(playback: Playback, numbers: list[int]) -> list[int]:
        source = VideoSource(src="file:clip.mp4", playback=playback)
        compositor = Compositor(plan_of(layer("c", 0, 90, source=source), frames=90), materials_of(clip))
        return [read_number(plane_view(compositor.frame(n), 0)) for n in numbers]

    one = Fraction(1)
    assert shown(Playback(length=one, speed=Fraction(2)), [0, 5, 14, 20]) == [1, 11, 29, 29]
    assert shown(Playback(length=one, reverse=True), [0, 1, 15, 29]) == [29, 28, 14, 0]
    assert shown(Playback(length=one, loop=True), [0, 29, 30, 61]) == [0, 29, 0, 1]


def test_an_untouched_full_frame_is_passed_on_without_a_change(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 3, size=(320, 180))
    with av.open(str(clip)) as container:
        decoded = [plane_view(frame, 0).copy() for frame in container.decode(video=0)]
    plan = plan_of(layer("c", 0, 3, source=VideoSource(src="file:clip.mp4")), frames=3)
    compositor = Compositor(plan, materials_of(clip))
    for number in range(3):
        assert (plane_view(compositor.frame(number), 0) == decoded[number]).all()


def test_the_same_source_frame_twice_gives_two_frames_of_their_own(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", 5, fps=Fraction(10))
    plan = plan_of(layer("c", 0, 10, source=VideoSource(src="file:clip.mp4")), frames=10)
    compositor = Compositor(plan, materials_of(clip))
    first, second = compositor.frame(0), compositor.frame(1)
    first.pts, second.pts = 100, 200
    assert (first.pts, second.pts) == (100, 200)
    assert read_number(plane_view(compositor.frame(9), 0)) == 3


def test_fit_places_the_picture_in_its_box(tmp_path: Path) -> None:
    materials = materials_of(still(tmp_path, "tall.png", RED, (90, 180)))

    def extent(fit: Fit) -> tuple[int, int]:
        plan = plan_of(layer("tall.png", placement=Placement(fit=fit)), frames=10)
        red = rgb(plan, materials, 0)[:, :, 0] > 128
        return int(red.any(axis=0).sum()), int(red.any(axis=1).sum())

    assert extent(Fit.COVER) == (320, 180)
    assert extent(Fit.CONTAIN) == (90, 180)
    assert extent(Fit.STRETCH) == (320, 180)
    assert extent(Fit.NONE) == (90, 180)


def test_a_small_box_lies_where_it_is_put(tmp_path: Path) -> None:
    placement = Placement(x=0.25, y=0.25, width=0.25, height=0.25)
    plan = plan_of(layer("red.png", placement=placement), frames=10)
    red = rgb(plan, materials_of(still(tmp_path, "red.png", RED)), 0)[:, :, 0] > 128
    columns, rows = np.flatnonzero(red.any(axis=0)), np.flatnonzero(red.any(axis=1))
    # At rest a picture lies on even pixels and has an even size: 22.5 to 67.5 become 22 to 66.
    assert (int(columns[0]), int(columns[-1]) + 1) == (40, 120)
    assert (int(rows[0]), int(rows[-1]) + 1) == (22, 66)


def test_crop_takes_away_what_it_says(tmp_path: Path) -> None:
    two = Image.new("RGB", (320, 180), RED)
    two.paste(GREEN, (160, 0, 320, 180))
    two.save(tmp_path / "two.png")
    plan = plan_of(layer("two.png", placement=Placement(crop=Crop(left=0.5), fit=Fit.STRETCH)), frames=10)
    pixels = rgb(plan, materials_of(tmp_path / "two.png"), 0)
    assert is_near(pixels[90, 8], GREEN)
    assert is_near(pixels[90, 310], GREEN)


def test_a_quarter_turn_swaps_the_sides(tmp_path: Path) -> None:
    two = Image.new("RGB", (160, 160), RED)
    two.paste(GREEN, (80, 0, 160, 160))
    two.save(tmp_path / "two.png")
    placement = Placement(width=0.5, height=160 / 180, rotate=90.0)
    pixels = rgb(plan_of(layer("two.png", placement=placement), frames=10), materials_of(tmp_path / "two.png"), 0)
    assert is_near(pixels[40, 160], RED)
    assert is_near(pixels[140, 160], GREEN)


def test_a_growing_picture_grows_evenly(tmp_path: Path) -> None:
    grow = Curve((Key(ZERO, 0.25), Key(Fraction(1), 1.0)))
    plan = plan_of(layer("red.png", 0, 30, placement=Placement(scale=grow)), frames=30)
    compositor = Compositor(plan, materials_of(still(tmp_path, "red.png", RED)))
    widths = [float((plane_view(compositor.frame(n), 0)[90].astype(int) - 16).sum() / (63 - 16)) for n in range(30)]
    expected = [320 * (0.25 + 0.75 * (n + 0.5) / 30) for n in range(30)]
    assert np.abs(np.array(widths) - expected).max() < 1


def test_enter_and_exit_mirror_each_other(tmp_path: Path) -> None:
    both = layer(
        "white.png",
        0,
        20,
        enter=TimedUse(id="fade", frames=10),
        exit=TimedUse(id="fade", frames=10),
    )
    compositor = Compositor(
        plan_of(both, frames=20), materials_of(still(tmp_path, "white.png", (255,) * 3), catalogue=CATALOGUE)
    )
    levels = [int(plane_view(compositor.frame(n), 0)[90, 160]) for n in range(20)]
    assert levels == pytest.approx([16 + 219 * (n + 0.5) / 10 for n in range(10)] + levels[:10][::-1], abs=2)


def test_a_picture_that_slides_in_comes_to_rest_without_a_jump(tmp_path: Path) -> None:
    entering = layer(
        "red.png", 0, 20, enter=TimedUse(id="slide", frames=10), placement=Placement(width=0.3, height=0.3, x=0.31)
    )
    compositor = Compositor(
        plan_of(entering, frames=20), materials_of(still(tmp_path, "red.png", RED), catalogue=CATALOGUE)
    )
    edges = []
    for number in range(5, 14):
        row = (plane_view(compositor.frame(number), 0)[90].astype(float) - 16) / (63 - 16)
        edges.append(float(row[:240].cumsum()[-1] and (row * np.arange(320)).sum() / row.sum()))
    steps = np.diff(edges)
    assert np.abs(steps[5:]).max() < 0.01
    assert steps[4] == pytest.approx(16, abs=1.1)


def test_a_transition_mixes_from_one_clip_to_the_next(tmp_path: Path) -> None:
    materials = materials_of(
        still(tmp_path, "a.png", (0, 0, 0)), still(tmp_path, "b.png", (255, 255, 255)), catalogue=CATALOGUE
    )
    after = layer("b.png", 10, 30, transition=TimedUse(id="fade", frames=10), mixes_with=0)
    compositor = Compositor(plan_of(layer("a.png", 0, 20), after, frames=30), materials)
    levels = [int(plane_view(compositor.frame(n), 0)[90, 160]) for n in (9, 10, 15, 19, 20)]
    assert levels == pytest.approx([16, 16 + 219 * 0.05, 16 + 219 * 0.55, 16 + 219 * 0.95, 235], abs=2)


def test_a_transition_of_small_pictures_leaves_the_rest_of_the_frame(tmp_path: Path) -> None:
    materials = materials_of(
        still(tmp_path, "below.png", BLUE),
        still(tmp_path, "a.png", RED),
        still(tmp_path, "b.png", GREEN),
        catalogue=CATALOGUE,
    )
    small = Placement(width=0.5, height=0.5)
    before = layer("a.png", 0, 20, placement=small)
    after = layer("b.png", 10, 30, placement=small, transition=TimedUse(id="fade", frames=10), mixes_with=1)
    pixels = rgb(plan_of(layer("below.png", 0, 30), before, after, frames=30), materials, 14)
    assert is_near(pixels[10, 10], BLUE)
    share = 0.45
    assert is_near(pixels[90, 160], (round(255 * (1 - share)), round(255 * share), 0), 6)


def test_a_transparent_picture_shows_what_lies_below(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (320, 180), (0, 0, 0, 0))
    picture.paste((255, 0, 0, 255), (0, 0, 160, 180))
    picture.save(tmp_path / "half.png")
    materials = materials_of(still(tmp_path, "blue.png", BLUE), tmp_path / "half.png")
    pixels = rgb(plan_of(layer("blue.png"), layer("half.png"), frames=10), materials, 0)
    assert is_near(pixels[90, 40], RED)
    assert is_near(pixels[90, 280], BLUE)


def test_rounded_corners_and_masks_cut_the_picture(tmp_path: Path) -> None:
    mask = Image.new("L", (320, 180), 0)
    mask.paste(255, (0, 0, 320, 90))
    mask.save(tmp_path / "mask.png")
    materials = materials_of(still(tmp_path, "red.png", RED), tmp_path / "mask.png")
    pixels = rgb(plan_of(layer("red.png", placement=Placement(radius=0.25)), frames=10), materials, 0)
    assert is_near(pixels[1, 1], (0, 0, 0))
    assert is_near(pixels[90, 160], RED)
    pixels = rgb(plan_of(layer("red.png", placement=Placement(mask="file:mask.png")), frames=10), materials, 0)
    assert is_near(pixels[30, 160], RED)
    assert is_near(pixels[150, 160], (0, 0, 0))


def test_blend_modes_reach_the_frame(tmp_path: Path) -> None:
    materials = materials_of(still(tmp_path, "a.png", (255, 255, 0)), still(tmp_path, "b.png", (0, 255, 255)))
    above = layer("b.png", placement=Placement(blend=Blend.MULTIPLY))
    assert is_near(rgb(plan_of(layer("a.png"), above, frames=10), materials, 0)[90, 160], GREEN)


def test_a_nested_timeline_is_drawn_with_its_transparency(tmp_path: Path) -> None:
    materials = materials_of(still(tmp_path, "blue.png", BLUE), still(tmp_path, "red.png", RED))
    inner = plan_of(layer("red.png", placement=Placement(width=0.5)), frames=10, size=(160, 90), background=None)
    outer = plan_of(layer("blue.png"), layer("nested", source=TimelineSource(plan=inner)), frames=10)
    pixels = rgb(outer, materials, 4)
    assert is_near(pixels[90, 160], RED, 4)
    assert is_near(pixels[90, 20], BLUE, 4)


def test_a_plan_without_background_keeps_its_transparency(tmp_path: Path) -> None:
    plan = plan_of(layer("red.png", placement=Placement(width=0.5)), frames=10, background=None)
    frame = Compositor(plan, materials_of(still(tmp_path, "red.png", RED))).rgba_frame(0).to_ndarray()
    assert frame[90, 10, 3] == 0
    assert frame[90, 160, 3] == 255
    assert is_near(frame[90, 160, :3].astype(int), RED)


def test_a_transition_that_raises_is_blamed_on_its_plugin(tmp_path: Path) -> None:
    def broken(*arguments: object) -> None:
        raise RuntimeError("out of ideas")

    catalogue = replace(
        CATALOGUE,
        transitions={"acme.cut": Transition(id="acme.cut", title="Cut", mix=broken)},
        versions={"acme.cut": "acme 1.0"},
    )
    materials = materials_of(still(tmp_path, "a.png", RED), still(tmp_path, "b.png", RED), catalogue=catalogue)
    after = layer("b.png", 10, 30, transition=TimedUse(id="acme.cut", frames=10), mixes_with=0)
    compositor = Compositor(plan_of(layer("a.png", 0, 20), after, frames=30), materials)
    with pytest.raises(PluginFailed, match=r"b\.png: acme\.cut \(plugin acme 1\.0\) failed: .*out of ideas"):
        compositor.frame(12)


def test_a_video_that_turns_upright_fills_the_frame(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "turned.mp4", 3, size=(180, 320), rotation=90)
    plan = plan_of(layer("c", 0, 3, source=VideoSource(src="file:turned.mp4")), frames=3)
    frame = Compositor(plan, materials_of(clip)).frame(0)
    assert (frame.width, frame.height) == (320, 180)
