"""Rendering a timeline's sound: mixed, ducked, brought to its loudness, kept under its true peak.

Two passes, as EBU R128 asks for: the whole mix is written to a raw file and measured, then read again with the gain
that brings it to the target and a true-peak limiter. Where limiting took away loudness, the gain is corrected and the
second pass repeated.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from core.api import Samples
from core.media.audio.limiter import Limiter
from core.media.audio.loudness import Loudness, LoudnessMeter
from core.media.audio.mix import AudioNote, Mixer
from core.media.audio.samples import BLOCK, SampleFile, sample_at
from core.media.audio.sources import Sources
from core.timeline.plan import AudioMix, MediaFile

CLOSE_ENOUGH = 0.1
"""LU by which the result may miss its target."""
PASSES = 5
"""How often the second pass is done for the loudness."""
PEAK_PASSES = 4
"""How many more are done for the true peak alone."""
PEAK_MARGIN = 0.1
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
        samples = SampleFile(self.path)
        for first in range(0, self.count, size):
            yield samples[first : first + size]


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
    kept = range(begin, max(until, begin))
    if _is_fine(mix, before) and len(kept) == sample_at(mix.duration):
        gain_db, after = 0.0, before
        mixed.rename(path)
    else:
        gain_db, after = _master(mix, SampleFile(mixed), before, path, kept)
        mixed.unlink()
    return RenderedAudio(
        path=path,
        count=len(kept),
        before=before,
        after=after,
        gain_db=gain_db,
        notes=(*mixer.notes, *notes),
    )


def _is_fine(mix: AudioMix, before: Loudness) -> bool:
    """Tell whether a mix needs neither gain nor limiting."""
    needs_gain = mix.loudness is not None and before.integrated is not None
    return not needs_gain and (before.true_peak is None or before.true_peak <= mix.true_peak - PEAK_MARGIN)


def _master(mix: AudioMix, mixed: SampleFile, before: Loudness, path: Path, kept: range) -> tuple[float, Loudness]:
    """Write ``mixed`` with gain and limiter to ``path``, the samples in ``kept`` alone; return gain and loudness."""
    gain_db = 0.0 if mix.loudness is None or before.integrated is None else mix.loudness - before.integrated
    ceiling_db = mix.true_peak - PEAK_MARGIN
    tried: list[tuple[float, float]] = []
    while True:
        limiter = Limiter(mixed, gain_db=gain_db, ceiling_db=ceiling_db)
        after = _write(limiter, len(mixed), path, kept)
        excess = 0.0 if after.true_peak is None else max(0.0, after.true_peak - mix.true_peak)
        missing = 0.0 if mix.loudness is None or after.integrated is None else mix.loudness - after.integrated
        tried.append((gain_db, gain_db if after.integrated is None else after.integrated))
        is_loud_enough = abs(missing) <= CLOSE_ENOUGH or not limiter.is_working
        if (excess == 0 and (is_loud_enough or len(tried) >= PASSES)) or len(tried) >= PASSES + PEAK_PASSES:
            return gain_db, after
        ceiling_db -= excess
        if not is_loud_enough and len(tried) < PASSES:
            gain_db += missing / _slope(tried)


def _slope(tried: Sequence[tuple[float, float]]) -> float:
    """Return by how many LU a decibel of gain made the result louder in the last two passes: limiting eats some."""
    if len(tried) < 2:
        return 1.0
    (gain, loudness), (last_gain, last_loudness) = tried[-2:]
    return min(max((last_loudness - loudness) / (last_gain - gain), 0.25), 1.0) if last_gain != gain else 1.0


def _write(limiter: Limiter, count: int, path: Path, kept: range) -> Loudness:
    """Write what the limiter gives, the samples in ``kept`` alone; return the loudness of all ``count``."""
    with path.open("wb") as file, LoudnessMeter() as meter:
        for first in range(0, count, BLOCK):
            block = limiter.read(BLOCK)
            file.write(block[max(kept.start - first, 0) : max(kept.stop - first, 0)].tobytes())
            meter.push(block)
        return meter.result()
