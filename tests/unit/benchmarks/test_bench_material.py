"""The benchmark's material: the same on every machine, and as costly to decode as film."""

from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from benchmarks.material import Format, Material, prepare, write_music
from benchmarks.plates import foliage, landscape, logo, photograph, rounded_mask, subject
from benchmarks.shots import GRAIN, MOVES, Shot

SMALL = Format(name="small", width=160, height=90, fps=30, clip_seconds=0.4, bit_rate=400_000, clips=2, stills=1)


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return prepare(tmp_path_factory.mktemp("material"), SMALL)


def _luma(clip: Path) -> list[np.ndarray]:
    with av.open(str(clip)) as container:
        planes = [frame.planes[0] for frame in container.decode(video=0)]
    rows = [np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size) for plane in planes]
    return [row[:, : plane.width].astype(np.float64) for row, plane in zip(rows, planes, strict=True)]


def test_the_same_seed_draws_the_same_shot_and_another_seed_another() -> None:
    first, again, other = (list(Shot(seed, width=96, height=54, frames=3)) for seed in (1, 1, 2))
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize("seed", range(len(MOVES)))
def test_every_frame_of_a_shot_differs_from_the_one_before_by_more_than_its_grain(seed: int) -> None:
    frames = [frame.astype(np.float64) for frame in Shot(seed, width=160, height=90, frames=6)]
    for before, after in pairwise(frames):
        assert float(np.var(after - before)) > 4 * 2 * GRAIN**2


def test_a_clip_has_all_its_frames_tagged_bt709_with_b_frames_and_rare_key_frames(material: Material) -> None:
    with av.open(str(material.clips[0])) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        assert (stream.width, stream.height, stream.average_rate) == (160, 90, 30)
        assert stream.codec_context.has_b_frames
    assert len(frames) == SMALL.clip_frames == 12
    assert [frame.key_frame for frame in frames] == [True] + [False] * 11
    assert {(frame.colorspace, frame.color_range) for frame in frames} == {(1, 1)}


def test_a_clip_keeps_the_colours_that_were_drawn(material: Material) -> None:
    drawn = next(iter(Shot(0, width=160, height=90, frames=12))).astype(np.float64)
    luma = drawn @ np.array([0.0722, 0.7152, 0.2126]) * 219 / 255 + 16
    shown = _luma(material.clips[0])[0]
    assert abs(float((luma - shown).mean())) < 1.5
    assert float(np.corrcoef(luma.ravel(), shown.ravel())[0, 1]) > 0.97


def test_stills_logo_and_music_have_their_sizes(material: Material) -> None:
    assert cv2.imread(str(material.stills[0])).shape == (180, 320, 3)
    mark = cv2.imread(str(material.logo), cv2.IMREAD_UNCHANGED)
    assert mark.shape == (SMALL.even(100), SMALL.even(200), 4)
    assert mark[..., 3].min() == 0
    assert mark[..., 3].max() > 230
    with av.open(str(material.music)) as container:
        assert container.duration == pytest.approx(0.8 * av.time_base, abs=100)


def test_music_sounds_on_both_sides_without_clipping(tmp_path: Path) -> None:
    write_music(tmp_path / "music.wav", 2.0)
    with av.open(str(tmp_path / "music.wav")) as container:
        samples = np.concatenate([frame.to_ndarray().reshape(-1, 2) for frame in container.decode(audio=0)])
    level = samples.astype(np.float64) / 32768
    assert samples.shape == (96_000, 2)
    assert np.abs(level).max() < 0.98
    assert (np.sqrt((level * level).mean(axis=0)) > 0.05).all()


def test_material_that_is_there_is_not_made_again(material: Material, capsys: pytest.CaptureFixture[str]) -> None:
    made = {path: path.stat().st_mtime_ns for path in material.folder.iterdir()}
    again = prepare(material.folder.parent, SMALL)
    assert again == material
    assert {path: path.stat().st_mtime_ns for path in again.folder.iterdir()} == made
    assert not capsys.readouterr().out


def test_another_format_lies_in_a_folder_of_its_own_and_leaves_nothing_half_made(tmp_path: Path) -> None:
    tiny = Format(name="small", width=64, height=36, fps=30, clip_seconds=0.1, bit_rate=90_000, clips=1, stills=0)
    made = prepare(tmp_path, tiny)
    assert [path.name for path in tmp_path.iterdir()] == [made.folder.name]
    assert sorted(path.name for path in made.folder.iterdir()) == ["clip0.mp4", "logo.png", "music.wav"]


def test_plates_have_detail_everywhere_below_the_sky() -> None:
    plate = landscape(3, 320, 180).astype(np.float64)
    assert plate[70:].std() > 25
    assert np.abs(np.diff(plate[70:], axis=1)).mean() > 2
    noisy = photograph(3, 320, 180).astype(np.float64) - plate
    assert 2.5 < noisy.std() < 3.5


def test_layers_are_premultiplied_and_partly_clear() -> None:
    for layer in (foliage(1, 320, 180), subject(1, 60)):
        alpha = layer[..., 3]
        assert (layer[..., :3].max(axis=2)[alpha == 0] == 0).all()
        assert 0.02 < (alpha == 0).mean() < 0.98
        assert alpha.max() == 255


def test_a_rounded_mask_is_white_inside_black_in_its_corners_and_symmetric() -> None:
    mask = rounded_mask(60, 34, 8)
    assert mask.shape == (34, 60)
    assert mask[17, 30] == mask[0, 30] == mask[17, 0] == 255
    assert mask[0, 0] == 0
    assert np.abs(mask.astype(int) - mask[:, ::-1]).max() <= 16
    assert set(np.unique(logo(40, 20)[..., 3])) > {0, 255}
