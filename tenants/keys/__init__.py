"""Keys: what encrypts what, and who holds it. Knows no database and no tenant but by its id.

See ``docs/keys.md`` for which key opens what.
"""

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
from tenants.keys.keyring import Keyring
from tenants.keys.master import KeyPlace, LocalMasterKey, MasterKey
from tenants.keys.rotation import Refused, Rotation
from tenants.keys.rows import KeyState, WrappedKey, WrappedKeys
from tenants.keys.secret import Concealed, Secret
from tenants.keys.tenant_keys import TenantKeys

__all__ = [
    "LONGEST_SECRET",
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
    "fingerprint",
    "last_four",
    "seal",
    "unseal",
]
