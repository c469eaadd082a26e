"""Mastering: the mix as it will be heard, after the codec that it is delivered in.

A lossy codec does not keep the wave: decoded peaks overshoot those that were encoded, by more than a decibel where a
beat is sharp. So the sound is encoded, measured as decoded, and mixed again, under a lower ceiling and a little softer,
when its true peak lies above the one that was asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from core.api import EncodeJob, Encoder, Values
from core.media.audio import RenderedAudio, measure_loudness, render_audio
from core.media.audio.samples import RATE
from core.media.encode import open_session
from core.media.layers.opening import Materials
from core.timeline.plan import AudioMix, Plan

TRIALS = 4
MARGIN = 0.1
"""Decibels by which a ceiling is lowered beyond the measured excess."""
SOFTER = 0.5
"""LU that the loudness may give way: limiting alone makes the wave denser, and a denser wave overshoots more."""
MOST_OVERSHOOT = 3.0
"""Decibels that no codec overshoots by (measured: 1.6 at 96 kbit/s AAC): a mix that lies lower needs no trial."""
LOSSLESS = ("pcm", "flac", "alac")

type Coding = tuple[str, int | None]
"""All that the encoding of a sound depends on: the encoder's id and the bit rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mastered:
    """A mix whose true peak holds, and the files that were encoded to find that out, as they are delivered."""

    audio: RenderedAudio
    encoded: Mapping[Coding, Path]


def master(
    plan: Plan, materials: Materials, *, scratch: Path, first: Fraction = Fraction(0), end: Fraction | None = None
) -> Mastered:
    """Mix a plan's sound so that its true peak holds in every encoder the plan and its renditions are written with."""
    mix = plan.audio
    for trial in range(TRIALS):
        folder = scratch / f"mix-{trial}"
        folder.mkdir()
        audio = render_audio(mix, materials.media, scratch=folder, first=first, end=end)
        encoded = _encoded(audio, plan, materials, folder)
        peaks = [peak for path in encoded.values() if (peak := measure_loudness(path).true_peak) is not None]
        excess = max(peaks, default=plan.audio.true_peak) - plan.audio.true_peak
        if excess <= 0:
            break
        mix = _lowered(mix, excess + MARGIN, plan.audio)
    return Mastered(audio=audio, encoded=encoded)


def coding_of(encoder: Encoder, values: Values) -> Coding:
    """Return what tells two encodings of a sound apart."""
    assert encoder.audio is not None, "an encoder of sound"
    return encoder.id, encoder.audio.bit_rate(values)


def encode_sound(audio: RenderedAudio, encoder: Encoder, values: Values, path: Path, materials: Materials) -> Path:
    """Encode a sound alone, as it will lie in the encoder's files."""
    job = EncodeJob(path=path, width=0, height=0, fps=None, frames=0, has_audio=True, values=values, sample_rate=RATE)
    session = open_session(replace(encoder, video=None, open=None), job, catalogue=materials.catalogue)
    try:
        for block in audio.blocks():
            session.write_audio(block)
        session.close()
    except BaseException:
        session.abort()
        raise
    return path


def _lowered(mix: AudioMix, decibels: float, wanted: AudioMix) -> AudioMix:
    """Return the mix under a lower ceiling and, as far as it may give way, softer."""
    loudness = mix.loudness
    if loudness is not None and wanted.loudness is not None:
        loudness = max(loudness - decibels, wanted.loudness - SOFTER)
    return replace(mix, true_peak=mix.true_peak - decibels, loudness=loudness)


def _encoded(audio: RenderedAudio, plan: Plan, materials: Materials, folder: Path) -> Mapping[Coding, Path]:
    """Encode the sound by each codec that may overshoot, each once."""
    if audio.after.true_peak is None or audio.after.true_peak < plan.audio.true_peak - MOST_OVERSHOOT:
        return {}
    encoded: dict[Coding, Path] = {}
    for each in (plan, *plan.renditions):
        encoder, values = materials.catalogue.encoders[each.output.encoder], each.output.values
        if encoder.audio is None or encoder.open is not None or encoder.audio.name.startswith(LOSSLESS):
            continue
        coding = coding_of(encoder, values)
        if coding not in encoded:
            encoded[coding] = encode_sound(audio, encoder, values, folder / f"sound-{len(encoded)}", materials)
    return encoded
