"""Joining sentences: silence trimmed, pauses set, one level; the only module that knows pydub."""

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from plugins.providers.voice.speech import SpokenSentence, TimedWord

if TYPE_CHECKING:
    from pydub import AudioSegment

PEAK_DBFS = -3.0
SILENCE_DB = 45.0
"""How far under its own peak a sentence counts as silent at its ends (dB)."""
BREATH_MS = 20
"""What is left of the silence at a sentence's ends, so that soft consonants are not cut."""
PARAGRAPH = 2.0
"""The pause between paragraphs, as a multiple of that between sentences."""


def join_sentences(
    sentences: Sequence[SpokenSentence], path: Path, *, lead: float, tail: float, gap: float
) -> tuple[TimedWord, ...]:
    """Write all sentences to one mono WAV file and return their words, timed from its start.

    The pauses are exact to the millisecond that pydub counts in; the sound peaks at -3 dBFS.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydub warns that it finds no ffmpeg, which is not needed for WAV
        from pydub import AudioSegment
        from pydub.silence import detect_leading_silence

    rate = sentences[0].sample_rate
    parts: list[AudioSegment] = [AudioSegment.silent(round(lead * 1000), frame_rate=rate)]
    frames = int(parts[0].frame_count())
    words: list[TimedWord] = []
    pause = 0.0
    for sentence in sentences:
        sound = _segment(sentence)
        if not sound.max:
            continue
        threshold = sound.max_dBFS - SILENCE_DB
        before = max(detect_leading_silence(sound, threshold, chunk_size=5) - BREATH_MS, 0)
        after = max(detect_leading_silence(sound.reverse(), threshold, chunk_size=5) - BREATH_MS, 0)
        silence = AudioSegment.silent(round(pause * 1000), frame_rate=rate)
        kept = sound[before : len(sound) - after].fade_in(5).fade_out(10)
        begin = frames + int(silence.frame_count())
        frames = begin + int(kept.frame_count())
        words += _moved(sentence.words, begin / rate - before / 1000, begin / rate, frames / rate)
        parts += [silence, kept]
        pause = gap * (PARAGRAPH if sentence.ends_paragraph else 1.0)
    if not words:
        raise ValueError("the voice can say nothing of this text")
    parts.append(AudioSegment.silent(round(tail * 1000), frame_rate=rate))
    joined = AudioSegment(b"".join(part.raw_data for part in parts), frame_rate=rate, sample_width=2, channels=1)
    joined.apply_gain(PEAK_DBFS - joined.max_dBFS).export(str(path), format="wav").close()
    return tuple(words)


def _segment(sentence: SpokenSentence) -> "AudioSegment":
    from pydub import AudioSegment

    samples = (np.clip(sentence.samples, -1.0, 1.0) * 32767).astype("<i2")
    return AudioSegment(samples.tobytes(), frame_rate=sentence.sample_rate, sample_width=2, channels=1)


def _moved(words: Sequence[TimedWord], offset: float, begin: float, end: float) -> Iterator[TimedWord]:
    """Yield a sentence's words on the time line of the whole, none outside the sound that was kept."""
    for word in words:
        yield TimedWord(
            text=word.text,
            start=min(max(word.start + offset, begin), end),
            end=min(max(word.end + offset, begin), end),
            ends_sentence=word is words[-1],
        )
