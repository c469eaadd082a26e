"""Mastering: the mix as it will be heard, after the codec that it is delivered in.

A lossy codec does not keep the wave: decoded peaks overshoot those that were encoded, by more than a decibel where a
beat is sharp. So the sound is encoded once on trial, measured as decoded, and mixed again, under a lower ceiling and a
little softer, when its true peak lies above the one that was asked for.
"""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from core.api import EncodeJob, Encoder
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
TRIAL_CONTAINER = "matroska"


def master(
    plan: Plan, materials: Materials, *, scratch: Path, first: Fraction = Fraction(0), end: Fraction | None = None
) -> RenderedAudio:
    """Mix a plan's sound so that its true peak holds in every encoder the plan and its renditions are written with."""
    mix = plan.audio
    for trial in range(TRIALS):
        folder = scratch / f"mix-{trial}"
        folder.mkdir()
        audio = render_audio(mix, materials.media, scratch=folder, first=first, end=end)
        excess = _peak_as_delivered(audio, plan, materials, folder) - plan.audio.true_peak
        if excess <= 0:
            break
        mix = _lowered(mix, excess + MARGIN, plan.audio)
    return audio


def _lowered(mix: AudioMix, decibels: float, wanted: AudioMix) -> AudioMix:
    """Return the mix under a lower ceiling and, as far as it may give way, softer."""
    loudness = mix.loudness
    if loudness is not None and wanted.loudness is not None:
        loudness = max(loudness - decibels, wanted.loudness - SOFTER)
    return replace(mix, true_peak=mix.true_peak - decibels, loudness=loudness)


def _peak_as_delivered(audio: RenderedAudio, plan: Plan, materials: Materials, folder: Path) -> float:
    """Return the highest true peak, in dBTP, among the codecs that the sound is delivered in."""
    peaks = [plan.audio.true_peak]
    for number, each in enumerate((plan, *plan.renditions)):
        encoder = materials.catalogue.encoders[each.output.encoder]
        is_far_below = audio.after.true_peak is None or audio.after.true_peak < plan.audio.true_peak - MOST_OVERSHOOT
        if encoder.audio is None or encoder.audio.name.startswith(LOSSLESS) or is_far_below:
            continue
        peak = measure_loudness(_encode_on_trial(audio, encoder, each, folder / f"trial-{number}.mka")).true_peak
        if peak is not None:
            peaks.append(peak)
    return max(peaks)


def _encode_on_trial(audio: RenderedAudio, encoder: Encoder, plan: Plan, path: Path) -> Path:
    sound_alone = replace(encoder, container=TRIAL_CONTAINER, container_options={}, video=None, open=None)
    session = open_session(
        sound_alone,
        EncodeJob(
            path=path,
            width=0,
            height=0,
            fps=None,
            frames=0,
            has_audio=True,
            values=plan.output.values,
            sample_rate=RATE,
        ),
    )
    for block in audio.blocks():
        session.write_audio(block)
    session.close()
    return path
