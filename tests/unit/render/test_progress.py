"""What is told of a render's progress only grows, and ends with the whole."""

from dataclasses import astuple

from hypothesis import given
from hypothesis import strategies as st

from core.render.events import Outcome, Progressed, RenderEvent, SegmentDone
from core.render.progress import EVERY_SECONDS, Progress


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class Told:
    """A progress with all that it told."""

    def __init__(self, frames: int, segments: int) -> None:
        self.clock = Clock()
        self.events: list[RenderEvent] = []
        self.progress = Progress(frames, segments, self.events.append, now=self.clock)

    @property
    def latest(self) -> Progressed:
        return [event for event in self.events if isinstance(event, Progressed)][-1]


def test_frames_and_segments_are_told_with_speed_and_time_left() -> None:
    told = Told(90, 3)
    told.clock.seconds += 2
    told.progress.ahead(20)
    assert told.latest == Progressed(done=20, frames=90, segments_done=0, segments=3, fps=10.0, left=7.0)
    told.clock.seconds += 1
    told.progress.ahead(-20)
    told.progress.segment_done(0, 30, Outcome.RENDERED)
    told.clock.seconds += 1
    told.progress.segment_done(30, 60, Outcome.CACHED)
    assert told.latest == Progressed(done=60, frames=90, segments_done=2, segments=3, fps=7.5, left=4.0)
    assert [event for event in told.events if isinstance(event, SegmentDone)] == [
        SegmentDone(number=1, segments=3, first=0, end=30, outcome=Outcome.RENDERED),
        SegmentDone(number=2, segments=3, first=30, end=60, outcome=Outcome.CACHED),
    ]


def test_frames_are_told_not_more_often_than_every_tenth_of_a_second() -> None:
    told = Told(1000, 1)
    for _ in range(100):
        told.clock.seconds += EVERY_SECONDS / 4
        told.progress.ahead(1)
    assert [event.done for event in told.events if isinstance(event, Progressed)] == list(range(4, 101, 4))


def test_a_segment_that_was_rendered_is_told_at_once_and_found_ones_now_and_then() -> None:
    told = Told(100, 10)
    told.progress.segment_done(0, 10, Outcome.RENDERED)
    assert (told.latest.done, told.latest.segments_done) == (10, 1)  # though no time has passed
    for first in range(10, 60, 10):
        told.progress.segment_done(first, first + 10, Outcome.CACHED)
    assert (told.latest.done, told.latest.segments_done) == (10, 1)
    told.clock.seconds += 2 * EVERY_SECONDS
    told.progress.segment_done(60, 70, Outcome.CACHED)
    assert (told.latest.done, told.latest.segments_done) == (70, 7)


def test_what_is_drawn_again_counts_once() -> None:
    told = Told(60, 2)

    def after(frames: int) -> int:
        told.clock.seconds += 1
        told.progress.ahead(frames)
        return told.latest.done

    assert [after(frames) for frames in (25, -25, 10, 20, 30)] == [25, 25, 25, 30, 60]
    told.progress.ahead(-60)
    told.progress.segment_done(0, 30, Outcome.RENDERED)
    told.progress.segment_done(30, 60, Outcome.RENDERED)
    told.progress.tell()
    assert (told.latest.done, told.latest.segments_done, told.latest.left) == (60, 2, 0.0)


def test_a_render_that_is_found_whole_is_told_as_done() -> None:
    told = Told(60, 2)
    told.progress.segment_done(0, 30, Outcome.CACHED)
    told.progress.segment_done(30, 60, Outcome.COPIED)
    told.progress.tell()
    assert told.latest == Progressed(done=60, frames=60, segments_done=2, segments=2, fps=0.0, left=0.0)


def test_without_any_frame_drawn_nobody_knows_the_time_left() -> None:
    told = Told(60, 2)
    told.progress.segment_done(0, 30, Outcome.CACHED)
    told.progress.tell()
    assert told.latest == Progressed(done=30, frames=60, segments_done=1, segments=2, fps=0.0, left=None)


@given(st.lists(st.tuples(st.sampled_from(["ahead", "lost", "done"]), st.integers(0, 40), st.floats(0, 1))))
def test_whatever_happens_no_number_falls_or_passes_the_whole(steps: list[tuple[str, int, float]]) -> None:
    told, ahead, first = Told(100, 5), 0, 0
    for kind, frames, seconds in steps:
        told.clock.seconds += seconds
        match kind:
            case "ahead":
                ahead += frames
                told.progress.ahead(frames)
            case "lost":
                told.progress.ahead(-ahead)
                ahead = 0
            case _ if first < 100:
                told.progress.segment_done(first, first + 20, Outcome.RENDERED)
                first += 20
    numbers = [astuple(event)[:4] for event in told.events if isinstance(event, Progressed)]
    assert all(0 <= done <= 100 and segments <= 5 for done, _, segments, _ in numbers)
    assert numbers == sorted(numbers)
