"""Gain over time: volume, pan and fades of a clip, sample by sample.

Straight volume and pan curves are exact at every sample. Eased ones are evaluated every 128 samples (2.7 ms), counted
from the clip's start, and joined by straight lines: a step becomes a ramp too short to hear and too long to click.

Pan is an equal-power law with 0 dB at the centre: left ``sqrt(2) cos(a)``, right ``sqrt(2) sin(a)``, where ``a`` runs
from 0 to 90 degrees. At the centre nothing changes, at an end one side is silent and the other 3 dB up, and the power
of the two stays the same all the way. Stereo is balanced by the same law; its sides are not mixed.

Fades are a quarter of a sine: no corner where the sound begins, and a fade out over a fade in of the same length
keeps the power constant (sin² + cos² = 1), which is what a transition's crossfade is made of.
"""

from fractions import Fraction
from math import pi

import numpy as np
from numpy.typing import NDArray

from core.api import Samples
from core.media.audio.samples import RATE, sample_at
from core.timeline.curves import Animated, Curve, is_constant, value_at
from core.timeline.plan import AudioClip

STEP = 128


def apply_gain(samples: Samples, clip: AudioClip, first: int) -> None:
    """Apply a clip's volume, pan and fades in place; ``first`` is the first sample's number from the clip's start."""
    count = len(samples)
    volume = _along(clip.volume, first, count)
    pan = _along(clip.pan, first, count)
    gain = np.maximum(volume, 0.0) * _fades(clip, first, count)
    angle = (np.clip(pan, -1.0, 1.0) + 1.0) * (pi / 4)
    is_centred = not np.any(pan)  # spares two roundings: at the centre the gain is exact
    samples[:, 0] *= gain if is_centred else gain * np.sqrt(2.0) * np.cos(angle)
    samples[:, 1] *= gain if is_centred else gain * np.sqrt(2.0) * np.sin(angle)


def _along(animated: Animated, first: int, count: int) -> NDArray[np.float64]:
    """Return the number's value at each of ``count`` samples from ``first``; shape (1,) where it is constant."""
    if is_constant(animated):
        return np.array([value_at(animated, Fraction(0))])
    at = np.arange(first, first + count)
    if isinstance(animated, Curve) and all(key.ease == "linear" for key in animated.keys):
        return np.interp(at, [float(key.time * RATE) for key in animated.keys], [key.value for key in animated.keys])
    nodes = np.arange(first // STEP, (first + count - 1) // STEP + 2) * STEP
    values = [value_at(animated, Fraction(int(node), RATE)) for node in nodes]
    return np.interp(at, nodes, values)


def _fades(clip: AudioClip, first: int, count: int) -> NDArray[np.float64]:
    fade_in, fade_out = sample_at(clip.fade_in), sample_at(clip.fade_out)
    length = sample_at(clip.start + clip.duration) - sample_at(clip.start)
    gain = np.ones(1)
    if first < fade_in:
        gain = gain * _quarter_sine((np.arange(first, first + count) + 0.5) / fade_in)
    if first + count > length - fade_out and fade_out:
        gain = gain * _quarter_sine((length - np.arange(first, first + count) - 0.5) / fade_out)
    return gain


def _quarter_sine(progress: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.sin(np.clip(progress, 0.0, 1.0) * (pi / 2))
