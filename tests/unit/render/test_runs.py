"""Runs become shorter towards the end, and are parted where little is decoded twice; nothing is lost or made twice."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.api import Color, Encoder, VideoCodec
from core.render.ingredients import Ingredients
from core.render.runs import FARTHEST_KEY_FRAME, runs_of
from core.render.schedule import Deliverable, Group
from core.render.work import Cut, PictureRun
from core.timeline.plan import Layer
from core.timeline.sources import ColorSource, Source, TimelineSource, VideoSource
from tests.support.plans import plan_of
from tests.support.rehearsal import OUTPUT

SECOND = 30
FILM = VideoSource(src="file:film.mp4")
COLOR = ColorSource(color=Color(255, 0, 0))
INGREDIENTS = Ingredients(media={}, versions={"test": ""})
ENCODER = Encoder(
    id="test",
    title="",
    extension="mp4",
    mime_type="",
    container="mp4",
    video=VideoCodec(name="libx264", options=lambda _values: {}),
)


def layer(source: Source, first: int, end: int) -> Layer:
    """Return a layer; times in seconds."""
    return Layer(id="", path="", first=first * SECOND, end=end * SECOND, start=Fraction(first), source=source)


def group_of(*layers: Layer, seconds: int = 60) -> Group:
    plan = plan_of(*layers, frames=seconds * SECOND)
    return Group(plan=plan, deliverables=(Deliverable(plan=plan, encoder=ENCODER, path=OUTPUT),), segments=((),))


def cuts_at(*seconds: int) -> list[Cut]:
    return [Cut(first=first * SECOND, end=end * SECOND, keys=(f"key {first}",)) for first, end in pairwise(seconds)]


def runs(group: Group, cuts: Sequence[Cut], workers: int = 2) -> list[PictureRun]:
    return list(runs_of(group, cuts, INGREDIENTS, workers=workers, strip=None))


def bounds(found: Sequence[PictureRun]) -> list[tuple[int, int]]:
    """Return the seconds at which runs begin and end."""
    return [(run.cuts[0].first // SECOND, run.cuts[-1].end // SECOND) for run in found]


def test_the_less_is_left_the_shorter_runs_are() -> None:
    assert bounds(runs(group_of(layer(COLOR, 0, 60)), cuts_at(*range(0, 61, 5)))) == [
        (0, 15),
        (15, 25),
        (25, 35),
        (35, 45),
        (45, 50),
        (50, 55),
        (55, 60),
    ]


def test_a_run_begins_where_a_film_does() -> None:
    group = group_of(layer(FILM, 0, 18), layer(FILM, 18, 33), layer(FILM, 33, 60))
    found = bounds(runs(group, cuts_at(0, 5, 10, 15, 18, 23, 28, 30, 33, 38, 43, 48, 53, 60)))
    assert {18, 33} <= {first for first, _ in found}


def test_a_run_that_begins_inside_a_film_begins_early_in_it() -> None:
    group = group_of(layer(COLOR, 0, 24), layer(FILM, 24, 60))
    found = bounds(runs(group, cuts_at(0, 5, 10, 15, 20, 25, 29, 32, 34, 39, 45, 50, 55, 60)))
    assert found[:3] == [(0, 15), (15, 25), (25, 32)]


def test_a_nested_timeline_counts_as_a_film_and_a_film_that_begins_there_does_not() -> None:
    inner = TimelineSource(plan=plan_of(frames=60 * SECOND))
    group = group_of(layer(inner, 0, 33), layer(FILM, 33, 60))
    found = bounds(runs(group, cuts_at(0, 5, 10, 15, 20, 25, 30, 33, 40, 45, 50, 55, 60)))
    assert 33 in {first for first, _ in found}


def test_nothing_is_decoded_twice_across_a_gap() -> None:
    group = group_of(layer(FILM, 0, 120), seconds=120)
    found = bounds(runs(group, [*cuts_at(0, 5, 10, 15, 19), *cuts_at(60, 65, 70, 75)]))
    assert (19, 60) in {(before[1], after[0]) for before, after in pairwise(found)}


def test_the_last_run_goes_on_where_beginning_another_would_decode_more_than_it_draws() -> None:
    group = group_of(layer(FILM, 0, 30), layer(FILM, 30, 60))
    found = bounds(runs(group, cuts_at(*range(0, 61, 3))))
    assert found[-1][1] == 60
    assert all(min(first % 30, FARTHEST_KEY_FRAME) <= 60 - first for first, _ in found)
    assert bounds(runs(group_of(layer(COLOR, 0, 60)), cuts_at(*range(0, 61, 3))))[-1][0] > found[-1][0]


def test_a_single_worker_draws_all_that_is_missing_in_one_run() -> None:
    wanted = cuts_at(*range(0, 61, 5))
    wanted[4] = replace(wanted[4], keys=(None,))
    [run] = runs(group_of(layer(FILM, 0, 60)), wanted, workers=1)
    assert list(run.cuts) == [*wanted[:4], *wanted[5:]]


def test_a_short_video_is_shared_by_all_workers() -> None:
    assert bounds(runs(group_of(layer(COLOR, 0, 8), seconds=8), cuts_at(0, 2, 4, 6, 8), workers=4)) == [
        (0, 2),
        (2, 4),
        (4, 6),
        (6, 8),
    ]


def test_one_segment_is_one_run_however_many_workers_wait() -> None:
    assert bounds(runs(group_of(layer(FILM, 0, 60)), cuts_at(20, 25), workers=8)) == [(20, 25)]


def test_a_long_videos_runs_last_no_longer_than_a_minute_each() -> None:
    found = runs(group_of(layer(COLOR, 0, 3600), seconds=3600), cuts_at(*range(0, 3601, 5)))
    lengths = [run.frames // SECOND for run in found]
    assert lengths[:57] == [60] * 57
    assert lengths[57:60] == [45, 35, 25]
    assert max(lengths[60:]) <= 20


def test_nothing_missing_means_no_run() -> None:
    wanted = [replace(cut, keys=(None,)) for cut in cuts_at(0, 5, 10)]
    assert runs(group_of(layer(FILM, 0, 10)), wanted) == []
    assert runs(group_of(layer(FILM, 0, 10)), []) == []


def test_runs_say_what_to_make_of_what() -> None:
    group = group_of(layer(FILM, 0, 60))
    [run] = runs_of(group, cuts_at(0, 5), INGREDIENTS, workers=1, strip=0)
    [deliverable] = group.deliverables
    assert run == PictureRun(
        plan=group.plan, ingredients=INGREDIENTS, targets=(deliverable.target,), cuts=tuple(cuts_at(0, 5)), strip=0
    )


@given(
    st.lists(st.tuples(st.integers(2, 10), st.booleans()), min_size=1, max_size=60),
    st.lists(st.integers(1, 200), max_size=6),
    st.integers(1, 8),
)
@pytest.mark.parametrize("source", [FILM, COLOR], ids=["film", "colour"])
def test_whatever_is_missing_is_in_one_run_each_in_order(
    source: Source, lengths: list[tuple[int, bool]], starts: list[int], workers: int
) -> None:
    edges = [sum(length for length, _ in lengths[:place]) for place in range(len(lengths) + 1)]
    wanted = [
        cut if is_missing else replace(cut, keys=(None,))
        for cut, (_, is_missing) in zip(cuts_at(*edges), lengths, strict=True)
    ]
    seconds = edges[-1]
    borders = sorted({0, seconds, *(start for start in starts if start < seconds)})
    group = group_of(*(layer(source, first, end) for first, end in pairwise(borders)), seconds=seconds)
    found = runs(group, wanted, workers)
    assert [cut for run in found for cut in run.cuts] == [cut for cut in wanted if cut.keys != (None,)]
    assert all(run.cuts for run in found)
