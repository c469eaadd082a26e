"""The schedule of a render: the files to make, and the segments and sounds that they are made of, with their keys."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from core.api import Encoder, InvalidInput
from core.media.layers.opening import Materials
from core.render.copying.finding import Copy, find_copies
from core.render.copying.index import PacketIndex
from core.render.copying.taking import TakenPiece
from core.render.ingredients import Ingredients
from core.render.segments import Segment, SegmentMaker, engine
from core.render.work import SoundRun, Still, Target
from core.timeline.captions import cut_cues
from core.timeline.keys import KeyMaker
from core.timeline.plan import CaptionTrack, MediaFile, Plan, frame_at

type Indexes = Callable[[Plan, Encoder], Mapping[str, PacketIndex]]

SOUND_VERSION = 1
"""Changed when the same mix would sound or be encoded in another way."""
WHOLE_VERSION = 1
"""Changed when the same file that is made in one go would come out in another way."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Deliverable:
    """A file to make: its plan, its encoder, and where it will lie.

    ``sound`` is the key of its encoded sound, None for a silent one. ``key`` is that of the whole file where it is
    made in one go, empty for one that is put together.
    """

    plan: Plan
    encoder: Encoder
    path: Path
    sound: str | None = None
    key: str = ""

    @property
    def is_segmented(self) -> bool:
        """Whether it is put together from pieces. Encoders with code of their own want all frames in one go."""
        return self.encoder.video is not None and self.encoder.open is None

    @property
    def is_sound(self) -> bool:
        """Whether it is a sound, without any picture."""
        return self.encoder.video is None and self.encoder.open is None

    @property
    def target(self) -> Target:
        """How it is encoded, as workers are told."""
        plan = self.plan
        return Target(encoder=self.encoder.id, values=plan.output.values, width=plan.width, height=plan.height)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Deliverables that show the same pictures, drawn once in the size of ``plan``, the largest of them.

    ``segments`` are those of each deliverable; all have the same borders.
    """

    plan: Plan
    deliverables: tuple[Deliverable, ...]
    segments: tuple[tuple[Segment, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """All that a render makes of the frames ``[first, end)``.

    ``deliverables`` are in the order of the plan and its renditions. ``sound`` is None for a silent timeline, or
    where no file has sound; ``poster`` is None where none is wanted;
    ``sources`` are the files that segments are copied from, ``indexes`` theirs.
    """

    deliverables: tuple[Deliverable, ...]
    groups: tuple[Group, ...]
    sound: SoundRun | None
    poster: Still | None
    sources: Mapping[str, MediaFile]
    indexes: Mapping[str, PacketIndex]
    first: int
    end: int

    def taken(self, copy: Copy) -> TakenPiece:
        """Return the piece that is packets of a source."""
        return TakenPiece(
            path=self.sources[copy.src].path, first=copy.first, index=self.indexes[copy.src], take=copy.take
        )

    @property
    def copied(self) -> int:
        """How many frames of the first file are packets of its sources."""
        main = [group for group in self.groups if self.deliverables[0] in group.deliverables]
        return sum(segment.frames for group in main for segment in group.segments[0] if segment.copy is not None)

    @property
    def has_storyboard(self) -> bool:
        """Whether a storyboard is wanted, of a video that has pictures."""
        main = self.deliverables[0]
        return main.plan.output.storyboard and not main.is_sound

    @property
    def has_waveform(self) -> bool:
        """Whether a waveform is wanted, of a video that has sound."""
        return self.deliverables[0].plan.output.waveform and self.sound is not None

    @property
    def captions(self) -> tuple[CaptionTrack, ...]:
        """The texts that are delivered, counted from the first frame that is made."""
        plan = self.deliverables[0].plan
        start, end = self.first / plan.fps, self.end / plan.fps
        return tuple(replace(track, cues=cut_cues(track.cues, start, end)) for track in plan.captions)

    def bounds(self, deliverable: Deliverable) -> tuple[int, int]:
        """Return the frames ``[first, end)`` that a file shows: of a still picture, the one of the poster."""
        if not deliverable.encoder.is_still:
            return self.first, self.end
        frame = poster_frame(deliverable.plan, self.first, self.end)
        return frame, frame + 1


class Scheduler:
    """Turns plans into schedules."""

    def __init__(self, materials: Materials) -> None:
        self._catalogue = materials.catalogue
        self._ingredients = Ingredients.of(materials)
        self._keys = KeyMaker(materials.media, materials.catalogue)
        self._segments = SegmentMaker(self._keys, fonts=materials.fonts.fingerprint())
        self._indexes: dict[str, PacketIndex] = {}

    def schedule(self, plan: Plan, output: Path, part: tuple[Fraction, Fraction] | None, indexes: Indexes) -> Schedule:
        """Schedule a plan and its renditions, or the seconds ``part``. Raise ``InvalidInput`` when that is empty.

        ``indexes`` lists the packets of the sources that may be copied from, for a plan and its encoder.
        """
        first, end = 0, plan.frames
        if part is not None:
            first, end = frame_at(part[0], plan.fps), min(frame_at(part[1], plan.fps), plan.frames)
        if first >= end:
            raise InvalidInput(f"the part is empty: the video is {float(plan.duration):g} s long")
        deliverables = [
            Deliverable(plan=each, encoder=self._catalogue.encoders[each.output.encoder], path=path)
            for each, path in outputs(plan, output)
        ]
        sound, sound_keys = self._sound(plan, deliverables, part)
        deliverables = [replace(each, sound=key) for each, key in zip(deliverables, sound_keys, strict=True)]
        deliverables = [
            each if each.is_segmented or each.is_sound else replace(each, key=self._whole_key(each, first, end))
            for each in deliverables
        ]
        poster = None if plan.output.poster_at is None else self.still(plan, poster_frame(plan, first, end))
        groups = tuple(self._groups([each for each in deliverables if each.is_segmented], indexes, first, end))
        return Schedule(
            deliverables=tuple(deliverables),
            groups=groups,
            sound=sound,
            poster=poster,
            sources=self._ingredients.media,
            indexes=self._indexes,
            first=first,
            end=end,
        )

    def _groups(self, deliverables: Sequence[Deliverable], indexes: Indexes, first: int, end: int) -> Iterator[Group]:
        copies = {}
        for each in deliverables:
            found = indexes(each.plan, each.encoder)
            self._indexes |= found
            copies[each] = find_copies(each.plan, each.encoder, found, first=first, end=end)
        waiting = list(deliverables)
        while waiting:
            # Copies part a file in other places than those of the same pictures that are drawn.
            members = [
                each
                for each in waiting
                if each is waiting[0]
                or (not copies[each] and not copies[waiting[0]] and _is_same_picture(each, waiting[0]))
            ]
            waiting = [each for each in waiting if each not in members]
            largest = max((each.plan for each in members), key=lambda plan: plan.width * plan.height)
            segments = tuple(
                self._segments.segments(
                    largest,
                    each.encoder,
                    each.target,
                    self._version(each.encoder),
                    first=first,
                    end=end,
                    copies=copies[each],
                )
                for each in members
            )
            yield Group(plan=replace(largest, renditions=()), deliverables=tuple(members), segments=segments)

    def still(self, plan: Plan, frame: int, *, is_png: bool = False) -> Still:
        """Return the work of drawing one frame of a plan."""
        return Still(
            plan=replace(plan, renditions=()),
            ingredients=self._ingredients,
            key=_digest(["still", engine(), *self._segments.seen(plan, frame, frame + 1), is_png]),
            frame=frame,
            is_png=is_png,
        )

    def _sound(
        self, plan: Plan, deliverables: Sequence[Deliverable], part: tuple[Fraction, Fraction] | None
    ) -> tuple[SoundRun | None, list[str | None]]:
        """Return the run that makes the sound, and the key of each deliverable's."""
        if not plan.audio.clips or all(each.encoder.audio is None for each in deliverables):
            return None, [None] * len(deliverables)
        encodings = [self._sound_encoding(each) for each in deliverables]
        first, end = part or (Fraction(0), None)
        # Mastering minds what every codec makes of the sound, so each encoding depends on all of them.
        whole = [SOUND_VERSION, engine(), self._keys.sound_key(plan.audio), str(first), str(end), encodings]
        keys = [None if encoding is None else _digest([whole, encoding]) for encoding in encodings]
        targets = {key: each.target for key, each in zip(keys, deliverables, strict=True) if key is not None}
        run = SoundRun(
            plan=plan,
            ingredients=self._ingredients,
            key=_digest(whole),
            first=first,
            end=end,
            targets=tuple((target, key) for key, target in targets.items()),
        )
        return run, keys

    def _sound_encoding(self, deliverable: Deliverable) -> list[object] | None:
        encoder = deliverable.encoder
        if encoder.audio is None:
            return None
        return [
            [encoder.id, self._version(encoder), encoder.container, sorted(encoder.container_options.items())],
            [encoder.audio.name, encoder.audio.sample_format, encoder.audio.sample_rate],
            encoder.audio.bit_rate(deliverable.plan.output.values),
        ]

    def _whole_key(self, deliverable: Deliverable, first: int, end: int) -> str:
        plan, encoder = deliverable.plan, deliverable.encoder
        values = sorted((name, str(value)) for name, value in plan.output.values.values.items())
        if encoder.is_still:
            first = poster_frame(plan, first, end)
            end = first + 1
        seen = self._segments.seen(plan, first, end)
        encoded = [encoder.id, self._version(encoder), encoder.has_alpha, values]
        return _digest([WHOLE_VERSION, engine(), encoded, *seen, deliverable.sound])

    def _version(self, encoder: Encoder) -> str:
        return self._catalogue.versions.get(encoder.id, "")


def outputs(plan: Plan, output: Path) -> Iterator[tuple[Plan, Path]]:
    """Pair the plan and each of its renditions with the file it is written to."""
    yield plan, output
    taken = {output}
    for rendition in plan.renditions:
        name = f"{output.stem}-{rendition.width}x{rendition.height}{rendition.output.extension}"
        path = output.with_name(name)
        if path in taken:
            path = output.with_name(f"{path.stem}-{rendition.output.encoder}{path.suffix}")
        taken.add(path)
        yield rendition, path


def poster_frame(plan: Plan, first: int, end: int) -> int:
    """Return the frame of a plan's poster that lies in the frames ``[first, end)``."""
    return min(max(int((plan.output.poster_at or 0) * plan.fps), first), end - 1)


def _is_same_picture(one: Deliverable, other: Deliverable) -> bool:
    """Tell whether two files show the same, at most in another size: all lengths of a plan are fractions of it."""
    mine, theirs = one.plan, other.plan
    return (
        one.encoder.has_alpha == other.encoder.has_alpha
        and mine.width * theirs.height == theirs.width * mine.height
        and (mine.fps, mine.frames, mine.background) == (theirs.fps, theirs.frames, theirs.background)
        and mine.layers == theirs.layers
    )


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()
