"""Files are put together from what is kept, looked at by another worker, and kept themselves."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.api import Catalogue, MediaError
from core.host.host import PluginHost
from core.render.ledger import PIECE, Ledger, LedgerFailed
from core.render.work import Assembly, Examination, Finishing, Message, PictureRun, SoundRun, Storyboard, WholeRun, Work
from core.render.worker import VIDEO
from tests.support.rehearsal import Rehearsal, play
from tests.support.timelines import clip, document, film

type Json = Any
type Tell = Callable[[Message], None]


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return PluginHost.load(home=tmp_path_factory.mktemp("home")).catalogue()


@pytest.fixture
def rehearsal(tmp_path: Path, catalogue: Catalogue) -> Rehearsal:
    return Rehearsal(tmp_path, catalogue)


def kinds(rehearsal: Rehearsal) -> list[type]:
    return [type(work) for work in rehearsal.given]


def test_a_file_is_put_together_by_one_worker_and_examined_by_the_next(rehearsal: Rehearsal) -> None:
    rehearsal.render(document(film(0, 12)))
    assert kinds(rehearsal)[2:] == [Assembly, Examination]
    assert set(kinds(rehearsal)[:2]) == {PictureRun, SoundRun}
    assembly, examination = rehearsal.given[2:]
    assert isinstance(assembly, Assembly)
    assert isinstance(examination, Examination)
    assert [(piece.first, piece.frames) for piece in assembly.pieces] == [(0, 150), (150, 150), (300, 60)]
    assert (examination.width, examination.height, examination.frames, examination.has_sound) == (320, 180, 360, True)
    assert rehearsal.files == {"video.mp4": "video"}


def test_all_that_lies_beside_a_video_is_named_after_it(rehearsal: Rehearsal) -> None:
    output = {"poster": {"at": 1}, "storyboard": True, "waveform": True, "renditions": [{"encoder": "mp3"}]}
    rehearsal.render(document(film(0, 4), output=output))
    assert rehearsal.files == {
        "video.mp4": "video",
        "video-320x180.mp3": "made",
        "video.poster.jpg": "made",
        "video.storyboard.jpg": "made",
        "video.storyboard.vtt": "made",
        "video.waveform.json": "[[-0.5, 0.5]]",
    }


def test_a_file_that_is_kept_is_neither_put_together_nor_examined_again(rehearsal: Rehearsal) -> None:
    wanted = document(film(0, 4), output={"storyboard": True})
    rehearsal.render(wanted)
    made = rehearsal.files
    rehearsal.render(wanted)
    assert rehearsal.given == []
    assert rehearsal.files == made


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"captions": [{"cues": [{"start": 0, "end": 1, "text": "words"}], "mode": ["soft"]}]},
            [Assembly, Examination],
        ),
        ({"captions": [{"cues": [{"start": 0, "end": 1, "text": "words"}], "mode": ["sidecar"]}]}, []),
        ({"audio": {"loudness": -20}}, [SoundRun, Assembly, Examination]),
    ],
    ids=["soft captions", "captions beside", "sound"],
)
def test_what_goes_into_a_file_alone_has_it_put_together_anew(
    rehearsal: Rehearsal, change: Json, expected: list[type]
) -> None:
    wanted = document(film(0, 4))
    rehearsal.render(wanted)
    rehearsal.render(wanted | change)
    assert kinds(rehearsal) == expected


class FullLedger(Ledger):
    """A ledger that has room for pieces, but not for a whole video."""

    def put(self, key: str, path: Path) -> Path:
        if path.read_bytes() == b"video":
            raise LedgerFailed("a piece can't be kept")
        return super().put(key, path)


def test_a_file_that_can_not_be_kept_is_finished_all_the_same(tmp_path: Path, catalogue: Catalogue) -> None:
    rehearsal = Rehearsal(tmp_path, catalogue, ledger=FullLedger(tmp_path / "ledger", owner="tests"))
    for _ in range(2):
        rehearsal.render(document(clip(0, 4)))
        assert rehearsal.files == {"video.mp4": "video"}
        assert kinds(rehearsal)[-2:] == [Assembly, Examination]


def test_a_file_system_without_second_names_is_finished_on_all_the_same(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_given: object, **_named: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    for _ in range(2):
        rehearsal.render(document(clip(0, 4)))
        assert rehearsal.files == {"video.mp4": "video"}
    assert kinds(rehearsal) == [Assembly, Examination]


def test_a_file_that_is_not_what_was_asked_for_is_not_kept(rehearsal: Rehearsal) -> None:
    def find_fault(work: Work | Finishing, folder: Path, tell: Tell) -> Message:
        if isinstance(work, Examination):
            raise MediaError("the finished file has 119 frames instead of 120")
        return play(work, folder, tell)

    with pytest.raises(MediaError, match="119 frames"):
        rehearsal.render(document(clip(0, 4)), find_fault)
    assert [path.read_bytes() for path in (rehearsal.folder / "ledger").rglob(PIECE)] == [b"pictures 0 to 120"]
    rehearsal.render(document(clip(0, 4)))
    assert kinds(rehearsal) == [Assembly, Examination]


def test_what_a_worker_puts_in_a_files_place_must_be_a_file_of_its_own(rehearsal: Rehearsal) -> None:
    secret = rehearsal.folder / "secret"
    secret.write_text("not for you")

    def point(work: Work | Finishing, folder: Path, tell: Tell) -> Message:
        done = play(work, folder, tell)
        if isinstance(work, Assembly):
            (folder / VIDEO).unlink()
            (folder / VIDEO).symlink_to(secret)
        return done

    with pytest.raises(MediaError, match="a worker made video, but it is no file of its own"):
        rehearsal.render(document(clip(0, 4)), point)
    assert rehearsal.files == {}
    assert Examination not in kinds(rehearsal)
    assert secret.read_text() == "not for you"


def packing(name: str) -> Callable[[Work | Finishing, Path, Tell], Message]:
    """Return a script of workers that pack one file of this name."""

    def pack(work: Work | Finishing, folder: Path, tell: Tell) -> Message:
        done = play(work, folder, tell)
        if isinstance(work, WholeRun):
            with tarfile.open(folder / work.key, "w") as archive:
                packed = tarfile.TarInfo(name)
                packed.size = 5
                archive.addfile(packed, io.BytesIO(b"12345"))
        return done

    return pack


def test_a_packed_folder_is_unpacked(rehearsal: Rehearsal) -> None:
    rehearsal.render(document(clip(0, 4), output={"encoder": "hls"}), packing("video.m3u8"))
    assert rehearsal.files == {"video.mp4": "video.m3u8"}


@pytest.mark.parametrize("name", ["../escaped", "a/../../../escaped", "x" * 300])
def test_a_folder_that_is_packed_badly_is_refused_and_nothing_lies_elsewhere(rehearsal: Rehearsal, name: str) -> None:
    with pytest.raises(MediaError, match=r"can't be (unpacked|written)"):
        rehearsal.render(document(clip(0, 4), output={"encoder": "hls"}), packing(name))
    assert list(rehearsal.folder.rglob("escaped")) == []
    assert list((rehearsal.folder / "rendering").iterdir()) == []


def test_a_storyboard_is_put_together_of_the_strips_in_order(rehearsal: Rehearsal) -> None:
    rehearsal.render(document(clip(0, 12), output={"storyboard": True}))
    [board] = [work for work in rehearsal.given if isinstance(work, Storyboard)]
    assert [(strip.first, strip.frames) for strip in board.strips] == [(0, 150), (150, 150), (300, 60)]
    assert (board.first, board.end, board.name) == (0, 360, "video.storyboard.jpg")
