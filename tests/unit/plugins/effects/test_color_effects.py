"""Grading, curves, lookup tables and tones: what they do to exact colours."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.api import Effect, InvalidInput, JsonValue, Moment, Planes, parse_values
from core.media.frames import Converter
from plugins.effects.color.cube import parse_cube
from plugins.effects.color.curves import CURVES, Curve
from plugins.effects.color.grade import GRADE
from plugins.effects.color.lut import LUT
from plugins.effects.color.tone import GREYSCALE, INVERT, SEPIA
from tests.support.drawing import draw_effect, largest_difference, to_planes
from tests.support.photo import photo

SKIN = (222, 172, 142)
MOMENT = Moment(frame=0, time=Fraction(1, 60), duration=Fraction(1), frame_width=64, frame_height=36)


def patch(*color: int) -> np.ndarray:
    return np.full((16, 16, 3), color, np.uint8)


def color_of(effect: Effect, color: tuple[int, int, int], **params: JsonValue) -> tuple[int, int, int]:
    """Return the colour that a flat patch takes on."""
    drawn = Converter().to_rgb(draw_effect(effect, to_planes(patch(*color)), params))
    red, green, blue = drawn[8, 8]
    return int(red), int(green), int(blue)


def near(color: tuple[int, int, int], expected: tuple[float, float, float], *, by: int = 3) -> bool:
    return all(abs(part - other) <= by for part, other in zip(color, expected, strict=True))


@pytest.mark.parametrize("effect", [GRADE, GREYSCALE, SEPIA, INVERT], ids=lambda effect: effect.id)
def test_neutral_parameters_pass_the_picture_on_untouched(effect: Effect):
    planes = to_planes(photo(64, 36))
    params: dict[str, JsonValue] = {} if effect is GRADE else {"amount": 0}
    assert np.shares_memory(draw_effect(effect, planes, params).y, planes.y)


def test_straight_curves_pass_the_picture_on_untouched():
    planes = to_planes(photo(64, 36))
    assert np.shares_memory(draw_effect(CURVES, planes).y, planes.y)
    assert np.shares_memory(draw_effect(CURVES, planes, {"red": "0,0 0.5,0.5 1,1"}).u, planes.u)


def test_one_stop_doubles_the_light():
    assert near(color_of(GRADE, (80, 80, 80), exposure=1), (80 * 2 ** (1 / 2.2),) * 3)
    assert near(color_of(GRADE, SKIN, exposure=-1), tuple(part / 2 ** (1 / 2.2) for part in SKIN))


def test_burnt_out_highlights_turn_white_without_a_cast():
    assert near(color_of(GRADE, SKIN, exposure=3), (255, 255, 255), by=2)


def test_contrast_spreads_about_mid_grey():
    assert near(color_of(GRADE, (128, 128, 128), contrast=2), (128, 128, 128), by=2)
    assert near(color_of(GRADE, (100, 128, 150), contrast=1.5), (86, 128, 161))
    assert near(color_of(GRADE, SKIN, contrast=0), (127, 127, 127), by=2)


def test_brightness_is_added_to_all_channels():
    assert near(color_of(GRADE, (100, 120, 140), brightness=0.1), (125, 145, 165))


def test_saturation_keeps_luma():
    luma = 0.2126 * SKIN[0] + 0.7152 * SKIN[1] + 0.0722 * SKIN[2]
    assert near(color_of(GRADE, SKIN, saturation=0), (luma,) * 3)
    assert near(color_of(GRADE, SKIN, saturation=1.3), tuple(luma + 1.3 * (part - luma) for part in SKIN))


def test_temperature_and_tint_colour_grey_and_keep_its_luma():
    for params in ({"temperature": 60}, {"temperature": -60}, {"tint": 60}, {"tint": -60}):
        red, green, blue = color_of(GRADE, (120, 120, 120), **params)
        assert abs(0.2126 * red + 0.7152 * green + 0.0722 * blue - 120) <= 2
    warm, cold = color_of(GRADE, (120, 120, 120), temperature=60), color_of(GRADE, (120, 120, 120), temperature=-60)
    assert warm[0] > warm[1] > warm[2]
    assert cold[0] < cold[1] < cold[2]
    magenta = color_of(GRADE, (120, 120, 120), tint=60)
    assert magenta[1] < min(magenta[0], magenta[2])


def test_gamma_bends_each_channel_and_leaves_black_and_white():
    assert near(color_of(GRADE, SKIN, gamma=1.5), tuple(255 * (part / 255) ** (1 / 1.5) for part in SKIN))
    assert near(color_of(GRADE, (0, 0, 0), gamma=2), (0, 0, 0), by=1)
    assert near(color_of(GRADE, (255, 255, 255), gamma=0.5), (255, 255, 255), by=1)


def test_the_way_through_rgb_draws_what_the_one_in_yuv_does():
    """A gamma a hair beside 1 takes the other way; the eye must not see where one gives way to the other."""
    planes = to_planes(photo(160, 90) // 2 + 60)
    look: dict[str, JsonValue] = {"temperature": 20, "saturation": 1.1, "contrast": 1.04, "brightness": -0.02}
    direct, through = draw_effect(GRADE, planes, look), draw_effect(GRADE, planes, {**look, "gamma": 1.0001})
    assert not np.array_equal(direct.y, through.y)
    assert np.abs(direct.y.astype(int) - through.y).mean() < 0.5
    assert largest_difference(direct, through) <= 12


def test_luma_only_grades_leave_chroma_scaled_alone_and_alpha_untouched():
    planes = to_planes(photo(64, 36))
    alpha = np.arange(64 * 36, dtype=np.uint32).astype(np.uint8).reshape(36, 64)
    drawn = draw_effect(GRADE, Planes(planes.y, planes.u, planes.v, alpha), {"brightness": 0.05})
    assert np.array_equal(drawn.u, planes.u)
    assert np.array_equal(drawn.a, alpha)
    assert np.array_equal(drawn.y, np.rint(planes.y + 0.05 * 219).astype(np.uint8))


def test_greyscale_takes_the_colour_and_keeps_luma():
    planes = to_planes(photo(64, 36))
    grey = draw_effect(GREYSCALE, planes)
    assert (grey.u == 128).all()
    assert (grey.v == 128).all()
    assert np.array_equal(grey.y, planes.y)
    half = draw_effect(GREYSCALE, planes, {"amount": 0.5})
    assert np.abs((half.u.astype(int) - 128) - (planes.u.astype(int) - 128) / 2).max() <= 0.5


def test_inverting_twice_gives_the_picture_back():
    planes = to_planes(photo(64, 36) // 2 + 60)
    once = draw_effect(INVERT, planes)
    assert near(color_of(INVERT, SKIN), tuple(255 - part for part in SKIN))
    assert largest_difference(draw_effect(INVERT, once), planes) == 0
    assert near(color_of(INVERT, SKIN, amount=0.5), (127, 127, 127))


def test_sepia_tones_from_brown_to_paper_whatever_the_colour():
    assert near(color_of(SEPIA, (255, 255, 255)), (255, 228, 189))
    assert near(color_of(SEPIA, (0, 0, 0)), (22, 11, 5))
    bright, dark = color_of(SEPIA, (0, 191, 0)), color_of(SEPIA, (0, 0, 191))
    assert bright[0] > bright[1] > bright[2] > dark[2]


def test_a_master_curve_bends_all_channels_and_a_channels_own_only_that():
    assert near(color_of(CURVES, (51, 128, 204), master="0,0 0.2,0.3 0.5,0.5 0.8,0.9 1,1"), (77, 128, 230))
    red, green, blue = color_of(CURVES, (128, 128, 128), red="0,0 0.5,0.7 1,1")
    assert near((red, green, blue), (179, 128, 128))


def test_a_curve_passes_its_points_and_never_overshoots():
    curve = Curve(((0, 0), (0.1, 0.6), (0.12, 0.61), (0.9, 0.62), (1, 1)))
    at = np.linspace(0, 1, 1001)
    assert curve(np.array([0.1, 0.12, 0.9])) == pytest.approx([0.6, 0.61, 0.62])
    assert (np.diff(curve(at)) >= -1e-12).all()
    held = Curve(((0.2, 0.3), (0.8, 0.7)))
    assert held(np.array([0.0, 1.0])) == pytest.approx([0.3, 0.7])


def cube_text(size: int, look, *, head: str = "") -> str:
    steps = np.linspace(0, 1, size)
    rows = [look(r, g, b) for b in steps for g in steps for r in steps]
    return f'TITLE "A look"\n# made by a test\n{head}LUT_3D_SIZE {size}\n\n' + "\n".join(
        " ".join(f"{part:.6f}" for part in row) for row in rows
    )


def write(folder: Path, text: str) -> str:
    file = folder / "look"
    file.write_text(text)
    return str(file)


@pytest.mark.parametrize("size", [2, 5, 17, 33, 48])
def test_a_straight_cube_changes_nothing_but_by_rounding(tmp_path: Path, size: int):
    """And whatever the file is called."""
    file = write(tmp_path, cube_text(size, lambda r, g, b: (r, g, b)))
    picture = photo(64, 36)
    values, _ = parse_values(LUT.params, {"file": file})
    drawn = LUT.kernel.draw(picture, values, MOMENT)
    assert np.abs(drawn.astype(int) - picture).max() <= 1


@pytest.mark.parametrize("color", [(0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 0, 255), (13, 200, 97), SKIN])
def test_a_cube_is_interpolated(tmp_path: Path, color: tuple[int, int, int]):
    def look(r: float, g: float, b: float) -> tuple[float, float, float]:
        return 0.8 * r + 0.1 * b, 0.1 + 0.6 * g + 0.2 * r * g, 0.9 - 0.5 * b

    expected = tuple(255 * part for part in look(*(part / 255 for part in color)))
    file = write(tmp_path, cube_text(9, look))
    assert near(color_of(LUT, color, file=file), expected)


def test_a_cubes_domain_is_honoured(tmp_path: Path):
    head = "DOMAIN_MIN 0 0 0\nDOMAIN_MAX 2 2 2\n"
    file = write(tmp_path, cube_text(2, lambda r, g, b: (r, g, b), head=head))
    assert near(color_of(LUT, (200, 100, 60), file=file), (100, 50, 30))


def test_a_one_dimensional_table_bends_each_channel(tmp_path: Path):
    file = write(tmp_path, "LUT_1D_SIZE 3\n0 0 1\n0.25 0.5 0.5\n1 1 0\n")
    assert near(color_of(LUT, (128, 64, 200), file=file), (64, 64, 55))


def test_no_intensity_passes_the_picture_on_untouched():
    planes = to_planes(photo(64, 36))
    assert np.shares_memory(draw_effect(LUT, planes, {"file": "/nowhere", "intensity": 0}).y, planes.y)


def test_intensity_mixes_the_look_in(tmp_path: Path):
    file = write(tmp_path, cube_text(2, lambda r, g, b: (1 - r, 1 - g, 1 - b)))
    assert near(color_of(LUT, (200, 100, 60), file=file, intensity=1), (55, 155, 195))
    assert near(color_of(LUT, (200, 100, 60), file=file, intensity=0.5), (128, 128, 128))
    assert near(color_of(LUT, (200, 100, 60), file=file, intensity=0), (200, 100, 60))


def test_a_file_that_changed_is_read_anew(tmp_path: Path):
    file = write(tmp_path, cube_text(2, lambda r, g, b: (1, 1, 1)))
    assert near(color_of(LUT, SKIN, file=file), (255, 255, 255))
    write(tmp_path, cube_text(2, lambda r, g, b: (0, 0, 0)))
    assert near(color_of(LUT, SKIN, file=file), (0, 0, 0))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it names no size"),
        ("not a table at all", "line 1: 'not a table at all'"),
        ("LUT_3D_SIZE 2\n0 0 0\n", "1 entries instead of 8"),
        ("LUT_3D_SIZE 4000\n", "a size of 4000"),
        ("LUT_3D_SIZE x\n", "line 1"),
        ("LUT_1D_SIZE 2\n0 0 0\n1 1\n", "line 3: '1 1'"),
        ("LUT_1D_SIZE 2\n0 0 0\n1 nan 1\n", "line 3"),
        ("LUT_1D_SIZE 2\nDOMAIN_MAX 0 0 0\n0 0 0\n1 1 1\n", "domain is empty"),
    ],
)
def test_a_wrong_cube_file_is_refused_with_its_line(tmp_path: Path, text: str, reason: str):
    file = write(tmp_path, text)
    with pytest.raises(InvalidInput, match=reason) as caught:
        draw_effect(LUT, to_planes(patch(*SKIN)), {"file": file})
    assert caught.value.path == "effects[0].params.file"
    assert str(tmp_path) not in str(caught.value)
    with pytest.raises(InvalidInput, match=reason):
        LUT.params[0].check(Path(file))


def test_a_missing_cube_file_is_refused(tmp_path: Path):
    with pytest.raises(InvalidInput, match=r"gone\.cube: can't be read"):
        draw_effect(LUT, to_planes(patch(*SKIN)), {"file": str(tmp_path / "gone.cube")})


def test_a_cube_is_indexed_red_first():
    cube = parse_cube(cube_text(2, lambda r, g, b: (r, g, b)))
    assert cube.table[1, 0, 0].tolist() == [0, 0, 1]
    assert cube.table[0, 0, 1].tolist() == [1, 0, 0]
