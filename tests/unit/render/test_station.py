"""What a worker makes is kept if it is what it should be; whatever else a worker does is refused and cleared away."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from core.api import MediaError, Values
from core.render.ingredients import Ingredients
from core.render.ledger import Ledger
from core.render.report import WorkReport
from core.render.station import Station
from core.render.work import Cut, Inspection, Message, PictureRun, Target, Work, strip_key
from tests.support.plans import plan_of
from tests.support.workshop import DONE, Script, Scripted, station_of

INGREDIENTS = Ingredients(media={}, versions={})
INSPECTION = Inspection(path=Path("/media/film.mp4"), key="probe")
RUN = PictureRun(
    plan=plan_of(frames=90),
    ingredients=INGREDIENTS,
    targets=(Target(encoder="test", values=Values(), width=320, height=180),),
    cuts=tuple(Cut(first=first, end=first + 30, keys=(f"piece-{first}",)) for first in (0, 30, 60)),
)


class Produced:
    """What a station did with a piece of work: what it told, what lies in its ledger and folder afterwards."""

    def __init__(self, folder: Path, script: Script) -> None:
        self.launcher = Scripted(script)
        self.station: Station = station_of(self.launcher, folder)
        self.kept: list[tuple[str, ...]] = []
        self.frames: list[int] = []

    def produce(self, work: Work) -> WorkReport:
        """Have work done."""
        return self.station.produce(
            work,
            cancelled=threading.Event(),
            on_kept=lambda keys: self.kept.append(tuple(keys)),
            on_frames=self.frames.append,
        )

    def content(self, key: str) -> bytes | None:
        """Return what the ledger has under a key."""
        found = self.station.ledger.get(key)
        return None if found is None else found.read_bytes()

    @property
    def left(self) -> list[Path]:
        """What is left in the folder of work in progress."""
        return list(self.station.folder.iterdir())


def test_each_cut_is_kept_as_soon_as_it_is_whole(tmp_path: Path) -> None:
    seen: list[bytes | None] = []

    def script(_work: object, folder: Path, tell: Callable[[Message], None]) -> Message:
        for number, cut in enumerate(RUN.cuts):
            (folder / f"piece-{cut.first}").write_text(f"pictures {cut.first}")
            tell({"frames": 30})
            tell({"cut": number})
            seen.append(produced.content(f"piece-{cut.first}"))
        return DONE | {"notes": ["said"]}

    produced = Produced(tmp_path, script)
    report = produced.produce(RUN)
    assert seen == [b"pictures 0", b"pictures 30", b"pictures 60"]
    assert produced.kept == [("piece-0",), ("piece-30",), ("piece-60",)]
    assert produced.frames == [30, 30, 30]
    assert report == WorkReport(cpu_seconds=0.5, peak_memory=1000, notes=("said",))
    assert produced.left == []


def test_strips_are_kept_with_their_pieces(tmp_path: Path) -> None:
    key = "piece-0"

    def script(_work: object, folder: Path, tell: Callable[[Message], None]) -> Message:
        (folder / key).write_text("pictures")
        (folder / strip_key(key)).write_text("thumbnails")
        tell({"cut": 0})
        return DONE

    produced = Produced(tmp_path, script)
    produced.produce(
        PictureRun(plan=RUN.plan, ingredients=INGREDIENTS, targets=RUN.targets, cuts=RUN.cuts[:1], strip=0)
    )
    assert produced.kept == [(key, strip_key(key))]
    assert produced.content(strip_key(key)) == b"thumbnails"


def test_what_is_finished_outlasts_a_worker_that_fails(tmp_path: Path) -> None:
    def script(_work: object, folder: Path, tell: Callable[[Message], None]) -> Message:
        for number in range(2):
            (folder / f"piece-{30 * number}").write_text("pictures")
            tell({"cut": number})
        (folder / "piece-60").write_text("half a pict")
        raise MediaError("film.mp4: can't be decoded")

    produced = Produced(tmp_path, script)
    with pytest.raises(MediaError, match=r"^film\.mp4: can't be decoded$"):
        produced.produce(RUN)
    assert [produced.content(cut.keys[0] or "") for cut in RUN.cuts] == [b"pictures", b"pictures", None]
    assert produced.left == []


def test_what_no_message_told_of_is_kept_in_the_end(tmp_path: Path) -> None:
    def script(_work: object, folder: Path, _tell: Callable[[Message], None]) -> Message:
        (folder / "probe").write_text("{}")
        return DONE

    produced = Produced(tmp_path, script)
    assert produced.station.kept("probe", INSPECTION).read_text() == "{}"
    assert produced.station.kept("probe", INSPECTION).read_text() == "{}"
    assert produced.launcher.performed == [INSPECTION]


def test_files_that_nobody_asked_for_are_thrown_away(tmp_path: Path) -> None:
    def script(_work: object, folder: Path, _tell: Callable[[Message], None]) -> Message:
        for name in ("probe", "piece-0", ".hidden", "sha256"):
            (folder / name).write_text(name)
        (folder / "deep" / "er").mkdir(parents=True)
        (folder / "deep").chmod(0)
        return DONE

    produced = Produced(tmp_path, script)
    produced.produce(INSPECTION)
    assert produced.content("probe") == b"probe"
    assert produced.content("piece-0") is None
    assert produced.left == []
    assert len(list((tmp_path / "ledger").glob("*/*"))) == 1


def nothing(_place: Path, _secret: Path) -> None: ...


def empty_file(place: Path, _secret: Path) -> None:
    place.touch()


def folder_of_files(place: Path, _secret: Path) -> None:
    place.mkdir()
    (place / "piece").write_text("pictures")


def link_to_a_secret(place: Path, secret: Path) -> None:
    place.symlink_to(secret)


def link_to_nothing(place: Path, secret: Path) -> None:
    place.symlink_to(secret.with_name("missing"))


def second_name_of_a_secret(place: Path, secret: Path) -> None:
    os.link(secret, place)


def second_name_of_its_own(place: Path, _secret: Path) -> None:
    place.write_text("pictures")
    os.link(place, place.with_name("another"))


def pipe(place: Path, _secret: Path) -> None:
    os.mkfifo(place)


TRICKS = (
    nothing,
    empty_file,
    folder_of_files,
    link_to_a_secret,
    link_to_nothing,
    second_name_of_a_secret,
    second_name_of_its_own,
    pipe,
)


@pytest.mark.parametrize("is_told", [False, True], ids=["in the end", "told"])
@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.__name__)
def test_what_is_no_file_of_its_own_is_refused(
    tmp_path: Path, trick: Callable[[Path, Path], None], is_told: bool
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not for you")

    def script(_work: object, folder: Path, tell: Callable[[Message], None]) -> Message:
        trick(folder / "piece-0", secret)
        if is_told:
            tell({"cut": 0})
        return DONE

    produced = Produced(tmp_path, script)
    with pytest.raises(MediaError, match="a worker"):
        produced.produce(RUN)
    assert produced.kept == []
    assert produced.content("piece-0") is None
    assert produced.left == []
    assert secret.read_text() == "not for you"
    assert secret.stat().st_nlink == 1


class TrickyLedger(Ledger):
    """A ledger that lets a worker act between the look at a file and its keeping."""

    def __init__(self, folder: Path, act: Callable[[], None]) -> None:
        super().__init__(folder, owner="tests")
        self._act = act

    def put(self, key: str, path: Path) -> Path:
        """Let the worker act, then keep the file."""
        self._act()
        return super().put(key, path)


def test_a_file_that_is_looked_at_can_not_be_exchanged_by_a_worker_that_runs_on(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not for you")
    folders: list[Path] = []

    def script(_work: object, folder: Path, tell: Callable[[Message], None]) -> Message:
        folders.append(folder)
        (folder / "piece-0").write_text("pictures")
        tell({"cut": 0})
        return DONE

    def exchange() -> None:
        [folder] = folders
        (folder / "piece-0").unlink(missing_ok=True)
        (folder / "piece-0").symlink_to(secret)

    ledger = TrickyLedger(tmp_path / "ledger", exchange)
    station = Station(launcher=Scripted(script), ledger=ledger, folder=tmp_path / "rendering")
    run = PictureRun(plan=RUN.plan, ingredients=INGREDIENTS, targets=RUN.targets, cuts=RUN.cuts[:1])
    station.produce(run, cancelled=threading.Event())
    kept = ledger.get("piece-0")
    assert kept is not None
    assert not kept.is_symlink()
    assert kept.read_text() == "pictures"


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"frames": 0},
        {"frames": -5},
        {"frames": "many"},
        {"frames": 1.5},
        {"cut": -1},
        {"cut": 3},
        {"cut": "0"},
        {"cut": [0]},
        {"done": True},
        {"\x1b[2J" * 1000: "x"},
    ],
    ids=lambda message: repr(message)[:20],
)
def test_a_worker_that_says_what_it_should_not_is_stopped(tmp_path: Path, message: Message) -> None:
    went_on = []

    def script(_work: object, folder: Path, tell: Callable[[Message], None]) -> Message:
        (folder / "piece-0").write_text("pictures")
        tell({"cut": 0})
        tell(message)
        went_on.append(message)
        return DONE

    produced = Produced(tmp_path, script)
    with pytest.raises(MediaError, match=r"^a worker said what it should not$"):
        produced.produce(RUN)
    assert went_on == []
    assert produced.frames == []
    assert produced.content("piece-0") == b"pictures"
    assert produced.left == []


def test_a_cut_that_is_told_twice_is_kept_once(tmp_path: Path) -> None:
    def script(_work: object, folder: Path, tell: Callable[[Message], None]) -> Message:
        (folder / "piece-0").write_text("pictures")
        tell({"cut": 0})
        (folder / "piece-0").write_text("other pictures")
        tell({"cut": 0})
        raise MediaError("enough")

    produced = Produced(tmp_path, script)
    with pytest.raises(MediaError, match=r"^enough$"):
        produced.produce(RUN)
    assert produced.content("piece-0") == b"pictures"
    assert [keys for keys in produced.kept if keys] == [("piece-0",)]


def test_work_without_cuts_has_none_to_tell_of(tmp_path: Path) -> None:
    def script(_work: object, folder: Path, tell: Callable[[Message], None]) -> Message:
        (folder / "probe").write_text("{}")
        tell({"cut": 0})
        return DONE

    produced = Produced(tmp_path, script)
    with pytest.raises(MediaError, match=r"^a worker said what it should not$"):
        produced.produce(INSPECTION)
    assert produced.content("probe") is None


@pytest.mark.parametrize(
    "returned",
    [
        {},
        {"cpu_seconds": 1.0},
        {"cpu_seconds": "long", "peak_memory": 5},
        {"cpu_seconds": float("nan"), "peak_memory": 5},
        {"cpu_seconds": float("inf"), "peak_memory": 5},
        DONE | {"notes": "a note"},
        DONE | {"notes": [5]},
        DONE | {"spans": [{"first": 0}]},
    ],
    ids=repr,
)
def test_a_report_that_is_none_is_refused_and_what_was_made_is_kept(tmp_path: Path, returned: Message) -> None:
    def script(_work: object, folder: Path, _tell: Callable[[Message], None]) -> Message:
        (folder / "probe").write_text("{}")
        return returned

    produced = Produced(tmp_path, script)
    with pytest.raises(MediaError, match=r"^a worker returned what is no report$"):
        produced.produce(INSPECTION)
    assert produced.content("probe") == b"{}"
    assert produced.left == []


def number(text: bytes) -> int:
    """Read a number. Raise ``MediaError`` when it is none."""
    try:
        return int(text)
    except ValueError as err:
        raise MediaError("a worker wrote no number") from err


def writing(*texts: str) -> Script:
    """Return the script of workers that write these texts, one after another."""
    waiting = list(texts)

    def script(_work: object, folder: Path, _tell: Callable[[Message], None]) -> Message:
        (folder / "probe").write_text(waiting.pop(0))
        return DONE

    return script


def test_what_a_worker_wrote_is_read_and_not_written_again(tmp_path: Path) -> None:
    produced = Produced(tmp_path, writing("5"))
    assert [produced.station.read(INSPECTION, number) for _ in range(2)] == [5, 5]
    assert produced.launcher.performed == [INSPECTION]
    assert produced.left == []


def test_what_is_kept_and_can_not_be_read_is_written_again(tmp_path: Path) -> None:
    produced = Produced(tmp_path, writing("many", "5"))
    produced.produce(INSPECTION)
    assert produced.content("probe") == b"many"
    assert produced.station.read(INSPECTION, number) == 5
    assert produced.content("probe") == b"5"
    assert produced.launcher.performed == [INSPECTION] * 2


def test_what_can_never_be_read_is_an_error_each_time_and_tried_anew(tmp_path: Path) -> None:
    produced = Produced(tmp_path, writing("many", "more", "5"))
    for _ in range(2):
        with pytest.raises(MediaError, match=r"^a worker wrote no number$"):
            produced.station.read(INSPECTION, number)
    assert produced.station.read(INSPECTION, number) == 5
    assert produced.left == []


def test_what_is_dropped_is_not_there_and_another_key_stays(tmp_path: Path) -> None:
    produced = Produced(tmp_path, writing("5"))
    produced.produce(INSPECTION)
    produced.station.drop("probe")
    produced.station.drop("probe")
    assert produced.content("probe") is None
    (tmp_path / "other").write_text("kept")
    produced.station.ledger.put("other", tmp_path / "other")
    produced.station.drop("probe")
    assert produced.content("other") == b"kept"


def test_a_ledger_that_loses_what_it_is_given_is_told_apart(tmp_path: Path) -> None:
    class Forgetful(Ledger):
        def get(self, key: str) -> Path | None:
            return None

    def script(_work: object, folder: Path, _tell: Callable[[Message], None]) -> Message:
        (folder / "probe").write_text("{}")
        return DONE

    station = Station(
        launcher=Scripted(script), ledger=Forgetful(tmp_path / "ledger", owner="tests"), folder=tmp_path / "rendering"
    )
    with pytest.raises(MediaError, match="the ledger lost what it was just given"):
        station.kept("probe", INSPECTION)
    with pytest.raises(MediaError, match="the ledger lost what it was just given"):
        station.read(INSPECTION, number)
