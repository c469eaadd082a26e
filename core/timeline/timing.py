"""Timing: when each clip of a timeline begins and ends, once the lengths of its sources are known."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from core.timeline.complaints import Complaint
from core.timeline.document import Timeline
from core.timeline.document.assets import AudioAsset, Played, TimelineAsset, VideoAsset
from core.timeline.document.clips import AudioClipPart, Clip
from core.timeline.kinds import asset_complaints, kind_complaints
from core.timeline.plan import MediaFile, Plan
from core.timeline.sources import Playback

STILL_SECONDS = Fraction(5)
"""How long stills and texts last when their length is left to us."""


def known_length(clip: Clip) -> Fraction | None:
    """Return how long a clip lasts as far as it can be told without its media and the other clips, in seconds."""
    if isinstance(clip.duration, Fraction):
        return clip.duration
    return None if clip.duration == "end" or isinstance(clip.asset, Played) else STILL_SECONDS


type CompileNested = Callable[[Timeline, str], Plan]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedClip:
    """A clip of a track with its exact times (seconds), its place in the document and its nested plan, if any."""

    clip: Clip
    path: str
    start: Fraction
    duration: Fraction
    playback: Playback
    nested: Plan | None = None

    @property
    def end(self) -> Fraction:
        """When the clip ends."""
        return self.start + self.duration


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedSound:
    """An audio clip with its exact times."""

    clip: AudioClipPart
    path: str
    start: Fraction
    duration: Fraction
    playback: Playback


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedTimeline:
    """All clips with their times, and when the last one ends."""

    tracks: tuple[tuple[TimedClip, ...], ...]
    sounds: tuple[TimedSound, ...]
    end: Fraction


def time_clips(
    timeline: Timeline,
    media: Mapping[str, MediaFile],
    path: str,
    complaints: list[Complaint],
    compile_nested: CompileNested,
) -> TimedTimeline:
    """Work out all times: first of clips with a length of their own, then of those that last to the end."""
    timer = _Timer(media, complaints, compile_nested)
    drafts = [
        [timer.clip(clip, f"{path}tracks[{t}].clips[{c}]") for c, clip in enumerate(track.clips)]
        for t, track in enumerate(timeline.tracks)
    ]
    sounds = [timer.sound(sound, f"{path}audio.clips[{c}]") for c, sound in enumerate(timeline.audio.clips)]
    known: Sequence[_Draft] = [draft for track in drafts for draft in track] + sounds
    end = max((draft.start + draft.duration for draft in known if draft.duration is not None), default=Fraction(0))
    return TimedTimeline(
        tracks=tuple(tuple(draft.timed_clip(end, complaints) for draft in track) for track in drafts),
        sounds=tuple(draft.timed_sound(end, complaints) for draft in sounds),
        end=end,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A clip whose length may still depend on the others (None: to the end)."""

    clip: Clip | AudioClipPart
    path: str
    start: Fraction
    duration: Fraction | None
    playback: Playback
    nested: Plan | None = None

    def until(self, end: Fraction, complaints: list[Complaint]) -> Fraction:
        if self.duration is not None:
            return self.duration
        if end <= self.start:
            complaints.append(
                Complaint(path=f"{self.path}.start", message="lies after the end of all other clips", code="no_end")
            )
        return max(end - self.start, Fraction(0))

    def timed_clip(self, end: Fraction, complaints: list[Complaint]) -> TimedClip:
        assert isinstance(self.clip, Clip)
        return TimedClip(
            clip=self.clip,
            path=self.path,
            start=self.start,
            duration=self.until(end, complaints),
            playback=self.playback,
            nested=self.nested,
        )

    def timed_sound(self, end: Fraction, complaints: list[Complaint]) -> TimedSound:
        assert isinstance(self.clip, AudioClipPart)
        return TimedSound(
            clip=self.clip,
            path=self.path,
            start=self.start,
            duration=self.until(end, complaints),
            playback=self.playback,
        )


class _Timer:
    def __init__(
        self, media: Mapping[str, MediaFile], complaints: list[Complaint], compile_nested: CompileNested
    ) -> None:
        self._media = media
        self._complaints = complaints
        self._compile_nested = compile_nested

    def clip(self, clip: Clip, path: str) -> _Draft:
        self._complaints += kind_complaints(clip, path, self._media)
        nested, length = None, None
        match clip.asset:
            case TimelineAsset(timeline=Timeline() as inner):
                nested = self._compile_nested(inner, f"{path}.asset.timeline.")
                length = nested.duration
            case VideoAsset(src=src) | AudioAsset(src=src):
                length = self._media[src].probe.duration
            case _:
                pass
        return self._draft(clip, path, clip.asset if isinstance(clip.asset, Played) else None, length, nested)

    def sound(self, sound: AudioClipPart, path: str) -> _Draft:
        self._complaints += asset_complaints(sound.asset, path, self._media)
        return self._draft(sound, path, sound.asset, self._media[sound.asset.src].probe.duration, None)

    def _draft(
        self,
        clip: Clip | AudioClipPart,
        path: str,
        played: Played | None,
        length: Fraction | None,
        nested: Plan | None,
    ) -> _Draft:
        playback = Playback()
        natural = STILL_SECONDS
        if played is not None:
            speed = Fraction(str(played.speed))
            rest = None if length is None else length - played.in_
            if rest is not None and rest <= 0:
                self._complaints.append(
                    Complaint(
                        path=f"{path}.asset.in",
                        message=f"lies past the source's end at {float(length or 0):g} s",
                        code="past_end",
                    )
                )
                rest = None
            playback = Playback(start=played.in_, length=rest, speed=speed, reverse=played.reverse, loop=played.loop)
            if rest is not None:
                natural = rest / speed
        duration = {"auto": natural, "end": None}[clip.duration] if isinstance(clip.duration, str) else clip.duration
        return _Draft(clip=clip, path=path, start=clip.start, duration=duration, playback=playback, nested=nested)
