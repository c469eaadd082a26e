"""Keys: what encrypts what, and who holds it. Knows no database and no tenant but by its id.

See ``docs/keys.md`` for which key opens what.
"""

from tenants.keys.blobs import BlobOpener, BlobSealer, blob_key_version, sealed_size
from tenants.keys.failures import (
    KeyExists,
    KeyGone,
    MasterKeyInvalid,
    MasterUnavailable,
    Sealed,
    Tampered,
    WrongMaster,
    WrongPassphrase,
)
from tenants.keys.fields import LONGEST_SECRET, seal, unseal
from tenants.keys.fingerprints import fingerprint, last_four
from tenants.keys.hygiene import harden_process
from tenants.keys.keyring import Keyring
from tenants.keys.master import KeyPlace, LocalMasterKey, MasterKey
from tenants.keys.rotation import Refused, Rotation
from tenants.keys.rows import KeyState, WrappedKey, WrappedKeys
from tenants.keys.secret import Concealed, Secret
from tenants.keys.tenant_keys import TenantKeys

__all__ = [
    "LONGEST_SECRET",
    "BlobOpener",
    "BlobSealer",
    "Concealed",
    "KeyExists",
    "KeyGone",
    "KeyPlace",
    "KeyState",
    "Keyring",
    "LocalMasterKey",
    "MasterKey",
    "MasterKeyInvalid",
    "MasterUnavailable",
    "Refused",
    "Rotation",
    "Sealed",
    "Secret",
    "Tampered",
    "TenantKeys",
    "WrappedKey",
    "WrappedKeys",
    "WrongMaster",
    "WrongPassphrase",
    "blob_key_version",
    "fingerprint",
    "harden_process",
    "last_four",
    "seal",
    "sealed_size",
    "unseal",
]
