"""The master key behind a passphrase. Argon2id is made easy here, by a policy that says so."""

import json
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from core.api import InvalidInput
from tenants.keys import LocalMasterKey, MasterKeyInvalid, Sealed, Secret, Tampered, WrongPassphrase
from tenants.keys.sources import MasterRequest, PassphraseFile, begin_rotation, drop_older, open_masters
from tenants.keys.sources.stretching import POLICY, Policy, Stretching
from tests.support import reference
from tests.support.amount import amount
from tests.support.counts import counted
from tests.support.tampering import spoilt

EASY = Policy(memory=64, passes=1, lanes=1, least_memory=64, least_passes=1)
PASSPHRASE = Secret("correct horse bättery staple".encode())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "master.passphrase"


@pytest.fixture
def file(path: Path) -> PassphraseFile:
    file = PassphraseFile(path, PASSPHRASE, EASY)
    file.create()
    return file


def rewrite(path: Path, **changes: object) -> None:
    document = json.loads(path.read_text())
    for name, value in changes.items():
        if name in document["stretching"]:
            document["stretching"][name] = value
        else:
            document[name] = value
    path.write_text(json.dumps(document))


def test_the_passphrase_opens_the_same_key_again(file: PassphraseFile) -> None:
    assert len({file.open()[0].id, PassphraseFile(file.path, PASSPHRASE, EASY).open()[0].id}) == 1
    assert file.path.stat().st_mode & 0o7777 == 0o600


def test_the_key_is_in_the_file_in_no_form(file: PassphraseFile) -> None:
    (key,) = file.read()
    text = file.path.read_bytes()
    assert key not in text
    assert key.hex().encode() not in text.lower()
    assert b"horse" not in text


@pytest.mark.parametrize("wrong", [b"", b"correct horse battery staple", "correct horse bättery staple ".encode()])
def test_a_wrong_passphrase_is_told_and_changes_nothing(file: PassphraseFile, wrong: bytes) -> None:
    before = file.path.read_bytes()
    stranger = PassphraseFile(file.path, Secret(wrong), EASY)
    for use in (
        stranger.open,
        lambda: stranger.change_passphrase(Secret(b"a new passphrase")),
        lambda: begin_rotation(stranger),
        lambda: drop_older(stranger),
    ):
        with pytest.raises(WrongPassphrase):
            use()
    assert file.path.read_bytes() == before


def test_the_same_letters_typed_in_another_form_open_as_well(file: PassphraseFile) -> None:
    decomposed = Secret("correct horse ba\u0308ttery staple".encode())
    assert PassphraseFile(file.path, decomposed, EASY).open()[0].id == file.open()[0].id


@pytest.mark.parametrize("passphrase", [b"", b"too short", "ÄÖÜäöüß".encode()], ids=["none", "short", "short letters"])
def test_a_short_passphrase_makes_no_file(path: Path, passphrase: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        PassphraseFile(path, Secret(passphrase), EASY).create()
    assert caught.value.path == "passphrase"
    assert not path.exists()


@pytest.mark.parametrize("passphrase", [b"\xff\xfe is no text", b"x" * 1025], ids=["no text", "too long"])
def test_what_is_no_passphrase_is_refused(path: Path, passphrase: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        PassphraseFile(path, Secret(passphrase), EASY).create()
    assert passphrase.decode("latin-1") not in str(caught.value)
    assert not path.exists()


def test_a_file_that_is_there_is_not_made_anew(file: PassphraseFile) -> None:
    before = file.path.read_bytes()
    with pytest.raises(MasterKeyInvalid, match="already"):
        file.create()
    assert file.path.read_bytes() == before


def test_another_passphrase_opens_the_same_key(file: PassphraseFile) -> None:
    master = file.open()[0].id
    new = Secret(b"quite another passphrase")
    file.change_passphrase(new)
    assert PassphraseFile(file.path, new, EASY).open()[0].id == master
    with pytest.raises(WrongPassphrase):
        file.open()


def test_a_short_new_passphrase_leaves_the_old_one(file: PassphraseFile) -> None:
    before = file.path.read_bytes()
    with pytest.raises(InvalidInput):
        file.change_passphrase(Secret(b"short"))
    assert file.path.read_bytes() == before


def test_a_new_master_key_is_put_before_the_old_one(file: PassphraseFile) -> None:
    (old,) = file.open()
    new = begin_rotation(file)[0]
    assert [master.id for master in file.open()] == [new.id, old.id]
    assert drop_older(file, keep=1) == 1
    assert [master.id for master in file.open()] == [new.id]


def test_parameters_below_the_policy_are_refused_without_trying(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    PassphraseFile(path, PASSPHRASE, EASY).create()
    monkeypatch.setattr(Stretching, "key_of", lambda *_: pytest.fail("Argon2 was started"))
    with pytest.raises(MasterKeyInvalid, match="weaker"):
        PassphraseFile(path, PASSPHRASE).open()
    for name, value in (("memory", 4 * 1024 * 1024 + 1), ("passes", 33), ("lanes", 65)):
        before = json.loads(path.read_text())["stretching"][name]
        rewrite(path, **{name: value})
        with pytest.raises(MasterKeyInvalid, match="more stretching"):
            PassphraseFile(path, PASSPHRASE, EASY).open()
        rewrite(path, **{name: before})


def test_the_house_s_own_policy_is_the_second_of_rfc_9106_or_more() -> None:
    assert (POLICY.least_memory, POLICY.least_passes) == (64 * 1024, 3)
    assert POLICY.memory == 256 * 1024
    POLICY.check(POLICY.stretching(bytes(16)), name="a new file")


@pytest.mark.parametrize(
    "changes",
    [{"memory": 65}, {"passes": 2}, {"lanes": 2}, {"salt": "00" * 16}, {"verifier": "00" * 32}],
    ids=lambda changes: next(iter(changes)),
)
def test_changed_parameters_open_nothing(file: PassphraseFile, changes: dict[str, object]) -> None:
    rewrite(file.path, **changes)
    with pytest.raises(WrongPassphrase):
        file.open()


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 2}, {"function": "argon2i"}, {"version": 16}, {"memory": "64"}, {"memory": 0}, {"passes": -1},
        {"lanes": 1.5}, {"salt": "00" * 15}, {"salt": "zz" * 16}, {"verifier": "00"}, {"sealed": None}, {"more": 1},
    ],
    ids=str,
)  # fmt: skip
def test_a_malformed_file_is_refused(file: PassphraseFile, changes: dict[str, object]) -> None:
    rewrite(file.path, **changes)
    with pytest.raises(MasterKeyInvalid, match="no passphrase file"):
        file.open()


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b"null", b"{" * 5_000])
def test_what_is_no_document_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(MasterKeyInvalid):
        PassphraseFile(path, PASSPHRASE, EASY).open()
    assert path.read_bytes() == content


def test_every_spoilt_sealed_key_is_refused(file: PassphraseFile) -> None:
    sealed = bytes.fromhex(json.loads(file.path.read_text())["sealed"])
    refused = 0
    for spoiling in spoilt(sealed, seed=5, count=amount(500)):
        rewrite(file.path, sealed=spoiling.hex())
        with pytest.raises(Tampered):
            file.open()
        refused += 1
    counted(f"{refused} spoilt sealed master keys, all refused", refused=refused)


def test_a_file_that_others_can_read_is_refused(file: PassphraseFile) -> None:
    file.path.chmod(0o640)
    with pytest.raises(MasterKeyInvalid, match="others"):
        file.open()


def test_the_house_is_sealed_until_the_passphrase_is_given(tmp_path: Path) -> None:
    PassphraseFile(tmp_path / "master.passphrase", PASSPHRASE, EASY).create()
    with pytest.raises(Sealed):
        open_masters(MasterRequest(home=tmp_path, settings={}))


def test_a_house_without_its_passphrase_file_makes_no_other(tmp_path: Path) -> None:
    settings = {"REELHOUSE_MASTER_SOURCES": "passphrase"}
    with pytest.raises(MasterKeyInvalid, match="missing"):
        open_masters(MasterRequest(home=tmp_path, settings=settings, passphrase=PASSPHRASE))
    with pytest.raises(Sealed):
        open_masters(MasterRequest(home=tmp_path, settings=settings, is_new=True))
    assert list(tmp_path.iterdir()) == []


def test_a_new_house_makes_a_file_that_the_passphrase_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the policy of the house, but for the work, which takes a second."""
    stretch = Stretching.key_of

    def easily(self: Stretching, passphrase: bytes) -> bytes:
        return stretch(self.model_copy(update={"memory": 64, "passes": 1, "lanes": 1}), passphrase)

    monkeypatch.setattr(Stretching, "key_of", easily)
    settings = {"REELHOUSE_MASTER_SOURCES": "passphrase"}
    made = open_masters(MasterRequest(home=tmp_path, settings=settings, is_new=True, passphrase=PASSPHRASE))
    again = open_masters(MasterRequest(home=tmp_path, settings={}, passphrase=PASSPHRASE))
    assert [master.id for master in made] == [master.id for master in again]
    stretching = json.loads((tmp_path / "master.passphrase").read_text())["stretching"]
    assert (stretching["memory"], stretching["passes"], stretching["lanes"]) == (256 * 1024, 3, 4)


def test_the_form_of_the_file_is_as_it_always_was(path: Path) -> None:
    """A file made by other implementations of everything opens."""
    key, salt, nonce = os.urandom(32), bytes(range(16)), bytes(range(12))
    text = PASSPHRASE.reveal()
    root = Argon2id(salt=salt, length=32, iterations=1, lanes=1, memory_cost=64).derive(text)
    numbers = [value.to_bytes(8) for value in (19, 64, 1, 1)]
    head = reference.frame(b"argon2id", *numbers, salt)
    verifier = reference.hkdf(root, reference.frame(b"reelhouse", b"passphrase", b"verify", head))
    opening = reference.hkdf(root, reference.frame(b"reelhouse", b"passphrase", b"seal", head))
    sealed = AESGCM(opening).encrypt(nonce, key, reference.frame(b"\1", b"reelhouse passphrase file"))
    stretching = {"function": "argon2id", "version": 19, "memory": 64, "passes": 1, "lanes": 1, "salt": salt.hex()}
    document = {
        "format": 1,
        "stretching": stretching,
        "verifier": verifier.hex(),
        "sealed": (b"\1" + nonce + sealed).hex(),
    }
    path.write_text(json.dumps(document))
    path.chmod(0o600)
    assert PassphraseFile(path, PASSPHRASE, EASY).open()[0].id == LocalMasterKey(key).id
