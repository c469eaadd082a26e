"""With everything logged that can be, no secret is found in logs, reprs, errors, or pickles."""

import asyncio
import base64
import contextlib
import copy
import logging
import os
import pickle
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import boto3
import pytest

from core.api import ReelhouseError
from tenants.keys import (
    BlobOpener,
    BlobSealer,
    KeyPlace,
    Keyring,
    LocalMasterKey,
    Secret,
    TenantKeys,
    seal,
    unseal,
)
from tenants.keys.sources import KeyFile, MasterRequest, PassphraseFile, open_masters
from tenants.keys.sources.kms import KmsMasterKey
from tenants.keys.sources.stretching import Policy
from tests.support.peers import moto
from tests.support.wrapped_keys import WrappedKeysInMemory

EASY = Policy(memory=64, passes=1, lanes=1, least_memory=64, least_passes=1)
CANARY = b"canary-5f0c6e1b-sings-in-the-mine"
PASSPHRASE = Secret(b"canary that opens the whole house")
PLACE = KeyPlace(instance=uuid4(), tenant=uuid4(), version=1)


def forms(secret: bytes) -> set[bytes]:
    """The ways a secret may be written."""
    encoded = base64.b64encode(secret)
    written = {secret, secret.hex().encode(), encoded, base64.urlsafe_b64encode(secret), repr(secret).encode()[2:-1]}
    return {form.lower() for form in written if len(form) > 8}


def assert_hidden(text: str | bytes, *secrets: bytes) -> None:
    lowered = (text.encode(errors="replace") if isinstance(text, str) else text).lower()
    for secret in secrets:
        assert not [form for form in forms(secret) if form in lowered]


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """All that is logged, of everyone, at the lowest level."""
    caplog.set_level(logging.DEBUG)
    named = [name for name in logging.root.manager.loggerDict if not name.startswith("werkzeug")]
    with contextlib.ExitStack() as stack:
        for name in named:
            stack.enter_context(caplog.at_level(logging.DEBUG, logger=name))
        yield lambda: caplog.text


def _behind(error: BaseException | None) -> list[object]:
    """Return what an error, and those that were being handled when it was raised, were made of."""
    behind: list[object] = []
    while error is not None:
        behind += [vars(error), error.args]
        error = error.__context__
    return behind


async def test_nothing_is_said_while_keys_are_made_used_and_refused(
    tmp_path: Path, said: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.get_running_loop().set_debug(True)
    key = os.urandom(32)
    monkeypatch.setenv("REELHOUSE_MASTER_KEY", key.hex())
    (master,) = open_masters(MasterRequest(home=tmp_path, settings=os.environ))
    rows = WrappedKeysInMemory()
    keyring = Keyring(rows, instance=PLACE.instance)
    keyring.unseal(master)
    keys = await keyring.create(PLACE.tenant)
    secrets = (key, CANARY, PASSPHRASE.reveal(), keys.vault, keys.field, keys.blob, keys.index, keys.backup)
    place = {"tenant": PLACE.tenant, "table": "t", "row": uuid4(), "column": "c", "version": 1, "key_version": 1}
    sealed = seal(CANARY, key=keys.field, **place)  # type: ignore[arg-type]
    sealer = BlobSealer(key=keys.blob, key_version=1, tenant=PLACE.tenant, file=PLACE.tenant)
    blob = sealer.update(CANARY) + sealer.finish()
    assert_hidden(sealed + blob + rows.rows[PLACE.tenant, 1].wrapped, *secrets)
    file = PassphraseFile(tmp_path / "p", PASSPHRASE, EASY)
    file.create()
    (tmp_path / "k").write_bytes(key.hex().encode() + b"?")
    (tmp_path / "k").chmod(0o600)

    async def wrong_master() -> None:
        keyring.unseal(LocalMasterKey(bytes(range(32))))
        keyring.seal()
        keyring.unseal(LocalMasterKey(bytes(range(32))))
        await keyring.keys(PLACE.tenant)

    def opener() -> BlobOpener:
        return BlobOpener(key=keys.blob, key_version=1, tenant=PLACE.tenant, file=PLACE.tenant)

    refused: list[Callable[[], object]] = [
        lambda: unseal(sealed[:-1], key=keys.field, **place),  # type: ignore[arg-type]
        lambda: seal(CANARY * 3_000, key=keys.field, **place),  # type: ignore[arg-type]
        lambda: (each := opener(), each.update(blob[:-1]), each.finish()),
        lambda: master.unwrap(bytes(61), PLACE),
        PassphraseFile(tmp_path / "p", Secret(CANARY), EASY).open,
        PassphraseFile(tmp_path / "q", Secret(CANARY[:5]), EASY).create,
        PassphraseFile(tmp_path / "p", Secret(b"\xff" + CANARY), EASY).open,
        file.create,
        KeyFile(tmp_path / "k").open,
    ]
    told = []
    for refuse in refused:
        with pytest.raises(ReelhouseError) as caught:
            refuse()
        told.append(caught.value)
    with pytest.raises(ReelhouseError) as caught:
        await wrong_master()
    for error in (*told, caught.value):
        assert_hidden(repr(_behind(error)), *secrets)
        assert_hidden("".join(traceback.format_exception(error)) + repr(error) + str(error.hint), *secrets)
        assert_hidden(pickle.dumps(error), *secrets)
    assert_hidden(said(), *secrets)
    assert_hidden((tmp_path / "p").read_bytes(), *secrets)


def holders() -> list[object]:
    master = LocalMasterKey(CANARY[:32])
    keyring = Keyring(WrappedKeysInMemory(), instance=PLACE.instance)
    keyring.unseal(master)
    keys = TenantKeys(
        tenant=PLACE.tenant, version=1, vault=CANARY, field=CANARY, blob=CANARY, index=CANARY, backup=CANARY
    )
    keyring._keep(keys)
    sealer = BlobSealer(key=CANARY[:32], key_version=1, tenant=PLACE.tenant, file=PLACE.tenant)
    sealer.update(CANARY)
    opener = BlobOpener(key=CANARY[:32], key_version=1, tenant=PLACE.tenant, file=PLACE.tenant)
    return [Secret(CANARY), master, keys, keyring, keyring._masters, sealer, opener]


@pytest.mark.parametrize("holder", holders(), ids=lambda holder: type(holder).__name__)
def test_what_holds_a_secret_shows_none_and_is_neither_pickled_nor_copied(holder: object) -> None:
    for shown in (repr(holder), str(holder), f"{holder}", f"{[holder]!r}", f"{ ({'it': holder})!r}"):
        assert_hidden(shown, CANARY, CANARY[:32])
        assert type(holder).__name__ in shown
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="pickled") as caught:
            pickle.dumps(holder, protocol)
        assert_hidden(str(caught.value), CANARY, CANARY[:32])
    for imitate in (copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="copied"):
            imitate(holder)


def test_a_request_and_a_file_show_no_passphrase(tmp_path: Path) -> None:
    request = MasterRequest(home=tmp_path, settings={}, passphrase=PASSPHRASE)
    assert_hidden(repr(request) + repr(PassphraseFile(tmp_path, PASSPHRASE)), PASSPHRASE.reveal())


def test_secrets_are_equal_by_their_value_and_can_t_be_keys_of_a_table() -> None:
    assert Secret(CANARY) == Secret(bytes(CANARY))
    assert Secret(CANARY) != Secret(CANARY[:-1])
    assert Secret(CANARY) != CANARY
    with pytest.raises(TypeError):
        hash(Secret(CANARY))


def test_boto_says_nothing_of_the_keys_that_kms_wraps(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At level DEBUG it writes what it sends and gets: one call shows that, so that the silence is known to work."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "moto")
    with moto() as peer:
        client = boto3.client("kms", endpoint_url=peer.endpoint_url, region_name="eu-west-1")
        for name in [name for name in logging.root.manager.loggerDict if name.split(".")[0] in {"botocore", "urllib3"}]:
            caplog.set_level(logging.DEBUG, logger=name)
        try:
            arn = client.create_key()["KeyMetadata"]["Arn"]
            master = KmsMasterKey(client, arn)
            key, loud = os.urandom(32), os.urandom(32)
            assert master.unwrap(master.wrap(key, PLACE), PLACE) == key
            client.encrypt(KeyId=arn, Plaintext=loud)
        finally:
            client.close()
    assert base64.b64encode(loud).decode() in caplog.text
    assert_hidden(caplog.text, key)
