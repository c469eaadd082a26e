"""Mixing: all clips of a timeline summed into blocks of stereo, in float, so that nothing wraps or clips."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.api import Samples
from core.media.audio.duck import DuckEnvelope, LevelMeter, Speech, find_speech
from core.media.audio.gain import apply_gain
from core.media.audio.playback import Stream
from core.media.audio.samples import BLOCK, sample_at, silence
from core.media.audio.sources import Sources
from core.timeline.plan import AudioClip, AudioMix


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioNote:
    """Something about a clip's sound that its owner should know; ``path`` is the clip's place in the document."""

    path: str
    text: str


class Mixer:
    """Mixes one ``AudioMix``. Only clips that sound in a block are open; memory is bounded by how many overlap."""

    def __init__(self, mix: AudioMix, sources: Sources) -> None:
        self._mix = mix
        self._sources = sources
        self._notes: dict[AudioNote, None] = {}

    @property
    def notes(self) -> tuple[AudioNote, ...]:
        """What was found about the clips so far, each once."""
        return tuple(self._notes)

    def blocks(self) -> Iterator[Samples]:
        """Yield the mix from its start to its end, before loudness and limiting."""
        envelope = self._envelope()
        length = sample_at(self._mix.duration)
        playing: dict[int, Stream] = {}
        try:
            for first in range(0, length, BLOCK):
                count = min(BLOCK, length - first)
                block = silence(count)
                for index, clip in enumerate(self._mix.clips):
                    self._add(clip, index, playing, block, first, envelope)
                yield block
        finally:
            for index in list(playing):
                self._finish(self._mix.clips[index], playing.pop(index))

    def _add(
        self,
        clip: AudioClip,
        index: int,
        playing: dict[int, Stream],
        block: Samples,
        first: int,
        envelope: DuckEnvelope | None,
    ) -> None:
        """Add to ``block`` (which begins at sample ``first``) what a clip sounds within it."""
        begin, end = clip_samples(clip)
        begin_here, end_here = max(begin, first), min(end, first + len(block))
        if end_here <= begin_here:
            return
        if index not in playing:
            playing[index] = self._sources.open(clip)
        samples = playing[index].read(end_here - begin_here)
        apply_gain(samples, clip, begin_here - begin)
        if envelope is not None and self._mix.duck is not None and clip.role is self._mix.duck.what:
            samples *= envelope.gain(begin_here, len(samples))[:, None]
        block[begin_here - first : end_here - first] += samples
        if end_here == end:
            self._finish(clip, playing.pop(index))

    def _finish(self, clip: AudioClip, stream: Stream) -> None:
        for text in stream.notes:
            self._notes[AudioNote(path=clip.path, text=text)] = None
        stream.close()

    def _envelope(self) -> DuckEnvelope | None:
        """Listen to what ducks the others, clip by clip; None where there is nothing to duck."""
        duck = self._mix.duck
        roles = {clip.role for clip in self._mix.clips}
        if duck is None or duck.under is duck.what or not {duck.under, duck.what} <= roles:
            return None
        under = [clip for clip in self._mix.clips if clip.role is duck.under]
        return DuckEnvelope([speech for clip in under for speech in self._listen(clip)], duck.by_db)

    def _listen(self, clip: AudioClip) -> Iterator[Speech]:
        begin, end = clip_samples(clip)
        meter = LevelMeter()
        stream = self._sources.open(clip)
        try:
            for first in range(0, end - begin, BLOCK):
                samples = stream.read(min(BLOCK, end - begin - first))
                apply_gain(samples, clip, first)
                meter.push(samples)
        finally:
            self._finish(clip, stream)
        yield from find_speech(meter.levels(), begin)


def clip_samples(clip: AudioClip) -> tuple[int, int]:
    """Return the samples ``[first, end)`` that a clip covers; clips that touch in time touch to the sample."""
    return sample_at(clip.start), sample_at(clip.start + clip.duration)
