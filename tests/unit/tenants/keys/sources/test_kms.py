"""The master key in KMS, against moto's server."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import boto3
import pytest

from tenants.keys import KeyPlace, Keyring, MasterKeyInvalid, MasterUnavailable, Tampered, WrongMaster
from tenants.keys.sources import MasterRequest, open_masters
from tenants.keys.sources.kms import KmsMasterKey
from tests.support.amount import amount
from tests.support.peers import moto
from tests.support.tampering import spoilt
from tests.support.wrapped_keys import WrappedKeysInMemory

if TYPE_CHECKING:
    from types_boto3_kms.client import KMSClient

PLACE = KeyPlace(instance=uuid4(), tenant=uuid4(), version=1)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with moto() as peer:
        yield peer.endpoint_url


@pytest.fixture
def client(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> "Iterator[KMSClient]":
    """A client as an administrator's environment makes it."""
    for name, value in {
        "AWS_ENDPOINT_URL_KMS": endpoint,
        "AWS_ACCESS_KEY_ID": "moto",
        "AWS_SECRET_ACCESS_KEY": "moto",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("kms")
    yield client
    client.close()


@pytest.fixture
def arn(client: "KMSClient") -> str:
    return client.create_key()["KeyMetadata"]["Arn"]


def opened(home: Path, *keys: str) -> tuple[KmsMasterKey, ...]:
    masters = open_masters(MasterRequest(home=home, settings={"REELHOUSE_MASTER_KMS": ",".join(keys)}))
    assert all(isinstance(master, KmsMasterKey) for master in masters)
    return masters  # type: ignore[return-value]


def test_kms_wraps_and_unwraps_for_one_place_alone(client: "KMSClient", arn: str) -> None:
    master = KmsMasterKey(client, arn)
    key = os.urandom(32)
    wrapped = master.wrap(key, PLACE)
    assert key not in wrapped
    assert master.unwrap(wrapped, PLACE) == key
    for elsewhere in (
        replace(PLACE, instance=uuid4()),
        replace(PLACE, tenant=uuid4()),
        replace(PLACE, version=2),
        replace(PLACE, instance=PLACE.tenant, tenant=PLACE.instance),
    ):
        with pytest.raises(Tampered):
            master.unwrap(wrapped, elsewhere)


def test_every_call_tells_kms_what_it_is_for(client: "KMSClient", arn: str) -> None:
    master = KmsMasterKey(client, arn)
    wrapped = master.wrap(os.urandom(32), PLACE)
    context = {
        "reelhouse": "tenant key",
        "instance": str(PLACE.instance),
        "tenant": str(PLACE.tenant),
        "version": "1",
    }
    assert client.decrypt(CiphertextBlob=wrapped[1:], EncryptionContext=context)["KeyId"] == arn


def test_every_spoilt_wrapping_is_refused(client: "KMSClient", arn: str) -> None:
    master = KmsMasterKey(client, arn)
    wrapped = master.wrap(os.urandom(32), PLACE)
    # moto keeps the key's id in the first 36 bytes, as text: changed, it names a key that is not there.
    for spoiling in spoilt(wrapped[37:], seed=6, count=amount(200)):
        with pytest.raises(Tampered):
            master.unwrap(wrapped[:37] + spoiling, PLACE)
    for unknown in (b"", b"\1", b"\2" + wrapped[1:], wrapped[1:], wrapped + bytes(6144)):
        with pytest.raises(Tampered):
            master.unwrap(unknown, PLACE)


def test_the_fingerprint_is_the_key_s_by_whatever_name(client: "KMSClient", arn: str) -> None:
    client.create_alias(AliasName=f"alias/{arn[-12:]}", TargetKeyId=arn)
    names = (arn, arn.rsplit("/", 1)[1], f"alias/{arn[-12:]}")
    (id_,) = {KmsMasterKey(client, name).id for name in names}
    assert id_.startswith("kms-")
    assert arn.rsplit("/", 1)[1] not in id_
    assert len(id_) <= 64
    assert KmsMasterKey(client, client.create_key()["KeyMetadata"]["Arn"]).id != id_


def test_keys_that_can_t_wrap_are_refused_at_once(client: "KMSClient", arn: str) -> None:
    signing = client.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]["Arn"]
    client.disable_key(KeyId=arn.rsplit("/", 1)[1])
    for unfit in (signing, arn):
        with pytest.raises(MasterKeyInvalid):
            KmsMasterKey(client, unfit)
    with pytest.raises(MasterUnavailable, match="NotFoundException"):
        KmsMasterKey(client, f"arn:aws:kms:eu-west-1:123456789012:key/{uuid4()}")


def test_a_key_that_is_disabled_later_is_told(client: "KMSClient", arn: str) -> None:
    master = KmsMasterKey(client, arn)
    wrapped = master.wrap(os.urandom(32), PLACE)
    # moto decrypts with disabled keys; AWS does not.
    with pytest.raises(MasterUnavailable, match="DisabledException"):
        _refusing(master, "DisabledException").unwrap(wrapped, PLACE)


def test_a_service_that_does_not_answer_is_told(client: "KMSClient", arn: str, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_KMS", "http://127.0.0.1:1")
        patch.setenv("AWS_MAX_ATTEMPTS", "1")
        with pytest.raises(MasterUnavailable, match="EndpointConnectionError"):
            opened(tmp_path, arn)
        patch.delenv("AWS_DEFAULT_REGION")
        patch.delenv("AWS_REGION", raising=False)
        with pytest.raises(MasterKeyInvalid, match="boto3"):
            opened(tmp_path, arn)


async def test_a_house_changes_from_one_key_of_kms_to_another(client: "KMSClient", arn: str, tmp_path: Path) -> None:
    successor = client.create_key()["KeyMetadata"]["Arn"]
    rows, instance, tenant = WrappedKeysInMemory(), uuid4(), uuid4()
    keyring = Keyring(rows, instance=instance)
    keyring.unseal(*opened(tmp_path, arn))
    made = await keyring.create(tenant)
    (to,) = opened(tmp_path, successor)
    rotation = await keyring.rotate_master(to)
    assert (rotation.rewrapped, rotation.is_complete) == (1, True)

    keyring.seal()
    keyring.unseal(*opened(tmp_path, arn))
    with pytest.raises(WrongMaster):
        await keyring.keys(tenant)
    keyring.unseal(*opened(tmp_path, successor, arn))
    assert await keyring.keys(tenant) == made


def _refusing(master: KmsMasterKey, code: str) -> KmsMasterKey:
    """Have KMS refuse every call with an error that moto does not make."""

    def refuse(**_: object) -> None:
        raise master._client.exceptions.ClientError({"Error": {"Code": code, "Message": ""}}, "Decrypt")

    master._client.meta.events.register("before-call.kms.Decrypt", refuse)
    return master
