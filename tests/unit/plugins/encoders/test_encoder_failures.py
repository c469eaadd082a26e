"""Whatever goes wrong, no encoder leaves half a file, and each says which file could not be written."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from core.api import Encoder, MediaError
from tests.support.encoding import encode_clip, frame_at, open_clip, tone
from tests.support.full_disk import full_disk

ALL = [
    "mp4-h264", "mp4-h265", "webm-vp9", "webm-av1", "mov-prores4444", "gif", "hls", "mp3", "m4a", "wav", "png", "jpeg",
]  # fmt: skip


def write_some(encoder: Encoder, path: Path) -> None:
    """Write as a render does: abort when anything fails."""
    session = open_clip(encoder, path)
    try:
        for number in range(1 if encoder.is_still else 40):
            if encoder.video is not None or encoder.open is not None:
                session.write_video(frame_at(number, is_rgba=encoder.has_alpha))
            if encoder.audio is not None:
                session.write_audio(tone(number * 1600, (number + 1) * 1600))
        session.close()
    except BaseException:
        session.abort()
        raise


def content_of(path: Path) -> dict[str, bytes]:
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return {str(file.relative_to(path)): file.read_bytes() for file in files}


@pytest.mark.parametrize("limit", [0, 100, 3000])
@pytest.mark.parametrize("name", ALL)
def test_a_full_disk_is_told_with_the_path_and_nothing_is_left(
    encoders: Mapping[str, Encoder], tmp_path: Path, name: str, limit: int
) -> None:
    path = tmp_path / "clip"
    with full_disk(after=limit):
        try:
            write_some(encoders[name], path)
        except MediaError as err:
            assert str(err).startswith(f"{path}: can't be written: ")  # noqa: PT017 - small files fit
        else:
            assert all(len(content) <= limit for content in content_of(path).values())
            assert limit == 3000
            return
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ALL)
def test_a_full_disk_leaves_the_file_that_was_there(encoders: Mapping[str, Encoder], tmp_path: Path, name: str) -> None:
    path = encode_clip(encoders[name], tmp_path / "clip", frames=3)
    before = content_of(path)
    assert before
    with full_disk(after=100), pytest.raises(MediaError, match="clip: can't be written"):
        write_some(encoders[name], path)
    assert content_of(path) == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["clip"]


@pytest.mark.parametrize("name", ALL)
def test_an_aborted_session_leaves_nothing(encoders: Mapping[str, Encoder], tmp_path: Path, name: str) -> None:
    encoder = encoders[name]
    session = open_clip(encoder, tmp_path / "clip")
    for number in range(3):
        if encoder.video is not None or encoder.open is not None:
            session.write_video(frame_at(number, is_rgba=encoder.has_alpha))
        if encoder.audio is not None:
            session.write_audio(tone(0, 5000))
    session.abort()
    session.abort()
    session.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ALL)
def test_closing_twice_and_aborting_late_change_nothing(
    encoders: Mapping[str, Encoder], tmp_path: Path, name: str
) -> None:
    encoder = encoders[name]
    session = open_clip(encoder, tmp_path / "clip")
    for number in range(3):
        if encoder.video is not None or encoder.open is not None:
            session.write_video(frame_at(number, is_rgba=encoder.has_alpha))
        if encoder.audio is not None:
            session.write_audio(tone(0, 5000))
    session.close()
    before = content_of(tmp_path / "clip")
    assert before
    session.close()
    session.abort()
    assert content_of(tmp_path / "clip") == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["clip"]


@pytest.mark.parametrize("name", ALL)
def test_a_place_that_can_not_be_written_is_named(encoders: Mapping[str, Encoder], tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(MediaError, match="file/clip: can't be written"):
        write_some(encoders[name], tmp_path / "file" / "clip")
    assert (tmp_path / "file").read_text() == "in the way"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("name", ALL)
def test_a_session_that_was_given_nothing_closes_without_a_fault(
    encoders: Mapping[str, Encoder], tmp_path: Path, name: str
) -> None:
    session = open_clip(encoders[name], tmp_path / "clip")
    session.close()
    session.abort()
    assert [entry.name for entry in tmp_path.iterdir()] in ([], ["clip"])


def test_a_forgotten_ladder_does_not_write_into_the_one_that_follows(
    encoders: Mapping[str, Encoder], tmp_path: Path
) -> None:
    forgotten = open_clip(encoders["hls"], tmp_path / "clip")
    forgotten.write_video(frame_at(0, is_rgba=False))
    forgotten.abort()
    following = open_clip(encoders["hls"], tmp_path / "clip", has_audio=False)
    following.write_video(frame_at(0, is_rgba=False))
    del forgotten
    following.close()
    assert not (tmp_path / "clip" / "sound.m3u8").exists()
