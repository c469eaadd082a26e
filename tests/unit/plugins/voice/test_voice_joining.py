from pathlib import Path

import numpy as np
import pytest
from recordings import read_wave, sounding

from plugins.providers.voice.joining import join_sentences
from plugins.providers.voice.speech import SpokenSentence, TimedWord

RATE = 22_050


def sentence(before: float, sound: float, after: float, *, level: float = 0.3, last: bool = False) -> SpokenSentence:
    """Return a tone between silences, one word over it."""
    time = np.arange(round(sound * RATE)) / RATE
    parts = [np.zeros(round(before * RATE)), level * np.sin(2 * np.pi * 300 * time), np.zeros(round(after * RATE))]
    return SpokenSentence(
        samples=np.concatenate(parts).astype(np.float32),
        sample_rate=RATE,
        words=(TimedWord(text="word.", start=before, end=before + sound),),
        ends_paragraph=last,
    )


def test_silence_is_trimmed_and_pauses_are_as_asked(tmp_path: Path) -> None:
    path = tmp_path / "joined.wav"
    parts = [sentence(0.4, 1.0, 0.7), sentence(0.1, 0.5, 0.0, last=True), sentence(0.0, 0.5, 0.3)]
    words = join_sentences(parts, path, lead=0.5, tail=0.25, gap=0.35)
    samples, rate = read_wave(path)
    assert rate == RATE
    heard = sounding(samples, rate, pause=0.1)
    assert heard == pytest.approx(np.array([(0.52, 1.52), (1.91, 2.41), (3.11, 3.61)]), abs=0.012)
    assert [(word.start, word.end) for word in words] == pytest.approx(np.array(heard), abs=0.012)
    assert len(samples) / rate == pytest.approx(3.61 + 0.02 + 0.25, abs=0.012)
    assert all(word.ends_sentence for word in words)


def test_levels_between_sentences_are_kept_and_the_peak_is_set(tmp_path: Path) -> None:
    path = tmp_path / "joined.wav"
    join_sentences([sentence(0, 1, 0, level=0.4), sentence(0, 1, 0, level=0.1)], path, lead=0, tail=0, gap=0.3)
    samples, _ = read_wave(path)
    assert np.abs(samples).max() == pytest.approx(10 ** (-3 / 20), abs=0.01)
    assert np.abs(samples[round(1.5 * RATE) :]).max() == pytest.approx(10 ** (-3 / 20) / 4, abs=0.01)


def test_a_sentence_of_silence_leaves_no_pause_behind(tmp_path: Path) -> None:
    path = tmp_path / "joined.wav"
    silent = SpokenSentence(samples=np.zeros(RATE, np.float32), sample_rate=RATE, words=())
    words = join_sentences([silent, sentence(0, 1, 0)], path, lead=0, tail=0, gap=2)
    assert words[0].start == pytest.approx(0, abs=0.001)
    assert len(read_wave(path)[0]) == pytest.approx(RATE, abs=RATE // 1000)


def test_nothing_but_silence_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    silent = SpokenSentence(samples=np.zeros(RATE, np.float32), sample_rate=RATE, words=())
    with pytest.raises(ValueError, match="can say nothing"):
        join_sentences([silent], tmp_path / "joined.wav", lead=0, tail=0, gap=0)
    assert list(tmp_path.iterdir()) == []
