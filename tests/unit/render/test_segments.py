"""Plans are cut where it costs least, and what an edit does not touch keeps its key."""

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.api import Catalogue
from core.host.host import PluginHost
from core.media.layers.opening import Materials
from core.media.text.fonts import FontLibrary
from core.render.schedule import Schedule, Scheduler
from core.render.segments import LONGEST, SHORTEST, Segment, cuts
from core.timeline.plan import Plan
from tests.support.amount import amount
from tests.support.timelines import MEDIA, clip, document, film, plan_of_document, text

type Json = Any
OUTPUT = Path("/out/video.mp4")


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return PluginHost.load(home=tmp_path_factory.mktemp("home")).catalogue()


@pytest.fixture(scope="session")
def scheduled(catalogue: Catalogue) -> Callable[..., Schedule]:
    materials = Materials(media=MEDIA, catalogue=catalogue, fonts=FontLibrary())

    def schedule(value: Json, part: tuple[Fraction, Fraction] | None = None) -> Schedule:
        plan = plan_of_document(value, catalogue)
        return Scheduler(materials).schedule(plan, OUTPUT, part, lambda _plan, _encoder: {})

    return schedule


@pytest.fixture(scope="session")
def segments_of(scheduled: Callable[..., Schedule]) -> Callable[[Json], tuple[Segment, ...]]:
    return lambda value: scheduled(value).groups[0].segments[0]


def reel(*titles: Json, clips: int = 10, **more: Json) -> Json:
    """Films of six seconds with crossfades of half a second, and titles above them."""
    pictures = [
        film(5.5 * index, 6, **({"transition": {"use": "fade", "duration": 0.5}} if index else {}))
        for index in range(clips)
    ]
    return document(tracks=[{"clips": pictures}, *({"clips": [title]} for title in titles)], **more)


def changed(before: tuple[Segment, ...], after: tuple[Segment, ...]) -> list[tuple[int, int]]:
    known = {segment.key for segment in before}
    return [(segment.first, segment.end) for segment in after if segment.key not in known]


def lengths(plan: Plan) -> list[int]:
    return [end - first for first, end in pairwise((0, *cuts(plan), plan.frames))]


def test_segments_tile_the_video_and_last_a_few_seconds(catalogue: Catalogue) -> None:
    plan = plan_of_document(reel(text(start=10, duration=3), text(start=31, duration=1)), catalogue)
    assert sum(lengths(plan)) == plan.frames
    assert min(lengths(plan)) >= SHORTEST * 30
    assert max(lengths(plan)) <= LONGEST * 30


def test_a_clip_as_long_as_the_video_is_cut_at_steps_of_its_own(catalogue: Catalogue) -> None:
    assert cuts(plan_of_document(document(clip(0, 60)), catalogue)) == tuple(range(150, 1800, 150))


def test_a_video_shorter_than_the_shortest_is_one_segment(catalogue: Catalogue) -> None:
    assert cuts(plan_of_document(document(clip(0, 1), clip(1, 1)), catalogue)) == ()


def test_cuts_lie_where_all_changes_before_where_something_does(catalogue: Catalogue) -> None:
    titled = document(tracks=[{"clips": [clip(0, 6), clip(6, 6)]}, {"clips": [text(start=5, duration=3)]}])
    assert 180 in cuts(plan_of_document(titled, catalogue))


def test_another_title_changes_its_own_segments_alone(segments_of: Callable[[Json], tuple[Segment, ...]]) -> None:
    before = segments_of(reel(text("One", start=20, duration=3)))
    after = segments_of(reel(text("Two", start=20, duration=3)))
    assert [(each.first, each.end) for each in before] == [(each.first, each.end) for each in after]
    touched = changed(before, after)
    assert touched
    assert all(first < 23 * 30 and end > 20 * 30 for first, end in touched)
    assert min(first for first, _ in touched) <= 600 < 690 <= max(end for _, end in touched)


@pytest.mark.parametrize("start", [3, 17.5, 24, 40])
def test_a_title_that_is_added_or_moved_changes_what_lies_near_it(
    segments_of: Callable[[Json], tuple[Segment, ...]], start: float
) -> None:
    before = segments_of(reel())
    after = segments_of(reel(text(start=start, duration=3)))
    near = LONGEST * 30
    assert all(end > start * 30 - near and first < (start + 3) * 30 + near for first, end in changed(before, after))


def test_what_is_put_in_front_moves_all_and_changes_little(
    segments_of: Callable[[Json], tuple[Segment, ...]],
) -> None:
    def shifted(start: float) -> Json:
        colors = (f"#0000{index:02x}" for index in range(20))
        rest = (
            clip(start + 4 * index, 4, asset={"type": "color", "color": color}) for index, color in enumerate(colors)
        )
        return document(clip(0, start), *rest)

    assert len(changed(segments_of(shifted(4)), segments_of(shifted(4.5)))) <= 2


def test_among_a_hundred_short_clips_one_changes_little(segments_of: Callable[[Json], tuple[Segment, ...]]) -> None:
    def montage(red: int) -> Json:
        return document(
            *(
                clip(index, 1, asset={"type": "color", "color": "#ff0000" if index == red else f"#00{index:02x}00"})
                for index in range(100)
            )
        )

    touched = changed(segments_of(montage(-1)), segments_of(montage(50)))
    assert sum(end - first for first, end in touched) <= 2 * LONGEST * 30


def test_sound_changes_no_picture(segments_of: Callable[[Json], tuple[Segment, ...]]) -> None:
    song = {"start": 0, "duration": 20, "asset": {"type": "audio", "src": "file:song.mp3"}}
    silent, loud = reel(), reel(audio={"clips": [song]}, output={"quality": {"audio_kbit": 96}})
    assert changed(segments_of(silent), segments_of(loud)) == []


@pytest.mark.parametrize(
    "output",
    [
        {"quality": {"crf": 30}},
        {"width": 640, "height": 360},
        {"fps": 25},
        {"encoder": "webm-vp9"},
        {"background": "#112233"},
    ],
)
def test_what_changes_every_picture_changes_every_key(
    segments_of: Callable[[Json], tuple[Segment, ...]], output: Json
) -> None:
    before, after = segments_of(reel(clips=3)), segments_of(reel(clips=3, output=output))
    assert {segment.key for segment in before}.isdisjoint(segment.key for segment in after)


def test_fonts_matter_where_there_is_text_alone(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    materials = Materials(media=MEDIA, catalogue=catalogue, fonts=FontLibrary())
    plan = plan_of_document(reel(text(start=20, duration=3)), catalogue)

    def segments() -> tuple[Segment, ...]:
        return Scheduler(materials).schedule(plan, OUTPUT, None, lambda _plan, _encoder: {}).groups[0].segments[0]

    before = segments()
    monkeypatch.setattr(FontLibrary, "fingerprint", lambda _self: "other fonts")
    touched = changed(before, segments())
    assert touched
    assert all(first < 690 and end > 600 for first, end in touched)


def test_a_part_keeps_the_whole_segments_in_it(scheduled: Callable[..., Schedule]) -> None:
    whole = scheduled(reel()).groups[0].segments[0]
    part = scheduled(reel(), (Fraction(10), Fraction(40))).groups[0].segments[0]
    assert (part[0].first, part[-1].end) == (300, 1200)
    assert {each.key for each in part[1:-1]} <= {each.key for each in whole}


def test_renditions_that_show_the_same_are_one_group(scheduled: Callable[..., Schedule]) -> None:
    same = [{"width": 160, "height": 90}, {"encoder": "webm-vp9"}, {"width": 640, "height": 360}]
    others = [{"width": 180, "height": 320}, {"encoder": "mov-prores4444"}]
    schedule = scheduled(reel(output={"renditions": [*same, *others]}))
    assert [len(group.deliverables) for group in schedule.groups] == [4, 1, 1]
    assert (schedule.groups[0].plan.width, schedule.groups[0].plan.height) == (640, 360)
    borders = [[(each.first, each.end) for each in segments] for segments in schedule.groups[0].segments]
    assert borders == [borders[0]] * 4
    first, *rest = ({segment.key for segment in segments} for segments in schedule.groups[0].segments)
    assert all(first.isdisjoint(keys) for keys in rest)


def test_what_is_shown_twice_is_made_once(segments_of: Callable[[Json], tuple[Segment, ...]]) -> None:
    segments = segments_of(document(*(film(6 * index, 6) for index in range(4))))
    assert [(each.first, each.end) for each in segments] == [(0, 180), (180, 360), (360, 540), (540, 720)]
    assert len({each.key for each in segments}) == 1


def test_encoders_of_their_own_are_made_in_one_go(scheduled: Callable[..., Schedule]) -> None:
    schedule = scheduled(reel(output={"encoder": "gif", "renditions": [{"encoder": "png"}, {"encoder": "mp3"}]}))
    gif, png, mp3 = schedule.deliverables
    assert schedule.groups == ()
    assert (bool(gif.key), bool(png.key), mp3.is_sound) == (True, True, True)
    assert [schedule.bounds(each)[1] - schedule.bounds(each)[0] for each in (gif, png)] == [1665, 1]
    assert [each.path.name for each in schedule.deliverables] == ["video.mp4", "video-320x180.png", "video-320x180.mp3"]


@settings(max_examples=amount(400), deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 600), st.integers(1, 300)), min_size=1, max_size=12),
    st.integers(min_value=0, max_value=11),
    st.sampled_from([24, "30000/1001", 60]),
)
def test_any_plan_is_tiled_and_an_edit_changes_exactly_what_it_touches(
    catalogue: Catalogue, placed: list[tuple[int, int]], which: int, fps: int | str
) -> None:
    def plan(color: str) -> Plan:
        tracks = [
            {
                "clips": [
                    clip(
                        first / 10,
                        length / 10,
                        asset={"type": "color", "color": color if index == which % len(placed) else f"#{index:06x}"},
                        width=0.5,
                    )
                ]
            }
            for index, (first, length) in enumerate(placed)
        ]
        return plan_of_document(document(tracks=tracks, fps=fps), catalogue)

    materials = Materials(media=MEDIA, catalogue=catalogue, fonts=FontLibrary())
    red, green = plan("#ff0000"), plan("#00ff00")
    before, after = (
        Scheduler(materials).schedule(each, OUTPUT, None, lambda _plan, _encoder: {}).groups[0].segments[0]
        for each in (red, green)
    )
    assert [segment.first for segment in before] == [0, *(segment.end for segment in before[:-1])]
    assert before[-1].end == red.frames
    shortest, longest = round(SHORTEST * red.fps), round(LONGEST * red.fps)
    assert max(segment.frames for segment in before) <= longest
    assert len(before) == 1 or min(segment.frames for segment in before) >= shortest

    edited = red.layers[which % len(placed)]
    touched = [(each.first, each.end) for each in after if each.first < edited.end and each.end > edited.first]
    if cuts(red) == cuts(green):
        assert changed(before, after) == touched
    else:  # of two cuts that are as good the other one was taken
        assert all(
            first < edited.end + longest and end > edited.first - longest for first, end in changed(before, after)
        )
