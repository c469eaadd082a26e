"""The house's signing key is made once, lies wrapped by the master key, and signs for one purpose at a time."""

import asyncio
import json
from pathlib import Path
from uuid import UUID

import pytest

from tenants.keys import Keyring, LocalMasterKey, Sealed, Tampered, WrongMaster
from tenants.keys.signing import Signer, is_signed, open_signer
from tests.support.wrapped_keys import WrappedKeysInMemory

FIRST = LocalMasterKey(bytes(range(32)))
SECOND = LocalMasterKey(bytes(range(32, 64)))


def keyring(*masters: LocalMasterKey) -> Keyring:
    made = Keyring(WrappedKeysInMemory(), instance=UUID(int=7))
    if masters:
        made.unseal(*masters)
    return made


def names_in(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


async def test_a_signing_key_is_made_once_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    signers = await asyncio.gather(*(open_signer(path, keyring(FIRST)) for _ in range(5)))
    assert len({signer.public for signer in signers}) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert names_in(tmp_path) == ["signing.key"]


async def test_a_sealed_house_makes_no_signing_key(tmp_path: Path) -> None:
    with pytest.raises(Sealed):
        await open_signer(tmp_path / "signing.key", keyring())
    assert names_in(tmp_path) == []


async def test_a_signing_key_follows_the_rotation_of_the_master_key(tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    public = (await open_signer(path, keyring(FIRST))).public
    with pytest.raises(WrongMaster):
        await open_signer(path, keyring(SECOND))
    assert (await open_signer(path, keyring(SECOND, FIRST))).public == public
    assert (await open_signer(path, keyring(SECOND))).public == public
    assert names_in(tmp_path) == ["signing.key"]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"wrapped": "zz", "master_id": "x"}', b"\xff"])
async def test_a_file_that_holds_no_signing_key_is_refused_and_left(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "signing.key"
    path.write_bytes(content)
    with pytest.raises(Tampered):
        await open_signer(path, keyring(FIRST))
    assert path.read_bytes() == content


async def test_a_wrapped_signing_key_that_was_flipped_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    await open_signer(path, keyring(FIRST))
    kept = json.loads(path.read_bytes())
    kept["wrapped"] = kept["wrapped"][:-1] + ("0" if kept["wrapped"][-1] != "0" else "1")
    path.write_text(json.dumps(kept))
    with pytest.raises(Tampered):
        await open_signer(path, keyring(FIRST))


def test_a_signature_stands_for_its_content_its_purpose_and_its_signer_alone() -> None:
    signer, other = Signer(bytes(32)), Signer(bytes([1]) * 32)
    signature = signer.sign(b"said", purpose="a")
    assert is_signed(b"said", signature, purpose="a", public=signer.public)
    assert not is_signed(b"sai", signature, purpose="a", public=signer.public)
    assert not is_signed(b"said", signature, purpose="b", public=signer.public)
    assert not is_signed(b"said", signature, purpose="a", public=other.public)
    assert not is_signed(b"said", "no", purpose="a", public=signer.public)
    assert not is_signed(b"said", signature, purpose="a", public="00")
    assert bytes(32).hex() not in repr(signer)
