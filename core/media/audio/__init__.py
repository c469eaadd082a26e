"""Sound: decoding, mixing, ducking, loudness. Everything inside is float32 stereo at 48 kHz, in blocks."""

from core.media.audio.loudness import Loudness, measure_loudness
from core.media.audio.mix import AudioNote
from core.media.audio.render import RenderedAudio, render_audio
from core.media.audio.waveform import waveform

__all__ = ["AudioNote", "Loudness", "RenderedAudio", "measure_loudness", "render_audio", "waveform"]
