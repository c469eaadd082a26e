"""Sounds: everything that is heard on a timeline, with its times and gains."""

from collections.abc import Mapping
from fractions import Fraction

from core.timeline.document import Timeline
from core.timeline.document.assets import AudioAsset, VideoAsset
from core.timeline.document.base import animated
from core.timeline.document.clips import AudioClipPart, SoundPart
from core.timeline.plan import AudioClip, AudioMix, Duck, MediaFile
from core.timeline.sources import Playback
from core.timeline.timing import TimedClip, TimedTimeline


def mix_of(timeline: Timeline, timed: TimedTimeline, media: Mapping[str, MediaFile], duration: Fraction) -> AudioMix:
    """Return a timeline's mix: the sounds of its clips, cross-faded over transitions, and those beside them."""
    clips = [clip for track in timed.tracks for clip in _of_track(track, media)]
    clips += [
        _audio_clip(sound.clip, sound.path, sound.start, sound.duration, sound.clip.asset.src, sound.playback)
        for sound in timed.sounds
        if not sound.clip.mute
    ]
    part = timeline.audio
    return AudioMix(
        duration=duration,
        clips=tuple(clips),
        loudness=part.loudness,
        true_peak=part.true_peak,
        duck=None if part.duck is None else Duck(under=part.duck.under, what=part.duck.what, by_db=part.duck.by_db),
    )


def _of_track(track: tuple[TimedClip, ...], media: Mapping[str, MediaFile]) -> list[AudioClip]:
    clips = []
    for index, timed in enumerate(track):
        part = timed.clip.audio or SoundPart()
        source = _sound_of(timed, media)
        if source is None or part.mute:
            continue
        comes = timed.clip.transition.duration if timed.clip.transition else Fraction(0)
        after = track[index + 1].clip.transition if index + 1 < len(track) else None
        goes = after.duration if after else Fraction(0)
        clips.append(
            _audio_clip(
                part,
                timed.path,
                timed.start,
                timed.duration,
                source,
                timed.playback,
                name=timed.clip.id,
                least_fade_in=comes,
                least_fade_out=goes,
            )
        )
    return clips


def _sound_of(timed: TimedClip, media: Mapping[str, MediaFile]) -> str | AudioMix | None:
    match timed.clip.asset:
        case VideoAsset(src=src) | AudioAsset(src=src):
            return src if media[src].probe.has_audio else None
        case _:
            return timed.nested.audio if timed.nested is not None and timed.nested.audio.clips else None


def _audio_clip(
    part: SoundPart,
    path: str,
    start: Fraction,
    duration: Fraction,
    source: str | AudioMix,
    playback: Playback,
    *,
    name: str = "",
    least_fade_in: Fraction = Fraction(0),
    least_fade_out: Fraction = Fraction(0),
) -> AudioClip:
    return AudioClip(
        id=part.id if isinstance(part, AudioClipPart) else name,
        path=path,
        start=start,
        duration=duration,
        source=source,
        playback=playback,
        volume=animated(part.volume),
        pan=animated(part.pan),
        fade_in=max(part.fade_in, least_fade_in),
        fade_out=max(part.fade_out, least_fade_out),
        role=part.role,
    )
