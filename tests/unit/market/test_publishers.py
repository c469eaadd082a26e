"""Publishers: whose signature counts, and every way in which one does not."""

import json
from pathlib import Path

import pytest

from core.api import InvalidInput
from core.market.failures import Untrusted
from core.market.publishers import make_key, read_publishers, sign, trust


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    path = tmp_path / "acme.whl"
    path.write_bytes(b"a wheel")
    trust(tmp_path / "market", "Acme", make_key(tmp_path / "acme.key"))
    sign(path, "Acme", tmp_path / "acme.key")
    return path


def refused(path: Path) -> str:
    with pytest.raises(Untrusted) as caught:
        read_publishers(path.parent / "market").verify(path)
    return str(caught.value)


def test_a_signature_of_who_is_trusted_counts(signed: Path) -> None:
    assert read_publishers(signed.parent / "market").verify(signed) == "Acme"
    assert (signed.parent / "acme.key").stat().st_mode & 0o777 == 0o600


def test_a_changed_file_is_refused(signed: Path) -> None:
    signed.write_bytes(b"a wheeL")
    assert "is not what Acme has signed" in refused(signed)


def test_a_signature_is_for_one_name_alone(signed: Path) -> None:
    other = signed.with_name("other.whl")
    other.write_bytes(signed.read_bytes())
    signed.with_name("acme.whl.sig").rename(other.with_name("other.whl.sig"))
    assert "is not what Acme has signed" in refused(other)


def test_who_is_not_trusted_does_not_count(signed: Path) -> None:
    make_key(signed.parent / "evil.key")
    sign(signed, "Evil", signed.parent / "evil.key")
    assert "whom nobody here trusts" in refused(signed)
    sign(signed, "Acme", signed.parent / "evil.key")
    assert "is not what Acme has signed" in refused(signed)


def test_a_key_that_was_replaced_counts_no_more(signed: Path) -> None:
    trust(signed.parent / "market", "Acme", make_key(signed.parent / "new.key"))
    assert "is not what Acme has signed" in refused(signed)
    sign(signed, "Acme", signed.parent / "new.key")
    assert read_publishers(signed.parent / "market").verify(signed) == "Acme"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"publisher": "Acme"}', json.dumps({"publisher": "Acme", "signature": "??"}), " " * 9999],
)
def test_a_malformed_signature_is_none(signed: Path, text: str) -> None:
    signed.with_name("acme.whl.sig").write_text(text)
    assert "can't be read" in refused(signed)


def test_what_is_not_signed_is_told_so(signed: Path) -> None:
    signed.with_name("acme.whl.sig").unlink()
    assert refused(signed) == "acme.whl is not signed"


def test_a_wrong_key_is_not_trusted(tmp_path: Path) -> None:
    for key in ("", "AAAA", "not base64", "A" * 44):
        with pytest.raises(InvalidInput):
            trust(tmp_path, "Acme", key)
    with pytest.raises(InvalidInput):
        trust(tmp_path, "Ac\nme", make_key(tmp_path / "k"))
    assert not (tmp_path / "publishers.toml").exists()


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    make_key(tmp_path / "k")
    kept = (tmp_path / "k").read_text()
    with pytest.raises(FileExistsError):
        make_key(tmp_path / "k")
    assert (tmp_path / "k").read_text() == kept
