"""What can go wrong with keys.

ReelhouseError
├── Sealed              no master key was given: nothing that is encrypted can be read
├── Tampered            what was sealed or wrapped is not what was written, or not in its place
├── WrongMaster         a tenant's key is wrapped by a master key that was not given
├── MasterKeyInvalid    a master key can't be taken from where it should lie
├── MasterUnavailable   the service that keeps the master key does not answer, or refuses
├── WrongPassphrase     the passphrase does not open the passphrase file
├── KeyGone             there is no such key: it was never made, or it was destroyed
└── KeyExists           the key is there already
"""

from core.api import ReelhouseError


class Sealed(ReelhouseError):
    """No master key was given: nothing that is encrypted can be read."""

    code = "sealed"
    status = 503

    def __init__(self, message: str = "the house is sealed", *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint or "Unseal it: give the master key or its passphrase.")


class Tampered(ReelhouseError):
    """What was sealed or wrapped is not what was written, or not in the place it was written for."""

    code = "tampered"
    status = 500


class WrongMaster(ReelhouseError):
    """A tenant's key is wrapped by a master key that was not given; ``master_id`` is its fingerprint."""

    code = "wrong_master_key"
    status = 503

    def __init__(self, master_id: str) -> None:
        super().__init__(
            f"the key is wrapped by the master key {master_id!r}, which was not given",
            hint="Give that master key as well, or restore it from where it is kept.",
        )
        self.master_id = master_id


class MasterKeyInvalid(ReelhouseError):
    """A master key can't be taken from where it should lie: missing, malformed, or readable by others."""

    code = "master_key_invalid"
    status = 503


class MasterUnavailable(ReelhouseError):
    """The service that keeps the master key does not answer, or refuses to use it."""

    code = "master_key_unavailable"
    status = 503


class WrongPassphrase(ReelhouseError):
    """The passphrase does not open the passphrase file: it is wrong, or the file was changed."""

    code = "wrong_passphrase"
    status = 403


class KeyGone(ReelhouseError):
    """There is no such key: it was never made, or it was destroyed."""

    code = "tenant_key_gone"
    status = 410


class KeyExists(ReelhouseError):
    """The key is there already."""

    code = "tenant_key_exists"
    status = 409
