"""Which sources give the master keys: those that are named, else the one that is set, else the file."""

import os
from collections.abc import Sequence
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from tenants.keys import LocalMasterKey, MasterKey, MasterKeyInvalid, Sealed
from tenants.keys.sources import KeyFile, MasterRequest, finding, open_masters

KEY = bytes(range(32))
GIVEN: list[MasterRequest] = []


def vending_machine(request: MasterRequest) -> Sequence[MasterKey]:
    """A source of somebody else's."""
    GIVEN.append(request)
    return (LocalMasterKey(KEY),)


def empty_machine(request: MasterRequest) -> Sequence[MasterKey]:
    return ()


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a distribution had brought sources of its own."""
    GIVEN.clear()
    real = finding.entry_points

    def with_others(*, group: str) -> EntryPoints:
        named = {"vending": "vending_machine", "empty": "empty_machine", "broken": "no_such", "absent": "x"}
        others = [
            EntryPoint(name, f"{'nowhere' if name == 'absent' else __name__}:{target}", group)
            for name, target in named.items()
        ]
        return EntryPoints([*real(group=group), *others])

    monkeypatch.setattr(finding, "entry_points", with_others)


def request(home: Path, **settings: str) -> MasterRequest:
    return MasterRequest(home=home, settings=settings)


@pytest.mark.usefixtures("installed")
def test_anyone_can_offer_a_source(tmp_path: Path) -> None:
    asked = request(tmp_path, REELHOUSE_MASTER_SOURCES="vending")
    assert open_masters(asked)[0].id == LocalMasterKey(KEY).id
    assert [asked] == GIVEN


@pytest.mark.usefixtures("installed")
def test_the_first_source_wraps_and_the_others_follow_each_key_once(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / "master.key")
    file.create()
    own = file.open()[0].id
    named = [master.id for master in open_masters(request(tmp_path, REELHOUSE_MASTER_SOURCES="vending, file vending"))]
    assert named == [LocalMasterKey(KEY).id, own]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", ["nothing", "empty", "broken", "absent"])
def test_a_source_that_gives_nothing_is_told_and_no_other_is_taken(tmp_path: Path, name: str) -> None:
    KeyFile(tmp_path / "master.key").create()
    with pytest.raises(MasterKeyInvalid, match=name):
        open_masters(request(tmp_path, REELHOUSE_MASTER_SOURCES=f"{name} file"))


def test_an_unknown_source_is_answered_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyInvalid) as caught:
        open_masters(request(tmp_path, REELHOUSE_MASTER_SOURCES="fiel"))
    assert caught.value.hint == "There are: environment, file, kms, passphrase."


def test_two_sources_that_are_set_are_not_chosen_between(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELHOUSE_MASTER_KEY", KEY.hex())
    (tmp_path / "master.passphrase").touch(0o600)
    with pytest.raises(MasterKeyInvalid) as caught:
        open_masters(request(tmp_path, REELHOUSE_MASTER_KEY=KEY.hex(), REELHOUSE_MASTER_KMS="alias/x"))
    assert "environment and kms and passphrase" in str(caught.value)
    assert "REELHOUSE_MASTER_SOURCES=environment,kms,passphrase" in str(caught.value.hint)
    assert os.environ["REELHOUSE_MASTER_KEY"] == KEY.hex()


def test_settings_that_are_empty_count_as_not_there(tmp_path: Path) -> None:
    KeyFile(tmp_path / "master.key").create()
    empty = {"REELHOUSE_MASTER_KEY": "", "REELHOUSE_MASTER_KMS": "", "REELHOUSE_MASTER_SOURCES": " "}
    assert len(open_masters(request(tmp_path, **empty))) == 1


def test_a_passphrase_file_seals_the_house_even_beside_a_key_file(tmp_path: Path) -> None:
    KeyFile(tmp_path / "master.key").create()
    (tmp_path / "master.passphrase").touch(0o600)
    with pytest.raises(Sealed):
        open_masters(request(tmp_path))
