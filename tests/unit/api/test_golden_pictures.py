"""Golden pictures: likeness measured, references written and compared."""

from math import inf
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.api.testing import UPDATE_VARIABLE, assert_golden, psnr, sample_rgb, sample_rgba


@pytest.fixture(autouse=True)
def _comparing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(UPDATE_VARIABLE, raising=False)


def save(picture: np.ndarray, path: Path) -> None:
    Image.fromarray(picture).save(path)


def test_psnr_is_measured_over_all_channels() -> None:
    grey = np.full((4, 4, 3), 100, np.uint8)
    assert psnr(grey, grey) == inf
    assert psnr(grey, grey + np.uint8(1)) == pytest.approx(48.1308, abs=1e-4)
    assert psnr(np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 3), 255, np.uint8)) == 0
    with pytest.raises(ValueError, match="the shapes"):
        psnr(grey, grey[:2])


def test_an_equal_picture_passes_and_a_near_one_by_its_likeness(tmp_path: Path) -> None:
    picture = np.array(sample_rgb(32, 18)) // 2
    save(picture, tmp_path / "a.png")
    assert_golden(picture, tmp_path / "a.png")
    near = picture + np.uint8(3)
    assert_golden(near, tmp_path / "a.png", min_psnr=38)
    with pytest.raises(AssertionError, match=r"a.png: PSNR 38\.6 dB is below 45 dB; .*a\.actual\.png holds what was"):
        assert_golden(near, tmp_path / "a.png")
    assert sorted(tmp_path.iterdir()) == [tmp_path / "a.png"]


def test_a_missing_reference_fails_and_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="there is no reference"):
        assert_golden(sample_rgb(32, 18), tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []


def test_another_size_or_number_of_channels_fails(tmp_path: Path) -> None:
    save(np.array(sample_rgb(32, 18)), tmp_path / "a.png")
    for other in (sample_rgb(18, 32), sample_rgba(32, 18)):
        with pytest.raises(AssertionError, match=r"has the shape \(18, 32, 3\), the drawing"):
            assert_golden(other, tmp_path / "a.png")


def test_colours_that_alpha_hides_do_not_count(tmp_path: Path) -> None:
    picture = np.array(sample_rgba(32, 18))
    save(picture, tmp_path / "a.png")
    hidden = picture.copy()
    hidden[picture[:, :, 3] == 0, :3] = 99
    assert not np.array_equal(hidden, picture)
    assert_golden(hidden, tmp_path / "a.png", min_psnr=200)


def test_with_the_variable_set_references_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(UPDATE_VARIABLE, "1")
    picture = sample_rgba(32, 18)
    assert_golden(picture, tmp_path / "new" / "a.png")
    monkeypatch.delenv(UPDATE_VARIABLE)
    assert_golden(picture, tmp_path / "new" / "a.png", min_psnr=1000)


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 2)])
def test_what_is_no_picture_is_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="an RGB or RGBA picture is needed"):
        assert_golden(np.zeros(shape, np.uint8), tmp_path / "a.png")
