"""The contract suite of effects."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from core.api.effects import Effect, FilterKernel, RgbaKernel, RgbKernel, YuvKernel
from core.api.parameters import JsonValue, Values
from core.api.pictures import Moment, Planes
from core.api.testing.contract import defaults, require, trying, variations
from core.api.testing.filters import PIXEL_FORMATS, run_filters
from core.api.testing.samples import sample_planes, sample_rgb, sample_rgba

SIZES = ((320, 180), (182, 102), (34, 26), (2, 2))
SMALL = (34, 26)
_FRAMES = 12

type _Drawn = tuple[NDArray[np.uint8], ...]


def check_effect(effect: Effect, *, params: Mapping[str, JsonValue] | None = None) -> None:
    """Check that an effect keeps its contract; raise ``ContractError`` where it does not.

    It must draw pictures of any even size, opaque and with alpha, with every parameter at its extremes; return the
    same shape and ``uint8``; leave its input alone; draw the same again from the same values, moment and seed; and,
    unless it ``varies``, draw the same at every moment. ``params`` gives values for parameters without a default.
    """
    given = params or {}
    base = defaults(effect.params, given)
    for size in SIZES:
        for has_alpha in (False, True):
            what = f"{effect.id} on {size[0]}x{size[1]}{' with alpha' if has_alpha else ''}"
            _draw(effect, base, moment(3), size, has_alpha=has_alpha, what=what)
    for described, values in variations(effect.params, given):
        for at in (0, _FRAMES // 2, _FRAMES - 1):
            what = f"{effect.id} {described} at frame {at}"
            _draw(effect, values, moment(at), SMALL, has_alpha=True, what=what)
    _check_determinism(effect, base)


def moment(frame: int, *, seed: int = 7) -> Moment:
    """Return a moment of a contribution of 12 frames at 25 a second on a 320x180 output."""
    return Moment(
        frame=frame,
        time=(frame + Fraction(1, 2)) / 25,
        duration=Fraction(_FRAMES, 25),
        frame_width=320,
        frame_height=180,
        seed=seed,
    )


def _check_determinism(effect: Effect, values: Values) -> None:
    def draw(frame: int) -> _Drawn:
        return _draw(effect, values, moment(frame), SMALL, has_alpha=True, what=f"{effect.id} at frame {frame}")

    first, later, again = draw(2), draw(9), draw(2)
    require(
        _are_equal(first, again),
        f"{effect.id} drew two pictures from the same values, moment and seed: derive all randomness from these",
    )
    require(
        effect.varies or _are_equal(first, later),
        f"{effect.id} drew different pictures at two moments with the same values: set varies=True",
    )


def _draw(effect: Effect, values: Values, at: Moment, size: tuple[int, int], *, has_alpha: bool, what: str) -> _Drawn:
    match effect.kernel:
        case RgbKernel(draw):
            rgb = sample_rgb(*size)
            before = rgb.copy()
            with trying(what):
                drawn = draw(rgb, values, at)
            return _checked([drawn], [rgb], [before], what)
        case RgbaKernel(draw):
            rgba = sample_rgba(*size) if has_alpha else _opaque(size)
            before = rgba.copy()
            with trying(what):
                drawn = draw(rgba, values, at)
            return _checked([drawn], [rgba], [before], what)
        case YuvKernel(draw_planes):
            planes = sample_planes(*size, has_alpha=has_alpha)
            before_planes = [plane.copy() for plane in _listed(planes)]
            with trying(what):
                result = draw_planes(planes, values, at)
            require(isinstance(result, Planes), f"{what} returned {type(result).__name__} instead of Planes")
            drawn_planes = _listed(result)
            expected = [planes.y, planes.u, planes.v, planes.y][: len(drawn_planes)]
            return _checked(drawn_planes, expected, before_planes, what, _listed(planes))
        case FilterKernel(chain, pixel_format):
            known = ", ".join(PIXEL_FORMATS)
            require(pixel_format in PIXEL_FORMATS, f"{effect.id}: pixel_format is one of {known}, not {pixel_format!r}")
            sources = _filter_planes(pixel_format, size)
            with trying(what):
                filters = tuple(chain(values, at))
                return tuple(run_filters(filters, pixel_format, sources)) if filters else tuple(sources)


def _checked(
    drawn: Sequence[NDArray[np.uint8]],
    expected: Sequence[NDArray[np.uint8]],
    before: Sequence[NDArray[np.uint8]],
    what: str,
    inputs: Sequence[NDArray[np.uint8]] | None = None,
) -> _Drawn:
    for picture, like in zip(drawn, expected, strict=True):
        require(isinstance(picture, np.ndarray), f"{what} returned {type(picture).__name__} instead of an array")
        require(picture.dtype == np.uint8, f"{what} returned {picture.dtype} instead of uint8")
        require(picture.shape == like.shape, f"{what} returned the shape {picture.shape} instead of {like.shape}")
    for picture, copy in zip(expected if inputs is None else inputs, before, strict=True):
        require(np.array_equal(picture, copy), f"{what} wrote into its input")
    return tuple(picture.copy() for picture in drawn)


def _listed(planes: Planes) -> list[NDArray[np.uint8]]:
    return [planes.y, planes.u, planes.v, *([] if planes.a is None else [planes.a])]


def _opaque(size: tuple[int, int]) -> NDArray[np.uint8]:
    rgba = np.dstack((sample_rgb(*size), np.full((size[1], size[0]), 255, np.uint8)))
    rgba.flags.writeable = False
    return rgba


def _filter_planes(pixel_format: str, size: tuple[int, int]) -> list[NDArray[np.uint8]]:
    if pixel_format.startswith("yuv"):
        return _listed(sample_planes(*size, has_alpha=pixel_format == "yuva420p"))
    rgba = sample_rgba(*size)
    order = (1, 2, 0, 3)  # FFmpeg's planes of GBR(A)
    return [rgba[:, :, channel] for channel in order[: 4 if pixel_format == "gbrap" else 3]]


def _are_equal(one: _Drawn, other: _Drawn) -> bool:
    return len(one) == len(other) and all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
