"""A full disk ends in an error that names the place and says what to do, wherever something is written."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.api import AssetKind, Catalogue, FetchedAsset, Licence, MediaError, PluginFailed
from core.host.host import PluginHost
from core.render.bundle import write_rights
from core.render.ledger import PIECE, LedgerFailed
from core.render.publishing import publish
from core.render.scratch import scratch_folder, work_folder
from core.render.store import GatheredStore
from core.render.work import Finishing, Message, SoundRun, Work
from core.render.worker import Worker
from core.render.writing import room_hint, write_whole, writing
from tests.support.full_disk import full_disk
from tests.support.rehearsal import FACTS, Rehearsal, play
from tests.support.timelines import clip, document, film

type Json = Any

ROOM = "make room on the disk and render again: what is finished is kept"
OUT = Path("/out")
NO_SPACE = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> PluginHost:
    return PluginHost.load(home=tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def catalogue(host: PluginHost) -> Catalogue:
    return host.catalogue()


def refuse(*_given: object, **_named: object) -> None:
    raise NO_SPACE


def test_only_what_the_system_refuses_is_told_as_not_written() -> None:
    with (
        pytest.raises(MediaError, match=r"^/out: can't be written: Permission denied$") as refused,
        writing(OUT),
    ):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    assert refused.value.hint is None
    with pytest.raises(MediaError, match=r"^/out: can't be written: No space left on device$") as full, writing(OUT):
        raise NO_SPACE
    assert full.value.hint == ROOM
    with pytest.raises(LedgerFailed, match=r"^too small$"), writing(OUT):
        raise LedgerFailed("too small")


def test_a_full_disk_is_known_however_deep_down() -> None:
    outer = PluginFailed(plugin="p", contribution="p.gif", cause="it failed")
    outer.__cause__ = MediaError("can't be written")
    assert room_hint(outer) is None
    outer.__cause__.__cause__ = NO_SPACE
    assert room_hint(outer) == ROOM


def test_a_text_is_written_whole_or_what_was_there_stays(tmp_path: Path) -> None:
    path = write_whole(tmp_path / "a.json", "old")
    with full_disk(after=10), pytest.raises(MediaError, match=r"/a\.json: can't be written: File too large$") as err:
        write_whole(path, "new" * 10)
    assert err.value.hint == ROOM
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.json"]


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    for folder in (work_folder(tmp_path, "work-"), scratch_folder(tmp_path)):
        with (
            pytest.raises(MediaError, match=rf"^{tmp_path}: can't be written: No space left on device$") as err,
            folder,
        ):
            raise AssertionError("there is no folder")
        assert err.value.hint == ROOM


def test_a_lock_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "scratch").write_text("not a folder")
    with (
        pytest.raises(MediaError, match=r"scratch: can't be written: File exists$"),
        scratch_folder(tmp_path / "scratch"),
    ):
        raise AssertionError("there is no folder")


def asset_in(folder: Path) -> FetchedAsset:
    (folder / "a.png").write_text("small")
    return FetchedAsset(
        path=folder / "a.png", kind=AssetKind.IMAGE, licence=Licence(id="CC-BY-4.0", attribution="By A")
    )


def test_rights_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with full_disk(after=10), pytest.raises(MediaError, match=r"/film\.rights\.json: can't be written") as err:
        list(write_rights({"provider:a/1": asset_in(tmp_path)}, tmp_path / "out" / "film"))
    assert err.value.hint == ROOM
    assert list((tmp_path / "out").iterdir()) == []


def test_what_a_provider_brought_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    store = GatheredStore(tmp_path / "gathered")
    with full_disk(after=10), pytest.raises(MediaError, match=r"gathered: can't be written: File too large$") as err:
        store.get("request", asset_in)
    assert err.value.hint == ROOM
    assert list((tmp_path / "gathered").iterdir()) == []
    assert store.get("request", asset_in).path.read_text() == "small"


def test_a_file_that_can_not_be_published_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made").write_text("video")
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(MediaError, match=r"video\.mp4: can't be written: No space left on device$") as err:
        publish(tmp_path / "made", tmp_path / "video.mp4")
    assert err.value.hint == ROOM


def large(work: Work | Finishing, folder: Path, tell: Callable[[Message], None]) -> Message:
    """Do as a worker does whose products are larger than the disk will be."""
    done = play(work, folder, tell)
    for path in folder.iterdir():
        if not (isinstance(work, SoundRun) and path.name == work.key):
            path.write_bytes(b"made" * 1000)
    if isinstance(work, SoundRun):
        facts = FACTS | {"waveform": [[-0.5, 0.5]] * 1000}
        (folder / work.key).write_text(json.dumps(facts))
    return done


@pytest.mark.parametrize(
    "output",
    [{"encoder": "mp3"}, {"encoder": "gif"}, {"poster": {"at": 1}}, {"waveform": True}, {"storyboard": True}],
    ids=str,
)
def test_a_render_on_a_full_disk_says_what_to_do_and_loses_nothing(
    tmp_path: Path, catalogue: Catalogue, output: Json
) -> None:
    rehearsal = Rehearsal(tmp_path, catalogue)
    wanted = document(film(0, 4), output=output)
    rehearsal.render(wanted, large)
    kept = {path: path.stat().st_size for path in (tmp_path / "ledger").rglob(PIECE)}
    with full_disk(after=1000), pytest.raises(MediaError, match=r"can't be written: File too large$") as err:
        rehearsal.render(wanted, large)
    assert err.value.hint == ROOM
    assert rehearsal.given == []
    assert list((tmp_path / "rendering").iterdir()) == []
    assert {path: path.stat().st_size for path in (tmp_path / "ledger").rglob(PIECE)} == kept


def test_what_can_not_be_kept_ends_the_render_and_leaves_nothing(tmp_path: Path, catalogue: Catalogue) -> None:
    rehearsal = Rehearsal(tmp_path, catalogue)
    with full_disk(after=30), pytest.raises(LedgerFailed) as err:  # room for the piece, not for its checksum
        rehearsal.render(document(clip(0, 4)))
    assert err.value.hint == "is the disk full?"
    assert list((tmp_path / "rendering").iterdir()) == []


@pytest.mark.parametrize(
    "output",
    [
        *({"encoder": name} for name in ("mp4-h264", "webm-vp9", "gif", "hls", "mov-prores4444")),
        {"poster": {"at": 0.5}},
        {"storyboard": True},
    ],
    ids=str,
)
def test_a_workers_full_disk_is_nobodys_fault_and_not_tried_again(
    tmp_path: Path, host: PluginHost, output: Json
) -> None:
    rehearsal = Rehearsal(tmp_path, host.catalogue())
    wanted = document(clip(0, 0.2, asset={"type": "shape", "shape": "rectangle", "fill": "#ff9a5a"}), output=output)
    with full_disk(after=100), pytest.raises(MediaError, match="File too large") as err:
        rehearsal.render(wanted, Worker(host).perform)
    assert err.value.hint == ROOM
    assert len(rehearsal.given) <= 2
    assert list((tmp_path / "rendering").iterdir()) == []
    assert not list((tmp_path / "ledger").rglob(PIECE))
