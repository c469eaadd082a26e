"""Signals of EBU Tech 3341 (loudness) and ITU-R BS.1770-4 (true peak)."""

from pathlib import Path

import numpy as np
import pytest
from sounds import RATE, tone, write_sound

from core.media.audio import measure_loudness


@pytest.mark.parametrize("level", [-23.0, -33.0])
def test_a_sine_on_both_sides_is_as_loud_as_its_peak_level(tmp_path: Path, level: float) -> None:
    wave = tone(20, level=10 ** (level / 20))
    measured = measure_loudness(write_sound(tmp_path / "sine.f32.wav", [wave, wave]))
    assert measured.integrated == pytest.approx(level, abs=0.1)
    assert measured.true_peak == pytest.approx(level, abs=0.2)
    assert measured.range == pytest.approx(0, abs=0.1)


def test_quiet_stretches_do_not_count(tmp_path: Path) -> None:
    parts = [(10, -36.0), (60, -23.0), (10, -36.0)]  # Tech 3341, case 3
    wave = np.concatenate([tone(seconds, level=10 ** (level / 20)) for seconds, level in parts])
    measured = measure_loudness(write_sound(tmp_path / "gated.f32.wav", [wave, wave]))
    assert measured.integrated == pytest.approx(-23, abs=0.1)


def test_the_range_is_the_distance_of_soft_and_loud(tmp_path: Path) -> None:
    wave = np.concatenate([tone(20, level=10 ** (level / 20)) for level in (-20.0, -30.0)])  # Tech 3342, case 1
    measured = measure_loudness(write_sound(tmp_path / "range.f32.wav", [wave, wave]))
    assert measured.range == pytest.approx(10, abs=1)


def test_the_peak_between_two_samples_is_seen(tmp_path: Path) -> None:
    number = np.arange(RATE)
    fade = np.minimum(1, np.minimum(number, RATE - number) / (RATE // 10))
    wave = (0.5 * fade * np.sin(np.pi / 2 * number + np.pi / 4)).astype(np.float32)  # fs/4 at 45 degrees
    measured = measure_loudness(write_sound(tmp_path / "between.f32.wav", [wave, wave]))
    assert np.abs(wave).max() == pytest.approx(0.3536, abs=1e-3)
    assert -6.4 <= measured.true_peak <= -5.8


def test_a_peak_in_the_last_tenth_of_a_second_is_seen(tmp_path: Path) -> None:
    wave = np.concatenate([tone(1, level=0.01), tone(0.05, level=0.5)])
    measured = measure_loudness(write_sound(tmp_path / "late.f32.wav", [wave, wave]))
    assert measured.true_peak == pytest.approx(-6, abs=0.2)


def test_silence_has_no_loudness(tmp_path: Path) -> None:
    measured = measure_loudness(write_sound(tmp_path / "silent.wav", [np.zeros(RATE, np.float32)]))
    assert (measured.integrated, measured.true_peak, measured.range) == (None, None, 0.0)


def test_what_is_shorter_than_the_standard_measures_has_a_peak_alone(tmp_path: Path) -> None:
    measured = measure_loudness(write_sound(tmp_path / "short.f32.wav", [tone(0.3)]))
    assert measured.integrated is None
    assert measured.true_peak == pytest.approx(-6, abs=0.1)
