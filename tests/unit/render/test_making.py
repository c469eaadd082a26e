"""What a schedule lacks is made, once; what happens to the ledger or to workers meanwhile costs no finished work."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.api import Cancelled, Catalogue, MediaError
from core.cage import CageEnd, ForbiddenCall, JobCrashed, MemoryExceeded
from core.host.host import PluginHost
from core.render.events import Outcome, Planned, Progressed, RenderEvent, SegmentDone, Stage, StageStarted
from core.render.failures import SegmentFailed
from core.render.ledger import Ledger
from core.render.making import Making
from core.render.work import Finishing, Message, PictureRun, SoundRun, Still, Work
from tests.support.rehearsal import Rehearsal, play
from tests.support.timelines import clip, document, film

type Json = Any


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return PluginHost.load(home=tmp_path_factory.mktemp("home")).catalogue()


def colors(*names: str) -> Json:
    """Clips of five seconds, each of one colour: a segment each."""
    return document(
        *(clip(5 * number, 5, asset={"type": "color", "color": f"#{name}"}) for number, name in enumerate(names))
    )


def outcomes(making: Making) -> list[tuple[int, int, str]]:
    return sorted((each.first, each.end, each.outcome) for each in making.tally.segments)


def drawn(given: list[Work | Finishing]) -> list[tuple[int, int]]:
    return [(cut.first, cut.end) for work in given if isinstance(work, PictureRun) for cut in work.cuts]


class EvictingLedger(Ledger):
    """A ledger from which another process removes a piece once, just after it was found."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, owner="tests")
        self.evicts: set[str] = set()

    def get(self, key: str) -> Path | None:
        found = super().get(key)
        if found is not None and key in self.evicts:
            self.evicts.remove(key)
            shutil.rmtree(found.parent)
        return found


def test_what_is_evicted_between_the_look_and_the_taking_is_made_again(tmp_path: Path, catalogue: Catalogue) -> None:
    ledger = EvictingLedger(tmp_path / "ledger")
    rehearsal = Rehearsal(tmp_path, catalogue, ledger=ledger)
    wanted = colors("ff0000", "00ff00")
    first, second = rehearsal.schedule(wanted).groups[0].segments[0]
    rehearsal.render(wanted)
    ledger.evicts.add(second.key)
    again = rehearsal.render(wanted)
    assert ledger.evicts == set()
    assert outcomes(again) == [(0, 150, Outcome.CACHED), (150, 300, Outcome.RENDERED)]
    assert drawn(rehearsal.given) == [(150, 300)]
    assert ledger.get(first.key) is not None
    assert ledger.get(second.key) is not None
    assert list((tmp_path / "rendering").iterdir()) == []


def test_the_second_of_equal_files_made_in_one_go_is_not_made(tmp_path: Path, catalogue: Catalogue) -> None:
    rehearsal = Rehearsal(tmp_path, catalogue)
    wanted = colors("ff0000")
    wanted["output"] |= {"encoder": "gif", "renditions": [{"encoder": "gif", "width": 320, "height": 180}]}
    made = rehearsal.render(wanted)
    assert outcomes(made) == [(0, 150, Outcome.CACHED), (0, 150, Outcome.RENDERED)]
    assert len(rehearsal.given) == 1


def progress_of(events: list[RenderEvent]) -> list[tuple[int, int]]:
    """Return the frames and segments that were told as done, in order."""
    return [(event.done, event.segments_done) for event in events if isinstance(event, Progressed)]


@pytest.mark.parametrize("output", [{}, {"encoder": "gif"}, {"renditions": [{"width": 640, "height": 360}]}], ids=str)
def test_a_render_goes_from_planned_to_done_whether_it_is_made_or_found(
    tmp_path: Path, catalogue: Catalogue, output: Json
) -> None:
    rehearsal = Rehearsal(tmp_path, catalogue)
    wanted = colors("ff0000", "00ff00")
    wanted["output"] |= output
    for times in range(2):
        rehearsal.render(wanted)
        assert (times == 0) == bool(rehearsal.given)
        [planned] = [event for event in rehearsal.events if isinstance(event, Planned)]
        assert rehearsal.events[0] is planned
        assert planned.frames == 300
        assert progress_of(rehearsal.events)[-1] == (300, planned.segments)
        numbers = [event.number for event in rehearsal.events if isinstance(event, SegmentDone)]
        assert numbers == list(range(1, planned.segments + 1))
        last = max(place for place, event in enumerate(rehearsal.events) if isinstance(event, Progressed))
        assert rehearsal.events[last + 1 :] == [StageStarted(stage=Stage.ASSEMBLE)]


def test_a_sound_alone_is_told_as_done_too(tmp_path: Path, catalogue: Catalogue) -> None:
    rehearsal = Rehearsal(tmp_path, catalogue)
    for _ in range(2):
        rehearsal.render(document(film(0, 2), output={"encoder": "mp3"}))
        assert progress_of(rehearsal.events) == [(0, 0)]


def test_frames_that_are_drawn_again_or_never_were_pass_no_whole(
    tmp_path: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.render.progress.EVERY_SECONDS", 0)
    tries = []

    def stumble(work: Work | Finishing, folder: Path, tell: Callable[[Message], None]) -> Message:
        if isinstance(work, PictureRun):
            tries.append([(cut.first, cut.end) for cut in work.cuts])
            if len(tries) == 1:
                (folder / work.keys[0]).write_text("pictures")
                tell({"frames": 150})
                tell({"cut": 0})
                tell({"frames": 140})
                raise JobCrashed("the job crashed", signal=11)
            if len(tries) == 2:
                tell({"frames": 10**400})
                raise JobCrashed("the job crashed", signal=11)
        return play(work, folder, tell)

    rehearsal = Rehearsal(tmp_path, catalogue)
    made = rehearsal.render(colors("ff0000", "00ff00", "0000ff"), stumble)
    assert tries == [[(0, 150), (150, 300), (300, 450)], [(150, 300), (300, 450)], [(150, 300)], [(300, 450)]]
    told = progress_of(rehearsal.events)
    assert told == sorted(told)
    assert (290, 1) in told
    assert told[-1] == (450, 3)
    assert outcomes(made) == [(first, first + 150, Outcome.RENDERED) for first in (0, 150, 300)]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"loudness": "loud"}', '{"loudness": NaN}', '{"waveform": [[1]]}'], ids=repr
)
def test_what_is_kept_of_a_sound_and_can_not_be_read_is_found_out_anew(
    tmp_path: Path, catalogue: Catalogue, text: str
) -> None:
    rehearsal = Rehearsal(tmp_path, catalogue)
    wanted = document(film(0, 2))
    sound = rehearsal.schedule(wanted).sound
    assert sound is not None
    (tmp_path / "spoilt").write_text(text)
    rehearsal.ledger.put(sound.key, tmp_path / "spoilt")
    made = rehearsal.render(wanted)
    assert (made.sound.loudness, made.sound.true_peak) == (-16.0, -1.5)
    again = rehearsal.render(wanted)
    assert again.sound == made.sound
    assert rehearsal.given == []


def test_a_worker_that_describes_its_sound_badly_is_refused_and_asked_anew(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    def mumble(work: Work | Finishing, folder: Path, tell: Callable[[Message], None]) -> Message:
        done = play(work, folder, tell)
        if isinstance(work, SoundRun):
            (folder / work.key).write_text('{"loudness": "loud"}')
        return done

    rehearsal = Rehearsal(tmp_path, catalogue)
    wanted = document(film(0, 2))
    for _ in range(2):
        with pytest.raises(MediaError, match=r"^a worker described a sound in a way that can't be read$"):
            rehearsal.render(wanted, mumble)
        assert [work for work in rehearsal.given if isinstance(work, SoundRun)]
    assert rehearsal.render(wanted).sound.loudness == -16.0
    assert [type(work) for work in rehearsal.given] == [SoundRun]


def crash(*_given: object) -> Message:
    raise JobCrashed("the job crashed", signal=11, log="last words")


def crash_drawing(work: Work | Finishing, folder: Path, tell: Callable[[Message], None]) -> Message:
    return crash() if isinstance(work, PictureRun) else play(work, folder, tell)


def test_a_worker_that_crashes_is_tried_three_times_and_then_named_with_its_clip(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    rehearsal = Rehearsal(tmp_path, catalogue)
    with pytest.raises(SegmentFailed, match=r"^tracks\[0\]\.clips\[0\]: seconds 0\.00 to 5\.00 could not be ") as err:
        rehearsal.render(colors("ff0000", "00ff00"), crash_drawing)
    assert err.value.clips == ("tracks[0].clips[0]",)
    assert str(err.value).endswith("in 3 tries: the job crashed")
    assert err.value.log == "last words"
    assert err.value.last_frame is None
    assert drawn(rehearsal.given) == [(0, 150), (150, 300), (0, 150), (150, 300), (0, 150)]
    assert list((tmp_path / "rendering").iterdir()) == []


def test_the_last_good_frame_is_shown_of_what_fails_later(tmp_path: Path, catalogue: Catalogue) -> None:
    def fail_late(work: Work | Finishing, folder: Path, tell: Callable[[Message], None]) -> Message:
        if isinstance(work, PictureRun) and work.cuts[0].first == 0:
            (folder / work.keys[0]).write_text("pictures")
            tell({"cut": 0})
        return crash_drawing(work, folder, tell)

    rehearsal = Rehearsal(tmp_path, catalogue)
    with pytest.raises(SegmentFailed, match=r"^tracks\[0\]\.clips\[1\]: seconds 5\.00 to 10\.00 could not") as err:
        rehearsal.render(colors("ff0000", "00ff00"), fail_late)
    assert drawn(rehearsal.given) == [(0, 150), (150, 300), (150, 300), (150, 300)]
    [still] = [work for work in rehearsal.given if isinstance(work, Still)]
    assert still.frame == 149
    assert err.value.last_frame is not None
    assert err.value.last_frame.read_text() == "made"


@pytest.mark.parametrize(
    ("end", "given"),
    [
        (JobCrashed("the job crashed", signal=11), [(0, 150), (150, 300), (0, 150), (150, 300), (0, 150), (150, 300)]),
        (MemoryExceeded("too much"), [(0, 150), (150, 300), (0, 150), (150, 300)]),
    ],
    ids=lambda given: getattr(given, "code", ""),
)
def test_who_draws_ahead_and_fails_is_not_blamed_on_the_segment_before(
    tmp_path: Path, catalogue: Catalogue, end: CageEnd, given: list[tuple[int, int]]
) -> None:
    def fail_ahead(work: Work | Finishing, folder: Path, tell: Callable[[Message], None]) -> Message:
        if isinstance(work, PictureRun) and work.cuts[-1].first == 150:
            raise end
        return play(work, folder, tell)

    rehearsal = Rehearsal(tmp_path, catalogue)
    with pytest.raises(SegmentFailed, match=r"^tracks\[0\]\.clips\[1\]: seconds 5\.00 to 10\.00 could not"):
        rehearsal.render(colors("ff0000", "00ff00"), fail_ahead)
    assert drawn(rehearsal.given) == given
    [done] = [event for event in rehearsal.events if isinstance(event, SegmentDone)]
    assert (done.first, done.end) == (0, 150)


def test_a_worker_that_crashes_when_all_is_done_is_not_needed_again(tmp_path: Path, catalogue: Catalogue) -> None:
    def crash_in_the_end(work: Work | Finishing, folder: Path, tell: Callable[[Message], None]) -> Message:
        if isinstance(work, PictureRun):
            for number, key in enumerate(work.keys):
                (folder / key).write_text("pictures")
                tell({"cut": number})
            return crash()
        return play(work, folder, tell)

    rehearsal = Rehearsal(tmp_path, catalogue)
    made = rehearsal.render(colors("ff0000", "00ff00"), crash_in_the_end)
    assert outcomes(made) == [(0, 150, Outcome.RENDERED), (150, 300, Outcome.RENDERED)]
    assert drawn(rehearsal.given) == [(0, 150), (150, 300)]


@pytest.mark.parametrize(
    "end", [MemoryExceeded("too much"), ForbiddenCall("a call", signal=31)], ids=lambda end: end.code
)
def test_what_would_come_again_is_not_tried_again(tmp_path: Path, catalogue: Catalogue, end: CageEnd) -> None:
    def fail(work: Work | Finishing, folder: Path, tell: Callable[[Message], None]) -> Message:
        if isinstance(work, PictureRun):
            raise end
        return play(work, folder, tell)

    rehearsal = Rehearsal(tmp_path, catalogue)
    with pytest.raises(SegmentFailed, match="in 1 tries"):
        rehearsal.render(colors("ff0000"), fail)
    assert drawn(rehearsal.given) == [(0, 150)]


def test_a_fault_of_the_footage_is_not_tried_again(tmp_path: Path, catalogue: Catalogue) -> None:
    def fail(_work: object, _folder: Path, _tell: object) -> Message:
        raise MediaError("film.mp4: can't be decoded")

    rehearsal = Rehearsal(tmp_path, catalogue)
    with pytest.raises(MediaError, match=r"^film\.mp4: can't be decoded$"):
        rehearsal.render(colors("ff0000"), fail)
    assert len(rehearsal.given) == 1
    assert not [event for event in rehearsal.events if isinstance(event, SegmentDone)]


def test_a_cancelled_render_keeps_what_is_finished_and_goes_on_with_the_rest(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    rehearsal = Rehearsal(tmp_path, catalogue)

    def stop_after_one(work: Work | Finishing, folder: Path, tell: Callable[[Message], None]) -> Message:
        assert isinstance(work, PictureRun)
        (folder / work.keys[0]).write_text("pictures")
        tell({"cut": 0})
        rehearsal.cancelled.set()
        while True:  # until the one who listens says that nobody wants it
            tell({"frames": 1})

    wanted = colors("ff0000", "00ff00")
    with pytest.raises(Cancelled, match=r"^the render was cancelled$"):
        rehearsal.render(wanted, stop_after_one)
    assert list((tmp_path / "rendering").iterdir()) == []
    rehearsal.cancelled.clear()
    assert outcomes(rehearsal.render(wanted)) == [(0, 150, Outcome.CACHED), (150, 300, Outcome.RENDERED)]


def test_nothing_is_made_twice(tmp_path: Path, catalogue: Catalogue) -> None:
    rehearsal = Rehearsal(tmp_path, catalogue)
    made = rehearsal.render(colors("ff0000", "00ff00", "ff0000"))
    assert drawn(rehearsal.given) == [(0, 150), (150, 300)]
    assert outcomes(made) == [
        (0, 150, Outcome.RENDERED),
        (150, 300, Outcome.RENDERED),
        (300, 450, Outcome.CACHED),
    ]


def test_a_rendition_that_is_added_has_its_own_pieces_made_alone(tmp_path: Path, catalogue: Catalogue) -> None:
    rehearsal = Rehearsal(tmp_path, catalogue)
    wanted = colors("ff0000")
    rehearsal.render(wanted)
    wanted["output"]["renditions"] = [{"width": 640, "height": 360}]
    rehearsal.render(wanted)
    [run] = [work for work in rehearsal.given if isinstance(work, PictureRun)]
    assert [target.width for target in run.targets] == [320, 640]
    assert all(cut.keys[1] is not None for cut in run.cuts)


def test_a_ledger_that_is_too_small_says_so(tmp_path: Path, catalogue: Catalogue) -> None:
    class Sieve(Ledger):
        def take(self, key: str, place: Path) -> bool:
            return False

    rehearsal = Rehearsal(tmp_path, catalogue, ledger=Sieve(tmp_path / "ledger", owner="tests"))
    with pytest.raises(MediaError, match="the ledger is too small for one piece of this video") as err:
        rehearsal.render(colors("ff0000"))
    assert err.value.hint == "give it more room"


def test_what_workers_say_and_cost_is_in_the_report(tmp_path: Path, catalogue: Catalogue) -> None:
    def remark(work: Work | Finishing, folder: Path, tell: Callable[[Message], None]) -> Message:
        return play(work, folder, tell) | {"notes": ["seen once"]}

    made = Rehearsal(tmp_path, catalogue).render(colors("ff0000", "00ff00"), remark)
    assert made.tally.notes == ("seen once",)
    assert (made.tally.cpu_seconds, made.tally.peak_memory) == (1.5, 1000)
