"""Finding copies: what of a plan shows one untouched source, and what must be drawn."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from core.api import Color, Encoder
from core.media.layers.opening import Materials
from core.render.copying.finding import candidates, find_copies, stretches
from core.render.copying.index import PacketIndex, index_source
from core.timeline.curves import Curve, Key
from core.timeline.plan import Blend, Crop, EffectUse, Fit, Layer, Placement, Plan, TimedUse
from core.timeline.sources import ColorSource, ImageSource, Playback, VideoSource
from plugins.encoders.h26x.h264 import H264
from plugins.encoders.h26x.h265 import H265
from plugins.encoders.prores import PRORES
from plugins.encoders.web import VP9
from tests.support.clips import write_clip
from tests.support.copying import clip_layer, indexes_of, planned
from tests.support.plans import materials_of, plan_of

FPS = Fraction(30)
CLIP = "file:clip.mp4"
GROUPS = {"preset": "medium", "bf": "2", "x264-params": "scenecut=0:keyint=24"}


@pytest.fixture(scope="module")
def materials(tmp_path_factory: pytest.TempPathFactory) -> Materials:
    return materials_of(write_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", 120, options=GROUPS))


@pytest.fixture(scope="module")
def index(materials: Materials) -> PacketIndex:
    found = index_source(materials.media[CLIP].path)
    assert found is not None
    return found


def whole(**fields: Any) -> Layer:
    return clip_layer(CLIP, 0, 120, fps=FPS, **fields)


def plan_with(*layers: Layer, frames: int = 120, encoder: Encoder = H264, **values: Any) -> Plan:
    return planned(plan_of(*layers, frames=frames), encoder, **values)


def copied(plan: Plan, index: PacketIndex, encoder: Encoder = H264, *, first: int = 0, end: int | None = None) -> list:
    found = find_copies(plan, encoder, {CLIP: index}, first=first, end=plan.frames if end is None else end)
    return [(copy.first, copy.end) for copy in found]


def test_an_untouched_clip_is_copied_whole(index: PacketIndex) -> None:
    assert copied(plan_with(whole()), index) == [(0, 120)]


def test_each_copy_names_its_source_and_packets(index: PacketIndex) -> None:
    [copy] = find_copies(plan_with(whole()), H264, {CLIP: index}, first=30, end=100)
    assert (copy.first, copy.end, copy.src) == (48, 100, CLIP)
    assert (copy.take.first, copy.take.end, copy.take.start, copy.take.stop) == (48, 100, 48, 100)


def test_only_the_wanted_part_is_copied(index: PacketIndex) -> None:
    assert copied(plan_with(whole()), index, first=24, end=60) == [(24, 60)]
    assert copied(plan_with(whole()), index, first=100, end=120) == []


def test_a_trimmed_clip_is_drawn_up_to_its_first_start(index: PacketIndex) -> None:
    layer = clip_layer(CLIP, 10, 80, fps=FPS, inside=Fraction(20, 30))
    # Frame 10 of the plan shows frame 20 of the source; its next start is frame 24.
    assert copied(plan_with(layer, frames=90), index) == [(14, 90)]


TURNED = Curve((Key(Fraction(0), 0.0), Key(Fraction(4), 90.0)))
FADE = TimedUse(id="fade", frames=15)


@pytest.mark.parametrize(
    "placement",
    [
        Placement(x=0.6),
        Placement(y=0.4),
        Placement(width=0.5),
        Placement(height=0.9),
        Placement(scale=1.1),
        Placement(scale=Curve((Key(Fraction(0), 1.0), Key(Fraction(2), 1.5)))),
        Placement(rotate=180),
        Placement(rotate=TURNED),
        Placement(opacity=0.99),
        Placement(crop=Crop(left=0.1)),
        Placement(radius=0.05),
        Placement(blend=Blend.MULTIPLY),
        Placement(mask="file:mask.png"),
    ],
)
def test_a_clip_that_is_placed_in_any_way_is_drawn(index: PacketIndex, placement: Placement) -> None:
    assert copied(plan_with(whole(placement=placement)), index) == []


@pytest.mark.parametrize("fit", Fit)
def test_how_it_would_be_fitted_does_not_matter_when_it_fits(index: PacketIndex, fit: Fit) -> None:
    constant = Curve((Key(Fraction(0), 0.5), Key(Fraction(1), 0.5)))
    placement = Placement(fit=fit, x=constant, anchor=(0.0, 0.0))
    assert copied(plan_with(whole(placement=placement)), index) == [(0, 120)]


def test_animations_are_drawn_and_the_rest_between_is_copied(index: PacketIndex) -> None:
    assert copied(plan_with(whole(enter=FADE)), index) == [(24, 120)]
    assert copied(plan_with(whole(exit=FADE)), index) == [(0, 105)]
    assert copied(plan_with(whole(enter=FADE, exit=FADE)), index) == [(24, 105)]


def test_effects_are_drawn_for_as_long_as_they_last(index: PacketIndex) -> None:
    def use(first: int, end: int) -> EffectUse:
        return EffectUse(id="blur", first=first, end=end)

    assert copied(plan_with(whole(effects=(use(0, 120),))), index) == []
    assert copied(plan_with(whole(effects=(use(30, 40),))), index) == [(0, 30), (48, 120)]
    assert copied(plan_with(whole(effects=(use(30, 40), use(20, 90)))), index) == [(0, 20), (96, 120)]


def test_what_lies_above_is_drawn_while_it_is_seen(index: PacketIndex) -> None:
    title = Layer(
        id="", path="", first=40, end=50, start=Fraction(40, 30), source=ColorSource(color=Color(255, 0, 0, 128))
    )
    assert copied(plan_with(whole(), title), index) == [(0, 40), (72, 120)]


def test_what_is_hidden_below_does_not_matter_nor_cut(index: PacketIndex) -> None:
    below = Layer(id="", path="", first=40, end=50, start=Fraction(40, 30), source=ColorSource(color=Color(255, 0, 0)))
    assert copied(plan_with(below, replace(whole(), first=0)), index) == [(0, 120)]


def test_transitions_are_drawn(index: PacketIndex) -> None:
    before = clip_layer(CLIP, 0, 60, fps=FPS)
    after = clip_layer(CLIP, 48, 60, fps=FPS, transition=TimedUse(id="fade", frames=12), mixes_with=0)
    assert copied(plan_with(before, after, frames=108), index) == [(0, 48), (72, 108)]


@pytest.mark.parametrize(
    "playback",
    [
        Playback(speed=Fraction(2)),
        Playback(speed=Fraction(1, 2)),
        Playback(length=Fraction(4), reverse=True),
    ],
)
def test_other_speeds_and_directions_are_drawn(index: PacketIndex, playback: Playback) -> None:
    assert copied(plan_with(replace(whole(), source=source(playback))), index) == []


def test_a_speed_that_hardly_differs_is_copied_between_the_slips(index: PacketIndex) -> None:
    # Every hundredth frame is left out: the first is frame 50.
    layer = replace(whole(), source=source(Playback(speed=Fraction(101, 100))))
    assert copied(plan_with(layer), index) == [(0, 50), (71, 119)]


def source(playback: Playback) -> VideoSource:
    return VideoSource(src=CLIP, playback=playback)


def test_a_loop_is_copied_turn_by_turn(index: PacketIndex) -> None:
    layer = replace(whole(), end=130, source=source(Playback(length=Fraction(2), loop=True)))
    assert copied(plan_with(layer, frames=130), index) == [(0, 60), (60, 120)]


def test_a_held_last_frame_is_drawn(index: PacketIndex) -> None:
    layer = replace(whole(), end=200)
    assert copied(plan_with(layer, frames=200), index) == [(0, 120)]


def test_other_frame_rates_are_drawn(index: PacketIndex) -> None:
    for fps in (Fraction(25), Fraction(60)):
        plan = planned(plan_of(clip_layer(CLIP, 0, 90, fps=fps), frames=90, fps=fps), H264)
        assert copied(plan, index) == []


def test_a_rate_that_drifts_away_slowly_is_copied_between_the_slips(index: PacketIndex) -> None:
    fps = Fraction(30000, 1001)
    plan = planned(plan_of(clip_layer(CLIP, 0, 119, fps=fps), frames=119, fps=fps), H264)
    assert copied(plan, index) == [(0, 119)]


def test_short_copies_are_not_worth_their_joints(index: PacketIndex) -> None:
    assert copied(plan_with(clip_layer(CLIP, 0, 14, fps=FPS), frames=14), index) == []
    assert copied(plan_with(clip_layer(CLIP, 0, 15, fps=FPS), frames=15), index) == [(0, 15)]


def test_copies_in_two_clips_are_told_apart(index: PacketIndex) -> None:
    one, two = clip_layer(CLIP, 0, 40, fps=FPS), clip_layer(CLIP, 40, 40, fps=FPS, inside=Fraction(24, 30))
    assert copied(plan_with(one, two, frames=80), index) == [(0, 40), (40, 80)]


def test_another_size_is_drawn(materials: Materials, index: PacketIndex) -> None:
    plan = planned(plan_of(whole(), frames=120, size=(640, 360)), H264)
    assert copied(plan, index) == []
    assert candidates(plan, materials.media, H264) == frozenset()


def test_only_sources_that_may_fit_are_looked_at(materials: Materials, tmp_path: Path) -> None:
    write_clip(tmp_path / "turned.mp4", 3, size=(180, 320), rotation=90)
    write_clip(tmp_path / "other.mkv", 3, codec="mpeg4")
    write_clip(tmp_path / "good.mp4", 3)
    found = materials_of(*sorted(tmp_path.iterdir()))
    sources: Sequence[str] = [f"file:{name}" for name in ("turned.mp4", "other.mkv", "good.mp4")]
    layers = [clip_layer(src, 3 * place, 3, fps=FPS) for place, src in enumerate(sources)]
    still = Layer(id="", path="", first=9, end=12, start=Fraction(9, 30), source=ImageSource(src="file:none.png"))
    plan = plan_with(*layers, still, frames=12)
    assert candidates(plan, found.media, H264) == frozenset({"file:good.mp4"})
    assert [(stretch.first, stretch.end) for stretch in stretches(plan)] == [(0, 3), (3, 6), (6, 9)]


@pytest.mark.parametrize("encoder", [H265, PRORES, VP9])
def test_other_encoders_take_none_of_it(materials: Materials, index: PacketIndex, encoder: Encoder) -> None:
    plan = planned(plan_of(whole(), frames=120), encoder)
    assert candidates(plan, materials.media, encoder) == frozenset()
    assert copied(plan, index, encoder) == []


def test_sources_whose_headers_find_no_room_are_drawn(tmp_path: Path) -> None:
    files = []
    for number in range(20):
        # The level makes each header another one.
        params = f"scenecut=0:keyint=24:chroma-qp-offset={number - 10}"
        files.append(write_clip(tmp_path / f"{number:02}.mp4", 15, options={"preset": "medium", "x264-params": params}))
    materials = materials_of(*files)
    layers = [clip_layer(f"file:{path.name}", 15 * place, 15, fps=FPS) for place, path in enumerate(files)]
    plan = plan_with(*layers, frames=300)
    indexes = indexes_of(plan, materials, H264)
    assert len({each.sets for each in indexes.values()}) == 20
    found = find_copies(plan, H264, indexes, first=0, end=300)
    assert [copy.first for copy in found] == [15 * number for number in range(16)]
