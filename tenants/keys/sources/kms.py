"""The master key in AWS KMS: it never leaves there; each key of a tenant is wrapped and unwrapped by a call.

Every call carries which house, tenant and version it is for (the encryption context): KMS refuses any other, and
CloudTrail shows it.
"""

from hashlib import sha256
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tenants.keys.failures import MasterKeyInvalid, MasterUnavailable, Tampered
from tenants.keys.master import KeyPlace
from tenants.keys.secret import Concealed
from tenants.keys.sources.request import MasterRequest
from tenants.keys.sources.unspoken import silence_botocore, unspoken

if TYPE_CHECKING:
    from types_boto3_kms.client import KMSClient

VARIABLE = "REELHOUSE_MASTER_KMS"
FORMAT = b"\x01"
LONGEST_WRAPPED = 6144  # bytes: the most that KMS takes
_REFUSED = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})


class KmsMasterKey(Concealed):
    """A symmetric key of KMS. Its fingerprint is a hash of its ARN."""

    __slots__ = ("_arn", "_client", "_id")

    def __init__(self, client: "KMSClient", key: str) -> None:
        """``key`` is an ARN, an id or an alias; raise ``MasterKeyInvalid`` when it can't encrypt."""
        self._client = client
        try:
            found = client.describe_key(KeyId=key)["KeyMetadata"]
        except (ClientError, BotoCoreError) as err:
            raise _unavailable(err) from err
        if not found["Enabled"] or found.get("KeySpec") != "SYMMETRIC_DEFAULT":
            raise MasterKeyInvalid(f"the KMS key {key} is disabled, or not a symmetric one")
        silence_botocore()
        self._arn = found["Arn"]
        self._id = f"kms-{sha256(self._arn.encode()).hexdigest()[:32]}"

    @property
    def id(self) -> str:
        """The fingerprint."""
        return self._id

    def __repr__(self) -> str:
        return f"KmsMasterKey(id={self._id!r})"

    def wrap(self, key: bytes, place: KeyPlace) -> bytes:
        """Have KMS encrypt a tenant's key for its place. Raise ``MasterUnavailable``."""
        try:
            with unspoken():
                answer = self._client.encrypt(KeyId=self._arn, Plaintext=key, EncryptionContext=_context(place))
        except (ClientError, BotoCoreError) as err:
            raise _unavailable(err) from err
        return FORMAT + answer["CiphertextBlob"]

    def unwrap(self, wrapped: bytes, place: KeyPlace) -> bytes:
        """Have KMS decrypt a tenant's key. Raise ``Tampered`` or ``MasterUnavailable``."""
        blob = wrapped.removeprefix(FORMAT)
        if not wrapped.startswith(FORMAT) or not 0 < len(blob) <= LONGEST_WRAPPED:
            raise Tampered(f"the wrapped key of tenant {place.tenant} has an unknown form")
        try:
            with unspoken():
                answer = self._client.decrypt(KeyId=self._arn, CiphertextBlob=blob, EncryptionContext=_context(place))
        except ClientError as err:
            if err.response["Error"]["Code"] in _REFUSED:
                raise Tampered(
                    f"the wrapped key of tenant {place.tenant} was changed, or does not belong here"
                ) from err
            raise _unavailable(err) from err
        except BotoCoreError as err:
            raise _unavailable(err) from err
        return answer["Plaintext"]


def kms_source(request: MasterRequest) -> tuple[KmsMasterKey, ...]:
    """Use the keys that ``REELHOUSE_MASTER_KMS`` names, the one that wraps first, with boto3's own settings for AWS."""
    named = request.settings.get(VARIABLE, "").replace(",", " ").split()
    if not named:
        raise MasterKeyInvalid(f"{VARIABLE} names no key of KMS")
    config = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})
    try:
        client = boto3.client("kms", config=config)
    except BotoCoreError as err:
        raise MasterKeyInvalid(f"boto3 can't reach KMS: {err}", hint="Set AWS_REGION and credentials.") from err
    return tuple(KmsMasterKey(client, key) for key in named)


def _context(place: KeyPlace) -> dict[str, str]:
    return {
        "reelhouse": "tenant key",
        "instance": str(place.instance),
        "tenant": str(place.tenant),
        "version": str(place.version),
    }


def _unavailable(err: ClientError | BotoCoreError) -> MasterUnavailable:
    cause = err.response["Error"]["Code"] if isinstance(err, ClientError) else type(err).__name__
    return MasterUnavailable(f"KMS can't be used: {cause}")
