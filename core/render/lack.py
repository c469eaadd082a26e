"""The lack: what a schedule wants that the ledger does not hold, as work that would make it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.api import MediaError
from core.render.events import Outcome
from core.render.ingredients import Ingredients
from core.render.runs import runs_of
from core.render.schedule import Deliverable, Group, Schedule
from core.render.segments import Segment
from core.render.sounds import read_facts
from core.render.tally import Tally
from core.render.tray import Tray
from core.render.work import Cut, PictureRun, SoundRun, StripRun, WholeRun, strip_key


class Lack:
    """Looks for what a schedule wants. What is there is taken to the tray, and its segments are counted."""

    def __init__(self, schedule: Schedule, ingredients: Ingredients, tray: Tray, tally: Tally) -> None:
        self._schedule = schedule
        self._ingredients = ingredients
        self._tray = tray
        self._tally = tally

    def sound(self) -> SoundRun | None:
        """Return the work that makes the sound; None where it is there, or none is wanted."""
        sound = self._schedule.sound
        if sound is None:
            return None
        if self._tray.take(sound.key):
            try:
                read_facts((self._tray / sound.key).read_bytes())
            except MediaError:  # then it is found out anew
                self._tray.drop(sound.key)
        return None if self._tray.take_all(sound.keys) else sound

    def pictures(self, *, workers: int) -> Iterator[PictureRun | StripRun]:
        """Yield the work that makes the segments, in as many runs as suit the workers, and strips of copied ones."""
        coming: set[str] = set()
        for group in self._schedule.groups:
            strip = self._strip_of(group)
            cuts = []
            for segments in zip(*group.segments, strict=True):
                [first, *_] = segments
                if first.copy is not None:
                    self._tally.segment_done(first.first, first.end, first.key, Outcome.COPIED)
                    key = strip_key(first.key)
                    if strip is not None and not self._tray.take(key):
                        yield StripRun(plan=group.plan, piece=self._schedule.taken(first.copy), key=key)
                    continue
                cuts.append(self._cut(segments, coming, strip))
            yield from runs_of(group, cuts, self._ingredients, workers=workers, strip=strip)

    def wholes(self) -> Iterator[WholeRun]:
        """Yield the work that makes the files which are made in one go."""
        coming: set[str] = set()
        for each in self._schedule.deliverables:
            if not each.key:
                continue
            first, end = self._schedule.bounds(each)
            work = WholeRun(
                plan=replace(each.plan, renditions=()),
                ingredients=self._ingredients,
                key=each.key,
                first=first,
                end=end,
                has_sound=each.sound is not None,
                has_strip=self._schedule.has_storyboard and each is self._main,
            )
            if each.key in coming or self._tray.take_all(work.keys):
                self._tally.segment_done(first, end, each.key, Outcome.CACHED)
            else:
                coming.add(each.key)
                yield work

    @property
    def _main(self) -> Deliverable:
        return self._schedule.deliverables[0]

    def _strip_of(self, group: Group) -> int | None:
        """Return which of a group's files the storyboard is made of, if one of them is."""
        has_strip = self._schedule.has_storyboard and self._main in group.deliverables
        return group.deliverables.index(self._main) if has_strip else None

    def _cut(self, segments: Sequence[Segment], coming: set[str], strip: int | None) -> Cut:
        """Return the cut that makes what is missing of a segment in all its sizes; ``coming`` is made elsewhere."""
        [first, *_] = segments
        missing = tuple(
            None if segment.key in coming or self._is_had(segment.key, has_strip=place == strip) else segment.key
            for place, segment in enumerate(segments)
        )
        coming |= {key for key in missing if key is not None}
        if not any(missing):
            self._tally.segment_done(first.first, first.end, first.key, Outcome.CACHED)
        return Cut(first=first.first, end=first.end, keys=missing)

    def _is_had(self, key: str, *, has_strip: bool) -> bool:
        """Tell whether a piece is there, and its strip if it should have one."""
        return self._tray.take_all((key, strip_key(key)) if has_strip else (key,))
