"""Effect chains: order, conversions, moments, states, faults."""

from collections.abc import Callable
from fractions import Fraction

import cv2
import numpy as np
import pytest

from core.api import (
    Effect,
    Filter,
    FilterKernel,
    Kernel,
    Moment,
    NotFound,
    Parameter,
    Planes,
    PluginFailed,
    RgbaKernel,
    RgbKernel,
    Values,
    YuvKernel,
)
from core.media.frames import Converter
from core.media.kernels import EffectChain
from core.timeline.curves import Curve, Key
from core.timeline.plan import EffectUse

GREY = Planes(np.full((8, 12), 100, np.uint8), np.full((4, 6), 120, np.uint8), np.full((4, 6), 140, np.uint8))


def chain(*effects: Effect, uses: list[EffectUse] | None = None, frames: int = 10, **options: object) -> EffectChain:
    return EffectChain(
        uses or [EffectUse(id=effect.id, first=0, end=frames) for effect in effects],
        {effect.id: effect for effect in effects},
        fps=Fraction(25),
        frame_width=12,
        frame_height=8,
        seed=7,
        duration_frames=frames,
        **options,
    )


def effect(kernel: Kernel, name: str = "acme.thing", **options: object) -> Effect:
    return Effect(id=name, title="Thing", kernel=kernel, **options)


def brighter(planes: Planes, _values: Values, _moment: Moment) -> Planes:
    return Planes(planes.y + 10, planes.u, planes.v, planes.a)


def with_alpha(planes: Planes, alpha: int) -> Planes:
    return Planes(planes.y, planes.u, planes.v, np.full_like(planes.y, alpha))


def test_effects_run_in_order():
    def halved(planes: Planes, _values: Values, _moment: Moment) -> Planes:
        return Planes(planes.y // 2, planes.u, planes.v)

    first = chain(effect(YuvKernel(brighter), "a"), effect(YuvKernel(halved), "b"))
    second = chain(effect(YuvKernel(halved), "b"), effect(YuvKernel(brighter), "a"))
    assert first.apply(GREY, 0).y[0, 0] == 55
    assert second.apply(GREY, 0).y[0, 0] == 60


def test_an_effect_acts_only_in_its_frames_and_elsewhere_the_picture_is_passed_on():
    thing = effect(YuvKernel(brighter))
    part = chain(thing, uses=[EffectUse(id=thing.id, first=2, end=4)])
    shown = [int(part.apply(GREY, frame).y[0, 0]) for frame in range(6)]
    assert shown == [100, 100, 110, 110, 100, 100]
    assert part.state(0) == ()
    assert part.state(2) == part.state(3) != ()


def test_a_moment_counts_from_the_effects_own_start():
    seen: list[Moment] = []

    def note(planes: Planes, _values: Values, moment: Moment) -> Planes:
        seen.append(moment)
        return planes

    thing = effect(YuvKernel(note))
    chain(thing, uses=[EffectUse(id=thing.id, first=4, end=99)]).apply(GREY, 6)
    assert seen == [
        Moment(frame=2, time=Fraction(5, 50), duration=Fraction(6, 25), frame_width=12, frame_height=8, seed=7)
    ]


def test_animated_parameters_run_on_the_effects_own_time():
    def lit(planes: Planes, values: Values, _moment: Moment) -> Planes:
        return Planes(np.full_like(planes.y, round(values.number("level"))), planes.u, planes.v)

    thing = effect(YuvKernel(lit), params=(Parameter(name="level", title="Level", default=0.0, animatable=True),))
    curve = Curve((Key(Fraction(0), 0.0), Key(Fraction(1), 200.0)))
    ramp = chain(thing, uses=[EffectUse(id=thing.id, params={"level": curve}, first=5, end=40)], frames=40)
    assert ramp.apply(GREY, 5).y[0, 0] == 4
    assert ramp.apply(GREY, 17).y[0, 0] == 100
    assert ramp.state(5) != ramp.state(17)
    assert ramp.state(35) == ramp.state(36)


def test_the_state_of_a_varying_effect_holds_the_frame():
    still = chain(effect(YuvKernel(brighter)))
    living = chain(effect(YuvKernel(brighter), varies=True))
    assert still.state(1) == still.state(2)
    assert living.state(1) != living.state(2)


def test_rgb_kernels_share_one_conversion(monkeypatch: pytest.MonkeyPatch):
    calls: list[str] = []
    for name in ("to_rgb", "to_planes"):
        original: Callable[..., object] = getattr(Converter, name)

        def counted(*args: object, name: str = name, original: Callable[..., object] = original) -> object:
            calls.append(name)
            return original(*args)

        monkeypatch.setattr(Converter, name, counted)
    plain = RgbKernel(lambda rgb, _values, _moment: rgb)
    clear = RgbaKernel(lambda rgba, _values, _moment: rgba)
    filtered = FilterKernel(lambda _values, _moment: [Filter("negate")], "gbrp")
    chain(*(effect(kernel, str(index)) for index, kernel in enumerate((plain, clear, filtered, plain)))).apply(GREY, 0)
    assert calls == ["to_rgb", "to_planes"]


def test_a_kernel_that_returns_what_it_got_costs_no_conversion_back():
    def same(picture: object, _values: Values, _moment: Moment) -> object:
        return picture

    untouched = chain(*(effect(kind(same), kind.__name__) for kind in (RgbKernel, RgbaKernel, YuvKernel)))
    drawn = untouched.apply(GREY, 0)
    assert np.shares_memory(drawn.y, GREY.y)
    assert np.shares_memory(drawn.u, GREY.u)


def test_alpha_passes_rgb_kernels_untouched():
    alpha = np.arange(96, dtype=np.uint8).reshape(8, 12)
    drawn = chain(effect(RgbKernel(lambda rgb, _values, _moment: 255 - rgb))).apply(
        Planes(GREY.y, GREY.u, GREY.v, alpha), 0
    )
    assert np.array_equal(drawn.a, alpha)
    assert drawn.y[0, 0] == 151


def test_an_rgba_kernel_gives_alpha_and_opaque_pictures_lose_it():
    def halve(rgba: np.ndarray, _values: Values, _moment: Moment) -> np.ndarray:
        return np.dstack((rgba[:, :, :3], rgba[:, :, 3] // 2))

    thing = effect(RgbaKernel(halve))
    assert (chain(thing).apply(GREY, 0).a == 127).all()
    assert (chain(thing).apply(with_alpha(GREY, 100), 0).a == 50).all()
    assert chain(effect(RgbaKernel(lambda rgba, _values, _moment: rgba))).apply(GREY, 0).a is None


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuva420p", "gbrp", "gbrap"])
def test_libavfilter_draws_in_each_format(pixel_format: str):
    picture = Planes(np.tile(np.arange(40, 232, 2, dtype=np.uint8), (64, 1)), *[np.full((32, 48), 128, np.uint8)] * 2)
    thing = effect(FilterKernel(lambda _values, _moment: [Filter("hflip"), Filter("vflip")], pixel_format))
    drawn = chain(thing).apply(picture, 0)
    assert np.abs(drawn.y.astype(int) - picture.y[::-1, ::-1]).max() <= 1
    assert drawn.a is None


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuva420p", "gbrp", "gbrap"])
def test_alpha_survives_libavfilter(pixel_format: str):
    alpha = np.tile(np.arange(0, 240, 20, dtype=np.uint8), (8, 1))
    thing = effect(FilterKernel(lambda _values, _moment: [Filter("hflip")], pixel_format))
    drawn = chain(thing).apply(Planes(GREY.y, GREY.u, GREY.v, alpha), 0)
    assert np.array_equal(drawn.a, alpha[:, ::-1] if "a" in pixel_format else alpha)


def _stain(rgb: np.ndarray, _values: Values, _moment: Moment) -> np.ndarray:
    rgb[:] = 0
    return rgb


def _fail(_rgb: np.ndarray, _values: Values, _moment: Moment) -> np.ndarray:
    raise ZeroDivisionError("by me")


@pytest.mark.parametrize(
    ("kernel", "cause"),
    [
        (RgbKernel(_fail), "ZeroDivisionError('by me')"),
        (RgbKernel(_stain), "read-only"),
        (RgbKernel(lambda rgb, _values, _moment: rgb / 2), "float64, not uint8"),
        (RgbKernel(lambda rgb, _values, _moment: rgb[:4]), "(4, 12, 3), not (8, 12, 3)"),
        (RgbKernel(lambda _rgb, _values, _moment: None), "NoneType, not an array"),
        (RgbaKernel(lambda rgba, _values, _moment: rgba[:, :, :3]), "not (8, 12, 4)"),
        (YuvKernel(lambda planes, _values, _moment: planes.y), "ndarray, not Planes"),
        (YuvKernel(lambda planes, _values, _moment: Planes(planes.y, planes.y, planes.v)), "u has the shape (8, 12)"),
        (FilterKernel(lambda _values, _moment: [Filter("nonesuch")]), "refuses nonesuch with {}: no filter nonesuch"),
        (FilterKernel(lambda _values, _moment: [Filter("gblur", {"sigma": "much"})]), "refuses gblur"),
        (FilterKernel(lambda _values, _moment: [Filter("scale", {"w": 4, "h": 4})]), "from 12x8 to 4x4"),
        (FilterKernel(lambda _values, _moment: [Filter("tile", {"layout": "2x2"})]), "keep pictures back"),
        (FilterKernel(lambda _values, _moment: [Filter("hflip")], "yuv444p"), "not 'yuv444p'"),
    ],
)
def test_a_kernels_fault_names_the_effect_its_plugin_and_its_place(kernel: Kernel, cause: str):
    luma = GREY.y.copy()
    faulty = chain(effect(kernel), versions={"acme.thing": "acme 2.1"}, path="tracks[0].clips[3]")
    with pytest.raises(PluginFailed) as caught:
        faulty.apply(GREY, 0)
    assert caught.value.contribution == "acme.thing"
    assert caught.value.plugin == "acme 2.1"
    assert caught.value.path == "tracks[0].clips[3].effects[0]"
    assert cause in caught.value.cause
    assert np.array_equal(GREY.y, luma)


def test_an_unknown_effect_is_refused_with_its_place():
    with pytest.raises(NotFound, match=r"tracks\[1\]\.clips\[0\]\.effects\[0\]: there is no effect 'gone'"):
        chain(uses=[EffectUse(id="gone", first=0, end=1)], path="tracks[1].clips[0]")


def test_a_turned_over_view_is_laid_out_anew():
    turned = chain(effect(RgbKernel(lambda rgb, _values, _moment: rgb[:, ::-1]))).apply(GREY, 0)
    straight = chain(effect(YuvKernel(lambda planes, _v, _m: Planes(planes.y[::-1, ::-1], planes.u, planes.v)))).apply(
        GREY, 0
    )
    assert turned.y.shape == GREY.y.shape
    assert straight.y.flags.c_contiguous
    assert cv2.LUT(straight.y, np.arange(256, dtype=np.uint8))[0, 0] == 100
