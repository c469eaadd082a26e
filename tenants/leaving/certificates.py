"""Certificates of erasure: what was destroyed, signed by the house; anyone who has its public key can verify them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tenants.keys.signing import Signer, is_signed
from tenants.leaving.failures import CertificateInvalid

FORMAT = "reelhouse certificate of erasure 1"
_PURPOSE = "certify the erasure of a tenant"
_HOW = (
    "tenants.leaving.certificates.verify_certificate, or by hand: Ed25519 over the frames b'reelhouse', "
    "the purpose and the certificate as JSON with sorted keys, no spaces, ASCII; a frame is 4 bytes of length, "
    f"big-endian, and the bytes. The purpose is '{_PURPOSE}'."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What the house answers for. Times are ISO 8601 in UTC, sizes bytes.

    ``keys`` tells version and master key of each key that was destroyed; ``counts`` how many rows of which table and
    how many stored objects were (None: the vault could not be read, and was removed unread). Until
    ``keys_in_backups_until`` a backup of the keys may still hold them. ``audit_digest`` is that of the audit's entry
    ``audit_sequence``, which tells of the end.
    """

    tenant: str
    begun: str
    completed: str
    keys: list[Mapping[str, Any]]
    counts: Mapping[str, Any]
    keys_in_backups_until: str
    audit_sequence: int
    audit_digest: str
    signer: str
    format: str = FORMAT
    how_to_verify: str = _HOW


def signed(certificate: Certificate, signer: Signer) -> str:
    """Return a certificate with its signature, as JSON. The same certificate gives the same text."""
    said = asdict(certificate)
    signature = signer.sign(_canonical(said), purpose=_PURPOSE)
    return json.dumps({"certificate": said, "signature": signature}, indent=2, sort_keys=True) + "\n"


def verify_certificate(text: str, *, public: str) -> Certificate:
    """Return what a certificate says. Raise ``CertificateInvalid`` if the house of that public key did not sign it."""
    try:
        document = json.loads(text)
        said, signature = document["certificate"], document["signature"]
        if is_signed(_canonical(said), str(signature), purpose=_PURPOSE, public=public) and said["format"] == FORMAT:
            return Certificate(**said)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise CertificateInvalid("this is no certificate of erasure that this house signed")


def _canonical(said: object) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
