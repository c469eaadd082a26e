"""Rendering a timeline's sound: mixed, ducked, brought to its loudness, kept under its true peak.

Two passes, as EBU R128 asks for: the whole mix is written to a raw file and measured, then read again with the gain
that brings it to the target and a true-peak limiter. Where limiting took away loudness, the gain is corrected and the
second pass repeated.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from core.api import Samples
from core.media.audio.limiter import Limiter
from core.media.audio.loudness import Loudness, LoudnessMeter
from core.media.audio.mix import AudioNote, Mixer
from core.media.audio.samples import BLOCK, raw_samples, sample_at
from core.media.audio.sources import Sources
from core.timeline.plan import AudioMix, MediaFile

CLOSE_ENOUGH = 0.1
"""LU by which the result may miss its target."""
PASSES = 4
PEAK_MARGIN = 0.05
"""dB kept under the true peak: meters reconstruct the wave by filters that differ a little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedAudio:
    """A timeline's sound: ``path`` is a raw file of ``count`` samples, float32, interleaved stereo, 48 kHz.

    ``before`` and ``after`` are the whole mix's loudness before and after gain and limiting (also where only a range
    of it was asked for); ``gain_db`` is what was applied.
    """

    path: Path
    count: int
    before: Loudness
    after: Loudness
    gain_db: float
    notes: tuple[AudioNote, ...] = ()

    def blocks(self, size: int = BLOCK) -> Iterator[Samples]:
        """Yield the samples in order, ``size`` at a time (the last block may be shorter)."""
        samples = raw_samples(self.path)
        for first in range(0, self.count, size):
            yield samples[first : first + size].copy()


def render_audio(
    mix: AudioMix,
    media: Mapping[str, MediaFile],
    *,
    scratch: Path,
    first: Fraction = Fraction(0),
    end: Fraction | None = None,
) -> RenderedAudio:
    """Render the seconds ``[first, end)`` of a mix into a file in ``scratch`` (a folder of the call's own).

    The whole mix is always mixed and measured, so that a range sounds as it does in the whole. A file that can't be
    decoded is silence where it fails, with a note. Raise ``MediaError`` when a file was not gathered or is gone.
    """
    mixed = scratch / "mix.f32"
    notes: list[AudioNote] = []

    def render_nested(nested: AudioMix, folder: Path) -> Path:
        rendered = render_audio(nested, media, scratch=folder)
        notes.extend(rendered.notes)
        return rendered.path

    sources = Sources(media, scratch=scratch, render_nested=render_nested)
    try:
        mixer = Mixer(mix, sources)
        with mixed.open("wb") as file, LoudnessMeter() as meter:
            for block in mixer.blocks():
                file.write(block.tobytes())
                meter.push(block)
            before = meter.result()
    finally:
        sources.close()
    begin = sample_at(first)
    until = sample_at(mix.duration if end is None else min(end, mix.duration))
    path = scratch / "audio.f32"
    gain_db, after = _master(mix, raw_samples(mixed), before, path, range(begin, max(until, begin)))
    mixed.unlink()
    return RenderedAudio(
        path=path,
        count=max(until - begin, 0),
        before=before,
        after=after,
        gain_db=gain_db,
        notes=(*mixer.notes, *notes),
    )


def _master(mix: AudioMix, mixed: Samples, before: Loudness, path: Path, kept: range) -> tuple[float, Loudness]:
    """Write ``mixed`` with gain and limiter to ``path``, the samples in ``kept`` alone; return gain and loudness."""
    target = mix.loudness
    gain_db = 0.0 if target is None or before.integrated is None else target - before.integrated
    ceiling_db = mix.true_peak - PEAK_MARGIN
    for attempt in range(PASSES):
        limiter = Limiter(mixed, gain_db=gain_db, ceiling_db=ceiling_db)
        with path.open("wb") as file, LoudnessMeter() as meter:
            for first in range(0, len(mixed), BLOCK):
                block = limiter.read(BLOCK)
                file.write(block[max(kept.start - first, 0) : max(kept.stop - first, 0)].tobytes())
                meter.push(block)
            after = meter.result()
        excess = 0.0 if after.true_peak is None else max(0.0, after.true_peak - mix.true_peak)
        missing = 0.0 if target is None or after.integrated is None else target - after.integrated
        is_done = excess == 0 and (abs(missing) <= CLOSE_ENOUGH or not limiter.is_working)
        if is_done or attempt == PASSES - 1:
            break
        ceiling_db -= excess
        gain_db += missing
    return gain_db, after
