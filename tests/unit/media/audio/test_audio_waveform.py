import numpy as np

from core.media.audio import waveform


def stereo(*values: float) -> np.ndarray:
    return np.array([[value, -value / 2] for value in values], np.float32)


def test_each_point_is_the_lowest_and_highest_of_its_stretch() -> None:
    samples = stereo(0.1, 0.5, -0.25, 0.75)
    assert waveform([samples], count=4, points=2) == [(-0.25, 0.5), (-0.375, 0.75)]


def test_blocks_of_any_size_give_the_same_points() -> None:
    samples = stereo(*np.random.default_rng(6).uniform(-1, 1, 1000))
    whole = waveform([samples], count=1000, points=37)
    assert waveform((samples[n : n + 7] for n in range(0, 1000, 7)), count=1000, points=37) == whole
    assert len(whole) == 37


def test_more_points_than_samples_repeat_the_nearest_before() -> None:
    assert waveform([stereo(0.5, 1.0)], count=2, points=4) == [(-0.25, 0.5)] * 2 + [(-0.5, 1.0)] * 2


def test_nothing_is_a_flat_line() -> None:
    assert waveform([], count=0, points=3) == [(0.0, 0.0)] * 3
